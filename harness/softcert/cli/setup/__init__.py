"""What a user meets before the first certification: the version, completion in a shell, and ``softcert init``."""
