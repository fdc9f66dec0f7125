"""Many boxes at once: (N, 4) float64 arrays of x0, y0, x1, y1, measured, cut and converted.

Legend: N boxes of `a`, M boxes of `b`. Empty boxes have area 0 and overlap nothing.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Boxes: TypeAlias = NDArray[np.float64]
"""(N, 4) float64: x0, y0, x1, y1."""
Matrix: TypeAlias = NDArray[np.float64]


def as_boxes(rows: ArrayLike) -> Boxes:
    """(N, 4) boxes from any rows of four numbers; no rows give (0, 4)."""
    return np.asarray(rows, dtype=np.float64).reshape(-1, 4)


def valid(boxes: Boxes) -> NDArray[np.bool_]:
    """(N,) whether each is finite and has positive sides."""
    positive = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    return np.isfinite(boxes).all(axis=1) & positive


def area(boxes: Boxes) -> NDArray[np.float64]:
    """(N,) areas."""
    sides = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    return np.asarray(sides[:, 0] * sides[:, 1])


def iou(a: Boxes, b: Boxes) -> Matrix:
    """(N, M) intersection over union; 0 where both are empty."""
    common = _common(a, b)
    return _share(common, area(a)[:, None] + area(b)[None, :] - common)


def iou_one(box: ArrayLike, boxes: Boxes) -> NDArray[np.float64]:
    """(N,) intersection over union of one box (four numbers) with each of many."""
    return iou(as_boxes(box), boxes).reshape(-1)


def giou(a: Boxes, b: Boxes) -> Matrix:
    """(N, M) generalised IoU in [-1, 1]: IoU less the share of the common hull that neither covers.

    Rezatofighi et al. 2019, equation 3. Where the hull has no area it is the IoU.
    """
    common, hull = _common(a, b), _hull(a, b)
    either = area(a)[:, None] + area(b)[None, :] - common
    return np.asarray(_share(common, either) - _share(hull - either, hull))


def _common(a: Boxes, b: Boxes) -> Matrix:
    """(N, M) areas of the intersections; by axis, for an (N, M, 2) array would cost more than the arithmetic."""
    width, height = (
        np.maximum(np.minimum(a[:, None, axis + 2], b[:, axis + 2]) - np.maximum(a[:, None, axis], b[:, axis]), 0)
        for axis in (0, 1)
    )
    return np.asarray(width * height)


def _hull(a: Boxes, b: Boxes) -> Matrix:
    """(N, M) areas of the smallest boxes around each pair."""
    width, height = (
        np.maximum(np.maximum(a[:, None, axis + 2], b[:, axis + 2]) - np.minimum(a[:, None, axis], b[:, axis]), 0)
        for axis in (0, 1)
    )
    return np.asarray(width * height)


def _share(part: Matrix, whole: Matrix) -> Matrix:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def clip(boxes: Boxes, width: float, height: float) -> Boxes:
    """The boxes cut to a picture of this size; what lies outside ends up with no area, see `valid`."""
    return np.clip(boxes, 0, np.array([width, height, width, height], dtype=np.float64))


def from_xywh(rows: ArrayLike) -> Boxes:
    """Boxes from rows of x0, y0, width, height (COCO's)."""
    boxes = as_boxes(rows)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def to_xywh(boxes: Boxes) -> NDArray[np.float64]:
    """(N, 4) rows of x0, y0, width, height."""
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


def from_cxcywh(rows: ArrayLike) -> Boxes:
    """Boxes from rows of centre x, centre y, width, height (YOLO's)."""
    boxes = as_boxes(rows)
    half = boxes[:, 2:] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)


def to_cxcywh(boxes: Boxes) -> NDArray[np.float64]:
    """(N, 4) rows of centre x, centre y, width, height."""
    sides = boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([boxes[:, :2] + sides / 2, sides], axis=1)
