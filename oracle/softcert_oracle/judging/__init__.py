"""Judging blocks of cases with compiled kernels, and the readable NumPy form beside them."""
