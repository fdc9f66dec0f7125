"""Points on the map: what is near, within and enclosed, as loops would find it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from shapely import Point, Polygon

from studio.faces.map_points import SIDE, apart, enclosed, nearest, placed, within

PLACES = arrays.arrays(np.float64, st.tuples(st.integers(0, 60), st.just(2)), elements=st.integers(0, SIDE))
SPOT = st.tuples(st.integers(0, SIDE), st.integers(0, SIDE))


@given(arrays.arrays(np.float32, st.tuples(st.integers(0, 40), st.just(2)), elements=st.floats(-9, 9, width=32)))
def test_points_are_on_the_map_and_keep_their_proportions(projected: np.ndarray) -> None:
    places = placed(projected)
    assert places.shape == projected.shape
    assert ((places >= 0) & (places <= SIDE)).all()
    for a, b in zip(range(len(places)), range(1, len(places)), strict=False):
        before, after = np.linalg.norm(projected[a] - projected[b]), np.linalg.norm(places[a] - places[b])
        whole = np.ptp(projected, axis=0).max()
        if whole > 1e-3:
            assert after == pytest.approx(before / whole * 0.94 * SIDE, rel=1e-3, abs=1e-2)


@given(PLACES, SPOT, st.integers(1, 300))
def test_the_nearest_is_that_of_a_loop(places: np.ndarray, at: tuple[int, int], reach: int) -> None:
    found = nearest(places, at, reach)
    away = [np.hypot(*(each - at)) for each in places]
    near = [row for row, each in enumerate(away) if each <= reach]
    if not near:
        assert found == -1
    else:
        assert away[found] == min(away)


@given(PLACES, SPOT, SPOT)
def test_a_rectangle_takes_what_is_in_it(places: np.ndarray, a: tuple[int, int], b: tuple[int, int]) -> None:
    x0, x1, y0, y1 = min(a[0], b[0]), max(a[0], b[0]), min(a[1], b[1]), max(a[1], b[1])
    expected = [row for row, (x, y) in enumerate(places) if x0 <= x <= x1 and y0 <= y <= y1]
    assert within(places, (x0, y0, x1, y1)).tolist() == expected


@given(PLACES, st.integers(3, 9), st.integers(0, 10_000))
def test_a_lasso_takes_what_shapely_says_is_inside(places: np.ndarray, n_corners: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, n_corners))
    corners = 500 + rng.uniform(100, 480, (n_corners, 1)) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    outline = Polygon(corners)
    found = set(enclosed(places, corners).tolist())
    for row, at in enumerate(places):
        if outline.is_valid and outline.exterior.distance(Point(at)) > 1e-6:
            assert (row in found) == outline.contains(Point(at))


def test_a_line_encloses_nothing() -> None:
    assert not len(enclosed(np.full((3, 2), 5.0), np.array([(0.0, 0.0), (10.0, 10.0)])))
    assert not len(enclosed(np.empty((0, 2)), np.array([(0.0, 0.0), (10.0, 10.0), (0.0, 10.0)])))


@given(PLACES, st.integers(5, 400))
def test_tiles_never_overlap_and_use_the_room(places: np.ndarray, room: int) -> None:
    rows = apart(places, room)
    taken = places[rows]
    for n, each in enumerate(taken):
        for other in taken[:n]:
            assert (abs(each - other) >= room).any()
    assert len(rows) > 0 or not len(places)
