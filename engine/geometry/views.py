"""A mask as a polygon that a hand can edit, and what shapes of several parts and holes are made of.

A mask's exact outline has a corner for every step between pixels. Smoothed by less than a pixel it has a few of them,
and drawn again it differs from the mask only in pixels at its border: box, polygon and mask are views of one object.
"""

from __future__ import annotations

from engine.geometry import masks, planar
from engine.geometry.shapes import Mask, Polygon, Shape

SMOOTH = 0.71
"""Pixels by which a mask's outline is smoothed: the corners of a diagonal's stairs lie at most so far off it."""


def smooth_outline(mask: Mask) -> Polygon:
    """The outline of a mask with as few vertices as it needs to be true to a pixel."""
    return planar.simplify(masks.to_polygon(mask), SMOOTH)


def without_holes(shape: Shape) -> Shape:
    """A polygon or a mask with its holes filled; other shapes have none."""
    match shape:
        case Polygon(parts) if any(part.holes for part in parts):
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
