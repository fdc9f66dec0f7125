"""Vertices, handles and whole shapes moved by hand."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox, Shape
from engine.geometry.shaping import (
    COMPASS,
    Handle,
    Place,
    drag_handle,
    handles,
    insert_vertex,
    move_vertex,
    moved,
    remove_vertex,
)
from engine.geometry.spaces import Affine, transform
from tests.engine.geometry.strategies import (
    box_shapes,
    keypoint_shapes,
    mask_shapes,
    points,
    polygon_shapes,
    rotated_shapes,
    shapes,
)

XY = tuple[float, float]
compass = st.sampled_from(sorted(COMPASS))
OPPOSITE: dict[Handle, Handle] = {
    "nw": "se",
    "n": "s",
    "ne": "sw",
    "e": "w",
    "se": "nw",
    "s": "n",
    "sw": "ne",
    "w": "e",
}


def places(polygon: Polygon) -> list[Place]:
    return [
        Place(vertex, at, n)
        for n, part in enumerate(polygon.parts)
        for at, ring in enumerate(part.rings)
        for vertex in range(len(ring))
    ]


def points_by_place(polygon: Polygon) -> dict[Place, XY]:
    return {place: tuple(polygon.parts[place.part].rings[place.ring][place.vertex]) for place in places(polygon)}


@given(polygon_shapes(), st.data(), points)
def test_one_vertex_moves_and_no_other(polygon: Polygon, data: st.DataObject, xy: XY) -> None:
    place = data.draw(st.sampled_from(places(polygon)))
    expected = points_by_place(polygon) | {place: xy}
    changed = move_vertex(polygon, place, xy)
    assert points_by_place(changed) == expected
    assert not any(ring.flags.writeable for ring in changed.rings)


@given(polygon_shapes(), st.data(), points)
def test_a_vertex_put_in_and_taken_out_again(polygon: Polygon, data: st.DataObject, xy: XY) -> None:
    place = data.draw(st.sampled_from(places(polygon)))
    longer = insert_vertex(polygon, place, xy)
    new = Place(place.vertex + 1, place.ring, place.part)
    assert longer.n_vertices == polygon.n_vertices + 1
    assert points_by_place(longer)[new] == xy
    assert points_by_place(longer)[place] == points_by_place(polygon)[place]
    assert remove_vertex(longer, new) == polygon


@given(polygon_shapes())
def test_a_ring_keeps_three_points(polygon: Polygon) -> None:
    for _ in range(polygon.n_vertices):
        polygon = remove_vertex(polygon, Place(0))
    assert len(polygon.parts[0].outer) == 3


def test_a_vertex_dragged_onto_the_first_is_still_there() -> None:
    triangle = Polygon.of([(0, 0), (4, 0), (0, 4)])
    folded = move_vertex(triangle, Place(2), (0, 0))
    assert folded.n_vertices == 3
    assert move_vertex(folded, Place(2), (0, 4)) == triangle
    with pytest.raises(ValueError, match="finite"):
        move_vertex(triangle, Place(2), (0, float("nan")))


@given(keypoint_shapes(), st.data(), points)
def test_a_keypoint_that_is_moved_is_given(keypoints: Keypoints, data: st.DataObject, xy: XY) -> None:
    at = data.draw(st.integers(0, len(keypoints.points) - 1))
    changed = move_vertex(keypoints, Place(at), xy).points
    assert changed[at] == (*xy, keypoints.points[at][2] or 2)
    assert changed[:at] == keypoints.points[:at] and changed[at + 1 :] == keypoints.points[at + 1 :]


@given(st.one_of(box_shapes(), rotated_shapes()))
def test_handles_lie_on_corners_and_sides(box: Box | RotatedBox) -> None:
    found = handles(box, turn_reach=5)
    for name, corner in zip(("nw", "ne", "se", "sw"), box.corners, strict=True):
        assert found[name] == pytest.approx(corner)  # type: ignore[index]
    for side, (one, other) in {"n": ("nw", "ne"), "e": ("ne", "se"), "s": ("se", "sw"), "w": ("sw", "nw")}.items():
        middle = (np.array(found[one]) + np.array(found[other])) / 2  # type: ignore[index]
        assert found[side] == pytest.approx(middle)  # type: ignore[index]
    assert set(found) == set(get_args(Handle)) - (set() if isinstance(box, RotatedBox) else {"turn"})
    if isinstance(box, RotatedBox):
        assert np.hypot(*np.subtract(found["turn"], found["n"])) == pytest.approx(5)


@given(st.one_of(box_shapes(), rotated_shapes()), compass, points)
def test_what_lies_opposite_stays(box: Box | RotatedBox, handle: Handle, xy: XY) -> None:
    dragged = drag_handle(box, handle, xy)
    assert type(dragged) is type(box) and dragged.width >= 0 and dragged.height >= 0
    fixed = handles(box)[OPPOSITE[handle]]
    if len(handle) == 2:
        corners = np.abs(dragged.corners - fixed).max(axis=1), np.abs(dragged.corners - xy).max(axis=1)
        assert corners[0].min() < 1e-6 and corners[1].min() < 1e-6
    else:
        assert min(np.hypot(*np.subtract(at, fixed)) for at in handles(dragged).values()) < 1e-6


@given(box_shapes(), compass)
def test_a_handle_put_where_it_is_changes_nothing(box: Box, handle: Handle) -> None:
    assert drag_handle(box, handle, handles(box)[handle]) == box


@given(rotated_shapes(), compass, points)
def test_a_rotated_box_is_dragged_as_an_upright_one_seen_askew(box: RotatedBox, handle: Handle, xy: XY) -> None:
    level = Affine.rotate(-box.angle, about=(box.cx, box.cy))
    upright = Box(box.cx - box.width / 2, box.cy - box.height / 2, box.cx + box.width / 2, box.cy + box.height / 2)
    expected = drag_handle(upright, handle, level.apply_one(xy))
    dragged = drag_handle(box, handle, xy)
    assert transform(dragged, level).bounds == pytest.approx(expected.bounds, abs=1e-6)


def test_a_box_pulled_through_itself_comes_out_on_the_other_side() -> None:
    assert drag_handle(Box(2, 2, 6, 4), "e", (-1, 99)) == Box(-1, 2, 2, 4)
    assert drag_handle(Box(2, 2, 6, 4), "nw", (9, 7)) == Box(6, 4, 9, 7)
    assert drag_handle(Box(2, 2, 6, 4), "s", (0, 2)).is_empty


@given(rotated_shapes(), points)
def test_turning_points_north_at_the_pointer(box: RotatedBox, xy: XY) -> None:
    if np.hypot(xy[0] - box.cx, xy[1] - box.cy) < 1:
        return
    turned = drag_handle(box, "turn", xy)
    north, pointer = np.subtract(handles(turned)["n"], (box.cx, box.cy)), np.subtract(xy, (box.cx, box.cy))
    assert north / np.hypot(*north) == pytest.approx(pointer / np.hypot(*pointer), abs=1e-6)
    assert (turned.cx, turned.cy, turned.width, turned.height) == (box.cx, box.cy, box.width, box.height)


@given(shapes(), st.integers(-40, 40), st.integers(-40, 40))
def test_moved_is_a_translation_and_comes_back(shape: Shape, dx: int, dy: int) -> None:
    there = moved(shape, dx, dy)
    assert moved(there, -dx, -dy) == shape
    if isinstance(shape, RotatedBox):
        assert there == RotatedBox(shape.cx + dx, shape.cy + dy, shape.width, shape.height, shape.angle)
    else:
        assert there == transform(shape, Affine.translate(dx, dy))


@given(mask_shapes(), st.floats(-9, 9), st.floats(-9, 9))
def test_masks_move_by_whole_pixels(mask: Mask, dx: float, dy: float) -> None:
    there = moved(mask, dx, dy)
    assert isinstance(there, Mask) and there == moved(mask, round(dx), round(dy))
    assert moved(masks.empty(), dx, dy) == masks.empty()
