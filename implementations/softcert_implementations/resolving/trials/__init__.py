"""Trial calls of a subject on small arrays, and what is chosen by them."""
