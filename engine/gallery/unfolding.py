"""Points that keep neighbours together: exact t-SNE (van der Maaten and Hinton 2008) from the principal components.

What it keeps: who is near whom. What it does not: how far groups are apart and how wide they are means nothing in it,
and it may part what belongs together; only distances decide.

Legend: N faces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.gallery.distances import Floats, distances
from engine.gallery.gallery import Vectors
from engine.gallery.projecting import projected
from engine.progress import Progress, Work

MAX_UNFOLDED = 2000
"""Faces; every step looks at all pairs."""
N_STEPS = 500
N_NEIGHBOURS = 30.0
"""The perplexity: how many neighbours count, about."""
_SHOWN_EVERY = 10
_EXAGGERATED, _EXAGGERATION = N_STEPS // 4, 12.0
"""For the first steps neighbours pull harder, so that groups form."""
_LEAST, _STEADY = 1e-12, 1e-6
_ROWS = 128
Singles = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Unfolded:
    """How far it is: points that can be shown already."""

    points: Floats
    """(N, 2)."""
    progress: Progress


def unfolded(vectors: Vectors) -> Work[Floats]:
    """(N, 2) points; yields Unfolded now and then, and can be stopped at any. The same for the same vectors.

    Raises ValueError of more faces than MAX_UNFOLDED.
    """
    if len(vectors) > MAX_UNFOLDED:
        raise ValueError(f"{len(vectors)} faces are more than the {MAX_UNFOLDED} that can be unfolded")
    points = _scaled(projected(vectors), 1e-4)
    if len(vectors) > 3:
        for step, moved in enumerate(_steps(_likeness(vectors), points), 1):
            points = moved
            if step % _SHOWN_EVERY == 0:
                yield Unfolded(points.astype(np.float64), Progress(step, N_STEPS, "Keeping neighbours together"))
    return points.astype(np.float64)


def _steps(likeness: Singles, start: Singles) -> Iterator[Singles]:
    """Gradient descent with momentum and a gain for each number (Jacobs 1988)."""
    points, moved, gains = start, np.zeros_like(start), np.ones_like(start)
    rate = np.float32(max(50.0, len(start) / _EXAGGERATION / 4))
    for step in range(N_STEPS):
        is_early = step < _EXAGGERATED
        uphill = gradient(likeness * np.float32(_EXAGGERATION if is_early else 1), points)
        gains = np.maximum(np.where((uphill > 0) != (moved > 0), gains + 0.2, gains * 0.8), 0.01).astype(np.float32)
        moved = np.float32(0.5 if is_early else 0.8) * moved - rate * gains * uphill
        points = points + moved
        points = points - points.mean(axis=0)
        yield points


def gradient(likeness: Singles, points: Singles) -> Singles:
    """(N, 2) how the divergence of likenesses grows with the points."""
    near = _nearness(points)
    pull = (likeness - near / max(float(near.sum(dtype=np.float64)), _LEAST)) * near
    return np.asarray(4 * (pull.sum(axis=1)[:, None] * points - pull @ points), points.dtype)


def _nearness(points: Singles) -> Singles:
    """(N, N) 1 / (1 + squared distance), 0 on the diagonal."""
    squares = np.square(points).sum(axis=1)
    near = 1 / (1 + np.maximum(squares[:, None] + squares - 2 * (points @ points.T), 0))
    np.fill_diagonal(near, 0)
    return np.asarray(near, points.dtype)


def _likeness(vectors: Vectors) -> Singles:
    """(N, N) symmetric, summing to 1: how likely each face would choose each other as its neighbour.

    Each face looks as far as takes it to have N_NEIGHBOURS, or a third of all faces.
    """
    n = len(vectors)
    entropy = float(np.log(min(N_NEIGHBOURS, (n - 1) / 3)))
    chances = np.empty((n, n), np.float32)
    for start in range(0, n, _ROWS):
        part = slice(start, start + _ROWS)
        apart = distances(vectors, vectors.vectors[part])
        squares = np.square(apart) if vectors.metric == "euclidean" else 2 * apart
        squares[np.arange(len(squares)), np.arange(start, start + len(squares))] = np.inf
        chances[part] = _chances(squares, entropy)
    return np.asarray(np.maximum((chances + chances.T) / np.float32(2 * n), _LEAST), np.float32)


def _chances(squares: Floats, entropy: float) -> Floats:
    """Rows of exp(-beta d^2) that sum to 1, each beta found by halving so that the row has the entropy."""
    nearer = squares - squares.min(axis=1, keepdims=True)
    is_never = np.isinf(nearer)
    nearer[is_never] = 0
    low, high = np.zeros(len(nearer)), np.full(len(nearer), np.inf)
    beta = 1 / np.maximum(nearer.mean(axis=1), _LEAST)
    for _ in range(60):
        chances = np.exp(-nearer * beta[:, None])
        chances[is_never] = 0
        whole = chances.sum(axis=1)
        found = np.log(whole) + beta * np.einsum("pn,pn->p", nearer, chances) / whole
        if np.abs(found - entropy).max() < _STEADY:
            break
        is_wide = found > entropy
        low, high = np.where(is_wide, beta, low), np.where(is_wide, high, beta)
        beta = np.where(np.isinf(high), 2 * beta, (low + np.where(np.isinf(high), 0, high)) / 2)
    return np.asarray(chances / whole[:, None], np.float64)


def _scaled(points: Floats, spread: float) -> Singles:
    """Points as wide as the first steps want them."""
    widest = points[:, 0].std() if len(points) else 0.0
    return np.asarray(points * (spread / widest) if widest > 0 else points, np.float32)
