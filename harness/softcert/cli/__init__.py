"""The command line, thin over the Python interface: each command imports what it needs when it runs."""

from softcert.cli.main import main

__all__ = ["main"]
