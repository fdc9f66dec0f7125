"""Distances equal their definitions, also of nearly equal vectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.gallery import Gallery, Metric, Vectors, distances, verify
from engine.gallery.distances import exactly, unit
from tests.engine.gallery.galleries import distance, galleries, gallery_of


@given(galleries(), st.integers(0, 11))
def test_distances_equal_a_loop(gallery: Gallery, n: int) -> None:
    probes = gallery.vectors[: n + 1] + np.float32(0.25)
    expected = [[distance(each, probe, gallery.metric) for each in gallery.vectors] for probe in probes]
    assert_allclose(distances(gallery, probes), expected, atol=1e-9)
    assert_allclose([exactly(gallery.vectors, each, gallery.metric) for each in probes], expected, atol=1e-12)


@pytest.mark.parametrize("offset", [1e-2, 1e-4, 1e-6])
def test_nearly_equal_vectors_keep_their_digits(offset: float) -> None:
    gallery = gallery_of(400, 6, metric="euclidean", dim=200)
    probe = gallery.vectors[1234].astype(np.float64)
    probe[7] += offset
    found = distances(gallery, probe)[0]
    assert found[1234] == pytest.approx(offset, rel=1e-6)
    assert_allclose(found, exactly(gallery.vectors, probe, "euclidean"), rtol=1e-9)


def test_a_face_is_at_no_distance_from_itself() -> None:
    for metric in ("euclidean", "cosine"):
        gallery = gallery_of(20, 3, metric=metric, dim=128)
        assert np.diag(distances(gallery, gallery.vectors)).max() < 1e-6
        assert distances(gallery, gallery.vectors).min() >= 0


@pytest.mark.parametrize(
    ("a", "b", "metric", "expected"),
    [
        ((3, 0), (0, 4), "euclidean", 5.0),
        ((1, 0), (0, 1), "cosine", 1.0),
        ((1, 0), (-1, 0), "cosine", 2.0),
        ((0.6, 0.8), (1, 0), "cosine", 0.4),
    ],
)
def test_two_faces(a: tuple[float, float], b: tuple[float, float], metric: Metric, expected: float) -> None:
    assert verify(a, b, metric) == pytest.approx(expected)


def test_probes_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="3 numbers"):
        distances(Vectors(np.arange(2), np.ones((2, 4), np.float32), "cosine"), [1.0, 0, 0])


def test_a_row_of_zeros_has_no_direction() -> None:
    assert unit(np.array([[0.0, 0.0], [3.0, 4.0]])).tolist() == [[0, 0], [0.6, 0.8]]
