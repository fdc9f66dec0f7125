"""Paths: shapes as Qt's painter paths in image pixels, made from arrays without a Python call per point."""

from __future__ import annotations

import struct

import numpy as np
from PySide6.QtCore import QByteArray, QDataStream, Qt
from PySide6.QtGui import QPainterPath

from engine.geometry.outlines import to_polygon
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, Ring, RotatedBox, Shape

_ELEMENT = np.dtype([("type", ">i4"), ("x", ">f8"), ("y", ">f8")])
_MOVE_TO, _LINE_TO = 0, 1


def path_of(shape: Shape) -> QPainterPath:
    """The closed outline of a shape, to be filled by even-odd; a mask's runs along its pixels, keypoints have none."""
    match shape:
        case Box() | RotatedBox():
            return of_rings([shape.corners])
        case Polygon():
            return of_rings(list(shape.rings))
        case Mask():
            return of_rings(list(to_polygon(shape).rings))
        case Keypoints():
            return QPainterPath()


def of_rings(rings: list[Ring]) -> QPainterPath:
    """One path of closed rings.

    Qt's own stream format carries them over: a count, then (type, x, y) of each element, then the index of the last
    ring's start and the fill rule. Adding points one by one takes twenty times as long.
    """
    n_elements = sum(len(points) + 1 for points in rings)
    elements = np.full(n_elements, 0, _ELEMENT)
    elements["type"] = _LINE_TO
    at = 0
    for points in rings:
        end = at + len(points)
        elements["type"][at] = _MOVE_TO
        elements["x"][at:end], elements["y"][at:end] = points[:, 0], points[:, 1]
        elements[end] = (_LINE_TO, *points[0])
        last, at = at, end + 1
    if not rings:
        return QPainterPath()
    tail = struct.pack(">ii", last, Qt.FillRule.OddEvenFill.value)
    stream_bytes = QByteArray(struct.pack(">i", n_elements) + elements.tobytes() + tail)
    path = QPainterPath()
    QDataStream(stream_bytes) >> path
    return path
