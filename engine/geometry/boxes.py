"""Many boxes at once: (N, 4) float64 arrays of x0, y0, x1, y1, measured, cut and converted.

Legend: N boxes of `a`, M boxes of `b`. Empty boxes have area 0 and overlap nothing.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Boxes: TypeAlias = NDArray[np.float64]
"""(N, 4) float64: x0, y0, x1, y1."""


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


def iou(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """(N, M) intersection over union; 0 where both are empty."""
    common, either = _overlap(a, b)
    return np.divide(common, either, out=np.zeros_like(common), where=either > 0)


def iou_one(box: ArrayLike, boxes: Boxes) -> NDArray[np.float64]:
    """(N,) intersection over union of one box (four numbers) with each of many."""
    return iou(as_boxes(box), boxes)[0]


def giou(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """(N, M) generalised IoU in [-1, 1]: IoU less the share of the common hull that neither covers.

    Rezatofighi et al. 2019, equation 3. Where the hull has no area it is the IoU.
    """
    common, either = _overlap(a, b)
    low = np.minimum(a[:, None, :2], b[None, :, :2])
    high = np.maximum(a[:, None, 2:], b[None, :, 2:])
    hull = np.maximum(high - low, 0).prod(axis=2)
    unused = np.divide(hull - either, hull, out=np.zeros_like(hull), where=hull > 0)
    return np.asarray(np.divide(common, either, out=np.zeros_like(common), where=either > 0) - unused)


def _overlap(a: Boxes, b: Boxes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(N, M) areas of intersection and of union."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.maximum(high - low, 0).prod(axis=2)
    return common, area(a)[:, None] + area(b)[None, :] - common


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
