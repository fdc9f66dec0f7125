"""Shapes combined, cut, converted and clipped, each in its own kind as far as that can hold the result.

A mask stays a mask, and a box a box where the result is one; all else becomes a polygon. Keypoints have no area to
combine: they raise ValueError, but for `clipped`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Literal, TypeAlias

import shapely
from numpy.typing import ArrayLike

from engine.geometry import masks, planar
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox, Shape

Operation: TypeAlias = Literal["union", "subtract", "intersect"]
AreaKind: TypeAlias = Literal["box", "rotated_box", "polygon", "mask"]

_OF_MASKS: dict[Operation, Callable[[Mask, Mask], Mask]] = {
    "union": masks.union,
    "subtract": masks.subtract,
    "intersect": masks.intersect,
}
_OF_PLANES: dict[Operation, Callable[[Shape, Shape], Polygon]] = {
    "union": planar.union,
    "subtract": planar.subtract,
    "intersect": planar.intersect,
}
_RECTANGLE = 1e-9
"""By which share a polygon may differ from its bounds and still be a box."""


def combined(operation: Operation, first: Shape, *others: Shape) -> Shape:
    """The first shape with the others joined to it, taken from it, or cut to them; empty where nothing is left."""
    _refuse_keypoints(first, *others)
    if isinstance(first, Mask):
        return reduce(_OF_MASKS[operation], map(masks.of_shape, others), first)
    found = reduce(_OF_PLANES[operation], others, _plane(first))
    return _boxed(found) if isinstance(first, Box) else found


def pieces(shape: Shape, line: ArrayLike) -> tuple[Shape, ...]:
    """What a shape falls into along a line of (N, 2) points, the largest first; the shape alone where nothing is cut.

    Pieces of a mask share its pixels out: together they are the mask, and no two have a pixel in common.
    """
    _refuse_keypoints(shape)
    found = planar.split(shape, line)
    if len(found) < 2:
        return (shape,)
    if not isinstance(shape, Mask):
        return tuple(_boxed(piece) for piece in found) if isinstance(shape, Box) else found
    rest, cut = shape, list[Mask]()
    for piece in found[1:]:
        cut.append(masks.intersect(rest, masks.of_polygon(piece)))
        rest = masks.subtract(rest, cut[-1])
    return tuple(piece for piece in (rest, *cut) if not piece.is_empty)


def converted(shape: Shape, kind: AreaKind) -> Shape:
    """The shape as another kind: its upright or smallest rotated bounds, its outline, or its pixels.

    Raises ValueError for keypoints, a shape without area, and one too large for a mask.
    """
    _refuse_keypoints(shape)
    if shape.kind == kind:
        return shape
    match kind:
        case "box":
            return Box(*shape.bounds)
        case "rotated_box":
            return _smallest_rotated(shape)
        case "polygon":
            return _plane(shape)
        case "mask":
            return masks.of_shape(shape)


def clipped(shape: Shape, width: float, height: float) -> Shape | None:
    """What of a shape lies on a picture of this size, None where nothing does; a rotated box may become a polygon.

    Keypoints beyond the picture are not given any more.
    """
    x0, y0, x1, y1 = shape.bounds
    if isinstance(shape, Keypoints):
        on = ((x, y, v if 0 <= x <= width and 0 <= y <= height else 0) for x, y, v in shape.points)
        kept: Shape = Keypoints(tuple(on))
    elif x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height:
        kept = shape
    elif isinstance(shape, Mask):
        kept = masks.clip(shape, math.ceil(height), math.ceil(width))
    else:
        kept = combined("intersect", shape, Box(0, 0, width, height))
    return None if kept.is_empty else kept


def true_area(shape: Shape) -> float:
    """The area that a shape covers, by even-odd where it crosses itself; 0 for keypoints."""
    return shape.area if isinstance(shape, (Box, Mask)) else float(shapely.area(planar.surface(shape)))


def _plane(shape: Shape) -> Polygon:
    match shape:
        case Polygon():
            return shape
        case Box() | RotatedBox():
            return Polygon.of(shape.corners)
        case _:
            return planar.from_shapely(planar.surface(shape))


def _boxed(polygon: Polygon) -> Shape:
    """A polygon that is an upright rectangle as a box."""
    box = Box(*polygon.bounds)
    is_box = not polygon.is_empty and box.area - polygon.area <= _RECTANGLE * box.area
    return box if is_box else polygon


def _smallest_rotated(shape: Shape) -> RotatedBox:
    """The smallest rectangle around a shape; of its two ways to lie, the one turned by less than 45 degrees."""
    around = shapely.minimum_rotated_rectangle(planar.surface(shape))
    if not isinstance(around, shapely.Polygon) or around.is_empty:
        raise ValueError("a shape without area has no box around it")
    a, b, c = shapely.get_coordinates(around)[:3]
    along, across = b - a, c - b
    width, height = math.hypot(*along), math.hypot(*across)
    angle = math.degrees(math.atan2(along[1], along[0]))
    quarters = round(angle / 90)
    sides = (width, height) if quarters % 2 == 0 else (height, width)
    centre = (a + c) / 2
    return RotatedBox(float(centre[0]), float(centre[1]), *sides, angle - 90 * quarters)


def _refuse_keypoints(*shapes: Shape) -> None:
    if any(isinstance(shape, Keypoints) for shape in shapes):
        raise ValueError("keypoints have no area")
