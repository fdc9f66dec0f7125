"""Cutting holes away, seams, unions: never a pixel or a bit of area more or less."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from engine.formats._rings import as_box, as_polygon, cut, ellipse, joined, of_one_ring, one_ring
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask, Part, Polygon, Ring, RotatedBox, ring, ring_area
from tests.engine.formats import given as making

SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10)]
HOLE = [(3, 3), (3, 6), (6, 6), (6, 3)]


@given(making.polygons(40, 30))
def test_cut_pieces_cover_the_polygon_once(polygon: Polygon) -> None:
    pieces = cut(polygon)
    assert sum(abs(ring_area(piece)) for piece in pieces) == pytest.approx(polygon.area, rel=1e-9)
    painted = sum(masks.paint(masks.of_polygon(Polygon.of(piece)), 30, 40).astype(int) for piece in pieces)
    assert np.array_equal(painted, masks.paint(masks.of_polygon(polygon), 30, 40))


@given(making.bitmaps(12, 9))
def test_masks_full_of_holes_are_cut_without_loss(mask: Mask) -> None:
    polygon = masks.to_polygon(mask)
    pieces = cut(polygon)
    assert sum(abs(ring_area(piece)) for piece in pieces) == polygon.area
    assert masks.of_polygon(joined([Part(piece) for piece in pieces])) == mask


@given(making.polygons(40, 30))
def test_what_was_cut_is_one_again(polygon: Polygon) -> None:
    whole = joined([Part(piece) for piece in cut(polygon)])
    assert len(whole.parts) == len(polygon.parts)
    assert sum(len(part.holes) for part in whole.parts) == sum(len(part.holes) for part in polygon.parts)
    assert whole.area == pytest.approx(polygon.area, rel=1e-9)


def test_a_polygon_without_holes_is_not_touched() -> None:
    polygon = Polygon((Part(ring(SQUARE)), Part(ring([(20, 0), (30, 0), (25, 9)]))))
    assert [points.tolist() for points in cut(polygon)] == [part.outer.tolist() for part in polygon.parts]
    assert joined(polygon.parts) == polygon


def test_two_rows_of_holes_take_two_cuts() -> None:
    holes = [ring([(x, y), (x, y + 1), (x + 1.5, y + 1), (x + 1.5, y)]) for x in (1, 6) for y in (1, 3, 5, 7)]
    assert len(cut(Polygon((Part(ring(SQUARE), tuple(holes)),)))) == 3


def test_a_ring_inside_another_adds_nothing_and_is_no_hole() -> None:
    assert joined([Part(ring(SQUARE)), Part(ring(HOLE))]).area == 100
    assert joined([Part(ring(SQUARE)), Part(ring(np.add(SQUARE, 5)))]).area == 175


@given(making.polygons(40, 30))
def test_one_ring_keeps_every_ring_and_gives_it_back(polygon: Polygon) -> None:
    whole = one_ring(polygon)
    assert ring_area(whole) == pytest.approx(polygon.area, rel=1e-9)
    assert masks.of_polygon(Polygon.of(whole)) == masks.of_polygon(polygon)
    back = of_one_ring(whole)
    assert sorted(len(part.holes) for part in back.parts) == sorted(len(part.holes) for part in polygon.parts)
    assert sorted(map(vertices, back.rings)) == sorted(map(vertices, polygon.rings))


def vertices(points: Ring) -> list[tuple[float, float]]:
    return sorted((float(x), float(y)) for x, y in points)


@given(making.bitmaps(12, 9).filter(lambda mask: not mask.is_empty))
def test_outlines_that_touch_at_corners_survive_seams(mask: Mask) -> None:
    back = of_one_ring(one_ring(masks.to_polygon(mask)))
    assert masks.of_polygon(back) == mask
    assert back.area == mask.area


def test_seams_of_others_are_taken_out_whichever_way_they_run() -> None:
    keyhole = [(0, 0), (3, 3), (3, 6), (6, 6), (6, 3), (3, 3), (0, 0), (10, 0), (10, 10), (0, 10)]
    for points in (keyhole, keyhole[::-1], keyhole[4:] + keyhole[:4]):
        (part,) = of_one_ring(ring(points)).parts
        assert (abs(ring_area(part.outer)), [abs(ring_area(hole)) for hole in part.holes]) == (100, [9])


def test_rings_without_seams_stay_as_they_are() -> None:
    bow_tie = ring([(0, 0), (4, 4), (8, 0), (8, 8), (4, 4), (0, 8)])
    assert of_one_ring(bow_tie) == Polygon((Part(bow_tie),))


@pytest.mark.parametrize("turned", range(4))
@pytest.mark.parametrize("step", [1, -1])
def test_four_corners_of_an_upright_rectangle_are_a_box(turned: int, step: int) -> None:
    corners = [(1.0, 2.0), (4.0, 2.0), (4.0, 7.0), (1.0, 7.0)][::step]
    assert as_box(Polygon.of(corners[turned:] + corners[:turned])) == Box(1, 2, 4, 7)


@pytest.mark.parametrize(
    "points",
    [
        [(0, 0), (4, 0), (4, 4), (1, 4)],
        [(0, 0), (4, 4), (4, 0), (0, 4)],
        [(0, 0), (0, 0), (4, 4), (0, 4)],
        [(0, 2), (2, 0), (4, 2), (2, 4)],
        [(0, 0), (4, 0), (4, 4)],
        [(0, 0), (2, 0), (4, 0), (4, 4), (0, 4)],
    ],
)
def test_other_polygons_are_no_box(points: list[tuple[float, float]]) -> None:
    assert as_box(Polygon.of(points)) is None


@given(st.floats(0.01, 5000), st.floats(0.01, 5000), st.floats(-7, 7))
def test_an_ellipse_is_off_by_less_than_a_twentieth_of_a_pixel(rx: float, ry: float, turn: float) -> None:
    points = ellipse((3, 4), (rx, ry), turn)
    back = shapely.Polygon(points)
    exact = math.pi * rx * ry
    perimeter = 2 * math.pi * max(rx, ry)
    assert exact - back.area <= 0.05 * perimeter + 1e-9
    assert back.area <= exact * (1 + 1e-9)
    assert np.hypot(*(points - (3, 4)).T).max() <= max(rx, ry) * (1 + 1e-9)


def test_only_shapes_with_an_area_have_an_outline() -> None:
    assert as_polygon(Box(1, 1, 1, 5)) is None
    assert as_polygon(Keypoints(((1, 2, 2),))) is None
    assert as_polygon(masks.empty()) is None
    assert as_polygon(RotatedBox(5, 5, 4, 0, 30)) is None
    assert as_polygon(Box(1, 2, 3, 4)) == Polygon.of([(1, 2), (3, 2), (3, 4), (1, 4)])
