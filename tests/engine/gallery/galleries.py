"""Galleries drawn by chance, and the definitions of distance and rule as plain loops."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.gallery import Gallery, Metric, Rule


def gallery_of(
    n_people: int, per_person: int, *, metric: Metric = "cosine", dim: int = 16, spread: float = 0.3, seed: int = 0
) -> Gallery:
    """People about directions of their own, each with as many templates, in a mixed order; ids have gaps."""
    rng = np.random.default_rng(seed)
    people = rng.permutation(np.repeat(np.arange(n_people), per_person))
    centres = rng.normal(size=(n_people, dim))
    vectors = centres[people] + spread * rng.normal(size=(len(people), dim))
    if metric == "cosine":
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = np.cumsum(rng.integers(1, 4, len(people)))
    return Gallery(ids.astype(np.int64), vectors.astype(np.float32), metric, (10 + 3 * people).astype(np.int64))


@st.composite
def galleries(draw: st.DrawFn, min_people: int = 1) -> Gallery:
    """Any small gallery; coarse numbers, so that equal vectors and equal distances are common."""
    n = draw(st.integers(min_people, 12))
    dim = draw(st.integers(1, 4))
    numbers = draw(st.lists(st.integers(-2, 2), min_size=n * dim, max_size=n * dim))
    vectors = np.array(numbers, np.float32).reshape(n, dim)
    metric: Metric = draw(st.sampled_from(("euclidean", "cosine")))
    if metric == "cosine":
        vectors[np.abs(vectors).sum(axis=1) == 0, 0] = 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    people = draw(st.lists(st.integers(1, 5), min_size=n, max_size=n))
    people[:min_people] = range(1, min_people + 1)
    return Gallery(np.arange(1, n + 1, dtype=np.int64) * 2, vectors, metric, np.array(people, np.int64))


def distance(a: NDArray[np.floating], b: NDArray[np.floating], metric: Metric) -> float:
    """By its definition, number by number."""
    pairs = [(float(x), float(y)) for x, y in zip(a, b, strict=True)]
    if metric == "cosine":
        return max(0.0, 1 - math.fsum(x * y for x, y in pairs))
    return math.sqrt(math.fsum((x - y) ** 2 for x, y in pairs))


def person_distance(own: NDArray[np.floating], probe: NDArray[np.floating], rule: Rule, metric: Metric) -> float:
    """How far a person with these vectors is, by the rule's definition."""
    if rule == "centroid":
        middle = own.astype(np.float64).mean(axis=0)
        if metric == "cosine":
            length = math.sqrt(math.fsum(float(x) ** 2 for x in middle))
            middle = middle / length if length else middle
        return distance(middle, probe, metric)
    apart = sorted(distance(each, probe, metric) for each in own)
    if rule == "nearest":
        return apart[0]
    few = apart[:3] if rule == "nearest_few" else apart
    return math.fsum(few) / len(few)
