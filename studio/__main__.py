"""`boxwright [PROJECT]` opens the window; a command or an option goes to the command line, and no Qt is loaded then."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from engine import cli


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (without the program's name; default: this process's); returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if _asks_for_window(arguments):
        return _open_window(Path(arguments[0]) if arguments else None)
    return cli.main(arguments)


def _asks_for_window(arguments: Sequence[str]) -> bool:
    """Nothing, or one word that is a file and no command."""
    if not arguments:
        return True
    return len(arguments) == 1 and arguments[0] not in cli.COMMANDS and Path(arguments[0]).exists()


def _open_window(path: Path | None) -> int:
    from studio import app  # noqa: PLC0415  (Qt is loaded only where a window is wanted)

    return app.main(path)


if __name__ == "__main__":
    sys.exit(main())
