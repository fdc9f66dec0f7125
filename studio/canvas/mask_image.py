"""A mask as an image of the view's own pixels: quick however large and ragged it is, as an outline is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter

from engine.geometry import spans
from engine.geometry.sampling import sampled
from engine.geometry.shapes import Bounds, Mask
from engine.geometry.spans import Spans
from studio.canvas.viewport import Viewport

LINE = 1.5
"""Logical pixels of its outline."""
_ASIDE = 1e-6
"""Image pixels by which the points looked at lie beside the view pixels' middles. Those that would lie on a border fall
on the same side of it whatever part of the view is worked out, in spite of rounding."""
MANY_RUNS = 1200
"""A mask of more runs than this is painted so wherever it is; up to it an outline is as quick, and finer."""


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """What is painted of a mask: its strips, so that they are worked out once, within its bounds."""

    strips: Spans
    bounds: Bounds

    @classmethod
    def of(cls, mask: Mask, strips_of: Callable[[Mask], Spans] = spans.of_mask) -> Painted:
        return cls(strips_of(mask), mask.bounds)


def paint_mask(painter: QPainter, mask: Painted, view: Viewport, colours: tuple[QColor, QColor], line: float) -> None:
    """Paint a mask's inside and its outline, `line` view pixels wide, in two colours."""
    place = _in_sight(mask.bounds, view)
    if not place.isEmpty():
        values = mask_pixels(mask.strips, place, view, (*colours, line))
        height, width = values.shape
        image = QImage(values.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
        painter.drawImage(place.topLeft(), image)


def mask_pixels(strips: Spans, place: QRect, view: Viewport, dress: tuple[QColor, QColor, float]) -> NDArray[np.uint32]:
    """A mask in a part of the view, its fill and its outline of so many view pixels: (height, width) premultiplied."""
    fill, line, width = dress
    thickness = max(1, round(width))
    # A margin is sampled too, lest the edge of the part look like one of the mask.
    wide = place.adjusted(-thickness, -thickness, thickness, thickness)
    x, y = view.to_image.apply_one((wide.x(), wide.y()))
    origin = (x + _ASIDE, y + _ASIDE)
    bitmap = sampled(strips, origin, 1 / view.scale, (wide.width(), wide.height()))
    inner = _inner(bitmap, thickness)
    within = (slice(thickness, -thickness), slice(thickness, -thickness))
    values = np.array([0, _premultiplied(line), _premultiplied(fill)], dtype=np.uint32)
    # Small whole numbers look up several times as quickly as an array of any numbers would.
    return np.take(values, bitmap[within].view(np.uint8) + inner[within].view(np.uint8), mode="clip")


def _in_sight(bounds: Bounds, view: Viewport) -> QRect:
    """Where something lies in the view, in whole view pixels."""
    x0, y0, x1, y1 = bounds
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


def _premultiplied(colour: QColor) -> int:
    alpha = colour.alpha()
    red, green, blue = (round(part * alpha / 255) for part in (colour.red(), colour.green(), colour.blue()))
    return alpha << 24 | red << 16 | green << 8 | blue
