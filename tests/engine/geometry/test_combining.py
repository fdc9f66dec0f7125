"""Combining, cutting, converting and clipping: areas add up, kinds are kept, and masks agree pixel by pixel."""

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.geometry import masks
from engine.geometry.combining import AreaKind, Operation, clipped, combined, converted, pieces, true_area
from engine.geometry.overlap import iou
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox, Shape
from tests.engine.geometry.strategies import area_shapes, box_shapes, mask_shapes, rotated_shapes

POINTS = Keypoints.of([(1, 1, 2)])
LINES = st.lists(st.tuples(st.integers(-90, 160), st.integers(-90, 90)), min_size=2, max_size=4, unique=True)
KINDS: tuple[AreaKind, ...] = get_args(AreaKind)


SHAPES = area_shapes().filter(lambda shape: not shape.is_empty)


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-6, abs=1e-6)


@given(a=area_shapes(), b=area_shapes())
def test_areas_add_up(a: Shape, b: Shape) -> None:
    assume(not isinstance(a, Mask) or isinstance(b, Mask))  # a mask reads other shapes by pixels
    union, common, rest = (true_area(combined(of, a, b)) for of in ("union", "intersect", "subtract"))
    assert union + common == near(true_area(a) + true_area(b))
    assert rest + common == near(true_area(a))


@given(a=mask_shapes(), b=area_shapes())
def test_a_mask_stays_a_mask_and_is_combined_by_pixels(a: Mask, b: Shape) -> None:
    ours, theirs = (masks.paint(of, 200, 200) for of in (moved_in(a), moved_in(masks.of_shape(b))))
    wanted = {"union": ours | theirs, "intersect": ours & theirs, "subtract": ours & ~theirs}
    for operation in get_args(Operation):
        found = combined(operation, moved_in(a), moved_in(masks.of_shape(b)))
        assert isinstance(found, Mask)
        assert np.array_equal(masks.paint(found, 200, 200), wanted[operation])
        by_shape = combined(operation, a, b)
        assert isinstance(by_shape, Mask)
        assert by_shape.area == found.area


def moved_in(mask: Mask) -> Mask:
    """Where it lies on a picture of 200 x 200."""
    return Mask(mask.x + 90, mask.y + 90, mask.width, mask.height, mask.counts) if not mask.is_empty else mask


@given(a=box_shapes(), b=box_shapes())
def test_boxes_stay_boxes_where_they_can(a: Box, b: Box) -> None:
    common = combined("intersect", a, b)
    if not common.is_empty:
        assert isinstance(common, Box)
    bounds = Box(min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1))
    joined = combined("union", a, b)
    assert isinstance(joined, Box) == (true_area(joined) == near(bounds.area))


def test_three_are_combined_in_turn() -> None:
    row = [Box(0, 0, 10, 10), Box(5, 0, 15, 10), Box(0, 2, 20, 4)]
    assert combined("union", *row).area == 150 + 10
    assert combined("intersect", *row) == Box(5, 2, 10, 4)
    assert combined("subtract", *row).area == 50 - 10


@given(shape=SHAPES, line=LINES)
def test_pieces_are_the_whole(shape: Shape, line: list[tuple[int, int]]) -> None:
    found = pieces(shape, line)
    assert not any(piece.is_empty for piece in found)
    assert sum(true_area(piece) for piece in found) == near(true_area(shape))
    for n, piece in enumerate(found):
        for other in found[n + 1 :]:
            assert iou(piece, other) == near(0)
    if len(found) > 1:
        assert all(isinstance(piece, Mask) == isinstance(shape, Mask) for piece in found)
        assert combined("union", *found).area == near(true_area(shape))


def test_a_mask_shares_out_every_pixel() -> None:
    whole = masks.of_box(Box(0, 0, 9, 9))
    first, second = pieces(whole, [(-1, -1), (10, 10)])
    assert isinstance(first, Mask)
    assert isinstance(second, Mask)
    assert masks.area(first) + masks.area(second) == 81
    assert masks.union(first, second) == whole
    assert {masks.area(first), masks.area(second)} == {36, 45}


@given(shape=SHAPES, kind=st.sampled_from(KINDS))
def test_converted_shapes_cover_what_they_can(shape: Shape, kind: AreaKind) -> None:
    found = converted(shape, kind)
    assert found.kind == kind
    assert converted(found, kind) is found
    if kind == "box":
        assert found.bounds == pytest.approx(shape.bounds)
    if kind == "polygon":
        assert iou(found, shape) == near(1)
    if kind == "mask":
        assert found == masks.of_shape(shape)
    if kind == "rotated_box":
        assert true_area(combined("subtract", converted(shape, "polygon"), found)) == near(0)
        assert true_area(found) <= Box(*shape.bounds).area * (1 + 1e-6)


@given(shape=rotated_shapes())
def test_a_rotated_box_comes_back_from_its_outline(shape: RotatedBox) -> None:
    found = converted(converted(shape, "polygon"), "rotated_box")
    assert isinstance(found, RotatedBox)
    assert iou(found, shape) == pytest.approx(1, abs=1e-6)
    assert abs(found.angle) <= 45 + 1e-9
    assert sorted((found.width, found.height)) == near_pair(shape)


def near_pair(shape: RotatedBox) -> object:
    return pytest.approx(sorted((shape.width, shape.height)), rel=1e-6, abs=1e-6)


@given(mask=mask_shapes())
def test_a_mask_comes_back_from_its_outline(mask: Mask) -> None:
    if not mask.is_empty:
        assert converted(converted(mask, "polygon"), "mask") == mask


@given(shape=SHAPES, size=st.tuples(st.integers(1, 60), st.integers(1, 60)))
def test_clipped_is_cut_to_the_picture(shape: Shape, size: tuple[int, int]) -> None:
    width, height = size
    found = clipped(shape, width, height)
    inside = true_area(combined("intersect", converted(shape, "polygon"), Box(0, 0, width, height)))
    assert true_area(found) == near(inside) if found else inside == near(0)
    if found:
        x0, y0, x1, y1 = found.bounds
        assert min(x0, y0) >= -1e-9
        assert x1 <= width + 1e-9
        assert y1 <= height + 1e-9
        x0, y0, x1, y1 = shape.bounds
        if x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height:
            assert found is shape
        if not isinstance(shape, RotatedBox):
            assert found.kind == shape.kind


def test_keypoints_beyond_the_picture_are_not_given() -> None:
    points = Keypoints.of([(5, 5, 2), (15, 5, 1), (3, -1, 2)])
    assert clipped(points, 10, 10) == Keypoints.of([(5, 5, 2), (15, 5, 0), (3, -1, 0)])
    assert clipped(points, 2, 2) is None


def test_keypoints_have_no_area() -> None:
    assert true_area(POINTS) == 0
    for work in (
        lambda: combined("union", POINTS, Box(0, 0, 1, 1)),
        lambda: combined("subtract", Box(0, 0, 1, 1), POINTS),
        lambda: pieces(POINTS, [(0, 0), (1, 1)]),
        lambda: converted(POINTS, "box"),
    ):
        with pytest.raises(ValueError, match="no area"):
            work()


def test_a_polygon_that_crosses_itself_is_measured_by_even_odd() -> None:
    bow = Polygon.of([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert true_area(bow) == 50
    assert math.isclose(bow.area, 0)
