"""LiveMask: the mask in hand as an image of the view, of which only what a stroke changed is worked out again."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

from engine.geometry import spans
from engine.geometry.shapes import Mask
from engine.geometry.spans import Spans
from studio.canvas.mask_image import mask_pixels
from studio.canvas.viewport import Viewport

Dress: TypeAlias = tuple[QColor, QColor, float]
"""Fill, outline, and how many view pixels the outline is wide."""


class LiveMask:
    """Shows one mask at a time. Whoever shows it has painted anew what `take` returns."""

    def __init__(self) -> None:
        """Show nothing."""
        self._mask: Mask | None = None
        self._strips = spans.of_mask(spans.empty())
        self._seen: tuple[Viewport, tuple[int, int, float]] | None = None
        self._pixels: NDArray[np.uint32] = np.zeros((0, 0), np.uint32)
        self._place = QRect()

    def take(self, mask: Mask | None, view: Viewport, dress: Dress) -> QRegion:
        """Show this mask, or none; returns where it looks different than before, in view pixels."""
        seen = (view, (dress[0].rgba(), dress[1].rgba(), dress[2]))
        if mask is self._mask and (mask is None or seen == self._seen):
            return QRegion()
        before, place = self._place, QRect() if mask is None else _in_view(mask.bounds, view, dress[2])
        strips = self._strips if mask is None else spans.of_mask(mask)
        is_same_view = self._mask is not None and seen == self._seen
        changed = _difference(self._strips, strips) if mask is not None and is_same_view else None
        area = before.united(place)
        if is_same_view and mask is not None:
            area = QRect() if changed is None else _in_view(changed, view, dress[2])
        self._mask, self._strips, self._seen, self._place = mask, strips, seen, place
        if mask is not None:
            if not is_same_view:
                self._pixels = np.zeros(view.view[::-1], np.uint32)
            self._sample(area if is_same_view else place, view, dress)
        return QRegion(area)

    def paint(self, painter: QPainter) -> None:
        """Paint it, in view pixels."""
        if self._mask is not None and self._pixels.size:
            height, width = self._pixels.shape
            image = QImage(self._pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
            painter.drawImage(self._place, image, self._place)

    def _sample(self, area: QRect, view: Viewport, dress: Dress) -> None:
        if not area.isEmpty():
            rows, columns = slice(area.top(), area.bottom() + 1), slice(area.left(), area.right() + 1)
            self._pixels[rows, columns] = mask_pixels(self._strips, area, view, dress)


def _in_view(bounds: tuple[float, float, float, float], view: Viewport, line: float) -> QRect:
    """The view pixels on which what lies in these bounds may show, outline included."""
    (x0, y0), (x1, y1) = view.to_view.apply_one(bounds[:2]), view.to_view.apply_one(bounds[2:])
    width, height = view.view
    reach = line + 2
    left, right = (int(min(max(at, 0), width)) for at in (x0 - reach, x1 + reach + 1))
    top, bottom = (int(min(max(at, 0), height)) for at in (y0 - reach, y1 + reach + 1))
    return QRect(left, top, right - left, bottom - top)


def _difference(a: Spans, b: Spans) -> tuple[float, float, float, float] | None:
    """Bounds of the strips from the first to the last that differ; None where none does."""
    n = min(len(a), len(b))
    head = _agreeing(a, b, slice(0, n), slice(0, n))
    tail = _agreeing(a, b, slice(len(a) - n, None), slice(len(b) - n, None), backward=True)
    tail = min(tail, n - head)
    parts = [slice(head, len(strips) - tail) for strips in (a, b)]
    xs = np.concatenate([a.x[parts[0]], b.x[parts[1]]])
    if not len(xs):
        return None
    y0, y1 = np.concatenate([a.y0[parts[0]], b.y0[parts[1]]]), np.concatenate([a.y1[parts[0]], b.y1[parts[1]]])
    return (float(xs.min()), float(y0.min()), float(xs.max()) + 1, float(y1.max()))


def _agreeing(a: Spans, b: Spans, of_a: slice, of_b: slice, *, backward: bool = False) -> int:
    """How many strips are the same from the start of two equally long stretches on, or back from their end."""
    differ = (a.x[of_a] != b.x[of_b]) | (a.y0[of_a] != b.y0[of_b]) | (a.y1[of_a] != b.y1[of_b])
    differ = differ[::-1] if backward else differ
    return int(differ.argmax()) if differ.any() else len(differ)
