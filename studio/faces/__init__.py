"""The gallery workspace: people, faces without a name, who a probe is and why. SEAM in `views`: one file per view.

What is shown and picked is in `model`; each view is one question about the same people and faces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from engine.registry import Registry
from studio.surroundings import Studio

if TYPE_CHECKING:
    from studio.faces.model import FacesModel


@dataclass(frozen=True, slots=True)
class FacesView:
    """One view of the page Faces."""

    title: str
    position: int
    """From left to right among the views."""
    widget: Callable[[Studio, FacesModel], QWidget]
    help: str
    """One sentence: the question it answers, for tips."""


VIEWS: Registry[FacesView] = Registry("studio.faces.views", "VIEW")


def in_order() -> list[tuple[str, FacesView]]:
    """Every view with its name, from left to right."""
    return sorted(VIEWS, key=lambda pair: pair[1].position)
