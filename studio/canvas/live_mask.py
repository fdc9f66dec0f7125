"""LiveMask: the mask in hand as an image of the view, of which only what a stroke changed is worked out again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
Seen: TypeAlias = tuple[Viewport, tuple[int, int, float]]
"""All that its pixels depend on but the mask."""
_NOWHERE: Seen = (Viewport((1, 1), (1, 1)), (0, 0, 0.0))
_PIECE = 300_000
"""View pixels that are prepared at once: a quarter of a frame."""


@dataclass(slots=True)
class _Sampled:
    """A mask in the pixels of a view, from the first row down to `done`."""

    strips: Spans
    seen: Seen
    pixels: NDArray[np.uint32]
    done: int = 0


class LiveMask:
    """Shows one mask at a time. Whoever shows it has painted anew what `take` returns.

    What was worked out is kept when nothing is shown any more: the next stroke goes on with the same mask.
    """

    def __init__(self, strips_of: Callable[[Mask], Spans] = spans.of_mask) -> None:
        """Show nothing. `strips_of` may know the strips of a mask."""
        self._strips_of = strips_of
        self._mask: Mask | None = None
        self._sampled = _Sampled(spans.of_mask(spans.empty()), _NOWHERE, np.zeros((0, 0), np.uint32))
        self._coming: tuple[Mask, _Sampled] | None = None
        self._place = QRect()

    def take(self, mask: Mask | None, view: Viewport, dress: Dress) -> QRegion:
        """Show this mask, or none; returns where it looks different than before, in view pixels."""
        seen = _seen(view, dress)
        if mask is self._mask and (mask is None or seen == self._sampled.seen):
            return QRegion()
        before, self._place = self._place, QRect() if mask is None else _in_view(mask.bounds, view, dress[2])
        was_shown, self._mask = self._mask is not None, mask
        area = None if mask is None else self._follow(mask, view, dress)
        return QRegion(before.united(self._place) if area is None or not was_shown else area)

    def prepare(self, mask: Mask, view: Viewport, dress: Dress) -> bool:
        """Work out a part of what it takes to show a mask in a moment; returns whether any is left.

        Nothing is done while one is shown.
        """
        seen, strips = _seen(view, dress), self._strips_of(mask)
        if self._mask is not None or self._is_of(strips, seen):
            return False
        if self._coming is None or self._coming[0] is not mask or self._coming[1].seen != seen:
            self._coming = (mask, _Sampled(strips, seen, np.zeros(view.view[::-1], np.uint32)))
        coming, (width, height) = self._coming[1], view.view
        n_rows = max(1, _PIECE // width)
        _sample(coming, QRect(0, coming.done, width, min(n_rows, height - coming.done)), view, dress)
        coming.done += n_rows
        if coming.done >= height:
            self._sampled, self._coming = coming, None
        return self._coming is not None

    def _is_of(self, strips: Spans, seen: Seen) -> bool:
        """Whether these are sampled already."""
        if seen != self._sampled.seen:
            return False
        if strips is not self._sampled.strips and _difference(self._sampled.strips, strips) is None:
            self._sampled.strips = strips  # read again from the file
        return strips is self._sampled.strips

    def _follow(self, mask: Mask, view: Viewport, dress: Dress) -> QRect | None:
        """Sample what differs from what was sampled last; returns where that is, None where it is all of another."""
        seen, strips = _seen(view, dress), self._strips_of(mask)
        if seen != self._sampled.seen:
            self._sampled = _Sampled(strips, seen, np.zeros(view.view[::-1], np.uint32))
            _sample(self._sampled, self._place, view, dress)
            return None
        changed = _difference(self._sampled.strips, strips)
        area = QRect() if changed is None else _in_view(changed, view, dress[2])
        self._sampled.strips = strips
        _sample(self._sampled, area, view, dress)
        return area

    def paint(self, painter: QPainter) -> None:
        """Paint it, in view pixels."""
        pixels = self._sampled.pixels
        if self._mask is not None and pixels.size:
            height, width = pixels.shape
            image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
            painter.drawImage(self._place, image, self._place)


def _seen(view: Viewport, dress: Dress) -> Seen:
    return (view, (dress[0].rgba(), dress[1].rgba(), dress[2]))


def _sample(sampled: _Sampled, area: QRect, view: Viewport, dress: Dress) -> None:
    if not area.isEmpty():
        rows, columns = slice(area.top(), area.bottom() + 1), slice(area.left(), area.right() + 1)
        sampled.pixels[rows, columns] = mask_pixels(sampled.strips, area, view, dress)


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
