"""Shapes as columns of a row: packed, with their bounds and area beside them for queries."""

from __future__ import annotations

import math
import struct

from engine.errors import UserError
from engine.geometry.packing import pack, unpack
from engine.geometry.shapes import Keypoints, Shape, ShapeKind


def columns_of(shape: Shape) -> tuple[ShapeKind, bytes, float, float, float, float, float]:
    """kind, geometry, x0, y0, x1, y1, area; raises UserError for a shape that cannot be kept."""
    noun = shape.kind.replace("_", " ")
    if shape.is_empty:
        raise UserError(f"An empty {noun} cannot be kept.", "Draw it larger.")
    try:
        values = (shape.kind, pack(shape), *shape.bounds, shape.area)
    except (ValueError, OverflowError, struct.error) as error:
        raise UserError(f"A {noun} with coordinates out of all bounds cannot be kept.") from error
    points = shape.points if isinstance(shape, Keypoints) else ()
    if not all(map(math.isfinite, (*values[2:], *(number for point in points for number in point)))):
        raise UserError(f"A {noun} with coordinates out of all bounds cannot be kept.")
    return values


def packed_keypoints(keypoints: Keypoints | None) -> bytes | None:
    """The column of the keypoints beside a shape; raises UserError for keypoints that cannot be kept."""
    if keypoints is None:
        return None
    if not all(math.isfinite(number) for point in keypoints.points for number in point):
        raise UserError("Keypoints with coordinates out of all bounds cannot be kept.")
    return pack(keypoints)


def keypoints_of(packed: bytes | None) -> Keypoints | None:
    """The keypoints beside a shape, or None; raises ValueError when they are damaged."""
    if packed is None:
        return None
    shape = unpack("keypoints", packed)
    return shape if isinstance(shape, Keypoints) else None
