"""The picture of a trace with a stage drawn on it: pan, zoom, the linked cursor, and clicks for the stage's layer.

What is still is drawn in a thread and kept as an image: a pan moves it, whatever is drawn on it.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)

from engine.geometry.shapes import XY
from engine.tracing.stages import Input
from studio.canvas.still import Scene
from studio.canvas.still_view import CLICK, StillView
from studio.canvas.viewport import Viewport
from studio.inspection import Inspection
from studio.inspector import Layer
from studio.qt_pictures import as_image
from studio.theme import GAP, Theme

REACH = 6.0
"""View pixels from a shape that still hit it."""


class StagePicture(StillView):
    """Shows what `inspection` looks at, with one layer on it."""

    def __init__(self, inspection: Inspection, theme: Theme) -> None:
        """Nothing yet."""
        super().__init__(theme)
        self._inspection = inspection
        self._picture: QImage | None = None
        self.layer: Layer | None = None
        self._press: QPointF | None = None
        self._last = QPointF()
        self._is_dragged = False
        self.setMinimumSize(240, 180)
        self.setAccessibleName("Stage on the picture")
        inspection.cursor_moved.connect(self.update)
        inspection.picked_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As much as there is."""
        return QSize(720, 520)

    def show_input(self, stage: Input | None) -> None:
        """Show another picture, whole; the same size of picture keeps the view."""
        self._picture = as_image(stage.picture) if stage is not None else None
        self.still.forget()
        self.show_size((stage.size[1], stage.size[0]) if stage is not None else (1, 1))
        self.redraw()

    def show_layer(self, layer: Layer | None) -> None:
        """Draw another stage."""
        if self.layer is not None:
            self.layer.changed.disconnect(self.redraw)
            self.layer.live_changed.disconnect(self.update)
            self.layer.leave()
        self.layer = layer
        if layer is not None:
            layer.changed.connect(self.redraw)
            layer.live_changed.connect(self.update)
        self.redraw()

    def bring(self, bounds: tuple[float, float, float, float]) -> None:
        """Show a part of the picture, in image pixels, as large as it can be with room around it."""
        self.look(self.viewport.framing(bounds))

    def xy_image(self, at: QPointF) -> XY | None:
        """Where a point of the widget is on the picture; None beside it."""
        if self._picture is None:
            return None
        x, y = self.place(at)
        width, height = self.viewport.picture
        return (x, y) if 0 <= x < width and 0 <= y < height else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the picture."""
        self._press = self._last = event.position()
        self._is_dragged = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture that is held, or the cursor."""
        at = event.position()
        if self._press is not None:
            self._is_dragged |= (at - self._press).manhattanLength() > CLICK
            if self._is_dragged:
                step, self._last = at - self._last, at
                self.move_by(step)
                return
        self._inspection.point_at(self.xy_image(at))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click goes to the layer."""
        xy, layer = self.xy_image(event.position()), self.layer
        is_click = self._press is not None and not self._is_dragged
        self._press = None
        if is_click and xy is not None and layer is not None:
            layer.press(xy, REACH * self.viewport.view_pixel * self.devicePixelRatioF())

    def mouseDoubleClickEvent(self, _: QMouseEvent) -> None:
        """Show the whole picture."""
        self.zoom_to_fit()

    def leaveEvent(self, _: object) -> None:
        """The pointer is nowhere."""
        self._inspection.point_at(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus, minus and 0 zoom."""
        if not self.zoom_key(event):
            super().keyPressEvent(event)

    def paintEvent(self, _: QPaintEvent) -> None:
        """The image of what is still, then what follows the pointer."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.tones.canvas))
        if self._picture is None:
            return
        ratio = self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        if self.still.is_there:
            self.paint_still(painter)
        else:
            _paint_picture(painter, self._picture, self.viewport)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.layer is not None:
            painter.save()
            self.layer.paint_live(painter, self.viewport)
            painter.restore()
        self._paint_cursor(painter, self.viewport)
        painter.end()

    def _paint_cursor(self, painter: QPainter, viewport: Viewport) -> None:
        """Where the pointer is, and what the layer says of it."""
        xy = self._inspection.cursor
        if xy is None:
            return
        x, y = viewport.to_view.apply_one(xy)
        if not self.underMouse():
            painter.setPen(QPen(QColor(self._theme.tones.warn), 1.5))
            painter.drawLine(QPointF(x - 9, y), QPointF(x + 9, y))
            painter.drawLine(QPointF(x, y - 9), QPointF(x, y + 9))
        words = self.layer.told(xy) if self.layer is not None else ""
        if words:
            room = painter.boundingRect(QRectF(0, 0, viewport.view[0] - 4 * GAP, 200), Qt.TextFlag.TextWordWrap, words)
            place = room.adjusted(-GAP, -GAP / 2, GAP, GAP / 2)
            place.moveBottomLeft(QPointF(GAP, viewport.view[1] - GAP))
            ground = QColor(self._theme.tones.surface)
            ground.setAlpha(230)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(place, 5, 5)
            painter.setPen(QColor(self._theme.tones.text))
            inside = place.adjusted(GAP, GAP / 2, -GAP, -GAP / 2)
            painter.drawText(inside, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter, words)

    def scene(self) -> Scene | None:
        """The picture with what of the layer is still."""
        picture = self._picture
        if picture is None:
            return None
        drawing = self.layer.still() if self.layer is not None else None

        def draw(painter: QPainter, larger: Viewport) -> None:
            _paint_picture(painter, picture, larger)
            if drawing is not None:
                drawing(painter, larger)

        return Scene(self.viewport, draw, QColor(self._theme.tones.canvas))


def _paint_picture(painter: QPainter, picture: QImage, viewport: Viewport) -> None:
    x, y = viewport.origin
    width, height = viewport.picture
    place = QRectF(x, y, viewport.scale * width, viewport.scale * height)
    is_smooth = place.width() < 4 * picture.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smooth)
    painter.drawImage(place, picture)
