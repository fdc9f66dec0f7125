"""What lies in a box: its features (RoIAlign, He et al. 2017, section 3), its mask on the picture, its keypoints.

Legend: R boxes, C channels, S cells a side, P keypoints.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.portable.arithmetic import Floats

_SAMPLES = 2
"""Points looked at per cell and axis."""
_USUAL_SIDE, _USUAL_LEVEL = 224, 4
"""A box of this side is looked up at stride 16 (Lin et al. 2017, equation 1)."""
_BICUBIC = -0.75


def pooled(levels: Sequence[Floats], boxes: Floats, model_height: int, size: int) -> Floats:
    """(R, C, S, S) features of boxes (R, 4), each from the level (C, h, w) that suits its size."""
    scales = [2.0 ** round(math.log2(level.shape[1] / model_height)) for level in levels]
    finest = -int(math.log2(scales[0]))
    sides = np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1))
    with np.errstate(divide="ignore"):
        wanted = np.floor(_USUAL_LEVEL + np.log2(sides / np.float32(_USUAL_SIDE)) + np.float32(1e-6))
    chosen = np.clip(wanted - finest, 0, len(levels) - 1).astype(int)
    cells = np.zeros((len(boxes), levels[0].shape[0], size, size), dtype=np.float32)
    for row, (box, at) in enumerate(zip(boxes, chosen.tolist(), strict=True)):
        cells[row] = _of_box(levels[at], box * np.float32(scales[at]), size)
    return cells


def _of_box(level: Floats, box: Floats, size: int) -> Floats:
    """(C, S, S): bilinear samples are separable, so each axis is one small matrix."""
    top, down = _along(float(box[1]), float(box[3]), level.shape[1], size)
    left, across = _along(float(box[0]), float(box[2]), level.shape[2], size)
    window = level[:, top : top + down.shape[1], left : left + across.shape[1]]
    return np.asarray(down @ (window @ across.T), dtype=np.float32)


def _along(low: float, high: float, limit: int, size: int) -> tuple[int, Floats]:
    """Along one axis: the first grid cell that is used, and (S, cells) how much each weighs in each output cell."""
    n_points = size * _SAMPLES
    at = low + max(high - low, 1.0) * (np.arange(n_points) + 0.5) / n_points
    is_inside = (at >= -1) & (at <= limit)
    at = np.clip(at, 0, limit - 1)
    before = at.astype(np.intp)
    after = np.minimum(before + 1, limit - 1)
    first = int(before.min())
    weights = np.zeros((size, int(after.max()) - first + 1), dtype=np.float32)
    cell = np.arange(n_points) // _SAMPLES
    np.add.at(weights, (cell, before - first), (1 - (at - before)) * is_inside / _SAMPLES)
    np.add.at(weights, (cell, after - first), (at - before) * is_inside / _SAMPLES)
    return first, weights


def pasted(cells: Floats, box: Floats, height: int, width: int) -> NDArray[np.bool_]:
    """(height, width) the pixels of a picture whose centre has a probability of at least a half.

    `cells` (S, S) fill the box; bilinear between their centres.
    """
    bitmap = np.zeros((height, width), dtype=np.bool_)
    corners = box.astype(np.float64)
    top, down = _weights(corners[1], corners[3], height, cells.shape[0])
    left, across = _weights(corners[0], corners[2], width, cells.shape[1])
    bitmap[top : top + len(down), left : left + len(across)] = down @ cells @ across.T >= 0.5
    return bitmap


def _weights(low: float, high: float, limit: int, n_cells: int) -> tuple[int, Floats]:
    first, last = max(math.ceil(low - 0.5), 0), min(math.ceil(high - 0.5), limit)
    at = (np.arange(first, max(last, first)) + 0.5 - low) / max(high - low, 1e-9) * n_cells - 0.5
    distance = np.abs(np.clip(at, 0, n_cells - 1)[:, None] - np.arange(n_cells))
    return first, np.asarray(np.maximum(1 - distance, 0), dtype=np.float32)


def keypoints(maps: Floats, boxes: Floats) -> Floats:
    """(R, P, 2) where each map (R, P, S, S) is highest within its box (R, 4), to a pixel's share."""
    found = np.zeros((*maps.shape[:2], 2), dtype=np.float32)
    for row, box in enumerate(boxes):
        sides = np.maximum(box[2:] - box[:2], 1)
        width, height = np.ceil(sides).astype(int).tolist()
        large = _cubic(height, maps.shape[2]) @ maps[row] @ _cubic(width, maps.shape[3]).T
        place = large.reshape(maps.shape[1], -1).argmax(axis=1)
        cells = np.stack([place % width, place // width], axis=1) + 0.5
        found[row] = cells * (sides / np.array([width, height])) + box[:2]
    return found


def _cubic(n_out: int, n_in: int) -> Floats:
    """(n_out, n_in) the weights of bicubic interpolation along one axis (Keys 1981), with torch's coefficient."""
    at = (np.arange(n_out) + 0.5) * (n_in / n_out) - 0.5
    before = np.floor(at).astype(int)
    weights = np.zeros((n_out, n_in), dtype=np.float32)
    for step in (-1, 0, 1, 2):
        distance = np.abs(at - (before + step))
        near = ((_BICUBIC + 2) * distance - (_BICUBIC + 3)) * distance**2 + 1
        far = _BICUBIC * (((distance - 5) * distance + 8) * distance - 4)
        np.add.at(weights, (np.arange(n_out), np.clip(before + step, 0, n_in - 1)), np.where(distance <= 1, near, far))
    return weights
