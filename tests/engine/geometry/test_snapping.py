"""Snapping, against looking at every point of every border."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Polygon, RotatedBox
from engine.geometry.snapping import snapped

SQUARE = Polygon.of([(10, 10), (30, 10), (30, 30), (10, 30)], [(15, 15), (20, 15), (20, 20)])


def test_a_vertex_wins_over_a_nearer_border() -> None:
    assert snapped((12, 10.5), [SQUARE], 3) == (10, 10)
    assert snapped((24, 11), [SQUARE], 3) == (24, 10)
    assert snapped((19, 14.6), [SQUARE], 1.5) == (20, 15)
    assert snapped((24, 15), [SQUARE], 3) is None
    assert snapped((24, 15), [], 3) is None


def test_every_kind_has_something_to_snap_to() -> None:
    assert snapped((0.5, 0.2), [Box(0, 0, 9, 9)], 1) == (0, 0)
    assert snapped((5, 5.2), [Keypoints.of([(5, 5, 2), (1, 1, 0)])], 1) == (5, 5)
    assert snapped((1, 1), [Keypoints.of([(1, 1, 0)])], 1) is None
    assert snapped((3.2, 4.1), [masks.from_bitmap(np.ones((4, 4), bool), 3, 4)], 1) == (3, 4)
    corner = RotatedBox(10, 10, 8, 4, 30).corners[0]
    assert math.dist(snapped(tuple(corner + 0.1), [RotatedBox(10, 10, 8, 4, 30)], 1) or (0, 0), corner) < 1e-9


@given(st.tuples(st.floats(0, 40), st.floats(0, 40)), st.floats(0.1, 15))
def test_nothing_nearer_is_overlooked(xy: tuple[float, float], tolerance: float) -> None:
    found = snapped(xy, [SQUARE], tolerance)
    rings = list(SQUARE.rings)
    vertex = min(math.dist(xy, point) for points in rings for point in points)
    along = np.linspace(0, 1, 400)[:, None]
    walked = np.concatenate(
        [a + along * (b - a) for points in rings for a, b in zip(points, np.roll(points, -1, 0), strict=True)]
    )
    border = float(np.hypot(*(walked - xy).T).min())
    if vertex <= tolerance:
        assert found and math.isclose(math.dist(found, xy), vertex)
    elif border <= tolerance:
        assert found and math.dist(found, xy) <= border + 1e-9
    else:
        assert found is None or math.dist(found, xy) > tolerance - 0.05
