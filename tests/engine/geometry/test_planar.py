"""Shapes as shapely geometries, repaired, joined and cut."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.geometry import masks, planar
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, Shape, ring_area
from tests.engine.geometry.strategies import area_shapes, box_shapes, mask_shapes, points, polygon_shapes, wild_polygons

BOWTIE = Polygon.of([(0, 0), (4, 4), (4, 0), (0, 4)])


def centres(mask: Mask) -> NDArray[np.float64]:
    """The centres of a mask's pixels, (N, 2)."""
    y, x = np.nonzero(masks.to_bitmap(mask))
    return np.stack([x + mask.x + 0.5, y + mask.y + 0.5], axis=1)


@given(polygon_shapes())
def test_there_and_back(polygon: Polygon) -> None:
    geometry = planar.to_shapely(polygon)
    assert shapely.is_valid(geometry)
    assert planar.from_shapely(geometry) == polygon
    assert planar.repaired(polygon) is polygon


@given(area_shapes())
def test_a_geometry_has_the_area_and_bounds_of_its_shape(shape: Shape) -> None:
    geometry = planar.to_shapely(shape)
    assert geometry.area == pytest.approx(shape.area)
    if not shape.is_empty:
        assert geometry.bounds == pytest.approx(shape.bounds)


def test_keypoints_are_points_without_a_surface() -> None:
    keypoints = Keypoints.of([(1, 2, 2), (3, 4, 0)])
    assert planar.to_shapely(keypoints).equals(shapely.MultiPoint([(1, 2)]))
    assert planar.surface(keypoints).is_empty
    assert planar.from_shapely(planar.to_shapely(keypoints)) == Polygon(())


@given(st.one_of(wild_polygons(), polygon_shapes()))
def test_repaired_polygons_are_valid_and_even_odd(polygon: Polygon) -> None:
    repaired = planar.repaired(polygon)
    assert shapely.is_valid(planar.to_shapely(repaired))
    # Crossings are rounded, which may move the pixels whose centres lie on the outline, and no others.
    before, after = masks.of_polygon(polygon), masks.of_polygon(repaired)
    moved = np.concatenate([centres(masks.subtract(before, after)), centres(masks.subtract(after, before))])
    outline = shapely.boundary(planar.to_shapely(polygon))
    assert np.all(shapely.distance(shapely.points(moved), outline) < 1e-9)
    for part in repaired.parts if repaired is not polygon else ():
        assert ring_area(part.outer) > 0 and all(ring_area(hole) < 0 for hole in part.holes)


def test_an_edge_run_through_twice_is_no_border() -> None:
    doubled = Polygon.of([(0, 0), (0, 0.375), (0, 0), (-4.875, 1.625), (0, 0.375), (-5.625, 1.875)])
    # A triangle of which another, that shares two of its edges, is taken away.
    assert planar.repaired(doubled).area == pytest.approx(abs(doubled.area))
    assert planar.repaired(doubled).bounds == (-5.625, 0.375, 0, 1.875)


def test_a_bowtie_becomes_two_triangles() -> None:
    assert planar.repaired(BOWTIE).area == 8 and len(planar.repaired(BOWTIE).parts) == 2
    assert planar.repaired(Polygon.of([(0, 0), (5, 5), (9, 9)])) == Polygon(())


@given(st.one_of(area_shapes(), wild_polygons()), area_shapes())
def test_set_operations_share_out_the_area(a: Shape, b: Shape) -> None:
    union, common, rest = planar.union(a, b), planar.intersect(a, b), planar.subtract(a, b)
    area_of_a = planar.surface(a).area
    assert union.area + common.area == pytest.approx(area_of_a + b.area)
    assert rest.area + common.area == pytest.approx(area_of_a, abs=1e-6)
    for polygon in (union, common, rest):
        assert shapely.is_valid(planar.to_shapely(polygon))


@given(mask_shapes(), mask_shapes())
def test_on_outlines_of_masks_they_are_those_of_the_pixels(a: Mask, b: Mask) -> None:
    assert masks.of_polygon(planar.union(a, b)) == masks.union(a, b)
    assert masks.of_polygon(planar.intersect(a, b)) == masks.intersect(a, b)
    assert masks.of_polygon(planar.subtract(a, b)) == masks.subtract(a, b)


def test_union_of_none_and_of_one() -> None:
    assert planar.union() == Polygon(())
    assert planar.union(Box(0, 0, 2, 3)).area == 6


@given(polygon_shapes(), st.lists(points, min_size=2, max_size=4, unique=True))
def test_pieces_make_up_the_whole(polygon: Polygon, line: list[tuple[float, float]]) -> None:
    pieces = planar.split(polygon, line)
    assert sum(piece.area for piece in pieces) == pytest.approx(polygon.area)
    surfaces = [planar.surface(piece) for piece in pieces]
    assert shapely.union_all(surfaces).area == pytest.approx(polygon.area)
    assert all(piece.area > 0 for piece in pieces)


def test_a_line_across_cuts_and_a_line_that_ends_inside_does_not() -> None:
    box = Box(0, 0, 10, 4)
    assert [piece.area for piece in planar.split(box, [(3, -1), (3, 5)])] == [28, 12]
    assert [piece.area for piece in planar.split(box, [(3, -1), (3, 2)])] == [40]
    assert [piece.area for piece in planar.split(box, [(30, -1), (30, 2)])] == [40]


def test_a_cut_leaves_holes_empty_and_other_parts_with_the_largest_piece() -> None:
    ring_of_stone = Polygon.of([(0, 0), (10, 0), (10, 4), (0, 4)], [(4, 1), (4, 3), (6, 3), (6, 1)])
    other = Polygon.of([(20, 0), (22, 0), (22, 1), (20, 1)])
    pieces = planar.split(Polygon((*ring_of_stone.parts, *other.parts)), [(-1, 2), (11, 2)])
    assert [piece.area for piece in pieces] == [20, 18]
    assert [len(piece.parts) for piece in pieces] == [2, 1]
    assert [len(piece.parts) for piece in planar.split(ring_of_stone, [(5, -1), (5, 2)])] == [1]


@given(polygon_shapes(), st.integers(1, 4))
def test_simplifying_moves_outlines_no_farther_than_told(polygon: Polygon, tolerance: int) -> None:
    simpler = planar.simplify(polygon, tolerance)
    assert simpler.n_vertices <= polygon.n_vertices
    assert shapely.is_valid(planar.to_shapely(simpler))
    assert len(simpler.parts) == len(polygon.parts)
    assert sum(len(part.holes) for part in simpler.parts) == sum(len(part.holes) for part in polygon.parts)
    outline = planar.to_shapely(simpler).boundary
    vertices = np.concatenate(list(polygon.rings))
    assert shapely.distance(outline, shapely.points(vertices)).max() <= tolerance + 1e-9


@given(box_shapes())
def test_simplifying_takes_vertices_off_straight_edges(box: Box) -> None:
    x0, y0, x1, y1 = box.bounds
    middle = ((x0 + x1) / 2, y0)
    assert planar.simplify(Polygon.of([(x0, y0), middle, (x1, y0), (x1, y1), (x0, y1)]), 0.01).n_vertices == 4
