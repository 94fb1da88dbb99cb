"""`python -m igfsched`: the command line."""

import sys

from igfsched.cli import main

if __name__ == "__main__":
    sys.exit(main())
