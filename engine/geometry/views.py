"""One object in several views: a box, a turned box, a polygon with holes and parts, a mask, each made of any other.

The views agree: a box is the bounds of all, a mask is drawn by the pixel-centre rule. A mask's outline has a corner for
every step between pixels, which nobody could edit; the polygon view is smoothed by less than a pixel, so that drawn
again it differs from the mask only in pixels at its border.
"""

from __future__ import annotations

import math

import numpy as np
import shapely

from engine.geometry import masks, planar
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox, Shape

SMOOTH = 0.71
"""Pixels by which a mask's outline is smoothed: the corners of a diagonal's stairs lie at most so far off it."""


def as_box(shape: Shape) -> Box:
    """The smallest upright box around a shape."""
    return Box(*shape.bounds)


def as_rotated_box(shape: Shape) -> RotatedBox:
    """The smallest box at any angle around a shape, its angle from -45 up to 45 degrees, without 45."""
    if isinstance(shape, RotatedBox):
        return shape
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(planar.surface(shape)))
    if len(corners) < 4:
        box = as_box(shape)
        return RotatedBox((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, box.width, box.height, 0.0)
    (cx, cy), first, second = corners[:4].mean(axis=0), corners[1] - corners[0], corners[2] - corners[1]
    quarters, angle = divmod(math.degrees(math.atan2(first[1], first[0])) + 45, 90)
    sides = float(np.hypot(*first)), float(np.hypot(*second))
    width, height = sides if quarters % 2 == 0 else sides[::-1]
    return RotatedBox(float(cx), float(cy), width, height, angle - 45)


def as_polygon(shape: Shape) -> Polygon:
    """The outline of a shape, of a mask smoothed to fewer vertices; keypoints have none."""
    match shape:
        case Polygon():
            return shape
        case Mask():
            return planar.simplify(masks.to_polygon(shape), SMOOTH)
        case Box() | RotatedBox():
            return Polygon.of(shape.corners)
        case Keypoints():
            return Polygon(())


def as_mask(shape: Shape, height: int, width: int) -> Mask:
    """The pixels of a shape on a picture of this size."""
    return masks.clip(masks.of_shape(shape), height, width)


def without_holes(shape: Shape) -> Shape:
    """A polygon or a mask with its holes filled; other shapes have none."""
    match shape:
        case Polygon(parts):
            # United, for a hole may hold another part.
            return planar.union(*(Polygon.of(part.outer) for part in parts))
        case Mask():
            return masks.of_polygon(planar.union(*(Polygon.of(part.outer) for part in masks.to_polygon(shape).parts)))
    return shape


def parts_of(shape: Shape) -> tuple[Shape, ...]:
    """The separate parts of a polygon or a mask, the largest first; other shapes are one."""
    match shape:
        case Polygon(parts) if len(parts) > 1:
            return tuple(sorted((Polygon((part,)) for part in parts), key=lambda part: -part.area))
        case Mask():
            drawn = [masks.of_polygon(Polygon((part,))) for part in masks.to_polygon(shape).parts]
            return tuple(sorted(drawn, key=lambda part: -part.area)) or (shape,)
    return (shape,)
