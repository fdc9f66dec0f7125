"""Pictures scaled and framed, boxes decoded, cut and thinned out, as torch and torchvision do it.

Legend: N boxes as (N, 4) x0, y0, x1, y1; C channels.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.intp]

_LARGEST_LOG = math.log(1000 / 16)
"""A side grows at most by this much on the way from guess to box."""


def sigmoid(values: Floats) -> Floats:
    """1 / (1 + exp(-x)), without overflow."""
    small = np.exp(-np.abs(values))
    return np.asarray(np.where(values >= 0, 1 / (1 + small), small / (1 + small)), dtype=np.float32)


def softmax(values: Floats) -> Floats:
    """Over the last axis."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float32)


def resized(picture: Floats, height: int, width: int) -> Floats:
    """A (C, H, W) picture made larger or smaller, bilinear between the centres of pixels."""
    if picture.shape[1:] == (height, width):
        return picture
    above, below, down = _neighbours(picture.shape[1], height)
    left, right, across = _neighbours(picture.shape[2], width)
    rows = picture[:, above] * (1 - down)[:, None] + picture[:, below] * down[:, None]
    return np.asarray(rows[:, :, left] * (1 - across) + rows[:, :, right] * across, dtype=np.float32)


def _neighbours(n_in: int, n_out: int) -> tuple[Ints, Ints, Floats]:
    """For each new pixel: the old ones before and behind it, and the share of the latter."""
    at = np.maximum((np.arange(n_out, dtype=np.float32) + np.float32(0.5)) * np.float32(n_in / n_out) - 0.5, 0)
    before = np.minimum(at.astype(np.intp), n_in - 1)
    return before, np.minimum(before + 1, n_in - 1), np.asarray(at - before, dtype=np.float32)


def framed(picture: Floats, step: int, value: float) -> Floats:
    """(1, C, H, W): the picture at the top left of a frame whose sides are multiples of `step`."""
    height, width = (-(-side // step) * step for side in picture.shape[1:])
    frame = np.full((1, picture.shape[0], height, width), value, dtype=np.float32)
    frame[0, :, : picture.shape[1], : picture.shape[2]] = picture
    return frame


def decoded(terms: Floats, guesses: Floats, weights: list[float]) -> Floats:
    """(N, 4) boxes from (N, 4) terms about guessed boxes (Girshick et al. 2014, appendix C)."""
    sides = guesses[:, 2:] - guesses[:, :2]
    centres = guesses[:, :2] + np.float32(0.5) * sides
    scaled = terms / np.array(weights, dtype=np.float32)
    middle = scaled[:, :2] * sides + centres
    halves = np.float32(0.5) * np.exp(np.minimum(scaled[:, 2:], np.float32(_LARGEST_LOG))) * sides
    return np.concatenate([middle - halves, middle + halves], axis=1)


def clipped(boxes: Floats, height: float, width: float) -> Floats:
    """What of the boxes lies on a picture."""
    limits = np.array([width, height, width, height], dtype=np.float32)
    return np.asarray(np.clip(boxes, 0, limits), dtype=np.float32)


def wide(boxes: Floats, least: float) -> Ints:
    """The rows of boxes with sides of at least so much."""
    return np.flatnonzero(((boxes[:, 2:] - boxes[:, :2]) >= least).all(axis=1))


def best(scores: Floats, n_most: int) -> Ints:
    """The rows of the highest scores, falling."""
    return np.argsort(-scores, kind="stable")[:n_most]


def distinct(boxes: Floats, scores: Floats, groups: NDArray[Any], iou: float) -> Ints:
    """The rows that are left, by falling score, where of two in a group that overlap by more the less certain goes."""
    kept = [
        rows[_thinned(boxes[rows], scores[rows], iou)]
        for rows in (np.flatnonzero(groups == g) for g in set(groups.tolist()))
    ]
    if not kept:
        return np.zeros(0, dtype=np.intp)
    every = np.sort(np.concatenate(kept))
    return every[np.argsort(-scores[every], kind="stable")]


def _thinned(boxes: Floats, scores: Floats, iou: float) -> Ints:
    order = np.argsort(-scores, kind="stable")
    boxes = boxes[order]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    left = np.ones(len(order), dtype=bool)
    for at in range(len(order)):
        if left[at]:
            corner = np.maximum(boxes[at, :2], boxes[at + 1 :, :2])
            sides = np.maximum(np.minimum(boxes[at, 2:], boxes[at + 1 :, 2:]) - corner, 0)
            common = sides[:, 0] * sides[:, 1]
            left[at + 1 :] &= ~(common > iou * (areas[at] + areas[at + 1 :] - common))
    return order[left]
