"""A mask of the live layer as an image of the view's own pixels: quick however ragged it is, as an outline is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter

from engine.geometry.sampling import sampled
from engine.geometry.shapes import Mask
from studio.canvas.viewport import Viewport

_LINE = 1.5
"""Logical pixels of its outline."""


def paint_mask(painter: QPainter, mask: Mask, view: Viewport, colours: tuple[QColor, QColor], ratio: float) -> None:
    """Paint a mask's inside and its outline in two colours."""
    thickness = max(1, round(_LINE * ratio))
    place = _in_sight(mask, view)
    if place.isEmpty():
        return
    # A margin is sampled too, lest the edge of the view look like one of the mask.
    wide = place.adjusted(-thickness, -thickness, thickness, thickness)
    origin = view.to_image.apply_one((wide.x(), wide.y()))
    bitmap = sampled(mask, origin, 1 / view.scale, (wide.width(), wide.height()))
    image = _image(bitmap, _inner(bitmap, thickness), colours)
    painter.drawImage(place.topLeft(), image, QRect(QPoint(thickness, thickness), place.size()))


def _in_sight(mask: Mask, view: Viewport) -> QRect:
    """Where the mask lies in the view, in whole view pixels."""
    x0, y0, x1, y1 = mask.bounds
    (left, top), (right, bottom) = view.to_view.apply_one((x0, y0)), view.to_view.apply_one((x1, y1))
    width, height = view.view
    left, top = max(int(np.floor(left)), 0), max(int(np.floor(top)), 0)
    return QRect(QPoint(left, top), QPoint(min(int(np.ceil(right)), width) - 1, min(int(np.ceil(bottom)), height) - 1))


def _inner(bitmap: NDArray[np.bool_], thickness: int) -> NDArray[np.bool_]:
    """What lies so many pixels inside."""
    inner = bitmap.copy()
    for _ in range(thickness):
        before = inner.copy()
        inner[1:] &= before[:-1]
        inner[:-1] &= before[1:]
        inner[:, 1:] &= before[:, :-1]
        inner[:, :-1] &= before[:, 1:]
    return inner


def _image(bitmap: NDArray[np.bool_], inner: NDArray[np.bool_], colours: tuple[QColor, QColor]) -> QImage:
    fill, line = (_premultiplied(colour) for colour in colours)
    values = np.array([0, line, fill], dtype=np.uint32)[bitmap.view(np.uint8) + inner.view(np.uint8)]
    height, width = values.shape
    return QImage(values.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied).copy()


def _premultiplied(colour: QColor) -> int:
    alpha = colour.alpha()
    red, green, blue = (round(part * alpha / 255) for part in (colour.red(), colour.green(), colour.blue()))
    return alpha << 24 | red << 16 | green << 8 | blue
