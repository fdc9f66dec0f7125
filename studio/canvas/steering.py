"""Steering: the viewport in the hands of wheel, trackpad and panning."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QNativeGestureEvent, QWheelEvent

from engine.geometry.shapes import XY, Bounds
from studio.canvas.pointer import xy_view
from studio.canvas.viewport import Viewport

_ZOOM_PER_NOTCH = 1.2
_ZOOM_PER_PIXEL = 1.005
_NOTCH = 120.0


class Steering(QObject):
    """Holds the viewport of a widget and moves it."""

    moved = Signal()
    """`view` is another."""

    def __init__(self) -> None:
        super().__init__()
        self.view = Viewport((1, 1), (1, 1))
        self.ratio = 1.0
        """View pixels per logical pixel."""
        self.wheel_pans = False
        """Whether the wheel moves the picture, and zooms with Ctrl."""
        self._pan_from: XY | None = None

    @property
    def is_panning(self) -> bool:
        """Whether the picture is held."""
        return self._pan_from is not None

    def open(self, picture: tuple[int, int]) -> None:
        """Show a picture of another size, or another one, whole."""
        self._take(Viewport(picture, self.view.view).fitted())

    def resize(self, size: QSize, ratio: float) -> None:
        """Fill a widget of this logical size on a screen of this device pixel ratio."""
        grown = ratio / self.ratio
        self.ratio = ratio
        room = (max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio)))
        fits = self.view.fits
        resized = self.view.resized(room)
        self._take(resized if fits or grown == 1.0 else resized.zoomed(grown))

    def zoom_by(self, factor: float, about: XY | None = None) -> None:
        """Zoom about a point of the view, else about its middle."""
        self._take(self.view.zoomed(factor, about))

    def fit(self) -> None:
        """Show the whole picture."""
        self._take(self.view.fitted())

    def frame(self, bounds: Bounds) -> None:
        """Show a part of the picture, with room around it."""
        self._take(self.view.framing(bounds))

    def centre_on(self, xy_image: XY) -> None:
        """Show the surroundings of a point of the picture, at the same zoom."""
        self._take(self.view.centred_on(xy_image))

    def to_pixels(self) -> None:
        """One picture pixel on one screen pixel."""
        self._take(self.view.at_pixels())

    def wheel(self, event: QWheelEvent) -> None:
        """A wheel zooms at the pointer, with Shift it pans sideways; a trackpad pans, with Ctrl it zooms.

        Where the wheel pans by habit it does so up and down, and zooms with Ctrl.
        """
        about = xy_view(event.position(), self.ratio)
        is_trackpad = event.phase() != Qt.ScrollPhase.NoScrollPhase and not event.pixelDelta().isNull()
        if is_trackpad and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(math.pow(_ZOOM_PER_PIXEL, event.pixelDelta().y()), about)
        elif is_trackpad:
            self._pan(QPointF(event.pixelDelta()))
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            # Some systems turn the wheel sideways themselves while Shift is held.
            self._pan(QPointF(event.angleDelta().y() + event.angleDelta().x(), 0.0) / 2)
        elif self.wheel_pans and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._pan(QPointF(event.angleDelta()) / 2)
        else:
            turned = event.angleDelta().y() or event.angleDelta().x()
            self.zoom_by(math.pow(_ZOOM_PER_NOTCH, turned / _NOTCH), about)

    def pinch(self, event: QNativeGestureEvent) -> bool:
        """Zoom with two fingers; returns whether the gesture was one."""
        if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1.0 + event.value(), xy_view(event.position(), self.ratio))
            return True
        return False

    def grab(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        self._pan_from = xy_view(event.position(), self.ratio)

    def drag(self, event: QMouseEvent) -> None:
        """Move the picture with the pointer that holds it."""
        if self._pan_from is not None:
            (x, y), (x0, y0) = xy_view(event.position(), self.ratio), self._pan_from
            self._pan_from = (x, y)
            self._take(self.view.panned(x - x0, y - y0))

    def drop(self) -> None:
        """Let go of the picture."""
        self._pan_from = None

    def _pan(self, way: QPointF) -> None:
        self._take(self.view.panned(way.x() * self.ratio, way.y() * self.ratio))

    def _take(self, view: Viewport) -> None:
        if view != self.view:
            self.view = view
            self.moved.emit()
