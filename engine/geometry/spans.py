"""A mask's pixels as spans: vertical strips (x, y0, y1), the form in which masks are cut, joined and compared.

All arithmetic is on the ends of runs, so its cost follows the outline of a mask and never the picture it lies on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.geometry.shapes import Mask

Whole: TypeAlias = NDArray[np.int64]
Runs: TypeAlias = tuple[Whole, Whole]
"""Starts and stops, counted column by column through a window; disjoint and sorted."""

MAX_SIDE = 1 << 20
"""The longest side in pixels of a window that a mask is drawn in; larger is a damaged file, not a picture."""
MAX_PIXELS = (1 << 32) - 1
"""The most pixels in a mask's window: its runs are uint32."""

_A, _B = 1, 2
UNION, INTERSECTION, DIFFERENCE = (_A, _B, _A | _B), (_A | _B,), (_A,)


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Pixels (x, y0) up to but without (x, y1), one strip per entry; disjoint and sorted by (x, y0)."""

    x: Whole
    y0: Whole
    y1: Whole

    def __len__(self) -> int:
        return len(self.x)


def of_mask(mask: Mask) -> Spans:
    """The strips of a mask in image pixels, each as long as it can be within its column."""
    ends = np.cumsum(mask.counts, dtype=np.int64)
    starts, stops = ends[: len(ends) // 2 * 2 : 2], ends[1::2]
    filled = stops > starts
    return _fold(starts[filled], stops[filled], mask.x, mask.y, mask.height)


def to_mask(spans: Spans) -> Mask:
    """The mask of these strips, cropped to them; raises ValueError where its window is too large to hold."""
    if not len(spans):
        return empty()
    x, y = int(spans.x[0]), int(spans.y0.min())
    width, height = int(spans.x[-1]) + 1 - x, int(spans.y1.max()) - y
    check_window(width, height)
    return Mask(x, y, width, height, counts_in(spans, x, y, (width, height)))


def empty() -> Mask:
    """The mask without a pixel."""
    counts = np.zeros(0, dtype=np.uint32)
    counts.setflags(write=False)
    return Mask(0, 0, 0, 0, counts)


def check_window(width: int, height: int) -> None:
    """Raise ValueError where a mask of this window could not be held."""
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise ValueError(f"a mask of {width} x {height} pixels is too large")


def counts_in(spans: Spans, x: int, y: int, size: tuple[int, int]) -> NDArray[np.uint32]:
    """Run lengths of the strips through a window of `size` (width, height) at (x, y), which holds them all."""
    width, height = size
    starts, stops = _unfold(spans, x, y, height)
    bounds = np.concatenate([[0], np.stack([starts, stops], axis=1).ravel(), [width * height]])
    counts = np.diff(bounds).astype(np.uint32)
    counts = counts[:-1] if counts[-1] == 0 else counts
    counts.setflags(write=False)
    return counts


def clip(spans: Spans, height: int, width: int) -> Spans:
    """What lies on a picture of this size."""
    y0, y1 = np.maximum(spans.y0, 0), np.minimum(spans.y1, height)
    on = (spans.x >= 0) & (spans.x < width) & (y1 > y0)
    return Spans(spans.x[on], y0[on], y1[on])


def combine(a: Spans, b: Spans, keep: Collection[int]) -> Spans:
    """The pixels of `a` and `b` that are in UNION, INTERSECTION or DIFFERENCE of the two."""
    if not len(a) or not len(b):
        only, member = (a, _A) if len(a) else (b, _B)
        return only if member in keep else Spans(only.x[:0], only.y0[:0], only.y1[:0])
    x, y, height = _shared_window(a, b)
    at, inside = _sweep(_unfold(a, x, y, height), _unfold(b, x, y, height), keep)
    was_inside = np.insert(inside[:-1], 0, False)
    return _fold(at[inside & ~was_inside], at[was_inside & ~inside], x, y, height)


def common(a: Spans, b: Spans) -> int:
    """How many pixels are in both."""
    if not len(a) or not len(b):
        return 0
    x, y, height = _shared_window(a, b)
    at, inside = _sweep(_unfold(a, x, y, height), _unfold(b, x, y, height), INTERSECTION)
    return int(np.diff(at)[inside[:-1]].sum())


def _shared_window(a: Spans, b: Spans) -> tuple[int, int, int]:
    """Left edge, top edge and height of the window around both."""
    x, y = int(min(a.x[0], b.x[0])), int(min(a.y0.min(), b.y0.min()))
    return x, y, int(max(a.y1.max(), b.y1.max())) - y


def _sweep(a: Runs, b: Runs, keep: Collection[int]) -> tuple[Whole, NDArray[np.bool_]]:
    """Every place where membership changes, in order, and whether what follows it is kept."""
    at = np.concatenate([ends for pair in (a, b) for ends in pair])
    sizes = [len(ends) for pair in (a, b) for ends in pair]
    steps = np.repeat(np.array([_A, -_A, _B, -_B]), sizes)
    order = np.argsort(at, kind="stable")
    at, members = at[order], np.cumsum(steps[order])
    last = np.append(at[1:] != at[:-1], True)
    is_kept = np.zeros((_A | _B) + 1, dtype=np.bool_)
    is_kept[list(keep)] = True
    return at[last], is_kept[members[last]]


def _unfold(spans: Spans, x: int, y: int, height: int) -> Runs:
    """The strips as runs through a window of this height at (x, y); those that meet are joined."""
    base = (spans.x - x) * height - y
    starts, stops = base + spans.y0, base + spans.y1
    apart = starts[1:] != stops[:-1]
    some = [True] if len(starts) else []
    return starts[np.concatenate([some, apart]).astype(np.bool_)], stops[np.concatenate([apart, some]).astype(np.bool_)]


def _fold(starts: Whole, stops: Whole, x: int, y: int, height: int) -> Spans:
    """Strips from non-empty runs counted column by column through a window of this height at (x, y)."""
    if not len(starts):
        return Spans(starts, starts, starts)
    first, last = starts // height, (stops - 1) // height
    repeats = last - first + 1
    run = np.repeat(np.arange(len(starts)), repeats)
    column = np.arange(len(run)) - np.repeat(np.cumsum(repeats) - repeats, repeats) + first[run]
    y0 = np.where(column == first[run], starts[run] - column * height, 0)
    y1 = np.where(column == last[run], stops[run] - column * height, height)
    return _joined(Spans(column + x, y0 + y, y1 + y))


def _joined(spans: Spans) -> Spans:
    """The same strips with those joined that meet in one column (COCO allows runs of length 0 between them)."""
    apart = (spans.x[1:] != spans.x[:-1]) | (spans.y0[1:] != spans.y1[:-1])
    if apart.all():
        return spans
    first, last = np.concatenate([[True], apart]), np.concatenate([apart, [True]])
    return Spans(spans.x[first], spans.y0[first], spans.y1[last])
