"""What views draw on the picture: boxes and maps in model pixels, brought into the view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from engine.geometry.shapes import XY
from engine.tracing.stages import Floats, Input
from studio.canvas.viewport import Viewport
from studio.inspector.heat import colours

_SHADES = 24
"""Scores are drawn in so many colours, all boxes of one at once."""


@dataclass(frozen=True, slots=True)
class Space:
    """From model pixels to the picture's and back."""

    x: float
    """Model pixels per image pixel."""
    y: float

    @classmethod
    def of(cls, stage: Input) -> Space:
        """Of the picture that went in."""
        return cls(*stage.scale_xy)

    def model(self, xy_image: XY) -> XY:
        """A point in model pixels."""
        return xy_image[0] * self.x, xy_image[1] * self.y

    def image(self, boxes_model: Floats) -> Floats:
        """(N, 4) boxes in image pixels."""
        return np.asarray(boxes_model / np.array([self.x, self.y] * 2, dtype=np.float32), dtype=np.float32)

    def rect(self, box_model: Floats, viewport: Viewport) -> QRectF:
        """One box in view pixels."""
        x0, y0, x1, y1 = self.views(box_model[None], viewport)[0].tolist()
        return QRectF(x0, y0, x1 - x0, y1 - y0)

    def views(self, boxes_model: Floats, viewport: Viewport) -> Floats:
        """(N, 4) boxes in view pixels."""
        x, y = viewport.origin
        scales = np.array([viewport.scale / self.x, viewport.scale / self.y] * 2, dtype=np.float32)
        return np.asarray(boxes_model * scales + np.array([x, y, x, y], dtype=np.float32), dtype=np.float32)


def draw_boxes(painter: QPainter, boxes_view: Floats, pen: QPen) -> None:
    """Outlines of many boxes, those that are in sight."""
    rows = _seen(boxes_view, painter)
    painter.setPen(pen)
    lines = []
    for x0, y0, x1, y1 in boxes_view[rows].tolist():
        lines += [QLineF(x0, y0, x1, y0), QLineF(x1, y0, x1, y1), QLineF(x1, y1, x0, y1), QLineF(x0, y1, x0, y0)]
    painter.drawLines(lines)


def draw_scored(painter: QPainter, boxes_view: Floats, shares: Floats, width: float = 1.2) -> None:
    """Outlines of boxes coloured by a share from 0 to 1, the greatest on top."""
    shades = np.clip((shares * _SHADES).astype(np.int64), 0, _SHADES - 1)
    for shade in np.unique(shades):
        red, green, blue = colours(np.array([(shade + 0.5) / _SHADES]))[0].tolist()
        pen = QPen(QColor(red, green, blue), width)
        draw_boxes(painter, boxes_view[shades == shade], pen)


def draw_map(painter: QPainter, image: QImage, place: QRectF, opacity: float) -> None:
    """A heat map over a part of the picture, its cells with sharp edges."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.setOpacity(opacity)
    painter.drawImage(place, image)
    painter.restore()


def _seen(boxes_view: Floats, painter: QPainter) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    device = painter.device()
    width, height = device.width(), device.height()
    return np.asarray(
        (boxes_view[:, 2] >= 0) & (boxes_view[:, 3] >= 0) & (boxes_view[:, 0] <= width) & (boxes_view[:, 1] <= height)
    )
