"""Boxes from anchors and the terms that move them, as the networks compute them: of any anchors, without torch.

A network's own boxes are in its `Scores`; here they are made anew for anchors of another size, or to verify them. The
exponential is numpy's, so that results are within a few units in the last place of the network's.

Legend as in the package; terms (N, 4), or (N, K, 4) where every class has its own box.
"""

from __future__ import annotations

import math

import numpy as np

from engine.tracing.stages import Coding, Floats, Input, Scores

_LARGEST_LOG_GROWTH = math.log(1000.0 / 16)
"""torchvision's limit of how much a box grows (`bbox_xform_clip`)."""
_LARGEST_TERM = 10.0
"""The same of our YOLO."""


def decoded(scores: Scores, anchors: Floats, strides: Floats | None = None) -> Floats:
    """The boxes that a head's terms make of (N, 4) anchors, not cut to the picture; model pixels.

    `strides` (N,) are needed where the coding is 'cell': there an anchor is about the middle of its cell.
    """
    weights: Floats = np.array(scores.weights, dtype=np.float32)
    terms = np.divide(scores.terms, weights)
    centres, sides = (anchors[:, :2] + anchors[:, 2:]) * np.float32(0.5), anchors[:, 2:] - anchors[:, :2]
    if terms.ndim == 3:
        centres, sides = centres[:, None], sides[:, None]
    grown = np.exp(np.minimum(terms[..., 2:], np.float32(_limit(scores.coding)))) * sides
    if scores.coding == "cell":
        assert strides is not None, "terms in cells need the cells' strides"
        step = strides[:, None] if terms.ndim == 2 else strides[:, None, None]
        centres = centres + (terms[..., :2] - np.float32(0.5)) * step
    else:
        centres = centres + terms[..., :2] * sides
    halves = grown * np.float32(0.5)
    return np.concatenate([centres - halves, centres + halves], axis=-1).astype(np.float32)


def scaled(anchors: Floats, scale: float) -> Floats:
    """Anchors of the same centres whose sides are this many times as long."""
    centres, halves = (anchors[:, :2] + anchors[:, 2:]) / 2, (anchors[:, 2:] - anchors[:, :2]) / 2
    return np.concatenate([centres - halves * scale, centres + halves * scale], axis=1).astype(np.float32)


def cut_to_picture(boxes: Floats, seen: Input) -> Floats:
    """Boxes in model pixels, cut to the scaled picture."""
    height, width = seen.picture.shape[:2]
    return np.clip(boxes, 0, np.asarray([width, height, width, height], dtype=np.float32))


def _limit(coding: Coding) -> float:
    return _LARGEST_TERM if coding == "cell" else _LARGEST_LOG_GROWTH
