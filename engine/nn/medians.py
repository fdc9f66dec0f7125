"""Priors fitted to boxes one by one: k-medians under the distance 1 - IoU (YOLOv2, section 2, with medians for means).

Means are drawn to the few large boxes, and their priors undershoot in IoU; medians are not.

Legend: N boxes as (N, 2) width, height in model pixels; k priors as (k, 2). IoU is that of shapes on a common centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.nn.priors import coverage, shape_iou

Sides: TypeAlias = tuple[tuple[float, float], ...]

_MOST_ROUNDS = 100
_MOST_BOXES = 20_000


@dataclass(frozen=True, slots=True)
class Priors:
    """Widths and heights, smallest area first, and how well they cover the boxes they were fitted to."""

    sides: Sides
    mean_best_iou: float
    share_above_half: float


def k_medians(shapes_model: NDArray[np.float64], k: int) -> Priors | None:
    """The k priors that boxes of these shapes gather around; None where there are fewer than k different boxes.

    Starts from the medians of k equal parts by area, so that equal boxes give equal priors; the best round is kept.
    """
    shapes = shapes_model[(shapes_model > 0).all(axis=1)]
    if len(np.unique(shapes, axis=0)) < k:
        return None
    shapes = shapes[np.argsort(shapes.prod(axis=1), kind="stable")]
    few = shapes[:: -(-len(shapes) // _MOST_BOXES)]
    return _covering(_settled(few, k), shapes)


def _settled(shapes: NDArray[np.float64], k: int) -> NDArray[np.float64]:
    priors = np.stack([np.median(part, axis=0) for part in np.array_split(shapes, k)])
    best, best_iou = priors, 0.0
    for _ in range(_MOST_ROUNDS):
        iou = shape_iou(shapes, priors)
        if iou.max(axis=1).mean() <= best_iou:
            break
        best, best_iou = priors, float(iou.max(axis=1).mean())
        nearest = iou.argmax(axis=1)
        priors = np.stack([_median(shapes[nearest == at], priors[at]) for at in range(k)])
    return best


def _median(own: NDArray[np.float64], before: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.median(own, axis=0)) if len(own) else before


def _covering(priors: NDArray[np.float64], shapes: NDArray[np.float64]) -> Priors:
    ordered = priors[np.argsort(priors.prod(axis=1), kind="stable")]
    sides = tuple((round(float(width), 2), round(float(height), 2)) for width, height in ordered)
    found = coverage(shapes, ordered)
    return Priors(sides, found.mean_best_iou, found.share_above_half)
