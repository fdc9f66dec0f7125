"""A widget that shows a still: zoomed by wheel and keys, moved, and drawn anew in a thread where that is needed.

What is kept of the still image serves meanwhile. View pixels are those of the screen.
"""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.geometry.shapes import XY
from studio.canvas.still import Scene, Still
from studio.canvas.viewport import Viewport
from studio.theme import Theme

CLICK = 4.0
"""A press that moves less, in widget pixels, is a click."""
_WHEEL = 1.25
"""A notch of the wheel zooms by this factor."""


class StillView(QWidget):
    """Shows a part of something of a known size."""

    zoomed = Signal(float)
    """Per cent: 100 is one of its pixels on one of the screen."""

    def __init__(self, theme: Theme) -> None:
        """Of nothing yet: whoever inherits says of what."""
        super().__init__()
        self._theme = theme
        self.viewport = Viewport((1, 1), (1, 1))
        self.still = Still(self.scene, self)
        self.still.drawn.connect(self._on_drawn)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.redraw)

    @abstractmethod
    def scene(self) -> Scene | None:
        """What is still; None where there is nothing to show."""

    @property
    def is_settled(self) -> bool:
        """Whether what is shown is what shall be shown."""
        return self.still.is_settled(self.viewport)

    def redraw(self) -> None:
        """What is still is another."""
        self.still.refresh()
        self.update()

    def show_size(self, size: tuple[int, int]) -> None:
        """Show something of another width and height, whole; of the same size the view stays."""
        if self.viewport.picture != size:
            self.viewport = Viewport(size, self._view_size()).fitted()

    def look(self, viewport: Viewport) -> None:
        """Show another part."""
        if viewport == self.viewport:
            return
        zooms = viewport.scale != self.viewport.scale
        self.viewport = viewport
        if zooms:
            self.zoomed.emit(100 * viewport.scale)
        if not self.still.covers(viewport):
            self.still.refresh()
        self.update()

    def zoom_to_fit(self) -> None:
        """Show all of it."""
        self.look(self.viewport.fitted())

    def zoom_by(self, factor: float, about: QPointF | None = None) -> None:
        """Zoom about a point of the widget, else about the middle."""
        self.look(self.viewport.zoomed(factor, None if about is None else self.on_screen(about)))

    def move_by(self, step: QPointF) -> None:
        """Move it by so many pixels of the widget."""
        self.look(self.viewport.panned(*self.on_screen(step)))

    def on_screen(self, at: QPointF) -> XY:
        """A point of the widget in view pixels."""
        ratio = self.devicePixelRatioF()
        return at.x() * ratio, at.y() * ratio

    def place(self, at: QPointF) -> XY:
        """Where a point of the widget lies on what is shown, or beside it."""
        return self.viewport.to_image.apply_one(self.on_screen(at))

    def zoom_key(self, event: QKeyEvent) -> bool:
        """Zoom by plus, minus and 0; whether it was one of these keys."""
        match event.text():
            case "+" | "=":
                self.zoom_by(_WHEEL)
            case "-":
                self.zoom_by(1 / _WHEEL)
            case "0":
                self.zoom_to_fit()
            case _:
                return False
        return True

    def paint_still(self, painter: QPainter) -> None:
        """The still image, by a painter that counts in view pixels."""
        self.still.paint(painter, self.viewport)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what is in the middle."""
        super().resizeEvent(event)
        self.look(self.viewport.resized(self._view_size()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        self.zoom_by(_WHEEL ** (event.angleDelta().y() / 120), event.position())

    def _on_drawn(self) -> None:
        """Once more, where the view has gone beyond what was drawn."""
        if not self.still.is_drawing and not self.still.covers(self.viewport):
            self.still.refresh()
        self.update()

    def _view_size(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
