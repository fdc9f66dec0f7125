"""What is under the pointer: cases for the order, and the index against looking at every shape."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import masks
from engine.geometry.nearness import Nearness
from engine.geometry.picking import TURN_REACH, Aim, Pick, PickIndex, pick
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox, Shape
from engine.geometry.shaping import Place
from tests.engine.geometry.strategies import mask_shapes, points, polygon_shapes, shapes, wild_polygons

XY = tuple[float, float]
LARGE, SMALL = Box(0, 0, 100, 100), Box(40, 40, 60, 60)
TRIANGLE = Polygon.of([(0, 0), (90, 0), (0, 90)])
many = st.lists(shapes(), max_size=6).map(lambda found: dict(enumerate(found, start=10)))


def aim(x: float, y: float, *selected: int, cycle: int = 0) -> Aim:
    return Aim((x, y), 3.0, frozenset(selected), cycle)


def test_the_smallest_body_comes_first_and_clicks_go_through_the_rest() -> None:
    shapes_by_id: dict[int, Shape] = {1: SMALL, 2: LARGE, 3: Box(30, 30, 70, 70)}
    found = [pick(shapes_by_id, aim(50, 50, cycle=cycle)) for cycle in range(4)]
    assert [one.annotation_id for one in found if one] == [1, 3, 2, 1]
    assert {one.kind for one in found if one} == {"body"}


def test_of_equal_bodies_the_selected_and_then_the_topmost_comes_first() -> None:
    assert pick({1: LARGE, 2: LARGE}, aim(50, 50)) == Pick("body", 2, 0)
    assert pick({1: LARGE, 2: LARGE}, aim(50, 50, 1)) == Pick("body", 1, 0)


def test_only_selected_shapes_offer_vertices_and_handles() -> None:
    assert pick({1: TRIANGLE}, aim(1, -1)) == Pick("edge", 1, 1, place=Place(0))
    assert pick({1: TRIANGLE}, aim(1, -1, 1)) == Pick("vertex", 1, math.sqrt(2), place=Place(0))
    assert pick({1: LARGE}, aim(101, 49)) == Pick("edge", 1, 1, place=Place(1))
    assert pick({1: LARGE}, aim(101, 49, 1)) == Pick("handle", 1, math.sqrt(2), handle="e")


def test_vertex_before_handle_before_edge_before_body() -> None:
    corner = Polygon.of([(100, 100), (130, 100), (100, 130)])
    shapes_by_id: dict[int, Shape] = {1: corner, 2: LARGE, 3: Box(50, 102, 150, 150), 4: Box(99, 99, 105, 105)}
    order = PickIndex(shapes_by_id).all(aim(101.5, 101.5, 1, 2))
    assert [(one.annotation_id, one.kind) for one in order] == [(1, "vertex"), (2, "handle"), (3, "edge"), (4, "edge")]
    assert [one.kind for one in PickIndex({1: LARGE, 2: Box(-9, -9, 2, 200)}).all(aim(4, 50))] == ["edge", "body"]


def test_the_nearest_vertex_of_a_hole_in_the_second_part() -> None:
    frame = Polygon.of([(200, 0), (290, 0), (290, 90), (200, 90)], [(230, 30), (230, 60), (260, 60), (260, 30)])
    both = Polygon((*TRIANGLE.parts, *frame.parts))
    assert pick({5: both}, aim(259, 61, 5)) == Pick("vertex", 5, math.sqrt(2), place=Place(2, ring=1, part=1))
    assert pick({5: both}, aim(245, 61, 5)) == Pick("edge", 5, 1, place=Place(1, ring=1, part=1))
    assert pick({5: both}, aim(245, 45, 5)) is None


def test_a_rotated_box_is_turned_by_a_handle_outside_its_bounds() -> None:
    box = RotatedBox(50, 50, 40, 20, 0)
    beyond = aim(50, 40 - TURN_REACH * 3, 7)
    assert pick({7: box}, beyond) == Pick("handle", 7, 0, handle="turn")
    assert pick({7: box}, aim(*beyond.xy_image)) is None
    assert pick({}, beyond) is None


def test_keypoints_are_bodies_at_their_given_points_only() -> None:
    keypoints = Keypoints.of([(10, 10, 2), (50, 50, 0), (90, 90, 1)])
    assert pick({3: keypoints}, aim(11, 10)) == Pick("body", 3, 1)
    assert pick({3: keypoints}, aim(50, 50, 3)) is None
    assert pick({3: keypoints}, aim(90, 92, 3)) == Pick("vertex", 3, 2, place=Place(2))


@given(mask_shapes(), st.integers(-22, 34), st.integers(-22, 34))
def test_a_mask_is_hit_on_its_pixels(mask: Mask, column: int, row: int) -> None:
    picture = masks.paint(Mask(mask.x + 30, mask.y + 30, mask.width, mask.height, mask.counts), 80, 80)
    is_hit = pick({1: mask}, aim(column + 0.25, row + 0.75, 1)) is not None
    assert is_hit == picture[row + 30, column + 30]


@given(st.one_of(polygon_shapes(), wild_polygons()), st.integers(-60, 60), st.integers(-60, 60))
def test_inside_means_what_it_means_for_masks(polygon: Polygon, column: int, row: int) -> None:
    only = masks.intersect(masks.of_polygon(polygon), masks.of_box(Box(column, row, column + 1, row + 1)))
    centre = (column + 0.5, row + 0.5)
    distance, _ = Nearness(polygon).edge(centre) or (math.inf, None)
    if distance > 1e-9:
        assert Nearness(polygon).contains(centre) == (not only.is_empty)


@pytest.mark.parametrize("x", [0.25, 0.5, 5, 9.75])
def test_inside_right_beside_an_edge(x: float) -> None:
    square = Nearness(Polygon.of(Box(0, 0, 10, 10).corners))
    assert square.contains((x, 5)) and square.contains((5, x))
    assert not square.contains((-x, 5)) and not square.contains((x + 10, 5))


def naive_edge(polygon: Polygon, xy: XY) -> float:
    nearest = math.inf
    for ring in polygon.rings:
        for start, end in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            step, off = end - start, np.array(xy) - start
            along = min(1.0, max(0.0, float(off @ step / (step @ step)))) if step.any() else 0.0
            nearest = min(nearest, float(np.linalg.norm(off - along * step)))
    return nearest


@given(st.one_of(polygon_shapes(), wild_polygons()), points)
def test_the_nearest_edge_and_vertex_are_the_nearest(polygon: Polygon, xy: XY) -> None:
    near = Nearness(polygon)
    edge, vertex = near.edge(xy), near.vertex(xy)
    assert edge is not None and vertex is not None
    assert edge[0] == pytest.approx(naive_edge(polygon, xy), abs=1e-9)
    assert vertex[0] == pytest.approx(min(math.dist(xy, at) for ring in polygon.rings for at in ring.tolist()))
    distance, place = vertex
    at = polygon.parts[place.part].rings[place.ring][place.vertex]
    assert math.dist(at, xy) == pytest.approx(distance)


@given(many, points, st.frozensets(st.integers(8, 17), max_size=3), st.integers(0, 9))
def test_the_index_picks_as_if_every_shape_were_asked(
    shapes_by_id: dict[int, Shape], xy: XY, selected: frozenset[int], cycle: int
) -> None:
    here = Aim(xy, 4.0, selected, cycle)
    alone = [one for at, shape in shapes_by_id.items() for one in PickIndex({at: shape}).all(here)]
    found = PickIndex(shapes_by_id).all(here)
    assert sorted(found, key=lambda one: one.annotation_id) == alone
    assert [one.kind for one in found] == sorted((one.kind for one in found), key="vertex handle edge body".index)
    bodies = [shapes_by_id[one.annotation_id].area for one in found if one.kind == "body"]
    assert bodies == sorted(bodies)
    assert PickIndex(shapes_by_id).pick(here) == (found[cycle % len(found)] if found else None)


@given(many, many, points)
def test_edits_leave_the_index_as_if_made_anew(before: dict[int, Shape], after: dict[int, Shape], xy: XY) -> None:
    index = PickIndex(before)
    for at in before.keys() - after.keys():
        index.drop(at)
    for at, shape in after.items():
        index.put(at, shape)
    assert len(index) == len(after)
    assert index.all(Aim(xy, 4.0)) == PickIndex(after).all(Aim(xy, 4.0))


def test_a_changed_shape_keeps_its_place_in_the_pile() -> None:
    index = PickIndex({1: LARGE, 2: LARGE})
    index.put(1, LARGE)
    assert index.pick(aim(50, 50)) == Pick("body", 2, 0)
    index.put(3, LARGE)
    assert index.pick(aim(50, 50)) == Pick("body", 3, 0)


def test_what_comes_back_lies_where_it_lay() -> None:
    shapes: dict[int, Shape] = {n: Box(0, 0, 10, 10) for n in range(200)}
    index = PickIndex(shapes)
    for n in range(100):
        index.drop(n)
    index.put_all({n: shapes[n] for n in range(100)})
    assert [pick.annotation_id for pick in index.all(Aim((5, 5), 1))] == list(reversed(range(200)))
