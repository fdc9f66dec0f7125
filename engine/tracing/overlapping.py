"""Which boxes of a group overlap, and how much: all pairs of thousands in some milliseconds, and kept for next time.

IoU in float32 by the steps of torchvision's operator (csrc/ops/cpu/nms_kernel.cpp), so that it is equal bit by bit.
Boxes are (N, 4) in model pixels, or moved apart from those of other groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.tracing.stages import Floats, Ints

_AT_A_TIME = 1 << 18
"""Pairs compared at once: what a processor's cache holds."""
_MOST_KEPT = 4_000_000
"""Pairs beyond which none are kept: 80 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Boxes that overlap, each two once; columns (P,)."""

    one: Ints
    other: Ints
    ious: Floats

    def __len__(self) -> int:
        return len(self.one)

    def among(self, places: Ints) -> Pairs:
        """Those of which both boxes are left; `places` (N,) are the new places of boxes, -1 of those that are not."""
        one, other = places[self.one], places[self.other]
        is_left = (one >= 0) & (other >= 0)
        return Pairs(one[is_left], other[is_left], self.ious[is_left])


def overlaps(a: Floats, b: Floats) -> Floats:
    """(N, M) IoU; NaN where both boxes are without area."""
    areas = [(each[:, 2] - each[:, 0]) * (each[:, 3] - each[:, 1]) for each in (a, b)]
    width = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    height = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    common = np.maximum(width, 0) * np.maximum(height, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(common / (areas[0][:, None] + areas[1][None, :] - common), dtype=np.float32)


def overlapping(boxes: Floats, groups: Ints, floor: float = 0.0) -> Pairs:
    """The pairs of boxes in a group that overlap at all, and by `floor` or more: by a sweep from left to right."""
    order = np.lexsort((boxes[:, 0], groups))
    swept, columns = boxes[order], groups[order]
    areas = (swept[:, 2] - swept[:, 0]) * (swept[:, 3] - swept[:, 1])
    parts = [_compared(swept, areas, one, other, floor) for one, other in _side_by_side(swept, columns)]
    one, other, ious = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Pairs(order[one], order[other], ious)


def _side_by_side(boxes: Floats, groups: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Places of pairs that overlap across, some at a time; boxes come by group and from left to right."""
    left, right = boxes[:, 0].astype(np.float64), boxes[:, 2].astype(np.float64)
    least = left.min(initial=0.0)
    apart = groups * (right.max(initial=0.0) - least + 1.0)
    n_each = np.searchsorted(apart + left, apart + right) - np.arange(len(boxes)) - 1
    n_each = np.maximum(n_each, 0)
    ends = np.cumsum(n_each)
    heaps = ends // _AT_A_TIME
    for rows in np.split(np.arange(len(boxes)), np.flatnonzero(np.diff(heaps)) + 1):
        n_own = n_each[rows]
        one = np.repeat(rows, n_own)
        within = np.arange(len(one)) - np.repeat(np.cumsum(n_own) - n_own, n_own)
        yield one, one + 1 + within


def _compared(boxes: Floats, areas: Floats, one: Ints, other: Ints, floor: float) -> tuple[Ints, Ints, Floats]:
    """Of some pairs those that overlap as much as `floor`."""
    top, bottom = boxes[:, 1], boxes[:, 3]
    height = np.minimum(bottom[one], bottom[other]) - np.maximum(top[one], top[other])
    is_hit = np.flatnonzero(height > 0)
    one, other, height = one[is_hit], other[is_hit], height[is_hit]
    width = np.minimum(boxes[one, 2], boxes[other, 2]) - np.maximum(boxes[one, 0], boxes[other, 0])
    common = np.maximum(width, 0) * height
    with np.errstate(invalid="ignore", divide="ignore"):
        ious = common / (areas[one] + areas[other] - common)
    is_over = np.flatnonzero((ious >= np.float32(floor)) & (ious > 0))
    return one[is_over], other[is_over], ious[is_over]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Boxes whose overlaps are wanted."""

    keys: Ints
    """(N,) the same number for the same box, whatever else is asked for."""
    boxes: Floats
    groups: Ints
    frame: tuple[str, float]
    """What else the overlaps depend on: how boxes are grouped, and by how much they are moved apart."""
    floor: float


class Overlaps:
    """Remembers the overlaps of the boxes asked for last, so that asking for some of them is quick."""

    def __init__(self) -> None:
        self._asked: Asked | None = None
        self._pairs = overlapping(np.zeros((0, 4), np.float32), np.zeros(0, np.int64))

    def of(self, asked: Asked) -> Pairs:
        """The pairs of boxes in a group that overlap by `floor` or more, and some that overlap less."""
        known = self._asked
        if known is None or known.frame != asked.frame or known.floor > asked.floor:
            return self._made(asked)
        if np.array_equal(known.keys, asked.keys):
            return self._pairs
        order = np.argsort(asked.keys)
        at = np.minimum(np.searchsorted(asked.keys, known.keys, sorter=order), len(order) - 1)
        is_there = asked.keys[order[at]] == known.keys if len(order) else np.zeros(len(known.keys), dtype=bool)
        if is_there.sum() < len(asked.keys):
            return self._made(asked)
        return self._pairs.among(np.where(is_there, order[at], -1)) if len(order) else self._pairs.among(at * 0 - 1)

    def _made(self, asked: Asked) -> Pairs:
        pairs = overlapping(asked.boxes, asked.groups, asked.floor)
        if len(pairs) <= _MOST_KEPT:
            self._asked, self._pairs = asked, pairs
        return pairs
