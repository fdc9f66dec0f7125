"""Connected regions of bitmaps, found on their strips: what touches side by side is one, by a corner not.

A strip is a run of set pixels in one column (see engine.geometry.spans). Strips of neighbouring columns that overlap
are joined; the regions of that graph are found in a few rounds of array operations, however winding they are.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.geometry.spans import Spans, Whole
from engine.imaging.patch import Bitmap

Pairs: TypeAlias = tuple[Whole, Whole]


def strips_of(bitmap: Bitmap, x: int = 0, y: int = 0) -> Spans:
    """The strips of a bitmap whose top left pixel is (x, y)."""
    height, width = bitmap.shape
    columns = np.zeros((width, height + 1), dtype=np.bool_)
    columns[:, :height] = bitmap.T
    flat = columns.reshape(-1)
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    ends = np.concatenate([[0], changes]) if flat.size and flat[0] else changes
    starts, stops = ends[::2], ends[1::2]
    column = starts // (height + 1)
    top = y - column * (height + 1)
    return Spans(column + x, starts + top, stops + top)


def labelled(strips: Spans) -> Whole:
    """For every strip the first strip of its region."""
    first, second = _touching(strips)
    roots = np.arange(len(strips))
    while len(first):
        low, high = np.minimum(first, second), np.maximum(first, second)
        # Every root that touches a smaller one joins the smallest it touches.
        np.minimum.at(roots, high, low)
        roots = _settled(roots)
        first, second = roots[first], roots[second]
        apart = first != second
        first, second = first[apart], second[apart]
    return roots


def around(strips: Spans, column: int, row: int) -> Spans:
    """The region that the pixel in this column and row belongs to; no strips where it is not set."""
    at = np.flatnonzero((strips.x == column) & (strips.y0 <= row) & (row < strips.y1))
    if not len(at):
        return chosen(strips, np.zeros(len(strips), dtype=np.bool_))
    labels = labelled(strips)
    return chosen(strips, labels == labels[at[0]])


def large(strips: Spans, share: float) -> Spans:
    """The regions that have at least this share of the largest one's pixels."""
    if not len(strips):
        return strips
    labels = labelled(strips)
    sizes = np.bincount(labels, weights=strips.y1 - strips.y0)
    return chosen(strips, sizes[labels] >= share * sizes.max())


def without_holes(bitmap: Bitmap, most: float = np.inf) -> Bitmap:
    """The bitmap with its holes of at most so many pixels filled."""
    ground = np.pad(~bitmap, 1, constant_values=True)
    strips = strips_of(ground)
    labels = labelled(strips)
    sizes = np.bincount(labels, weights=strips.y1 - strips.y0)
    holes = chosen(strips, (labels != labels[0]) & (sizes[labels] <= most))
    return bitmap | to_bitmap(holes, ground.shape)[1:-1, 1:-1]


def to_bitmap(strips: Spans, shape: tuple[int, ...]) -> Bitmap:
    """Strips as a bitmap of (height, width), which holds them all."""
    height, width = shape
    steps = np.zeros((height + 1, width), dtype=np.int8)
    np.add.at(steps, (strips.y0, strips.x), 1)
    np.add.at(steps, (strips.y1, strips.x), -1)
    return np.asarray(np.cumsum(steps, axis=0, dtype=np.int8)[:-1], dtype=np.bool_)


def chosen(strips: Spans, which: NDArray[np.bool_]) -> Spans:
    """Some of the strips."""
    return Spans(strips.x[which], strips.y0[which], strips.y1[which])


def _touching(strips: Spans) -> Pairs:
    """All pairs of strips that lie side by side in neighbouring columns."""
    if not len(strips):
        return strips.x, strips.x
    top = int(strips.y0.min())
    stride = int(strips.y1.max()) - top + 1
    starts = strips.x * stride + (strips.y0 - top)
    stops = starts + (strips.y1 - strips.y0)
    low = np.searchsorted(stops, starts + stride, side="right")
    high = np.searchsorted(starts, stops + stride, side="left")
    n = np.maximum(high - low, 0)
    left = np.repeat(np.arange(len(strips)), n)
    right = np.arange(len(left)) - np.repeat(np.cumsum(n) - n, n) + np.repeat(low, n)
    return left, right


def _settled(roots: Whole) -> Whole:
    """Every strip pointed at its last root."""
    while True:
        farther = roots[roots]
        if np.array_equal(farther, roots):
            return roots
        roots = farther
