"""What a hand does to one shape: vertices moved, put in and taken out, handles dragged, the whole moved. All pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.geometry.shapes import XY, Box, Keypoints, Mask, Part, Polygon, Ring, RotatedBox, Shape

Handle: TypeAlias = Literal["nw", "n", "ne", "e", "se", "s", "sw", "w", "turn"]
"""The corners and sides of a box by compass, north being up at angle 0; "turn" is a rotated box's alone."""
AnyBox = TypeVar("AnyBox", Box, RotatedBox)
Vertexed = TypeVar("Vertexed", Polygon, Keypoints)

COMPASS: Mapping[Handle, XY] = {
    "nw": (-1, -1), "n": (0, -1), "ne": (1, -1), "e": (1, 0), "se": (1, 1), "s": (0, 1), "sw": (-1, 1), "w": (-1, 0),
}  # fmt: skip
"""Where each handle lies, in half sides from the centre."""


@dataclass(frozen=True, slots=True)
class Place:
    """A vertex of a polygon, or the edge from it to the next; of keypoints `vertex` alone counts."""

    vertex: int
    ring: int = 0
    """0 is a part's outer ring, its holes follow."""
    part: int = 0


def move_vertex(shape: Vertexed, place: Place, xy: XY) -> Vertexed:
    """The shape with one vertex moved to `xy`; a keypoint that was not given is given then."""
    if isinstance(shape, Keypoints):
        points = list(shape.points)
        points[place.vertex] = (*xy, points[place.vertex][2] or 2)
        return Keypoints(tuple(points))
    return _with_ring(shape, place, lambda points: _replaced(points, place.vertex, xy))


def insert_vertex(polygon: Polygon, place: Place, xy: XY) -> Polygon:
    """The polygon with a vertex at `xy` on the edge that begins at `place`."""
    return _with_ring(polygon, place, lambda points: _frozen(np.insert(points, place.vertex + 1, xy, axis=0)))


def remove_vertex(polygon: Polygon, place: Place) -> Polygon:
    """The polygon without this vertex; unchanged where the ring has but three."""
    return _with_ring(
        polygon, place, lambda points: _frozen(np.delete(points, place.vertex, axis=0)) if len(points) > 3 else points
    )


def handles(box: Box | RotatedBox, turn_reach: float = 0.0) -> dict[Handle, XY]:
    """Where a box's handles lie, in image pixels; "turn" is `turn_reach` beyond the middle of a rotated box's north."""
    if isinstance(box, Box):
        x, y, half_width, half_height = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, box.width / 2, box.height / 2
        return {name: (x + dx * half_width, y + dy * half_height) for name, (dx, dy) in COMPASS.items()}
    places = {name: _out_of(box, (dx * box.width / 2, dy * box.height / 2)) for name, (dx, dy) in COMPASS.items()}
    places["turn"] = _out_of(box, (0.0, -box.height / 2 - turn_reach))
    return places


def drag_handle(box: AnyBox, handle: Handle, xy: XY) -> AnyBox:
    """The box with one of its handles pulled to `xy`; the side or corner opposite stays where it is.

    A box pulled through itself comes out on the other side. Pulling "turn" turns a rotated box about its centre.
    """
    if isinstance(box, Box):
        return _drag_box(box, handle, xy)
    if handle == "turn":
        return replace(box, angle=math.degrees(math.atan2(xy[0] - box.cx, box.cy - xy[1])))
    half_width, half_height = box.width / 2, box.height / 2
    local = _drag_box(Box(-half_width, -half_height, half_width, half_height), handle, _into(box, xy))
    cx, cy = _out_of(box, ((local.x0 + local.x1) / 2, (local.y0 + local.y1) / 2))
    return replace(box, cx=cx, cy=cy, width=local.width, height=local.height)


def moved(shape: Shape, dx: float, dy: float) -> Shape:
    """The shape moved by so many pixels; a mask by whole ones, the nearest."""
    match shape:
        case Box(x0, y0, x1, y1):
            return Box(x0 + dx, y0 + dy, x1 + dx, y1 + dy)
        case RotatedBox():
            return replace(shape, cx=shape.cx + dx, cy=shape.cy + dy)
        case Polygon(parts):
            return Polygon(tuple(_moved_part(part, dx, dy) for part in parts))
        case Mask():
            return shape if shape.is_empty else replace(shape, x=shape.x + round(dx), y=shape.y + round(dy))
        case Keypoints(points):
            return Keypoints(tuple((x + dx, y + dy, v) if v > 0 else (x, y, v) for x, y, v in points))


def _drag_box(box: Box, handle: Handle, xy: XY) -> Box:
    dx, dy = COMPASS[handle]
    west, east = (xy[0] if dx < 0 else box.x0), (xy[0] if dx > 0 else box.x1)
    north, south = (xy[1] if dy < 0 else box.y0), (xy[1] if dy > 0 else box.y1)
    return Box.between((west, north), (east, south))


def _out_of(box: RotatedBox, local: XY) -> XY:
    """A point given from the box's centre along its sides, in image pixels."""
    cos, sin = math.cos(math.radians(box.angle)), math.sin(math.radians(box.angle))
    return box.cx + cos * local[0] - sin * local[1], box.cy + sin * local[0] + cos * local[1]


def _into(box: RotatedBox, xy: XY) -> XY:
    cos, sin = math.cos(math.radians(box.angle)), math.sin(math.radians(box.angle))
    x, y = xy[0] - box.cx, xy[1] - box.cy
    return cos * x + sin * y, cos * y - sin * x


def _with_ring(polygon: Polygon, place: Place, change: Callable[[Ring], Ring]) -> Polygon:
    part = polygon.parts[place.part]
    rings = [change(points) if at == place.ring else points for at, points in enumerate(part.rings)]
    changed = Part(rings[0], tuple(rings[1:]))
    return Polygon((*polygon.parts[: place.part], changed, *polygon.parts[place.part + 1 :]))


def _replaced(points: Ring, vertex: int, xy: XY) -> Ring:
    changed = points.copy()
    changed[vertex] = xy
    return _frozen(changed)


def _frozen(points: NDArray[np.float64]) -> Ring:
    """As `shapes.ring`, but keeps a last point that lies on the first: being dragged there it is still a vertex."""
    if not np.isfinite(points).all():
        raise ValueError("a ring's coordinates must be finite")
    points.setflags(write=False)
    return points


def _moved_part(part: Part, dx: float, dy: float) -> Part:
    rings = [_frozen(points + np.array([dx, dy])) for points in part.rings]
    return Part(rings[0], tuple(rings[1:]))
