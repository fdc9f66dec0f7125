"""`python -m engine ...`: the command line, where no Qt is installed or wanted."""

import sys

from engine.cli import main

if __name__ == "__main__":
    sys.exit(main())
