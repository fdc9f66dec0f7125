"""The page that everything else leads to: the canvas."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from studio.pages import Page
from studio.surroundings import Studio


def canvas_of(studio: Studio) -> QWidget:
    """The canvas, which `app` has made."""
    if not isinstance(studio.view, QWidget):
        raise TypeError("the studio's view is no widget")
    return studio.view


PAGE = Page("Annotate", "polygon", 1, canvas_of, "See one picture and annotate it.")
