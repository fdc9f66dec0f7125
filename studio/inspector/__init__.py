"""Stages of a trace beside the view that fits each. SEAM in `views`: one file per kind of stage, each with a `VIEW`.

What is looked at, and the linked cursor, are in `studio.inspection`. A view draws a stage on the picture by a Layer,
and has controls and lists of its own at the side. The picture with its pan and zoom is the same for all of them.

A layer draws in two parts: what is still, in a thread and kept as an image, so that panning moves an image however much
is drawn; and what follows the pointer, at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from engine.geometry.shapes import XY
from engine.registry import Registry
from engine.tracing.stages import Stage
from engine.tracing.trace import Trace
from studio.canvas.still import Drawing
from studio.canvas.viewport import Viewport
from studio.surroundings import Studio

__all__ = ["VIEWS", "Drawing", "Layer", "View", "nothing", "view_of"]


class Layer(QObject):
    """What a stage draws on the picture. Coordinates of pointers are image pixels."""

    changed = Signal()
    """`still` draws something else now."""
    live_changed = Signal()
    """`paint_live` does; it is cheap."""

    def still(self) -> Drawing | None:
        """What does not follow the pointer; None where nothing does not."""
        return None

    def paint_live(self, painter: QPainter, viewport: Viewport) -> None:
        """What follows the pointer or is picked; a few shapes."""

    def told(self, xy_image: XY) -> str:
        """What is under the pointer, in a line; empty where nothing is."""
        return ""

    def press(self, xy_image: XY, reach: float) -> None:
        """A click; `reach` image pixels away is still hit."""

    def leave(self) -> None:
        """Another stage is shown from now on."""


def nothing(_trace: Trace, _stage: Stage) -> Drawing | None:
    """The picture as it is."""
    return None


@dataclass(frozen=True, slots=True)
class View:
    """How stages of one kind are looked at."""

    shows: type[Stage]
    layer: Callable[[Studio], Layer]
    """Of the stage that `studio.inspection.stage` is; made anew for every trace and stage."""
    side: Callable[[Studio, Layer], QWidget]
    """The stage's own controls and lists."""
    picture: Callable[[Trace, Stage], Drawing | None] = nothing
    """What the strip draws on its small picture of the stage; what it gives is drawn in a thread."""


VIEWS: Registry[View] = Registry("studio.inspector.views", "VIEW")


def view_of(stage: Stage) -> View | None:
    """The view for a stage of this kind."""
    return next((view for _, view in VIEWS if view.shows is type(stage)), None)
