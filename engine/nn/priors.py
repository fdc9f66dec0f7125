"""Anchors fitted to the boxes of a project: one size per pyramid level, doubling from level to level, three ratios.

Legend: N boxes as (N, 2) width, height in model pixels; A anchors as (A, 2). Fit is measured by shape alone, the IoU
of box and anchor on a common centre, as the anchors' places are given by the grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BASES = np.geomspace(8, 64, 19)
_ENOUGH = 20
"""Boxes from which a quantile says more than the usual choice."""
_AT_ONCE = 50_000
"""Boxes that are compared with all priors in one go."""


@dataclass(frozen=True, slots=True)
class Anchors:
    """Anchor sides by level in model pixels, ratios (height / width), and how well they cover the boxes fitted."""

    sides: tuple[float, ...] = (16.0, 32.0, 64.0, 128.0, 256.0)
    ratios: tuple[float, ...] = (0.5, 1.0, 2.0)
    mean_best_iou: float = 0.0
    share_above_half: float = 0.0

    @property
    def shapes(self) -> NDArray[np.float64]:
        """(A, 2) width, height of every anchor."""
        sides, roots = np.array(self.sides)[:, None], np.sqrt(self.ratios)[None, :]
        return np.stack([sides / roots, sides * roots], axis=-1).reshape(-1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """How well the shapes that a network guesses from cover those of the objects."""

    shapes: NDArray[np.float64]
    """(N, 2) of the objects that have an area."""
    priors: NDArray[np.float64]
    """(A, 2)."""
    best_iou: NDArray[np.float64]
    """(N,) of each object and the prior that suits it best."""
    best: NDArray[np.int64]
    """(N,) which prior that is."""

    @property
    def mean_best_iou(self) -> float:
        """0 where there is no object."""
        return float(self.best_iou.mean()) if len(self.best_iou) else 0.0

    @property
    def share_above_half(self) -> float:
        """Of the objects, those that some prior overlaps by more than half; 0 where there is none."""
        return float((self.best_iou > 0.5).mean()) if len(self.best_iou) else 0.0

    def __str__(self) -> str:
        """The two numbers in words."""
        return f"mean best IoU {self.mean_best_iou:.2f}, {self.share_above_half:.0%} above 0.5"


def coverage(shapes_model: NDArray[np.float64], priors: NDArray[np.float64]) -> Coverage:
    """How well `priors` cover boxes of these shapes; those without an area are left out."""
    shapes = shapes_model[(shapes_model > 0).all(axis=1)]
    parts = [shape_iou(shapes[at : at + _AT_ONCE], priors) for at in range(0, len(shapes), _AT_ONCE)]
    best_iou = np.concatenate([np.zeros(0), *(part.max(axis=1) for part in parts)])
    best = np.concatenate([np.zeros(0, np.int64), *(part.argmax(axis=1) for part in parts)])
    return Coverage(shapes, priors, best_iou, best)


def shape_iou(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, A) IoU of every box of `a` with every one of `b` on a common centre."""
    common = np.minimum(a[:, None], b[None]).prod(axis=-1)
    return np.asarray(common / (a.prod(axis=-1)[:, None] + b.prod(axis=-1)[None] - common))


def fit(shapes_model: NDArray[np.float64], n_levels: int = 5) -> Anchors:
    """Anchors for boxes of these shapes; with too few boxes to say anything, the usual ones."""
    shapes = shapes_model[(shapes_model > 0).all(axis=1)]
    if len(shapes) < _ENOUGH:
        return _measured(Anchors(), shapes)
    ratios = _ratios(shapes)
    candidates = (Anchors(_doubling(base, n_levels), ratios) for base in _BASES)
    return max((_measured(each, shapes) for each in candidates), key=lambda each: each.mean_best_iou)


def _ratios(shapes: NDArray[np.float64]) -> tuple[float, ...]:
    """The middles of the lower, middle and upper third of the boxes' ratios, at least 1.25 times apart."""
    logs = np.log(shapes[:, 1] / shapes[:, 0])
    low, middle, high = np.quantile(logs, (1 / 6, 1 / 2, 5 / 6))
    apart = np.log(1.25)
    ratios = np.exp((min(low, middle - apart), middle, max(high, middle + apart)))
    return tuple(round(float(ratio), 3) for ratio in ratios)


def _doubling(base: float, n_levels: int) -> tuple[float, ...]:
    return tuple(round(float(base * 2**level), 2) for level in range(n_levels))


def _measured(anchors: Anchors, shapes: NDArray[np.float64]) -> Anchors:
    found = coverage(shapes, anchors.shapes)
    return Anchors(anchors.sides, anchors.ratios, found.mean_best_iou, found.share_above_half)
