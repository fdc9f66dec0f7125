"""Mask -> polygon: exact, valid, 4-connected parts, corners only."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import example, given, settings
from numpy.typing import NDArray

from engine.geometry import masks
from engine.geometry.outlines import to_polygon
from engine.geometry.planar import to_shapely
from engine.geometry.shapes import Box, Mask, Polygon, ring_area
from tests.engine.geometry.strategies import bitmaps

Bitmap = NDArray[np.bool_]


def n_areas(bitmap: Bitmap) -> int:
    """How many 4-connected areas of True there are, by flooding."""
    left = {(int(row), int(column)) for row, column in np.argwhere(bitmap)}
    found = 0
    while left:
        found, front = found + 1, [left.pop()]
        while front:
            row, column = front.pop()
            near = {(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)} & left
            left -= near
            front += near
    return found


RING_THAT_TOUCHES_ITSELF = np.array([[1, 1, 0], [1, 0, 1], [1, 1, 1]], dtype=np.bool_)
HOLES_THAT_TOUCH = np.array([[1, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 1]], dtype=np.bool_)
PARTS_THAT_TOUCH = np.array([[1, 0], [0, 1]], dtype=np.bool_)
ISLAND_IN_A_HOLE = np.pad(np.pad(np.ones((1, 1), dtype=np.bool_), 1), 1, constant_values=True)


@settings(max_examples=400)
@given(bitmaps())
@example(RING_THAT_TOUCHES_ITSELF)
@example(HOLES_THAT_TOUCH)
@example(PARTS_THAT_TOUCH)
@example(ISLAND_IN_A_HOLE)
@example(np.indices((7, 8)).sum(axis=0) % 2 == 0)
def test_the_outline_is_the_mask(bitmap: Bitmap) -> None:
    mask = masks.from_bitmap(bitmap, -3, 5)
    polygon = to_polygon(mask)
    assert masks.of_polygon(polygon) == mask
    assert polygon.area == mask.area
    assert len(polygon.parts) == n_areas(bitmap)
    for part in polygon.parts:
        alone = np.pad(masks.to_bitmap(masks.of_polygon(Polygon((part,)))), 1)
        assert n_areas(alone) == 1
        assert n_areas(~alone) == 1 + len(part.holes)


@given(bitmaps())
@example(RING_THAT_TOUCHES_ITSELF)
@example(HOLES_THAT_TOUCH)
@example(PARTS_THAT_TOUCH)
@example(ISLAND_IN_A_HOLE)
def test_every_polygon_is_valid_and_wound_one_way(bitmap: Bitmap) -> None:
    polygon = to_polygon(masks.from_bitmap(bitmap))
    assert shapely.is_valid(to_shapely(polygon))
    for part in polygon.parts:
        assert ring_area(part.outer) > 0
        assert all(ring_area(hole) < 0 for hole in part.holes)


@given(bitmaps())
def test_every_vertex_is_a_corner(bitmap: Bitmap) -> None:
    for points in to_polygon(masks.from_bitmap(bitmap)).rings:
        steps = np.roll(points, -1, axis=0) - points
        goes_across = steps[:, 0] != 0
        assert (goes_across != (steps[:, 1] != 0)).all()
        assert (goes_across != np.roll(goes_across, 1)).all()


def test_a_pixel_has_four_corners() -> None:
    polygon = to_polygon(masks.from_bitmap(np.ones((1, 1), dtype=np.bool_), 4, 7))
    assert [points.tolist() for points in polygon.rings] == [[[4, 7], [5, 7], [5, 8], [4, 8]]]
    assert to_polygon(masks.empty()).parts == ()


def test_runs_of_length_0_leave_no_line_in_the_outline() -> None:
    counts = np.array([0, 1, 0, 2, 1], dtype=np.uint32)
    assert to_polygon(Mask(0, 0, 1, 4, counts)) == to_polygon(masks.of_box(Box(0, 0, 1, 3)))
