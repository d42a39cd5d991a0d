"""The mpmath witness: the definitions at rising precision, and the answers of ``softcert oracle``."""
