"""Judging blocks of cases with compiled kernels, and the readable NumPy form beside them."""

from softcert_oracle.judging.block import Block
from softcert_oracle.judging.columns import CheckColumn, Columns
from softcert_oracle.judging.judge import judge_block

__all__ = ["Block", "CheckColumn", "Columns", "judge_block"]
