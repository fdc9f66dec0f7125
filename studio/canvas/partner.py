"""The partner: the shape that is compared with, dashed on the picture; drawn once and shown again while it is the same.

A mask's outline has thousands of steps between pixels, and dashes along them take longer than a frame: so it comes
smoothed from the thread that compares, and is kept as an image for as long as the view stands still. That of a ragged
mask, which would take seconds, is looked up in the view's own pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPolygonF, QRegion

from engine.geometry.shapes import Shape
from engine.geometry.spans import Spans
from studio.canvas.comparison import Comparison
from studio.canvas.looks import Looks
from studio.canvas.mask_image import mask_pixels
from studio.canvas.viewport import Viewport

_REACH = 4
"""Logical pixels by which the line reaches out of the shape."""
_DASH = 5
"""Logical pixels."""
_WHITE, _DARK = 0xFFFFFFFF, 0x8C000000


@dataclass(frozen=True, slots=True)
class _Drawn:
    shape: Shape
    view: Viewport
    looks: Looks
    image: QImage
    at: QPoint


class PartnerPainter:
    """Keeps the image of the partner that was shown last."""

    def __init__(self) -> None:
        self._drawn: _Drawn | None = None
        self._at: tuple[Shape | None, QRect] = (None, QRect())

    def take(self, comparison: Comparison | None, view: Viewport, looks: Looks) -> QRegion:
        """Where it looks different than when this was asked last, in view pixels."""
        before, shape = self._at, comparison.shape if comparison else None
        self._at = now = (shape, partner_rect(shape, view, looks) if shape else QRect())
        is_same = before[0] is now[0] and before[1] == now[1]
        return QRegion() if is_same else QRegion(before[1]) + QRegion(now[1])

    def paint(self, painter: QPainter, comparison: Comparison | None, view: Viewport, looks: Looks) -> None:
        """Show what is compared with; the painter is in view pixels."""
        drawn = self._drawn
        if comparison is None:
            self._drawn = None
            return
        if drawn is None or drawn.shape is not comparison.shape or drawn.view != view or drawn.looks is not looks:
            drawn = self._drawn = _draw(comparison, view, looks)
        painter.drawImage(drawn.at, drawn.image)


def partner_rect(shape: Shape, view: Viewport, looks: Looks) -> QRect:
    """Where a partner lies in view pixels, as far as it is seen."""
    x0, y0, x1, y1 = shape.bounds
    a, b = (QPointF(*view.to_view.apply_one(corner)).toPoint() for corner in ((x0, y0), (x1, y1)))
    reach = round(_REACH * looks.ratio) + 1
    return QRect(a, b).adjusted(-reach, -reach, reach, reach).intersected(QRect(QPoint(0, 0), QPoint(*view.view)))


def _draw(comparison: Comparison, view: Viewport, looks: Looks) -> _Drawn:
    """White dashes over a dark line, which show on any picture."""
    area = partner_rect(comparison.shape, view, looks)
    image = QImage(max(area.width(), 1), max(area.height(), 1), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    if comparison.strips is not None:
        image = _ragged(comparison.strips, area, view, looks)
        return _Drawn(comparison.shape, view, looks, image, area.topLeft())
    path = QPainterPath()
    for ring in comparison.outline:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in view.to_view.apply(ring).tolist()]))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(-area.topLeft())
    painter.setPen(looks.pen(QColor.fromRgba(_DARK), 4.5))
    painter.drawPath(path)
    painter.setPen(looks.pen(QColor.fromRgba(_WHITE), 2.0, dashed=True))
    painter.drawPath(path)
    painter.end()
    return _Drawn(comparison.shape, view, looks, image, area.topLeft())


def _ragged(strips: Spans, area: QRect, view: Viewport, looks: Looks) -> QImage:
    """Dashes where stripes across the view meet the outline."""
    if area.isEmpty():
        return QImage()
    line = mask_pixels(strips, area, view, (QColor(0, 0, 0, 0), QColor.fromRgba(_WHITE), 2.0 * looks.ratio)) != 0
    y, x = np.ogrid[area.top() : area.bottom() + 1, area.left() : area.right() + 1]
    is_dash = (x + y) // max(1, round(_DASH * looks.ratio)) % 2 == 0
    pixels = np.where(line, np.where(is_dash, np.uint32(_WHITE), np.uint32(_DARK)), np.uint32(0))
    height, width = pixels.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()
