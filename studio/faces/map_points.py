"""Faces as points of a plane: where each lies, and which are near a place or within an outline. Arithmetic alone.

Legend: N faces. Map coordinates go from 0 to SIDE, y downwards, with the same scale across and down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.geometry.shapes import XY, Bounds

SIDE = 1000
_EDGE = 0.03
"""The part of the map's side that stays free around the points."""

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class MapPoints:
    """What the map shows of each face, in the order of the vectors that were projected."""

    template_ids: Rows
    """(N,)."""
    places: Floats
    """(N, 2) in map coordinates."""
    people: Rows
    """(N,) whose face it is or may be, as a number that colour and mark come from; -1: nobody's."""
    is_sure: NDArray[np.bool_]
    """(N,) confirmed, so drawn full; others are hollow."""
    is_outlier: NDArray[np.bool_]
    """(N,) ringed."""

    def __len__(self) -> int:
        return len(self.template_ids)


NO_POINTS = MapPoints(
    np.empty(0, np.int64), np.empty((0, 2)), np.empty(0, np.int64), np.empty(0, np.bool_), np.empty(0, np.bool_)
)


def placed(projected: NDArray[np.floating]) -> Floats:
    """(N, 2) points of any scale in map coordinates: centred, nothing stretched."""
    points = projected.astype(np.float64)
    if not len(points):
        return np.empty((0, 2))
    low, high = points.min(axis=0), points.max(axis=0)
    reach = float((high - low).max()) or 1.0
    return np.asarray((points - (low + high) / 2) / reach * (1 - 2 * _EDGE) * SIDE + SIDE / 2)


def nearest(places: Floats, xy: XY, reach: float) -> int:
    """The row of the point nearest to a place, the last of equally near ones; -1 where none is within reach."""
    if not len(places):
        return -1
    squares = ((places - np.asarray(xy)) ** 2).sum(axis=1)
    row = len(squares) - 1 - int(np.argmin(squares[::-1]))
    return row if squares[row] <= reach * reach else -1


def within(places: Floats, bounds: Bounds) -> Rows:
    """The rows of the points in a rectangle x0, y0, x1, y1."""
    x0, y0, x1, y1 = bounds
    xs, ys = places[:, 0], places[:, 1]
    return np.flatnonzero((x0 <= xs) & (xs <= x1) & (y0 <= ys) & (ys <= y1))


def enclosed(places: Floats, outline: Floats) -> Rows:
    """The rows of the points inside an outline (M, 2) that closes itself; where it crosses itself, by even and odd."""
    if len(outline) < 3:
        return np.empty(0, np.int64)
    rows = within(places, _bounds(outline))
    xs, ys = places[rows, 0], places[rows, 1]
    is_inside = np.zeros(len(rows), np.bool_)
    for (x0, y0), (x1, y1) in zip(outline.tolist(), np.roll(outline, -1, axis=0).tolist(), strict=True):
        if y0 != y1:
            is_inside ^= ((y0 > ys) != (y1 > ys)) & (xs < (x1 - x0) * (ys - y0) / (y1 - y0) + x0)
    return rows[is_inside]


def _bounds(outline: Floats) -> Bounds:
    (x0, y0), (x1, y1) = outline.min(axis=0).tolist(), outline.max(axis=0).tolist()
    return x0, y0, x1, y1


def apart(places: Floats, room: float) -> Rows:
    """Rows of points of which no two are nearer than `room` both across and down, early ones first: tiles have room."""
    taken: dict[tuple[int, int], XY] = {}
    found = []
    cells = np.floor(places / room).astype(np.int64)
    _, firsts = np.unique(cells, axis=0, return_index=True)
    for row in np.sort(firsts).tolist():
        (column, line), (x, y) = cells[row].tolist(), places[row].tolist()
        around = (taken.get((column + across, line + down)) for across in (-1, 0, 1) for down in (-1, 0, 1))
        if not any(each is not None and abs(each[0] - x) < room and abs(each[1] - y) < room for each in around):
            taken[column, line] = (x, y)
            found.append(row)
    return np.array(found, np.int64)
