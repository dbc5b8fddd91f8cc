"""`python -m vmatcore`: the command line."""

from vmatcore.cli import main

if __name__ == "__main__":
    main()
