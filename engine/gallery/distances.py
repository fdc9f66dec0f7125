"""How far vectors are apart, by their embedder's metric. In float64 throughout, whatever they are kept in.

Legend: P probes, N templates, D numbers of a vector.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gallery.gallery import Metric, Vectors

Floats = NDArray[np.float64]

_AT_ONCE = 2048
"""Rows that are widened to float64 together: they stay in the processor's cache."""
_TOO_NEAR = 1e-6
"""Below this share of |a|^2 + |b|^2 the difference of large numbers has lost too many digits."""


def distances(vectors: Vectors, probes: ArrayLike) -> Floats:
    """(P, N) distances of (P, D) probes to faces; one probe may be a plain (D,)."""
    return between(vectors.vectors, probes, vectors.metric)


def between(rows: NDArray[np.floating], probes: ArrayLike, metric: Metric) -> Floats:
    """(P, N) distances of (P, D) probes to (N, D) rows, as a product of matrices.

    Euclidean distances that such a product gives badly, those of nearly equal vectors, are computed one by one.
    """
    wide = np.atleast_2d(np.asarray(probes, np.float64))
    if not len(rows) or not len(wide):
        return np.empty((len(wide), len(rows)))
    if wide.shape[1] != rows.shape[1]:
        raise ValueError(f"probes of {wide.shape[1]} numbers are not comparable with vectors of {rows.shape[1]}")
    found = np.empty((len(wide), len(rows)))
    for start in range(0, len(rows), _AT_ONCE):
        block = rows[start : start + _AT_ONCE].astype(np.float64)
        found[:, start : start + _AT_ONCE] = _cosine(block, wide) if metric == "cosine" else _euclidean(block, wide)
    return found


def exactly(rows: NDArray[np.floating], probe: ArrayLike, metric: Metric) -> Floats:
    """(N,) distances of one probe to rows, each summed by itself: equal rows are equally far, to the last bit."""
    wide, one = np.ascontiguousarray(rows, np.float64), np.asarray(probe, np.float64)
    if metric == "cosine":
        return np.asarray(np.maximum(1 - (wide * one).sum(axis=1), 0), np.float64)
    return np.asarray(np.sqrt(np.square(wide - one).sum(axis=1)), np.float64)


def verify(a: ArrayLike, b: ArrayLike, metric: Metric) -> float:
    """How far two faces are apart (1:1)."""
    return float(exactly(np.asarray(a)[None], b, metric)[0])


def unit(rows: NDArray[np.floating]) -> Floats:
    """Rows scaled to length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros(rows.shape), where=lengths > 0), np.float64)


def _cosine(rows: Floats, probes: Floats) -> Floats:
    """Vectors of length 1 that were rounded can have a product a little over 1: no distance is below 0."""
    return np.asarray(np.maximum(1 - probes @ rows.T, 0), np.float64)


def _euclidean(rows: Floats, probes: Floats) -> Floats:
    scale = np.square(probes).sum(axis=1)[:, None] + np.square(rows).sum(axis=1)
    squares = scale - 2 * (probes @ rows.T)
    for start in range(0, len(probes), 64):
        near = np.argwhere(squares[start : start + 64] < _TOO_NEAR * scale[start : start + 64])
        for part in np.array_split(near, 1 + len(near) // _AT_ONCE):
            of, to = part[:, 0] + start, part[:, 1]
            squares[of, to] = np.square(probes[of] - rows[to]).sum(axis=1)
    return np.asarray(np.sqrt(squares), np.float64)
