"""Groups equal average linkage done step by step, whatever parts the faces fall into."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.gallery import Gallery, Metric, Vectors, clusters, distances, parting
from engine.gallery import clustering as clustering_module
from tests.engine.gallery.galleries import gallery_of


def joined_step_by_step(vectors: Vectors, threshold: float) -> set[frozenset[int]]:
    """The two groups with the least mean distance, again and again; None of the steps may be a close call."""
    apart = distances(vectors, vectors.vectors)
    groups = [[row] for row in range(len(vectors))]
    while len(groups) > 1:
        means = [
            (apart[np.ix_(a, b)].mean(), n, m) for n, a in enumerate(groups) for m, b in enumerate(groups) if n < m
        ]
        means.sort()
        assume(len(means) == 1 or means[1][0] - means[0][0] > 1e-5)
        least, n, m = means[0]
        assume(abs(least - threshold) > 1e-5)
        if least > threshold:
            break
        groups[n] += groups.pop(m)
    return {frozenset(vectors.template_ids[group].tolist()) for group in groups}


@given(st.integers(0, 10_000), st.integers(1, 14), st.floats(0, 3), st.sampled_from(("euclidean", "cosine")))
def test_groups_are_those_of_average_linkage(seed: int, n: int, threshold: float, metric: Metric) -> None:
    vectors = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    if metric == "cosine":
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    faces = Vectors(np.arange(n) * 3, vectors, metric)
    expected = joined_step_by_step(faces, threshold)
    assert {frozenset(each) for each in clusters(faces, threshold)} == expected


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_people_that_are_well_apart_are_found(metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clustering_module, "_AT_ONCE", 7)
    gallery = gallery_of(12, 5, metric=metric, spread=0.1, dim=128)
    threshold = parting(gallery)
    assert threshold is not None
    found = clusters(gallery, threshold)
    assert {frozenset(each) for each in found} == {
        frozenset(gallery.template_ids[gallery.identity_ids == person].tolist())
        for person in np.unique(gallery.identity_ids)
    }


def test_the_largest_group_comes_first_and_ids_ascend() -> None:
    faces = Vectors(np.array([2, 3, 5, 7, 11, 13]), np.float32([[9], [0], [5], [0.1], [5.1], [0.2]]), "euclidean")
    assert clusters(faces, 1) == ((3, 7, 13), (5, 11), (2,))
    assert clusters(faces, 0.01) == ((2,), (3,), (5,), (7,), (11,), (13,))
    assert clusters(faces, 100) == ((2, 3, 5, 7, 11, 13),)


def test_one_face_between_two_people_does_not_chain_them() -> None:
    line = np.float32([[0], [0.2], [0.4], [1.2], [2], [2.2], [2.4]])
    faces = Vectors(np.arange(7), line, "euclidean")
    assert {frozenset(each) for each in clusters(faces, 1)} == {frozenset({0, 1, 2, 3}), frozenset({4, 5, 6})}


def test_equal_faces_are_one_group_and_no_faces_none() -> None:
    assert clusters(Vectors(np.arange(9), np.ones((9, 2), np.float32), "euclidean"), 0) == (tuple(range(9)),)
    none = Vectors(np.empty(0, np.int64), np.empty((0, 3), np.float32), "cosine")
    assert clusters(none, 1) == ()
    assert parting(none) is None


def test_faces_of_one_person_have_no_parting_below_zero() -> None:
    one: Gallery = gallery_of(1, 20, spread=0.01)
    assert parting(one) is not None
    assert (parting(one) or 0) >= 0
