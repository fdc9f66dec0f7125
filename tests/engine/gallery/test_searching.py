"""The search gives what a loop over all faces in float64 gives, to the last bit; ties by id."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.gallery import Gallery, Metric, Searcher, Vectors, search
from engine.gallery import searching as searching_module
from tests.engine.gallery.galleries import galleries, gallery_of


def looped(vectors: Vectors, probe: NDArray[np.floating], k: int) -> list[tuple[float, int]]:
    """Every face's distance in float64, one after the other; the k least."""
    wide = probe.astype(np.float64)
    found: list[tuple[float, int]] = []
    for template_id, vector in zip(vectors.template_ids.tolist(), vectors.vectors.astype(np.float64), strict=True):
        if vectors.metric == "cosine":
            apart = max(0.0, 1 - float((vector * wide).sum()))
        else:
            apart = math.sqrt(((vector - wide) ** 2).sum())
        found.append((apart, template_id))
    return sorted(found)[:k]


def assert_as_looped(vectors: Vectors, probes: NDArray[np.floating], k: int) -> None:
    ids, far = search(vectors, probes, k)
    for row, probe in enumerate(probes):
        assert list(zip(far[row].tolist(), ids[row].tolist(), strict=True)) == looped(vectors, probe, k)


@given(galleries(), st.integers(0, 14))
def test_any_faces_are_searched_as_by_a_loop(gallery: Gallery, k: int) -> None:
    assert_as_looped(gallery, gallery.vectors[:3], k)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_portions_are_put_together(metric: Metric, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching_module, "_BYTES_AT_ONCE", 4 * 32 * 50)
    monkeypatch.setattr(searching_module, "_PROBES_AT_ONCE", 4)
    gallery = gallery_of(100, 7, metric=metric, dim=32)
    probes: NDArray[np.floating] = np.random.default_rng(1).normal(size=(9, 32)).astype(kind)
    for k in (1, 10, 700, 1000):
        assert_as_looped(gallery, probes, k)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_faces_that_float32_cannot_tell_apart_are_ranked_in_float64(metric: Metric) -> None:
    rng = np.random.default_rng(0)
    vectors = np.full((2000, 64), 0.125, np.float32) + rng.normal(scale=3e-8, size=(2000, 64)).astype(np.float32)
    faces = Vectors(rng.permutation(2000) * 5, vectors, metric)
    probe = vectors[:2].astype(np.float64) + 1e-3
    assert_as_looped(faces, probe, 20)
    by_float32 = np.argsort(1 - vectors @ probe[0].astype(np.float32), kind="stable")[:20]
    assert faces.template_ids[by_float32].tolist() != search(faces, probe, 20)[0][0].tolist()


def test_equal_faces_come_in_the_order_of_their_ids() -> None:
    faces = Vectors(np.arange(50), np.tile(np.float32([[0.6, 0.8]]), (50, 1)), "cosine")
    ids, far = search(faces, [[0.6, 0.8]], 7)
    assert ids.tolist() == [list(range(7))]
    assert all(a == b for a, b in pairwise(far[0]))


def test_no_faces_and_no_probes() -> None:
    none = Vectors(np.empty(0, np.int64), np.empty((0, 3), np.float32), "euclidean")
    assert search(none, [[1.0, 2, 3]], 5)[0].shape == (1, 0)
    some = gallery_of(3, 2)
    assert search(some, np.empty((0, 16)), 5)[0].shape == (0, 5)
    assert Searcher.of(some).nearest(some.vectors[0], 1)[0].tolist() == [[some.template_ids[0]]]
