"""What is under the pointer: vertex before handle before edge before body, as a frozen Pick. No state, no window."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.geometry.bounds_index import BoundsIndex
from engine.geometry.nearness import Nearness
from engine.geometry.shapes import XY, Box, Keypoints, RotatedBox, Shape
from engine.geometry.shaping import Handle, Place, handles

PickKind: TypeAlias = Literal["vertex", "handle", "edge", "body"]

TURN_REACH = 4.0
"""How far beyond its box the handle that turns it lies, in tolerances."""

_PRIORITY: Mapping[PickKind, int] = {"vertex": 0, "handle": 1, "edge": 2, "body": 3}


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the pointer is and what it may take hold of."""

    xy_image: XY
    tolerance: float
    """How far off a vertex, handle or edge may be, in image pixels."""
    selected: frozenset[int] = frozenset()
    """Annotations that offer their vertices and handles."""
    cycle: int = 0
    """How often the same place was clicked before: each time the next annotation under it is picked, then again."""


@dataclass(frozen=True, slots=True)
class Pick:
    """What of which annotation is under the pointer."""

    kind: PickKind
    annotation_id: int
    distance: float
    """From the pointer, in image pixels; 0 on a body."""
    place: Place | None = None
    """The vertex, or the edge that begins there; the edges of a box count from its top, clockwise."""
    handle: Handle | None = None


class PickIndex:
    """Shapes by annotation id, in the order in which they are painted: the last lies on top."""

    def __init__(self, shapes_by_id: Mapping[int, Shape]) -> None:
        self._targets = {annotation_id: Nearness(shape) for annotation_id, shape in shapes_by_id.items()}
        self._rank = {annotation_id: rank for rank, annotation_id in enumerate(shapes_by_id)}
        self._next_rank = len(self._rank)
        self._dropped: dict[int, tuple[Nearness, int]] = {}
        """What is known of shapes that may come back, as by undo, and where they lay in the pile."""
        self._index = BoundsIndex({annotation_id: near.bounds for annotation_id, near in self._targets.items()})

    def __len__(self) -> int:
        return len(self._targets)

    def put(self, annotation_id: int, shape: Shape) -> None:
        """Change a shape where it lies, or add one on top."""
        self.put_all({annotation_id: shape})

    def put_all(self, shapes_by_id: Mapping[int, Shape]) -> None:
        """Change any number of shapes, or add them on top; those that were dropped come back to where they lay."""
        put = {annotation_id: self._near(annotation_id, shape) for annotation_id, shape in shapes_by_id.items()}
        self._targets.update(put)
        self._index.put_all({annotation_id: near.bounds for annotation_id, near in put.items()})
        for annotation_id in put:
            if annotation_id not in self._rank:
                self._rank[annotation_id] = self._next_rank
                self._next_rank += 1

    def drop(self, annotation_id: int) -> None:
        """Forget a shape; raises KeyError where there is none."""
        self.drop_all((annotation_id,))

    def drop_all(self, annotation_ids: Sequence[int]) -> None:
        """Forget any number of shapes; raises KeyError for one that is not there."""
        for annotation_id in annotation_ids:
            self._dropped[annotation_id] = (self._targets.pop(annotation_id), self._rank.pop(annotation_id))
        self._index.drop_all(annotation_ids)

    def _near(self, annotation_id: int, shape: Shape) -> Nearness:
        near, rank = self._dropped.pop(annotation_id, (None, 0))
        if near is None or near.shape is not shape:
            return Nearness(shape)
        self._rank[annotation_id] = rank
        return near

    def pick(self, aim: Aim) -> Pick | None:
        """What is under the pointer, None where nothing is."""
        found = self.all(aim)
        return found[aim.cycle % len(found)] if found else None

    def all(self, aim: Aim) -> tuple[Pick, ...]:
        """The best pick of every annotation under the pointer, best first.

        Vertices before handles before edges before bodies; of bodies the smallest, else the nearest, else the topmost.
        """
        (x, y), reach = aim.xy_image, aim.tolerance
        near = set(self._index.meeting((x - reach, y - reach, x + reach, y + reach)))
        # A selected box can be turned by a handle that lies outside its bounds.
        near |= aim.selected & self._targets.keys()
        picks = (_pick_one(annotation_id, self._targets[annotation_id], aim) for annotation_id in near)
        return tuple(sorted((pick for pick in picks if pick), key=lambda pick: self._order(pick, aim)))

    def _order(self, pick: Pick, aim: Aim) -> tuple[int, float, bool, int]:
        key = self._targets[pick.annotation_id].area if pick.kind == "body" else pick.distance
        is_other = pick.annotation_id not in aim.selected
        return _PRIORITY[pick.kind], key, is_other, -self._rank[pick.annotation_id]


def pick(shapes_by_id: Mapping[int, Shape], aim: Aim) -> Pick | None:
    """What is under the pointer among a few shapes, the last of which lies on top; see PickIndex for many."""
    return PickIndex(shapes_by_id).pick(aim)


def _pick_one(annotation_id: int, near: Nearness, aim: Aim) -> Pick | None:
    """The best pick of one shape."""
    is_selected = annotation_id in aim.selected
    return (
        (_vertex(annotation_id, near, aim) if is_selected else None)
        or (_handle(annotation_id, near.shape, aim) if is_selected else None)
        or _edge(annotation_id, near, aim)
        or _body(annotation_id, near, aim)
    )


def _vertex(annotation_id: int, near: Nearness, aim: Aim) -> Pick | None:
    # A box has handles where a polygon has vertices.
    found = None if isinstance(near.shape, (Box, RotatedBox)) else near.vertex(aim.xy_image)
    if found is None or found[0] > aim.tolerance:
        return None
    return Pick("vertex", annotation_id, found[0], place=found[1])


def _handle(annotation_id: int, shape: Shape, aim: Aim) -> Pick | None:
    if not isinstance(shape, (Box, RotatedBox)):
        return None
    places = handles(shape, TURN_REACH * aim.tolerance)
    distance, nearest = min((math.dist(xy, aim.xy_image), name) for name, xy in places.items())
    return Pick("handle", annotation_id, distance, handle=nearest) if distance <= aim.tolerance else None


def _edge(annotation_id: int, near: Nearness, aim: Aim) -> Pick | None:
    found = near.edge(aim.xy_image)
    if found is None or found[0] > aim.tolerance:
        return None
    return Pick("edge", annotation_id, found[0], place=found[1])


def _body(annotation_id: int, near: Nearness, aim: Aim) -> Pick | None:
    if near.contains(aim.xy_image):
        return Pick("body", annotation_id, 0.0)
    found = near.vertex(aim.xy_image) if isinstance(near.shape, Keypoints) else None
    return Pick("body", annotation_id, found[0]) if found and found[0] <= aim.tolerance else None
