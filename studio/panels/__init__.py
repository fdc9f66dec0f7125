"""SEAM: one file per dock. A panel is made when its dock is first seen; each module holds one as `PANEL`.

A panel listens to the session's signals and asks the project; it keeps no copy of what the project holds but for the
rows in sight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from PySide6.QtWidgets import QWidget

from engine.registry import Registry
from studio.surroundings import Studio

Side: TypeAlias = Literal["left", "right", "bottom"]


@dataclass(frozen=True, slots=True)
class Panel:
    """A dock: where it is at first, and what is in it."""

    title: str
    icon: str
    """Name of an SVG file in resources/icons, without the suffix."""
    side: Side
    position: int
    """Docks of one side follow each other by it."""
    widget: Callable[[Studio], QWidget]
    is_shown: bool = True
    """Whether it is seen before the user has said anything about it."""


PANELS: Registry[Panel] = Registry("studio.panels", "PANEL")
