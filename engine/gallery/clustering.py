"""Faces that nobody has named yet, put together by likeness, so that one name goes to many.

Average linkage: the two groups with the least mean distance between their faces become one while that mean is within
the threshold; it is the lectures' rule from group to group. One face between two people, which would chain them
together where a single near pair is enough, does not move a mean: people who are put together by mistake are more
trouble than one person in two groups.

A mean is never less than the least of its distances, so groups cannot reach beyond what a chain of near pairs connects.
Each such part is therefore grouped by itself, and only distances within parts are ever held together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.gallery.distances import between
from engine.gallery.gallery import Vectors
from engine.gallery.people import Ids

Singles = NDArray[np.float32]

_AT_ONCE = 512
_ENOUGH, _SAMPLED = 8, 2000
"""Faces from which on a threshold is guessed, and how many are looked at for it."""
_SPREADS = 3.0
"""How many standard deviations below the middle; fewer put more people together by mistake."""


def clusters(vectors: Vectors, threshold: float) -> tuple[tuple[int, ...], ...]:
    """Template ids of faces that probably are of one person, the largest group first, and each face alone last.

    Groups of one size stand in the order of their lowest ids; so do ids within a group.
    """
    found = [part[group] for part in _connected(vectors, threshold) for group in _groups(vectors, part, threshold)]
    ids = [tuple(vectors.template_ids[np.sort(rows)].tolist()) for rows in found]
    return tuple(sorted(ids, key=lambda group: (-len(group), group[0])))


def parting(vectors: Vectors) -> float | None:
    """A threshold for faces of which nothing is known, None where they are too few to tell.

    Of many faces of many people nearly all pairs are of two people, so the farther half of all distances shows how
    these are spread about the middle one. Faces that are nearer than such a spread explains are of one person. A guess:
    where people are enrolled, their own trials say it better.
    """
    if len(vectors) < _ENOUGH:
        return None
    rows = np.linspace(0, len(vectors), min(len(vectors), _SAMPLED), endpoint=False).astype(np.int64)
    some = vectors.vectors[rows]
    apart = between(some, some, vectors.metric)[np.triu_indices(len(rows), 1)]
    middle = float(np.median(apart))
    spread = float(np.median(apart[apart >= middle] - middle)) / 0.6745
    return max(0.0, middle - _SPREADS * spread)


def _connected(vectors: Vectors, threshold: float) -> list[Ids]:
    """Rows that chains of pairs within the threshold connect."""
    parts = np.arange(len(vectors))
    for start in range(0, len(vectors), _AT_ONCE):
        rows = vectors.vectors[start : start + _AT_ONCE]
        for near in between(vectors.vectors[start:], rows, vectors.metric) <= threshold:
            met = np.unique(parts[start:][near])
            if len(met) > 1:
                parts[np.isin(parts, met)] = met[0]
    order = np.argsort(parts, kind="stable")
    return [each for each in np.split(order, np.flatnonzero(np.diff(parts[order])) + 1) if len(each)]


def _groups(vectors: Vectors, rows: Ids, threshold: float) -> list[Ids]:
    """Average linkage within one part: positions in `rows`.

    A chain from each group to its nearest one ends at two that are nearest to each other, and these may be joined at
    once: no later step brings any others nearer (Murtagh 1983; Muellner 2011). So each group is looked at a few times.
    """
    if len(rows) == 1:
        return [np.zeros(1, np.int64)]
    own = vectors.vectors[rows]
    apart = between(own, own, vectors.metric).astype(np.float32)
    np.fill_diagonal(apart, np.inf)
    members = [[each] for each in range(len(rows))]
    is_open = np.ones(len(rows), np.bool_)
    chain: list[int] = []
    while is_open.any():
        chain = chain or [int(is_open.argmax())]
        nearest = _nearest(apart, chain)
        if apart[chain[-1], nearest] > threshold:
            is_open[chain] = False  # nothing comes nearer any more
            apart[chain] = apart[:, chain] = np.inf
            chain = []
        elif len(chain) > 1 and nearest == chain[-2]:
            _join(apart, members, *sorted(chain[-2:]))
            is_open[max(chain[-2:])] = False
            chain = chain[:-2]
        else:
            chain.append(nearest)
    return [np.array(each, np.int64) for each in members if each]


def _nearest(apart: Singles, chain: list[int]) -> int:
    """The group nearest to the end of the chain; of equally near ones the one before it, else the first."""
    row = apart[chain[-1]]
    nearest = int(row.argmin())
    return chain[-2] if len(chain) > 1 and row[chain[-2]] == row[nearest] else nearest


def _join(apart: Singles, members: list[list[int]], a: int, b: int) -> None:
    """Put b into a; mean distances to it are those of both, weighted."""
    n_a, n_b = len(members[a]), len(members[b])
    joined = (n_a * apart[a].astype(np.float64) + n_b * apart[b]) / (n_a + n_b)
    apart[a] = apart[:, a] = joined
    apart[b] = apart[:, b] = apart[a, a] = np.inf
    members[a] += members[b]
    members[b] = []
