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
    if not all(map(math.isfinite, values[2:])):
        raise UserError(f"A {noun} with coordinates out of all bounds cannot be kept.")
    return values


def keypoints_of(packed: bytes | None) -> Keypoints | None:
    """The keypoints beside a shape, or None; raises ValueError when they are damaged."""
    if packed is None:
        return None
    shape = unpack("keypoints", packed)
    return shape if isinstance(shape, Keypoints) else None
