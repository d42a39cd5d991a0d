"""Options in the harness: their cases, how a call with options is built, and what it is held against.

`battery` yields cases for what a contract claims; `prepare` turns a case into a call; `OptionTruth` and `acceptance`
say what is right. The table of options is `softcert_oracle.operations.OPTIONS`.
"""

from softcert.options.acceptance import acceptance
from softcert.options.cases import battery
from softcert.options.preparing import optioned, prepare
from softcert.options.truth import OptionTruth

__all__ = ["OptionTruth", "acceptance", "battery", "optioned", "prepare"]
