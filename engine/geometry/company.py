"""Company: shapes that move together, and how well each lies on one of thousands of others.

It is asked with every pointer event. What does not change on the way is worked out once, and the rest is done for all
of them in a few calls, during which other threads go on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

from engine.geometry import spans
from engine.geometry.overlap import OverlapIndex
from engine.geometry.planar import GRID
from engine.geometry.shapes import XY, Keypoints, Mask, Shape
from engine.geometry.spans import Spans
from engine.geometry.surfaces import Surface

Rows: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]


class Company:
    """Shapes as they lay before they were moved; those without an area are left out."""

    def __init__(self, shapes: Iterable[Shape]) -> None:
        kept = [shape for shape in shapes if not isinstance(shape, Keypoints) and not shape.is_empty]
        self._surfaces = [Surface(shape) for shape in kept]
        self._bounds = np.array([shape.bounds for shape in kept], dtype=np.float64).reshape(-1, 4)
        self._is_mask = np.array([isinstance(shape, Mask) for shape in kept], dtype=np.bool_)

    def __len__(self) -> int:
        return len(self._surfaces)

    def ious(self, way: XY, index: OverlapIndex, without: Rows, part: slice = slice(None)) -> Floats:
        """The IoU of each, moved by `way`, with the one of `index` that it overlaps most; 0 where it overlaps none.

        Masks move by whole pixels, as `shaping.moved` has it. Shapes of the index with an id in `without` are passed
        over. Only of the shapes in `part`, in their order.
        """
        chosen = np.arange(len(self))[part]
        moved = self._bounds[chosen] + self._ways(way)[chosen][:, [0, 1, 0, 1]]
        row, ids = index.pairs(moved)
        is_wanted = ~np.isin(ids, without)
        pairs = self._pairs(chosen, (row[is_wanted], ids[is_wanted]), moved, index)
        return self._best(pairs, way, len(chosen))

    def _pairs(self, chosen: Rows, met: tuple[Rows, Rows], moved: Floats, index: OverlapIndex) -> _Pairs:
        """All that may have an IoU, by row, those that promise most first: no IoU is larger than its hope."""
        row, ids = met
        known, other = np.unique(ids, return_inverse=True)
        others = [index.surface(shape_id) for shape_id in known.tolist()]
        bounds = np.array([one.bounds for one in others], dtype=np.float64).reshape(-1, 4)[other]
        areas = np.array([one.area for one in others], dtype=np.float64)[other]
        own = self._areas[chosen][row]
        sides = np.minimum(bounds[:, 2:], moved[row, 2:]) - np.maximum(bounds[:, :2], moved[row, :2])
        within = np.minimum(np.maximum(sides, 0).prod(axis=1), np.minimum(areas, own))
        hopes = within / np.maximum(own + areas - within, np.finfo(np.float64).tiny)
        order = np.lexsort((-hopes, row))
        order = order[hopes[order] > 0]
        return _Pairs(row[order], chosen[row[order]], other[order], hopes[order], others)

    def _best(self, pairs: _Pairs, way: XY, n: int) -> Floats:
        """Round by round the pair of each row that promises most, until none can be better than what is known."""
        best = np.zeros(n)
        while len(pairs.row):
            first = np.flatnonzero(np.diff(pairs.row, prepend=-1))
            now = pairs.only(first)
            best[now.row] = np.maximum(best[now.row], self._measured(now, way))
            is_left = pairs.hope > best[pairs.row]
            is_left[first] = False
            pairs = pairs.only(np.flatnonzero(is_left))
        return best

    def _measured(self, pairs: _Pairs, way: XY) -> Floats:
        """The IoU of each pair."""
        found = np.zeros(len(pairs.row))
        ours = [self._surfaces[at] for at in pairs.own.tolist()]
        theirs = [pairs.others[at] for at in pairs.other.tolist()]
        is_masks = np.zeros(len(found), dtype=np.bool_)
        for at, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            if isinstance(one.shape, Mask) and isinstance(other.shape, Mask):
                is_masks[at] = True
                found[at] = spans.common(_shifted(one.strips, way), other.strips)
        outlined = np.flatnonzero(~is_masks)
        found[outlined] = _common(
            self._moved_geometries(pairs.own[outlined], way),
            np.array([theirs[at].geometry for at in outlined.tolist()], dtype=object),
        )
        areas = self._areas[pairs.own] + np.array([one.area for one in theirs])
        ious: Floats = np.minimum(found / np.maximum(areas - found, np.finfo(np.float64).tiny), 1.0)
        return ious

    def _moved_geometries(self, own: Rows, way: XY) -> NDArray[np.object_]:
        """Still on the grid that `planar.surface` rounds to."""
        geometries = np.array([self._surfaces[at].geometry for at in own.tolist()], dtype=object)
        points = shapely.get_coordinates(geometries)
        steps = np.round(self._ways(way)[own] / GRID) * GRID
        steps = np.repeat(steps, shapely.get_num_coordinates(geometries), axis=0)
        moved: NDArray[np.object_] = shapely.set_coordinates(geometries, points + steps)
        return moved

    def _ways(self, way: XY) -> Floats:
        """How far each moves: masks by whole pixels."""
        return np.where(self._is_mask[:, None], np.array([round(way[0]), round(way[1])]), np.array(way))

    @cached_property
    def _areas(self) -> Floats:
        return np.array([one.area for one in self._surfaces], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of a shape that moves and one that lies still, by row."""

    row: Rows
    own: Rows
    """Which of the company."""
    other: Rows
    """Which of `others`."""
    hope: Floats
    others: list[Surface]

    def only(self, at: Rows) -> _Pairs:
        return _Pairs(self.row[at], self.own[at], self.other[at], self.hope[at], self.others)


def _common(ours: NDArray[np.object_], theirs: NDArray[np.object_]) -> Floats:
    return np.asarray(shapely.area(shapely.intersection(ours, theirs)), dtype=np.float64)


def _shifted(strips: Spans, way: XY) -> Spans:
    dx, dy = round(way[0]), round(way[1])
    return Spans(strips.x + dx, strips.y0 + dy, strips.y1 + dy)
