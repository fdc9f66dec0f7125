"""What views draw on the picture: boxes and maps in model pixels, brought into the view.

Very many boxes are set pixel by pixel in an array: one call of Qt's that draws them all would hold Python's lock for as
long as it takes, and with it the window (4 s for 60,000 boxes where the machine is busy).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from engine.geometry.shapes import XY
from engine.tracing.stages import Bools, Floats, Input, Ints
from studio.canvas.viewport import Viewport
from studio.inspector.heat import colours

MANY = 400
"""Boxes beyond which they are set in an array."""
_DEEPEST = 64
"""So many lines over each other are as dark as it gets."""
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
    """Outlines of many boxes, those that are in sight; where very many lie over each other it is darker."""
    seen = boxes_view[_seen(boxes_view, painter)]
    device = painter.device()
    if len(seen) > MANY and isinstance(device, QImage):
        counts = outline_counts(seen, (device.width(), device.height()))
        _put(painter, _shades(pen.color())[np.minimum(counts, _DEEPEST - 1)])
        return
    painter.setPen(pen)
    lines = []
    for x0, y0, x1, y1 in seen.tolist():
        lines += [QLineF(x0, y0, x1, y0), QLineF(x1, y0, x1, y1), QLineF(x1, y1, x0, y1), QLineF(x0, y1, x0, y0)]
    painter.drawLines(lines)


def draw_scored(painter: QPainter, boxes_view: Floats, shares: Floats, width: float = 1.2) -> None:
    """Outlines of boxes coloured by a share from 0 to 1, the greatest on top."""
    is_seen, device = _seen(boxes_view, painter), painter.device()
    seen, shares = boxes_view[is_seen], shares[is_seen]
    if len(seen) > MANY and isinstance(device, QImage):
        order = np.argsort(shares, kind="stable")
        _put(painter, painted_outlines(seen[order], _opaque(shares[order]), (device.width(), device.height())))
        return
    shades = np.clip((shares * _SHADES).astype(np.int64), 0, _SHADES - 1)
    for shade in np.unique(shades):
        red, green, blue = colours(np.array([(shade + 0.5) / _SHADES]))[0].tolist()
        draw_boxes(painter, seen[shades == shade], QPen(QColor(red, green, blue), width))


def outline_counts(boxes_view: Floats, size: tuple[int, int]) -> Ints:
    """(h, w) how many outlines, a pixel wide, go through each pixel of an image of this width and height."""
    (width, height), (x0, y0, x1, y1) = size, np.rint(boxes_view).astype(np.int64).T
    down, across = np.zeros((height + 1) * width, np.int64), np.zeros(height * (width + 1), np.int64)
    first, last = np.clip(y0, 0, height), np.clip(y1 + 1, 0, height)
    for x in (x0, np.where(x1 > x0, x1, -1)):
        inside = (x >= 0) & (x < width)
        for end, sign in ((first, 1), (last, -1)):
            down += sign * np.bincount(end[inside] * width + x[inside], minlength=len(down))
    first = np.clip(x0 + 1, 0, width)
    last = np.maximum(np.clip(x1, 0, width), first)
    for y in (y0, np.where(y1 > y0, y1, -1)):
        inside = (y >= 0) & (y < height)
        for end, sign in ((first, 1), (last, -1)):
            across += sign * np.bincount(y[inside] * (width + 1) + end[inside], minlength=len(across))
    through = down.reshape(height + 1, width)[:height].cumsum(axis=0)
    return np.asarray(through + across.reshape(height, width + 1)[:, :width].cumsum(axis=1))


def painted_outlines(boxes_view: Floats, argb: NDArray[np.uint32], size: tuple[int, int]) -> NDArray[np.uint32]:
    """(h, w) the outlines of boxes, one after the other, each in its colour; 0 where there is none."""
    width, height = size
    found = np.zeros((height, width), np.uint32)
    corners = np.rint(boxes_view).astype(np.int64)
    ends = np.clip(corners + np.array([0, 0, 1, 1]), 0, [width, height, width, height])
    for (x0, y0, x1, y1), (left, top, right, bottom), value in zip(
        corners.tolist(), ends.tolist(), argb.tolist(), strict=True
    ):
        for y in (y0, y1):
            if 0 <= y < height:
                found[y, left:right] = value
        for x in (x0, x1):
            if 0 <= x < width:
                found[top:bottom, x] = value
    return found


def _shades(colour: QColor) -> NDArray[np.uint32]:
    """A colour, premultiplied, laid over itself 0, 1, 2 ... times."""
    covered = 1 - (1 - colour.alphaF()) ** np.arange(_DEEPEST)
    alpha, red, green, blue = (
        np.rint(255 * covered * part).astype(np.uint32)
        for part in (1.0, colour.redF(), colour.greenF(), colour.blueF())
    )
    return np.asarray(alpha << 24 | red << 16 | green << 8 | blue, dtype=np.uint32)


def _opaque(shares: Floats) -> NDArray[np.uint32]:
    red, green, blue = colours(shares).astype(np.uint32).T
    return np.asarray(np.uint32(255 << 24) | red << 16 | green << 8 | blue, dtype=np.uint32)


def _put(painter: QPainter, argb: NDArray[np.uint32]) -> None:
    """Premultiplied pixels over the whole of what is painted on."""
    argb = np.ascontiguousarray(argb, dtype=np.uint32)
    height, width = argb.shape
    image = QImage(argb.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    painter.drawImage(0, 0, image)


def draw_map(painter: QPainter, image: QImage, place: QRectF, opacity: float) -> None:
    """A heat map over a part of the picture, its cells with sharp edges."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.setOpacity(opacity)
    painter.drawImage(place, image)
    painter.restore()


def _seen(boxes_view: Floats, painter: QPainter) -> Bools:
    device = painter.device()
    width, height = device.width(), device.height()
    return np.asarray(
        (boxes_view[:, 2] >= 0) & (boxes_view[:, 3] >= 0) & (boxes_view[:, 0] <= width) & (boxes_view[:, 1] <= height)
    )
