"""What the command line knows of the window: nothing but that whoever starts it may hand one over."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Window(Protocol):
    """The studio's window."""

    @property
    def has_screen(self) -> bool:
        """Whether there is a screen to show it on."""
        ...

    def open(self, path: Path) -> int:
        """Show a project until the window is closed; returns the exit code."""
        ...

    def render(self, path: Path, folder: Path) -> tuple[Path, ...]:
        """Draw the window on a project without a screen, into PNG files in `folder`; returns their paths."""
        ...
