"""The five shapes: bounds, areas, equality."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry.shapes import Box, Keypoints, Part, Polygon, RotatedBox, Shape, ring, ring_area
from tests.engine.geometry.strategies import points, polygon_shapes, rotated_shapes, shapes


@given(points, points)
def test_box_between_takes_corners_in_any_order(a: tuple[float, float], b: tuple[float, float]) -> None:
    box = Box.between(a, b)
    assert box == Box.between(b, a) == Box.between((a[0], b[1]), (b[0], a[1]))
    assert box.width >= 0 and box.height >= 0
    assert box.is_empty == (a[0] == b[0] or a[1] == b[1])


def test_box_corners_go_clockwise_from_the_top_left() -> None:
    assert Box(1, 2, 4, 8).corners.tolist() == [[1, 2], [4, 2], [4, 8], [1, 8]]
    assert ring_area(Box(1, 2, 4, 8).corners) == 18


@given(rotated_shapes())
def test_rotated_box_corners_hold_its_size(box: RotatedBox) -> None:
    corners = box.corners
    assert math.dist(corners[0], corners[1]) == pytest.approx(box.width)
    assert math.dist(corners[1], corners[2]) == pytest.approx(box.height)
    assert ring_area(corners) == pytest.approx(box.area)
    assert corners.mean(axis=0) == pytest.approx([box.cx, box.cy])


def test_rotated_box_turns_clockwise_on_screen() -> None:
    # At 90 degrees the corner that was top left is top right.
    assert RotatedBox(0, 0, 4, 2, 90).corners[0] == pytest.approx([1, -2])


@given(shapes())
def test_bounds_are_ordered_and_area_fits_in_them(shape: Shape) -> None:
    x0, y0, x1, y1 = shape.bounds
    assert x0 <= x1 and y0 <= y1
    assert shape.area <= (x1 - x0) * (y1 - y0) * (1 + 1e-9)


@given(polygon_shapes())
def test_polygons_are_values(polygon: Polygon) -> None:
    same = Polygon(tuple(Part(part.outer.copy(), tuple(hole.copy() for hole in part.holes)) for part in polygon.parts))
    assert same == polygon and hash(same) == hash(polygon)
    assert Polygon(polygon.parts[:1] * 2) != Polygon(polygon.parts[:1])
    assert polygon.parts[0] != Part(polygon.parts[0].outer + 1, polygon.parts[0].holes)


@given(st.sampled_from([[(0, 0), (1, 1)], [(0, 0), (1, 1), (0, 0)], [(0, 0), (1, 0), (math.nan, 1)]]))
def test_a_ring_refuses_what_is_none(rows: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="ring"):
        ring(rows)


def test_a_ring_is_open_and_read_only() -> None:
    points = ring([(0, 0), (2, 0), (2, 2), (0, 0)])
    assert len(points) == 3
    with pytest.raises(ValueError, match="read-only"):
        points[0, 0] = 5


def test_holes_count_against_the_area() -> None:
    assert Polygon.of([(0, 0), (4, 0), (4, 4), (0, 4)], [(1, 1), (1, 2), (2, 2), (2, 1)]).area == 15


def test_keypoints_bounds_leave_out_what_is_not_given() -> None:
    keypoints = Keypoints.of([(0, 0, 0), (3, 4, 2), (5, 1, 1)])
    assert keypoints.bounds == (3, 1, 5, 4)
    assert keypoints.given == ((3, 4), (5, 1))
    assert Keypoints.of([(9, 9, 0)]).is_empty
    assert np.isfinite(Keypoints.of([]).bounds).all()
