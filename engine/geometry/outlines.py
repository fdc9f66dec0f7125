"""Mask -> polygon: the exact outline along the cracks between pixels, with holes and parts.

An outline turns at corners only. On every grid row its corners pair up, left to right, into the horizontal edges; on
every grid column, top to bottom, into the vertical ones: sorting the corners twice gives the whole outline. Where four
pixels meet in a chequered way two corners share a point; there the set pixels are kept apart (parts are 4-connected),
and a ring that would touch itself is split in two, so that every ring is simple and every polygon valid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.geometry import spans
from engine.geometry.shapes import Mask, Part, Polygon, ring
from engine.geometry.spans import Spans, Whole


@dataclass(frozen=True, slots=True, eq=False)
class _Corners:
    """Where the outline turns, sorted by (x, y); of two corners at one point, the one whose edge goes up is first."""

    x: Whole
    y: Whole
    leftward: NDArray[np.bool_]
    """Whether the corner's horizontal edge lies left of it (else right)."""
    is_top: NDArray[np.bool_]
    """Whether that edge is the top of the pixel below it (else the bottom of the pixel above it)."""

    def shared(self) -> Whole:
        """The first of every two corners at one point."""
        same = (self.x[1:] == self.x[:-1]) & (self.y[1:] == self.y[:-1])
        return np.flatnonzero(same)

    def across(self) -> Whole:
        """Corners in the order in which they pair up into horizontal edges: left end, right end, left end ..."""
        return np.argsort(_places(self.y, self.x) * 2 + ~self.leftward, kind="stable")


@dataclass(frozen=True, slots=True, eq=False)
class _Rings:
    """Closed walks over the corners, ordered by their first corner, which is a walk's smallest (x, y)."""

    corners: tuple[list[int], ...]
    ring_of: Whole
    """Which ring each corner is in."""


def to_polygon(mask: Mask) -> Polygon:
    """The outline of a mask: 4-connected parts, outer rings clockwise on screen, no collinear points.

    `scanline.of_polygon` gives the mask back. An empty mask has no parts.
    """
    strips = spans.of_mask(mask)
    if not len(strips):
        return Polygon(())
    corners = _turns(strips)
    across = corners.across()
    rings = _untangled(corners, _follows(corners, across))
    return _assembled(corners, rings, _parents(strips, corners, across, rings))


def _turns(strips: Spans) -> _Corners:
    """A strip's ends are edges one pixel wide; where two of them go straight on, their common end is no corner."""
    x = np.concatenate([strips.x, strips.x, strips.x + 1, strips.x + 1])
    y = np.tile(np.concatenate([strips.y0, strips.y1]), 2)
    is_top = np.tile(np.repeat([True, False], len(strips)), 2)
    leftward = np.repeat([False, True], 2 * len(strips))
    ends = _places(x, y) * 2 + is_top
    order = np.argsort(ends, kind="stable")
    straight = np.diff(ends[order]) == 0
    turns = order[~(np.append(straight, False) | np.insert(straight, 0, False))]
    return _Corners(x[turns], y[turns], leftward[turns], is_top[turns])


def _places(first: Whole, second: Whole) -> Whole:
    """One number for every point of a grid, in order of its first and then its second coordinate."""
    low, high = int(second.min()), int(second.max())
    return first * (high - low + 1) + (second - low)


def _follows(corners: _Corners, across: Whole) -> Whole:
    """The corner after each, with the set pixels on the right hand: along a top edge to the right, then down."""
    beside = np.empty_like(across)
    beside[across[::2]], beside[across[1::2]] = across[1::2], across[::2]
    below_or_above = np.arange(len(across)) ^ 1
    return np.where(corners.leftward != corners.is_top, beside, below_or_above)


def _untangled(corners: _Corners, follows: Whole) -> _Rings:
    """The rings, split where one passes twice through a point.

    All such points may be split at once: a ring's visits nest, for pixels that two touching points cut off would be
    4-connected to nothing else on that ring.
    """
    rings, first = _walked(follows), corners.shared()
    first = first[rings.ring_of[first] == rings.ring_of[first + 1]]
    if not len(first):
        return rings
    split = follows.copy()
    split[first], split[first + 1] = follows[first + 1], follows[first]
    return _walked(split)


def _walked(follows: Whole) -> _Rings:
    ahead: list[int] = follows.tolist()
    ring_of = [-1] * len(ahead)
    rings: list[list[int]] = []
    for first in range(len(ahead)):
        walk, at = [], first
        while ring_of[at] < 0:
            ring_of[at] = len(rings)
            walk.append(at)
            at = ahead[at]
        if walk:
            rings.append(walk)
    return _Rings(tuple(rings), np.array(ring_of))


def _parents(strips: Spans, corners: _Corners, across: Whole, rings: _Rings) -> list[int]:
    """The outer ring that each ring belongs to (itself for an outer ring).

    Above the top left pixel of a hole ends a strip; the top of that strip is on the hole's outer ring, or on another
    hole of the same part, whose first corner is then smaller and its parent known.
    """
    firsts = np.array([walk[0] for walk in rings.corners])
    parents = list(range(len(firsts)))
    holes = np.flatnonzero(~corners.is_top[firsts])
    if not len(holes):
        return parents
    x, top = corners.x[firsts[holes]], _tops(strips, corners.x[firsts[holes]], corners.y[firsts[holes]])
    starts, ends = across[::2], across[1::2]
    stride = int(strips.x[-1]) - int(strips.x[0]) + 2
    edge = np.searchsorted(corners.y[starts] * stride + corners.x[starts], top * stride + x, side="right") - 1
    for hole, above in zip(holes.tolist(), rings.ring_of[ends[edge]].tolist(), strict=True):
        parents[hole] = parents[above]
    return parents


def _tops(strips: Spans, x: Whole, y: Whole) -> Whole:
    """Where the strips begin that end at these points."""
    stride = int(strips.y1.max()) - int(strips.y0.min()) + 1
    return strips.y0[np.searchsorted(strips.x * stride + strips.y1, x * stride + y)]


def _assembled(corners: _Corners, rings: _Rings, parents: list[int]) -> Polygon:
    points = np.stack([corners.x, corners.y], axis=1)
    holes: dict[int, list[int]] = {parent: [] for at, parent in enumerate(parents) if parent == at}
    for at, parent in enumerate(parents):
        if parent != at:
            holes[parent].append(at)
    outlines = [ring(points[walk]) for walk in rings.corners]
    return Polygon(tuple(Part(outlines[at], tuple(outlines[hole] for hole in inside)) for at, inside in holes.items()))
