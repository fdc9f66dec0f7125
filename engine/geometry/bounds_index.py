"""Which of thousands of shapes lie about a place: a tree over their bounds that keeps up with edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from engine.geometry.shapes import Bounds

_MAX_FRESH = 64
"""How many changed bounds are looked through one by one before the tree is built anew (8 ms for 10,000)."""


class BoundsIndex:
    """Bounds by id; touching counts as meeting."""

    def __init__(self, bounds_by_id: Mapping[int, Bounds]) -> None:
        self._bounds_by_id = dict(bounds_by_id)
        self._fresh: dict[int, Bounds] = {}
        self._build()

    def __len__(self) -> int:
        return len(self._bounds_by_id)

    def put(self, item_id: int, bounds: Bounds) -> None:
        """Add an item, or move one."""
        self.put_all({item_id: bounds})

    def put_all(self, bounds_by_id: Mapping[int, Bounds]) -> None:
        """Add or move any number of items; those that come back to where they were, as by undo, cost nothing."""
        self._bounds_by_id.update(bounds_by_id)
        for item_id, bounds in bounds_by_id.items():
            if self._in_tree.get(item_id) == bounds:
                self._fresh.pop(item_id, None)
            else:
                self._fresh[item_id] = bounds
        if len(self._fresh) > _MAX_FRESH:
            self._build()

    def drop(self, item_id: int) -> None:
        """Forget an item; raises KeyError where there is none."""
        self.drop_all((item_id,))

    def drop_all(self, item_ids: Iterable[int]) -> None:
        """Forget any number of items; raises KeyError for one that is not there."""
        for item_id in item_ids:
            del self._bounds_by_id[item_id]
            self._fresh.pop(item_id, None)

    def meeting(self, bounds: Bounds) -> list[int]:
        """The ids whose bounds meet these, in no order."""
        found = self._ids[self._tree.query(shapely.box(*bounds))].tolist()
        ids = [item_id for item_id in found if item_id in self._bounds_by_id and item_id not in self._fresh]
        return ids + [item_id for item_id, fresh in self._fresh.items() if _meet(fresh, bounds)]

    def pairs(self, rows: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Of (N, 4) bounds, the rows and the ids that meet, pair by pair, in no order."""
        row, at = self._tree.query(shapely.box(*rows.T))
        ids = self._ids[at]
        if len(self._in_tree) != len(self._bounds_by_id) or self._fresh:
            is_so = [id_ in self._bounds_by_id and id_ not in self._fresh for id_ in ids.tolist()]
            row, ids = row[is_so], ids[is_so]
        fresh = [
            (at, item_id)
            for item_id, bounds in self._fresh.items()
            for at in np.flatnonzero(_rows_meeting(rows, bounds)).tolist()
        ]
        more = np.array(fresh, dtype=np.int64).reshape(-1, 2)
        return np.concatenate([row, more[:, 0]]), np.concatenate([ids, more[:, 1]])

    def _build(self) -> None:
        self._in_tree = dict(self._bounds_by_id)
        rows = np.array(list(self._bounds_by_id.values()), dtype=np.float64).reshape(-1, 4)
        self._ids = np.array(list(self._bounds_by_id), dtype=np.int64)
        self._tree = shapely.STRtree(shapely.box(*rows.T))
        self._fresh.clear()


def _meet(a: Bounds, b: Bounds) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _rows_meeting(rows: NDArray[np.float64], bounds: Bounds) -> NDArray[np.bool_]:
    x0, y0, x1, y1 = rows.T
    met: NDArray[np.bool_] = (x0 <= bounds[2]) & (bounds[0] <= x1) & (y0 <= bounds[3]) & (bounds[1] <= y1)
    return met
