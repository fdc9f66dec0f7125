"""Polygon -> mask against a loop over pixel centres in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.geometry import masks
from engine.geometry.scanline import of_box, of_polygon
from engine.geometry.shapes import Box, Mask, Polygon
from engine.geometry.spans import MAX_SIDE
from tests.engine.geometry.strategies import box_shapes, mask_shapes, points, polygon_shapes, wild_polygons

XY = tuple[float, float]
HALF = Fraction(1, 2)


def crossings_above(polygon: Polygon, column: int) -> list[Fraction]:
    """Where the outline crosses the centre line of a column, edge by edge."""
    x, found = column + HALF, []
    for outline in polygon.rings:
        for a, b in zip(outline, np.roll(outline, -1, axis=0), strict=True):
            (ax, ay), (bx, by) = (map(Fraction, end.tolist()) for end in (a, b))
            if min(ax, bx) <= x < max(ax, bx):
                found.append(ay + (x - ax) * (by - ay) / (bx - ax))
    return found


def naive_mask(polygon: Polygon) -> Mask:
    """Even-odd at every centre, a centre on the outline counting as below it."""
    x0, y0, x1, y1 = (int(np.floor(value)) for value in polygon.bounds)
    bitmap = np.zeros((y1 - y0 + 1, x1 - x0 + 1), dtype=np.bool_)
    for column in range(bitmap.shape[1]):
        above = crossings_above(polygon, x0 + column)
        for row in range(bitmap.shape[0]):
            bitmap[row, column] = sum(y <= y0 + row + HALF for y in above) % 2
    return masks.from_bitmap(bitmap, x0, y0)


@settings(max_examples=40)  # fractions are slow
@given(st.one_of(polygon_shapes(), wild_polygons()))
def test_a_pixel_is_set_when_its_centre_is_inside(polygon: Polygon) -> None:
    assert of_polygon(polygon) == naive_mask(polygon)


def test_a_centre_on_the_outline_belongs_to_what_lies_right_of_it_or_below() -> None:
    assert of_polygon(Polygon.of([(0.5, 0.5), (2.5, 0.5), (2.5, 2.5), (0.5, 2.5)])) == of_box(Box(0, 0, 2, 2))


@given(st.tuples(st.integers(1, 159), st.integers(1, 159)).map(lambda at: (at[0] / 8, at[1] / 8)))
@example((10.0, 10.0))
def test_triangles_about_a_point_share_and_miss_no_pixel(middle: XY) -> None:
    corners = [(0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)]
    pieces = [of_polygon(Polygon.of([middle, corners[at], corners[(at + 1) % 4]])) for at in range(4)]
    assert sum(piece.area for piece in pieces) == 400
    whole = pieces[0]
    for piece in pieces[1:]:
        whole = masks.union(whole, piece)
    assert whole == of_box(Box(0, 0, 20, 20))


@given(st.lists(points, min_size=2, max_size=2, unique=True), points, points)
def test_two_polygons_with_a_common_edge_share_no_pixel(edge: list[XY], left: XY, right: XY) -> None:
    (ax, ay), (bx, by) = edge

    def side(at: XY) -> float:
        return (bx - ax) * (at[1] - ay) - (by - ay) * (at[0] - ax)

    if side(left) * side(right) < 0:
        a, b = Polygon.of([*edge, left]), Polygon.of([*edge[::-1], right])
        assert masks.intersect(of_polygon(a), of_polygon(b)).is_empty


@given(box_shapes())
def test_a_box_is_drawn_as_its_outline(box: Box) -> None:
    assert of_box(box) == of_polygon(Polygon.of(box.corners))


@given(mask_shapes())
def test_outlines_give_the_mask_back(mask: Mask) -> None:
    assert of_polygon(masks.to_polygon(mask)) == mask


def test_what_cannot_be_held_is_refused_before_it_is_drawn() -> None:
    for side in (MAX_SIDE + 1, 1e9, 1e300):
        with pytest.raises(ValueError, match="too large"):
            of_polygon(Polygon.of([(0, 0), (side, 0), (0, 3)]))
        with pytest.raises(ValueError, match="too large"):
            of_box(Box(0, 0, side, 3))
    with pytest.raises(ValueError, match="too large"):
        of_box(Box(0, 0, 100_000, 100_000))


def test_a_polygon_without_parts_has_no_pixel() -> None:
    assert of_polygon(Polygon(())) == masks.empty()
    assert of_polygon(Polygon.of([(3, 1), (7, 1), (5, 1)])) == masks.empty()
