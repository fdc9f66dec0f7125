"""Snapping: the vertex of a neighbour near a point, else the nearest point of its border."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from engine.geometry.outlines import to_polygon
from engine.geometry.shapes import XY, Box, Keypoints, Mask, Ring, RotatedBox, Shape


def snapped(xy: XY, shapes: Iterable[Shape], tolerance: float) -> XY | None:
    """The nearest vertex within `tolerance` pixels, else the nearest point of a border; None where both are farther.

    Keypoints have vertices alone.
    """
    given = list(shapes)
    vertices = [_nearest_vertex(xy, points) for shape in given for points in _points(shape)]
    borders = [_nearest_on(xy, points) for shape in given for points in _rings(shape)]
    for found in (vertices, borders):
        if found and (best := min(found))[0] <= tolerance:
            return best[1]
    return None


def _rings(shape: Shape) -> list[Ring]:
    match shape:
        case Box() | RotatedBox():
            return [shape.corners]
        case Mask():
            return list(to_polygon(shape).rings)
        case Keypoints():
            return []
    return list(shape.rings)


def _points(shape: Shape) -> list[Ring]:
    if isinstance(shape, Keypoints):
        return [np.array(shape.given, dtype=np.float64)] if shape.given else []
    return _rings(shape)


def _nearest_vertex(xy: XY, points: Ring) -> tuple[float, XY]:
    distances = np.hypot(*(points - xy).T)
    at = int(distances.argmin())
    return float(distances[at]), (float(points[at, 0]), float(points[at, 1]))


def _nearest_on(xy: XY, points: Ring) -> tuple[float, XY]:
    steps = np.roll(points, -1, axis=0) - points
    lengths = np.maximum((steps**2).sum(axis=1), np.finfo(np.float64).tiny)
    along = np.clip(((xy - points) * steps).sum(axis=1) / lengths, 0, 1)
    return _nearest_vertex(xy, points + along[:, None] * steps)
