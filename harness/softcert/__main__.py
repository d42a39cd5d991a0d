"""``python -m softcert`` is the command line."""

from softcert.cli import main

if __name__ == "__main__":
    main()
