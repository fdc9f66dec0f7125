"""SEAM: one file per page, which is what the middle of the window shows. Each module holds one as `PAGE`.

The page with the lowest position is the canvas and is there from the start; the others are made when they are first
shown. Which page is shown is the session's to say (`session.page`, `show_page`, `open_image`). A page's position is
its key, too: Ctrl+1 to Ctrl+9.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from engine.registry import Registry
from studio.surroundings import Studio


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the window, and what is in it."""

    title: str
    icon: str
    """Name of an SVG file in resources/icons, without the suffix."""
    position: int
    """1 to 9: from left to right in the switcher, and the digit of its key."""
    widget: Callable[[Studio], QWidget]
    help: str
    """One sentence for the palette and the cheat sheet."""
    hint: str = ""
    """What can be done on it, for the status bar; the canvas has its tool's."""
    is_wide: bool = False
    """Whether it takes the room of the panels at the right, which are about the canvas, for as long as it is shown."""


PAGES: Registry[Page] = Registry("studio.pages", "PAGE")


def in_order() -> list[tuple[str, Page]]:
    """Every page with its name, from left to right."""
    return sorted(PAGES, key=lambda pair: pair[1].position)
