"""Points that show most of the differences, and points that keep neighbours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from engine.gallery import Vectors, distances, kept, projected, unfolded
from engine.gallery import projecting as projecting_module
from engine.gallery import unfolding as unfolding_module
from engine.gallery.unfolding import Unfolded, gradient
from engine.progress import finish
from tests.engine.gallery.galleries import gallery_of


def drawn(n: int, dim: int, seed: int = 0) -> Vectors:
    rng = np.random.default_rng(seed)
    return Vectors(np.arange(n), (rng.normal(size=(n, dim)) * 0.8 ** np.arange(dim)).astype(np.float32), "euclidean")


@given(st.integers(2, 30), st.integers(2, 8), st.integers(0, 1000))
def test_no_other_two_directions_show_more(n: int, dim: int, seed: int) -> None:
    faces = drawn(n, dim, seed)
    points = projected(faces)
    centred = faces.vectors - faces.vectors.astype(np.float64).mean(axis=0)
    variances = np.sort(np.linalg.eigvalsh(centred.T @ centred))[::-1]
    assert_allclose(np.square(points).sum(axis=0), np.maximum(variances[:2], 0), atol=1e-6)
    assert_allclose(points.mean(axis=0), 0, atol=1e-6)
    assert kept(faces, points) == pytest.approx(max(0, variances[:2].sum()) / np.square(centred).sum())
    other = np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, 2)))[0]
    assert np.square(centred @ other).sum() <= np.square(points).sum() + 1e-6


def test_a_plane_is_shown_as_it_is() -> None:
    flat = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(10, 10)))[0][:2].astype(np.float32)
    faces = Vectors(np.arange(40), flat @ turn + 3, "euclidean")
    points = projected(faces)
    shown = np.linalg.norm(points[:, None] - points, axis=2)
    assert_allclose(shown, distances(faces, faces.vectors), atol=1e-5)
    assert kept(faces, points) == pytest.approx(1)


def test_the_order_of_faces_and_a_flip_of_signs_change_nothing() -> None:
    faces = drawn(50, 6)
    points = projected(faces)
    assert_allclose(projected(Vectors(faces.template_ids, faces.vectors[::-1], "euclidean"))[::-1], points, atol=1e-9)


def test_of_many_dimensions_only_the_leading_ones_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    faces = drawn(200, 90)
    whole = projected(faces)
    monkeypatch.setattr(projecting_module, "_SMALL", 10)
    assert_allclose(projected(faces), whole, atol=1e-4)


@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (4, 1), (3, 2)])
def test_few_faces_and_few_dimensions(shape: tuple[int, int]) -> None:
    faces = Vectors(np.arange(shape[0]), np.ones(shape, np.float32), "euclidean")
    assert projected(faces).tolist() == np.zeros((shape[0], 2)).tolist()
    assert kept(faces, projected(faces)) == 1
    assert finish(unfolded(faces)).shape == (shape[0], 2)


def divergence(likeness: NDArray[np.float64], points: NDArray[np.float64]) -> float:
    """Kullback and Leibler's, as the paper defines it."""
    near = 1 / (1 + np.square(points[:, None] - points).sum(axis=2))
    np.fill_diagonal(near, 0)
    shown = near / near.sum()
    is_pair = ~np.eye(len(points), dtype=bool)
    return float((likeness[is_pair] * np.log(likeness[is_pair] / shown[is_pair])).sum())


def test_the_gradient_is_that_of_the_divergence() -> None:
    rng = np.random.default_rng(0)
    points, likeness = rng.normal(size=(9, 2)), rng.random((9, 9))
    likeness = (likeness + likeness.T) * ~np.eye(9, dtype=bool)
    likeness /= likeness.sum()
    numeric = np.zeros((9, 2))
    for place in np.ndindex(9, 2):
        step = np.zeros((9, 2))
        step[place] = 1e-5
        numeric[place] = (divergence(likeness, points + step) - divergence(likeness, points - step)) / 2e-5
    # In float64 here; the product narrows to float32.
    assert_allclose(gradient(likeness, points), numeric, atol=1e-8)  # type: ignore[arg-type]


def test_every_face_has_the_neighbours_asked_for() -> None:
    squares = np.square(distances(drawn(60, 5), drawn(60, 5).vectors))
    np.fill_diagonal(squares, np.inf)
    chances = unfolding_module._chances(squares, float(np.log(7.0)))
    entropy = -(chances * np.log(np.where(chances > 0, chances, 1))).sum(axis=1)
    assert_allclose(np.exp(entropy), 7, rtol=1e-5)
    assert_allclose(chances.sum(axis=1), 1)


def test_unfolding_keeps_more_neighbours_and_tells_how_far_it_is() -> None:
    gallery = gallery_of(25, 8, spread=0.25, dim=32)
    told: list[Unfolded] = []
    points = finish(unfolded(gallery), told.append)
    assert (
        _kept_neighbours(gallery.identity_ids, points)
        > _kept_neighbours(gallery.identity_ids, projected(gallery)) + 0.2
    )
    assert [each.progress.done for each in told] == list(range(10, 501, 10))
    assert_allclose(told[-1].points, points)
    assert_allclose(finish(unfolded(gallery)), points)


def test_too_many_faces_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfolding_module, "MAX_UNFOLDED", 10)
    with pytest.raises(ValueError, match="more than the 10"):
        finish(unfolded(drawn(11, 3)))


def _kept_neighbours(people: NDArray[np.int64], points: NDArray[np.float64]) -> float:
    """The share of faces whose nearest point is of their person."""
    apart = np.linalg.norm(points[:, None] - points, axis=2)
    np.fill_diagonal(apart, np.inf)
    return float(np.mean(people[apart.argmin(axis=1)] == people))


def test_steps_keep_half_of_the_last_one_and_more_once_groups_have_formed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfolding_module, "N_STEPS", 8)
    monkeypatch.setattr(unfolding_module, "_EXAGGERATED", 4)
    likeness = unfolding_module._likeness(drawn(12, 5))
    start = np.random.default_rng(0).normal(size=(12, 2)).astype(np.float32)
    points, moved, gains = start, np.zeros((12, 2)), np.ones((12, 2))
    for number, found in enumerate(unfolding_module._steps(likeness, start)):
        uphill = gradient(likeness * np.float32(12 if number < 4 else 1), points)
        wanted = np.empty((12, 2))
        for place in np.ndindex(12, 2):
            turns = (uphill[place] > 0) == (moved[place] > 0)
            gain = float(gains[place])
            gains[place] = max(gain * 0.8 if turns else gain + 0.2, 0.01)
            moved[place] = (0.5 if number < 4 else 0.8) * moved[place] - 50 * gains[place] * uphill[place]
            wanted[place] = points[place] + moved[place]
        assert_allclose(found, wanted - wanted.mean(axis=0), rtol=1e-3, atol=1e-3 * np.abs(wanted).max())
        points = found
