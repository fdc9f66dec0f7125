"""Minimap: the whole picture in a corner of the canvas while only a part of it is seen, and where that part lies."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.geometry.shapes import XY
from studio.canvas import paint
from studio.canvas.hand import Hand
from studio.canvas.pyramid import Pyramid
from studio.canvas.shown import Shown
from studio.canvas.steering import Steering
from studio.canvas.viewport import Viewport
from studio.theme import DARK, GAP, Tones

SIDE = 168
"""The longer side, in logical pixels."""
_SHARE = 4
"""It takes at most so manieth a part of the canvas's width and height."""
_LEAST = 7.0
"""The smallest side of the rectangle that says what is seen."""
_NEAR = 24
"""Logical pixels around it within which it gives way to what is drawn."""
_VEIL = QColor(0, 0, 0, 110)


class Minimap(QWidget):
    """Drag the rectangle, or press anywhere, to look there."""

    def __init__(self, canvas: QWidget, steering: Steering, shown: Shown, hand: Hand) -> None:
        """In the lower right corner of the canvas, hidden while the whole picture is seen."""
        super().__init__(canvas)
        self._canvas, self._steering, self._shown, self._hand = canvas, steering, shown, hand
        self._tones = DARK
        self._is_on, self._is_in_the_way = True, False
        self._view = Viewport((1, 1), (1, 1))
        self._picture: Pyramid | None = None
        self._image: QImage | None = None
        self._held: XY | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Map of the picture")
        self.setToolTip("Drag to look elsewhere")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        steering.moved.connect(self._follow)
        shown.opened.connect(self._show_picture)
        shown.pictured.connect(self._show_picture)
        hand.previewed.connect(self._give_way)

    def use_tones(self, tones: Tones) -> None:
        """Paint in another theme."""
        self._tones = tones
        self.update()

    def switch(self, on: bool) -> None:
        """Be there when there is something to tell, or never."""
        self._is_on = on
        self._place()

    @property
    def frame(self) -> QRectF:
        """The rectangle that is seen, in logical pixels of this widget."""
        per_pixel = self._per_pixel
        x0, y0, x1, y1 = (each * per_pixel for each in self._view.visible)
        seen = QRectF(QPointF(x0, y0), QPointF(x1, y1)).intersected(QRectF(self.rect()))
        wider, higher = max(_LEAST - seen.width(), 0) / 2, max(_LEAST - seen.height(), 0) / 2
        return seen.adjusted(-wider, -higher, wider, higher)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Qt's: the picture, dimmed but for what is seen."""
        painter = QPainter(self)
        if self._image is None:
            self._image = self._painted()
        painter.drawImage(self.rect(), self._image)
        frame = self.frame
        for part in _around(QRectF(self.rect()), frame):
            painter.fillRect(part, _VEIL)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for width, colour in ((3.0, QColor(0, 0, 0, 150)), (1.5, QColor("#ffffff"))):
            painter.setPen(QPen(colour, width))
            painter.drawRect(frame.adjusted(1, 1, -1, -1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QColor(self._tones.line))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's: take hold of the rectangle, or look where the pointer is."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at, middle = event.position(), self.frame.center()
        self._held = (middle.x() - at.x(), middle.y() - at.y()) if self.frame.contains(at) else (0.0, 0.0)
        self._look(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's: look where the rectangle is dragged."""
        if self._held is not None:
            self._look(event)

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:
        """Qt's: let go."""
        self._held = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt's: the second press of a double click."""
        self.mousePressEvent(event)

    def _give_way(self) -> None:
        """Let the pointer through while something is drawn, and be gone where that is near."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, self._hand.is_busy)
        was_in_the_way, self._is_in_the_way = self._is_in_the_way, self._hand.is_busy and self._is_near()
        if was_in_the_way != self._is_in_the_way:
            self._place()

    def _is_near(self) -> bool:
        """Whether the pointer is over it, or almost."""
        x, y = self._view.to_view.apply_one(self._hand.pointer)
        ratio = self._steering.ratio
        return QRectF(self.geometry()).adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR).contains(x / ratio, y / ratio)

    def _show_picture(self) -> None:
        """Show the picture as far as it is known: its thumbnail does while it is being decoded, or is too large."""
        thumbnail = self._shown.head.thumbnail if self._shown.head is not None else None
        picture = self._shown.picture if isinstance(self._shown.picture, Pyramid) else thumbnail
        if picture is not self._picture:
            self._picture, self._image = picture, None
            self._follow()
            self.update()

    def _follow(self) -> None:
        """Say which part of the picture is seen."""
        self._view = self._steering.view
        self._place()
        self.update()

    @property
    def _per_pixel(self) -> float:
        """Logical pixels of the map per image pixel."""
        room = min(self._canvas.width(), self._canvas.height()) / _SHARE
        return min(SIDE, room) / max(self._view.picture)

    def _look(self, event: QMouseEvent) -> None:
        dx, dy = self._held or (0.0, 0.0)
        at, (width, height) = event.position(), self._view.picture
        x, y = (at.x() + dx) / self._per_pixel, (at.y() + dy) / self._per_pixel
        self._steering.centre_on((min(max(x, 0.0), width), min(max(y, 0.0), height)))

    def _place(self) -> None:
        """Stand in the corner where only a part of the picture is seen."""
        (x0, y0, x1, y1), (width, height) = self._view.visible, self._view.picture
        is_whole = x0 <= 0 and y0 <= 0 and x1 >= width and y1 >= height
        if self._is_on and not (is_whole or self._is_in_the_way) and self._picture is not None:
            shown = (max(1, round(width * self._per_pixel)), max(1, round(height * self._per_pixel)))
            if shown != (self.width(), self.height()):
                self.resize(*shown)
                self._image = None
            self.move(self._canvas.width() - shown[0] - GAP, self._canvas.height() - shown[1] - GAP)
            self.show()
        elif self._held is None:
            self.hide()

    def _painted(self) -> QImage:
        ratio = self.devicePixelRatioF()
        size = (max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))
        image = QImage(*size, QImage.Format.Format_RGB32)
        image.fill(QColor(self._tones.canvas))
        if self._picture is not None:
            painter = QPainter(image)
            paint.picture(painter, self._picture, Viewport(self._view.picture, size, size[0] / self._view.picture[0]))
            painter.end()
        return image


def _around(whole: QRectF, hole: QRectF) -> tuple[QRectF, ...]:
    """What of a rectangle lies above, below, left and right of a hole in it."""
    return (
        QRectF(whole.topLeft(), QPointF(whole.right(), hole.top())),
        QRectF(QPointF(whole.left(), hole.bottom()), whole.bottomRight()),
        QRectF(QPointF(whole.left(), hole.top()), hole.bottomLeft()),
        QRectF(hole.topRight(), QPointF(whole.right(), hole.bottom())),
    )
