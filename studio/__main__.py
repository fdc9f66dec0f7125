"""`boxwright [PROJECT]` opens the window; a command or an option goes to the command line, and no Qt is loaded then."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from engine import cli

OFFSCREEN = "offscreen"
"""Qt's platform that draws into memory."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (without the program's name; default: this process's); returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if _asks_for_window(arguments):
        return Window().open(Path(arguments[0]) if arguments else None)
    return cli.main(arguments, Window())


def _asks_for_window(arguments: Sequence[str]) -> bool:
    """Nothing, or one word that is a file and no command."""
    if not arguments:
        return True
    return len(arguments) == 1 and arguments[0] not in cli.COMMANDS and Path(arguments[0]).exists()


class Window:
    """The window, as the command line knows it; Qt is loaded only where one is opened or drawn."""

    @property
    def has_screen(self) -> bool:
        """Whether there is a screen to show it on."""
        if os.environ.get("QT_QPA_PLATFORM", "").startswith((OFFSCREEN, "minimal")):
            return False
        return not sys.platform.startswith("linux") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))

    def open(self, path: Path | None) -> int:
        """Show a project, or the welcome page, until the window is closed; returns the exit code."""
        if not self.has_screen and "QT_QPA_PLATFORM" not in os.environ:
            print("boxwright: there is no screen to open a window on. Try: boxwright --help", file=sys.stderr)
            return cli.WRONG_USE
        from studio import app  # noqa: PLC0415

        return app.main(path)

    def render(self, path: Path, folder: Path) -> tuple[Path, ...]:
        """Draw the window on a project without a screen, into PNG files in `folder`; returns their paths."""
        os.environ["QT_QPA_PLATFORM"] = OFFSCREEN
        from studio import screenshots  # noqa: PLC0415

        return screenshots.render(path, folder)


if __name__ == "__main__":
    sys.exit(main())
