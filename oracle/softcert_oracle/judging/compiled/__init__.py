"""The kernel that judges a block row by row, and the compiled functions that it is made of."""
