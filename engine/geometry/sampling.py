"""A mask as it is seen: points of its window sampled at the pixels of a view, at the cost of the view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.geometry import spans
from engine.geometry.shapes import XY, Mask
from engine.geometry.spans import Spans


def sampled(mask: Mask | Spans, origin: XY, step: float, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Whether the mask is set at points of a grid: a bool (height, width) bitmap of `size` (width, height).

    The grid's points lie `step` image pixels apart, the first half a step right of and below `origin`.
    """
    width, height = size
    strips = mask if isinstance(mask, Spans) else spans.of_mask(mask)
    # Every column of the grid with the strips of the one column of pixels that it falls into.
    columns = np.floor(origin[0] + (np.arange(width) + 0.5) * step).astype(np.int64)
    first, last = np.searchsorted(strips.x, columns, side="left"), np.searchsorted(strips.x, columns, side="right")
    counts = last - first
    column = np.repeat(np.arange(width), counts)
    strip = np.arange(len(column)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    top, end = (_rows(ends[strip], origin[1], step, height) for ends in (strips.y0, strips.y1))
    seen = end > top
    changes = np.zeros((height + 1, width), dtype=np.int8)
    # A row of the grid may see several strips end and begin at once; they cancel out.
    np.add.at(changes, (top[seen], column[seen]), 1)
    np.add.at(changes, (end[seen], column[seen]), -1)
    return np.cumsum(changes[:-1], axis=0, dtype=np.int8).view(np.bool_)


def _rows(ends: spans.Whole, origin: float, step: float, height: int) -> spans.Whole:
    """The first row of the grid that lies at or below each end."""
    rows: spans.Whole = np.clip(np.ceil((ends - origin) / step - 0.5), 0, height).astype(np.int64)
    return rows
