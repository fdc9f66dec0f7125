"""Painting and erasing on a mask, stroke by stroke, at the cost of the stroke and not of the mask.

A stroke is what a round brush covers on its way from one point to the next: the pixels whose centres lie within its
radius. Strips outside the stroke's columns are copied as they are, so that a stroke on a mask of 4096 x 4096 pixels
costs about as much as one on an empty one.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from engine.geometry import spans
from engine.geometry.shapes import XY, Bounds
from engine.geometry.spans import DIFFERENCE, UNION, Spans

Values = NDArray[np.float64]

_THINNEST = 0.5
"""Pixels; a thinner brush would miss the pixels between."""


def stroke(a: XY, b: XY, radius: float, size: tuple[int, int]) -> Spans:
    """The pixels of a picture of `size` (width, height) that a brush covers from `a` to `b`.

    At least those that hold its middle at either end, however thin it is, with no gap in any column.
    """
    width, height = size
    radius = max(radius, _THINNEST)
    columns = _columns(a, b, radius)
    columns = columns[(columns >= 0) & (columns < width)]
    low, high = _reach(a, b, radius, columns.astype(np.float64) + 0.5)
    y0, y1 = np.ceil(low - 0.5), np.floor(high - 0.5) + 1
    for x, y in (a, b):
        under = columns == np.floor(x)
        y0[under] = np.fmin(y0[under], np.floor(y))
        y1[under] = np.fmax(y1[under], np.floor(y) + 1)
    y0, y1 = np.clip(y0, 0, height), np.clip(y1, 0, height)
    filled = y1 > y0
    return Spans(columns[filled], y0[filled].astype(np.int64), y1[filled].astype(np.int64))


def paint(mask: Spans, covered: Spans) -> Spans:
    """The mask with what a stroke covers."""
    return _within_columns(mask, covered, UNION)


def erase(mask: Spans, covered: Spans) -> Spans:
    """The mask without what a stroke covers."""
    return _within_columns(mask, covered, DIFFERENCE)


def spared(covered: Spans, taken: Iterable[Spans]) -> Spans:
    """What a stroke covers outside other masks."""
    for other in taken:
        covered = _within_columns(covered, columns_of(other, covered), DIFFERENCE)
    return covered


def columns_of(mask: Spans, covered: Spans) -> Spans:
    """The part of a mask in a stroke's columns."""
    if not len(covered):
        return Spans(mask.x[:0], mask.y0[:0], mask.y1[:0])
    low, high = np.searchsorted(mask.x, [covered.x[0], covered.x[-1] + 1])
    return Spans(mask.x[low:high], mask.y0[low:high], mask.y1[low:high])


def reach(a: XY, b: XY, radius: float) -> Bounds:
    """The bounds of a stroke."""
    return (min(a[0], b[0]) - radius, min(a[1], b[1]) - radius, max(a[0], b[0]) + radius, max(a[1], b[1]) + radius)


def _within_columns(mask: Spans, covered: Spans, keep: tuple[int, ...]) -> Spans:
    """The two combined in the columns of the stroke, the rest of the mask beside it."""
    if not len(covered):
        return mask
    low, high = np.searchsorted(mask.x, [covered.x[0], covered.x[-1] + 1])
    there = Spans(mask.x[low:high], mask.y0[low:high], mask.y1[low:high])
    changed = spans.combine(there, covered, keep)
    joined = (
        np.concatenate([before[:low], now, before[high:]])
        for before, now in zip((mask.x, mask.y0, mask.y1), (changed.x, changed.y0, changed.y1), strict=True)
    )
    return Spans(*joined)


def _columns(a: XY, b: XY, radius: float) -> NDArray[np.int64]:
    left, right = min(a[0], b[0]), max(a[0], b[0])
    first, last = (
        min(np.ceil(left - radius - 0.5), np.floor(left)),
        max(np.floor(right + radius - 0.5), np.floor(right)),
    )
    return np.arange(int(first), int(last) + 1)


def _reach(a: XY, b: XY, radius: float, xs: Values) -> tuple[Values, Values]:
    """The lowest and highest y that a brush reaches at each x; NaN where it reaches none.

    What it covers is convex: at each x one interval, spanned by those of its two discs and of the strip between them.
    """
    low, high = np.full(len(xs), np.nan), np.full(len(xs), np.nan)
    for part_low, part_high in (_disc(a, radius, xs), _disc(b, radius, xs), _strip(a, b, radius, xs)):
        low, high = np.fmin(low, part_low), np.fmax(high, part_high)
    return low, high


def _disc(centre: XY, radius: float, xs: Values) -> tuple[Values, Values]:
    squares = radius**2 - (xs - centre[0]) ** 2
    half = np.sqrt(np.where(squares >= 0, squares, np.nan))
    return centre[1] - half, centre[1] + half


def _strip(a: XY, b: XY, radius: float, xs: Values) -> tuple[Values, Values]:
    """Of the points that lie beside the way from `a` to `b`, the ends being the discs'."""
    (ax, ay), along = a, np.array([b[0] - a[0], b[1] - a[1]])
    length = float(np.hypot(*along))
    if length == 0:
        return np.full(len(xs), np.nan), np.full(len(xs), np.nan)
    ux, uy = along / length
    # |cross| <= radius and 0 <= dot <= length, each of them an interval of y.
    across = _solved((xs - ax) * -uy, ux, (-radius, radius))
    beside = _solved((xs - ax) * ux, uy, (0.0, length))
    low, high = np.fmax(across[0], beside[0]) + ay, np.fmin(across[1], beside[1]) + ay
    none = ~(high >= low)
    return np.where(none, np.nan, low), np.where(none, np.nan, high)


def _solved(offset: Values, slope: float, limits: tuple[float, float]) -> tuple[Values, Values]:
    """The y between which limits[0] <= offset + slope y <= limits[1]."""
    if abs(slope) < 1e-12:
        holds = (offset >= limits[0]) & (offset <= limits[1])
        return np.where(holds, -np.inf, np.inf), np.where(holds, np.inf, -np.inf)
    ends = (limits[0] - offset) / slope, (limits[1] - offset) / slope
    return np.minimum(*ends), np.maximum(*ends)
