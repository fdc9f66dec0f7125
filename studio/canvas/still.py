"""What is still, drawn in a thread into an image somewhat larger than the view, and shown where it belongs.

So a pan moves an image, whatever is drawn on it. Until a new one is there, the last one serves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from PySide6.QtCore import QObject, QPointF, QRectF, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtGui import QColor, QImage, QPainter

from studio.canvas.viewport import Viewport

MARGIN = 0.25
"""By so much of the view its image is larger at each side."""

Drawing: TypeAlias = Callable[[QPainter, Viewport], None]
"""Draws in view pixels. It may run in another thread: it holds nothing but values that never change."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What is to be drawn, and for which view."""

    viewport: Viewport
    drawing: Drawing
    ground: QColor


class Still(QObject):
    """Keeps the image of what is still; one drawing at a time, and the newest after it."""

    drawn = Signal()
    """Another image is there."""

    def __init__(self, scene: Callable[[], Scene | None], parent: QObject | None = None) -> None:
        """`scene` is asked whenever a drawing begins; None: there is nothing to draw."""
        super().__init__(parent)
        self._scene = scene
        self._image: _Drawn | None = None
        self._done = _Done()
        self._done.drawn.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._number = 0
        """Of the drawing that is awaited."""
        self.is_drawing = False
        self._is_stale = False

    @property
    def is_there(self) -> bool:
        """Whether there is an image to show."""
        return self._image is not None

    def is_settled(self, viewport: Viewport | None) -> bool:
        """Whether what is kept was drawn for this view, and nothing else is under way."""
        return not self.is_drawing and self._image is not None and self._image.viewport == viewport

    def covers(self, viewport: Viewport) -> bool:
        """Whether the image has all that a view shows, at its scale."""
        return self._image is not None and self._image.covers(viewport)

    def forget(self) -> None:
        """Show nothing until the next drawing is done; the one under way is of no use any more."""
        self._image = None
        self._number += 1

    def refresh(self) -> None:
        """Have the scene drawn, as soon as what is being drawn is done."""
        if self.is_drawing:
            self._is_stale = True
        elif scene := self._scene():
            self.is_drawing, self._is_stale = True, False
            self._number += 1
            QThreadPool.globalInstance().start(_Task(_Order(self._number, scene), self._done))

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Show what there is, where it belongs in a view."""
        if self._image is not None:
            self._image.paint(painter, viewport)

    def _take(self, number: int, drawn: object) -> None:
        self.is_drawing = False
        if number == self._number and isinstance(drawn, _Drawn):
            self._image = drawn
        if self._is_stale:
            self.refresh()
        self.drawn.emit()


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """An image of what is still, and of which part of the picture."""

    image: QImage
    viewport: Viewport
    margin: tuple[int, int]

    def covers(self, viewport: Viewport) -> bool:
        """Whether it has all that a view of the same scale shows."""
        dx, dy = viewport.origin[0] - self.viewport.origin[0], viewport.origin[1] - self.viewport.origin[1]
        is_same = viewport.scale == self.viewport.scale and viewport.view == self.viewport.view
        return is_same and abs(dx) <= self.margin[0] and abs(dy) <= self.margin[1]

    def paint(self, painter: QPainter, viewport: Viewport) -> None:
        """Where it belongs in a view; somewhat blurred at another scale."""
        grown = viewport.scale / self.viewport.scale
        left = viewport.origin[0] - grown * (self.viewport.origin[0] + self.margin[0])
        top = viewport.origin[1] - grown * (self.viewport.origin[1] + self.margin[1])
        if grown == 1:
            painter.drawImage(QPointF(left, top), self.image)
            return
        place = QRectF(left, top, grown * self.image.width(), grown * self.image.height())
        painter.drawImage(place, self.image)


class _Done(QObject):
    drawn = Signal(int, object)


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    number: int
    scene: Scene


class _Task(QRunnable):
    """Draws in a thread."""

    def __init__(self, order: _Order, done: _Done) -> None:
        super().__init__()
        self._order, self._done = order, done

    def run(self) -> None:
        """The drawing, with a margin around the view."""
        scene = self._order.scene
        width, height = scene.viewport.view
        margin = (round(MARGIN * width), round(MARGIN * height))
        image = QImage(width + 2 * margin[0], height + 2 * margin[1], QImage.Format.Format_RGB32)
        image.fill(scene.ground)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scene.drawing(painter, wider(scene.viewport, margin))
        painter.end()
        self._done.drawn.emit(self._order.number, _Drawn(image, scene.viewport, margin))


def wider(viewport: Viewport, margin: tuple[int, int]) -> Viewport:
    """The same view with a margin of so many pixels around it."""
    view = (viewport.view[0] + 2 * margin[0], viewport.view[1] + 2 * margin[1])
    x, y = viewport.origin
    return Viewport(viewport.picture, view, viewport.scale, x + margin[0], y + margin[1])
