"""Vectors as points of a picture: the two directions in which they differ most (principal components).

What it keeps: straight lines, and as much of the differences as `kept` says. What it does not: two faces that lie
together here may be far apart in all other directions; only distances decide. `unfolding` keeps neighbours instead.

Legend: N faces, D numbers of a vector.
"""

from __future__ import annotations

import numpy as np

from engine.gallery.distances import Floats
from engine.gallery.gallery import Vectors

_SMALL = 512
"""Up to this many columns or rows all components are computed; of more only the leading ones, by iteration."""
_BESIDE, _ROUNDS, _STEADY = 8, 30, 1e-7
"""Further components that are carried along, rounds at most, and by how much the wanted ones may still change."""


def projected(vectors: Vectors) -> Floats:
    """(N, 2) points, the mean at the origin, in the vectors' own unit; the same for the same vectors."""
    found = np.zeros((len(vectors), 2))
    if len(vectors) < 2:
        return found
    centred = _centred(vectors)
    directions = _leading(centred)
    for column, direction in enumerate(directions):
        found[:, column] = centred @ (direction * np.sign(direction[np.abs(direction).argmax()]))
    return found


def kept(vectors: Vectors, points: Floats) -> float:
    """Which share of the differences (variance) points of `projected` still show, 0 to 1; 1 where there are none."""
    whole = float(np.square(_centred(vectors)).sum()) if len(vectors) else 0.0
    return min(1.0, float(np.square(points).sum()) / whole) if whole else 1.0


def _centred(vectors: Vectors) -> Floats:
    wide = vectors.vectors.astype(np.float64)
    return np.asarray(wide - wide.mean(axis=0), np.float64)


def _leading(centred: Floats) -> Floats:
    """(2, D) unit directions of the greatest variance; fewer rows where there are fewer dimensions."""
    if min(centred.shape) <= _SMALL:
        return np.asarray(np.linalg.svd(centred, full_matrices=False)[2][:2], np.float64)
    some = np.random.default_rng(0).normal(size=(centred.shape[1], 2 + _BESIDE))
    basis, before = np.linalg.qr(some)[0], np.zeros(2)
    for _ in range(_ROUNDS):
        basis, sizes, _ = np.linalg.svd(centred.T @ (centred @ basis), full_matrices=False)
        if np.abs(sizes[:2] - before).max() <= _STEADY * sizes[0]:
            break
        before = sizes[:2]
    turned = np.linalg.svd(centred @ basis, full_matrices=False)[2]
    return np.asarray((turned @ basis.T)[:2], np.float64)
