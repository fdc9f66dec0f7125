"""A shape as a file has it becomes one that lies on its picture: upright, inside, of some area; or is refused in words.

- A picture stored sideways whose stated size is the stored one was annotated sideways: its shapes are turned upright.
  Where both sizes are the same (square pictures, half turns) shapes are taken to be upright, as tools draw them today.
- What reaches outside by at most half the picture's size is clipped; what lies further out is refused.
"""

from __future__ import annotations

from dataclasses import replace

import shapely

from engine.formats._fields import Reject
from engine.formats._pages import Item
from engine.geometry import masks, planar
from engine.geometry.shapes import Bounds, Box, Keypoints, Mask, Polygon, RotatedBox, Shape
from engine.geometry.spaces import Affine, transform
from engine.pictures import PictureHead

ROUNDING = 1e-6
"""Reaching outside by less (pixels) is rounding, and put right without a word."""


def turning(head: PictureHead, stated: tuple[int, int] | None) -> Affine | None:
    """How to turn shapes on this picture upright, None where they are; `stated` is (width, height) by the format."""
    if stated == head.raw_size and stated != head.size:
        return Affine.exif(head.orientation, *head.raw_size)
    return None


def settled(item: Item, turn: Affine | None, size: tuple[int, int]) -> tuple[Item, bool]:
    """The item on its upright picture of (width, height), and whether it was clipped; raises Reject in words."""
    shape = transform(item.shape, turn) if turn else item.shape
    points = transform(item.keypoints, turn) if turn and item.keypoints else item.keypoints
    if shape.is_empty:
        raise Reject("it has no point" if isinstance(shape, Keypoints) else "it has no area")
    shape, outside = _inside(shape, size)
    if isinstance(points, Keypoints):
        points, points_outside = _inside(points, size) if points.given else (None, False)
        outside = outside or points_outside
    assert points is None or isinstance(points, Keypoints)
    same = shape is item.shape and points is item.keypoints
    return (item if same else replace(item, shape=shape, keypoints=points)), outside


def _inside(shape: Shape, size: tuple[int, int]) -> tuple[Shape, bool]:
    """What lies on the picture, and whether that is less than all."""
    width, height = size
    x0, y0, x1, y1 = shape.bounds
    overshoot = max(-x0, x1 - width, -y0, y1 - height)
    if overshoot <= 0:
        return shape, False
    if max(-x0, x1 - width) > width / 2 or max(-y0, y1 - height) > height / 2:
        raise Reject(f"it lies far outside its picture of {width} x {height}")
    inside = _clipped(shape, (0.0, 0.0, float(width), float(height)))
    if inside.is_empty:
        raise Reject(f"it lies outside its picture of {width} x {height}")
    return inside, overshoot > ROUNDING and inside != shape


def _clipped(shape: Shape, window: Bounds) -> Shape:
    _, _, width, height = window
    match shape:
        case Box(x0, y0, x1, y1):
            return Box(max(x0, 0.0), max(y0, 0.0), min(x1, width), min(y1, height))
        case RotatedBox():  # its corners may well reach outside: clipped, it would be none
            return shape if 0 <= shape.cx <= width and 0 <= shape.cy <= height else RotatedBox(0, 0, 0, 0, 0)
        case Mask():
            return masks.clip(shape, int(height), int(width))
        case Keypoints(points):
            return Keypoints(tuple((min(max(x, 0.0), width), min(max(y, 0.0), height), v) for x, y, v in points))
        case Polygon():
            return _clipped_polygon(shape, window)


def _clipped_polygon(polygon: Polygon, window: Bounds) -> Polygon:
    try:
        return planar.intersect(polygon, Box(*window))
    except (shapely.GEOSException, ValueError) as error:
        raise Reject("its outline crosses itself too often to be clipped") from error
