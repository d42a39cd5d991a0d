"""The documents whose claims are checked, one file each."""
