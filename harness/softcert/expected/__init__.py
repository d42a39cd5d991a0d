"""Expected results: the exact reference of a case, the limits on it, and the special values that are accepted."""
