"""The similarity that brings a face upright: of least squares, never a reflection, exact on landmarks and boxes."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.cropping import MARKS, Landmarks
from engine.cropping.aligning import similarity, to_crop
from engine.errors import UserError
from engine.geometry.shapes import Box, RotatedBox
from tests.engine.cropping.faces import FACE, landmarks, similarity_of

coordinates = st.floats(-500, 500)
points = st.lists(st.tuples(coordinates, coordinates), min_size=5, max_size=5)


def by_decomposition(here, there):
    """Umeyama 1991, as it is printed: S keeps the turn from becoming a reflection."""
    x, y = np.array(here).T, np.array(there).T
    x_mean, y_mean = x.mean(axis=1, keepdims=True), y.mean(axis=1, keepdims=True)
    covariance = (y - y_mean) @ (x - x_mean).T / x.shape[1]
    u, d, vt = np.linalg.svd(covariance)
    s = np.diag([1, np.sign(np.linalg.det(u) * np.linalg.det(vt)) or 1])
    turn = u @ s @ vt
    scale = np.trace(np.diag(d) @ s) / ((x - x_mean) ** 2).sum(axis=0).mean()
    return scale * turn, y_mean - scale * turn @ x_mean


@given(points, points)
def test_it_is_umeyamas(here, there):
    assume(np.ptp(here, axis=0).max() > 1 and np.ptp(there, axis=0).max() > 1)
    matrix, shift = by_decomposition(here, there)
    assume(abs(np.linalg.det(matrix)) > 1e-9)
    ours = similarity(here, there)
    assert np.allclose([[ours.xx, ours.xy], [ours.yx, ours.yy]], matrix, atol=1e-6)
    assert np.allclose([[ours.dx], [ours.dy]], shift, atol=1e-3)


@given(points, points, st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.floats(-3, 3), st.floats(-3, 3))
def test_no_similarity_nearby_is_nearer(here, there, real, imaginary, dx, dy):
    assume(np.ptp(here, axis=0).max() > 1)
    ours = similarity(here, there)

    def miss(xx, yx, x, y):
        z = np.array([complex(*each) for each in here]) * complex(xx, yx) + complex(x, y)
        return np.sum(np.abs(z - np.array([complex(*each) for each in there])) ** 2)

    least = miss(ours.xx, ours.yx, ours.dx, ours.dy)
    assert least <= miss(ours.xx + real, ours.yx + imaginary, ours.dx + dx, ours.dy + dy) * (1 + 1e-9) + 1e-6


@given(points)
def test_it_never_reflects(here):
    assume(np.ptp(here, axis=0).max() > 1)
    mirrored = [(-x, y) for x, y in here]
    assert similarity(here, mirrored).determinant >= 0


@given(st.floats(0, 360), st.floats(0.05, 20), coordinates, coordinates)
def test_landmarks_come_to_lie_on_the_marks(degrees, scale, x, y):
    moved = landmarks(similarity_of(degrees, scale, x, y))
    found = to_crop(moved, 224).apply([each for each in moved.points if each])
    assert np.allclose(found, np.array(MARKS) * 224, atol=1e-6)


def test_the_marks_are_those_of_published_networks():
    theirs = [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)]
    assert np.abs(np.array(MARKS) * 112 - (np.array(theirs) + 0.5)).max() < 0.7
    mirrored = [(1 - x, y) for x, y in (MARKS[1], MARKS[0], MARKS[2], MARKS[4], MARKS[3])]
    assert np.allclose(mirrored, MARKS)


def test_eyes_alone_align_a_face_exactly():
    found = to_crop(Landmarks((30, 50), (90, 20)), 224)
    assert np.allclose(found.apply([(30, 50), (90, 20)]), np.array(MARKS[:2]) * 224)


def test_a_box_is_squared_with_a_margin_and_a_turned_box_stands_upright():
    upright = to_crop(Box(10, 20, 50, 100), 120)
    assert np.allclose(upright.apply([(30, 60)]), (60, 60))
    assert np.allclose(upright.apply([(10, 20), (50, 100)]), [(35, 10), (85, 110)])
    turned = to_crop(RotatedBox(30, 60, 40, 80, 30), 120)
    assert np.allclose(
        turned.apply(RotatedBox(30, 60, 40, 80, 30).corners), upright.apply(Box(10, 20, 50, 100).corners)
    )


@pytest.mark.parametrize(
    "place",
    [Box(5, 5, 5, 5), RotatedBox(5, 5, 0, 0, 10), Landmarks((5, 5), (5, 5)), Landmarks(*[(5.0, 5.0)] * 5)],
)
def test_a_place_without_extent_is_refused(place):
    with pytest.raises(UserError):
        to_crop(place, 224)


@pytest.mark.parametrize(
    "place",
    [
        Box(0, math.nan, 10, 10), Box(math.nan, 0, 10, 10), Box(0, 0, math.inf, 10), Box(0, 0, 1e-300, 1e-300),
        Box(-1e300, -1e300, 1e300, 1e300), RotatedBox(math.nan, 0, 10, 10, 0), RotatedBox(0, 0, 10, 10, math.nan),
        RotatedBox(0, 0, 10, 10, math.inf), Landmarks((0, 0), (math.nan, 1)),
    ],
)  # fmt: skip
def test_numbers_that_are_no_place_are_refused(place):
    with pytest.raises(UserError):
        to_crop(place, 224)


def test_two_points_that_are_apart_are_needed():
    with pytest.raises(ValueError, match="apart"):
        similarity([(1, 1)], [(2, 2)])
    assert len(FACE) == 5
