"""A shape as bytes for the project file, and back. Little-endian; a packed shape names no kind: its row does."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np

from engine.geometry.shapes import Box, Keypoints, Mask, Part, Polygon, RotatedBox, Shape, ShapeKind

_BOX = struct.Struct("<4d")
_ROTATED = struct.Struct("<5d")
_WINDOW = struct.Struct("<iiII")


def pack(shape: Shape) -> bytes:
    """The bytes of one shape; `unpack(shape.kind, pack(shape)) == shape`."""
    match shape:
        case Box(x0, y0, x1, y1):
            return _BOX.pack(x0, y0, x1, y1)
        case RotatedBox(cx, cy, width, height, angle):
            return _ROTATED.pack(cx, cy, width, height, angle)
        case Polygon(parts):
            return _pack_polygon(parts)
        case Mask():
            window = _WINDOW.pack(shape.x, shape.y, shape.width, shape.height)
            return window + shape.counts.astype("<u4").tobytes()
        case Keypoints(points):
            return np.array(points, dtype="<f8").reshape(-1, 3).tobytes()


def unpack(kind: ShapeKind, packed: bytes) -> Shape:
    """The shape that was packed; raises ValueError when the bytes are no such shape (a damaged file)."""
    try:
        return _UNPACK[kind](packed)
    except (KeyError, IndexError, OverflowError, struct.error) as error:
        raise ValueError(f"not a packed {kind}: {error}") from error


def _pack_polygon(parts: tuple[Part, ...]) -> bytes:
    """Layout: uint32 [n_parts, then per part: n_rings, then the points in each ring], then float64 x, y of all."""
    header: list[int] = [len(parts)]
    for part in parts:
        header += [len(part.rings), *(len(points) for points in part.rings)]
    body = b"".join(points.astype("<f8").tobytes() for part in parts for points in part.rings)
    return np.array([len(header), *header], dtype="<u4").tobytes() + body


def _unpack_polygon(packed: bytes) -> Polygon:
    (n_header,) = struct.unpack_from("<I", packed)
    header = np.frombuffer(packed, dtype="<u4", count=n_header, offset=4).tolist()
    points = np.frombuffer(packed, dtype="<f8", offset=4 + 4 * n_header).reshape(-1, 2)
    parts, at, start = [], 1, 0
    for _ in range(header[0]):
        n_rings = header[at]
        rings = []
        for n_points in header[at + 1 : at + 1 + n_rings]:
            rings.append(points[start : start + n_points])
            start += n_points
        at += 1 + n_rings
        parts.append(Part(rings[0], tuple(rings[1:])))
    if start != len(points):
        raise ValueError("not a packed polygon: points left over")
    return Polygon(tuple(parts))


def _unpack_mask(packed: bytes) -> Mask:
    counts = np.frombuffer(packed, dtype="<u4", offset=_WINDOW.size)
    x, y, width, height = _WINDOW.unpack_from(packed)
    mask = Mask(x, y, width, height, counts)
    if int(counts.sum(dtype=np.int64)) != mask.width * mask.height:
        raise ValueError("not a packed mask: its runs do not fill its window")
    return mask


def _unpack_keypoints(packed: bytes) -> Keypoints:
    return Keypoints.of(np.frombuffer(packed, dtype="<f8").reshape(-1, 3).tolist())


_UNPACK: dict[ShapeKind, Callable[[bytes], Shape]] = {
    "box": lambda packed: Box(*_BOX.unpack(packed)),
    "rotated_box": lambda packed: RotatedBox(*_ROTATED.unpack(packed)),
    "polygon": _unpack_polygon,
    "mask": _unpack_mask,
    "keypoints": _unpack_keypoints,
}
