"""IoU of any two shapes, and the index against asking every pair."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.geometry import boxes, masks, overlap, planar
from engine.geometry.overlap import OverlapIndex
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox, Shape
from engine.geometry.spaces import Affine, transform
from engine.geometry.surfaces import Surface
from tests.engine.geometry.strategies import (
    area_shapes,
    box_shapes,
    mask_shapes,
    polygon_shapes,
    rotated_shapes,
    shapes,
    wild_polygons,
)

many = st.lists(shapes(), max_size=6).map(lambda found: dict(enumerate(found, start=10)))


@given(box_shapes(), box_shapes())
def test_boxes_are_measured_as_by_the_array(a: Box, b: Box) -> None:
    rows = boxes.as_boxes(a.bounds), boxes.as_boxes(b.bounds)
    assert overlap.iou(a, b) == pytest.approx(boxes.iou(*rows)[0, 0], abs=1e-12)
    assert overlap.giou(a, b) == pytest.approx(boxes.giou(*rows)[0, 0], abs=1e-12)


@given(rotated_shapes())
@example(RotatedBox(-16.5, -36.5, 20.375, 18.125, 162.51352697665055))
def test_shapes_that_differ_by_a_rounding_have_all_in_common(shape: RotatedBox) -> None:
    other = RotatedBox(shape.cx, shape.cy, shape.height, shape.width, shape.angle - 90)
    assert overlap.iou(shape, other) == pytest.approx(1, abs=1e-6)
    assert planar.subtract(shape, other).area == pytest.approx(0, abs=1e-4)


@given(mask_shapes(), mask_shapes())
def test_masks_and_their_outlines_measure_alike(a: Mask, b: Mask) -> None:
    expected = masks.iou(a, b)
    assert overlap.iou(a, b) == expected
    assert overlap.iou(masks.to_polygon(a), b) == pytest.approx(expected)
    assert overlap.iou(masks.to_polygon(a), masks.to_polygon(b)) == pytest.approx(expected)


@given(st.one_of(box_shapes(), polygon_shapes(), wild_polygons()), st.one_of(box_shapes(), polygon_shapes()))
def test_iou_is_what_fine_pixels_say(a: Shape, b: Shape) -> None:
    fine = Affine.scale(16)
    by_pixels = masks.iou(masks.of_shape(transform(a, fine)), masks.of_shape(transform(b, fine)))
    assert overlap.iou(a, b) == pytest.approx(by_pixels, abs=0.03)


@given(shapes(), shapes())
def test_iou_and_giou_are_symmetric_and_bounded(a: Shape, b: Shape) -> None:
    value, general = overlap.iou(a, b), overlap.giou(a, b)
    assert 0 <= value <= 1
    assert overlap.iou(b, a) == pytest.approx(value)
    assert -1 <= general <= value + 1e-9
    assert overlap.giou(b, a) == pytest.approx(general)


@given(area_shapes().filter(lambda shape: not shape.is_empty))
def test_a_shape_lies_on_itself(shape: Shape) -> None:
    assert overlap.iou(shape, shape) == pytest.approx(1)
    assert overlap.boundary_distance(shape, shape) == 0


def test_crossed_boxes_by_hand() -> None:
    square, diamond = Box(-1, -1, 1, 1), RotatedBox(0, 0, 2, 2, 45)
    common = 8 * (math.sqrt(2) - 1)
    assert overlap.iou(square, diamond) == pytest.approx(common / (8 - common))
    assert overlap.iou(Box(0, 0, 2, 2), Box(1, 0, 3, 2)) == pytest.approx(1 / 3)
    assert overlap.giou(Box(0, 0, 1, 1), Box(3, 0, 4, 1)) == pytest.approx(-0.5)


def test_keypoints_cover_nothing() -> None:
    keypoints = Keypoints.of([(1, 1, 2), (5, 5, 2)])
    assert overlap.iou(keypoints, keypoints) == overlap.iou(keypoints, Box(0, 0, 9, 9)) == 0
    assert overlap.boundary_distance(keypoints, Box(0, 0, 9, 9)) == math.inf


def naive_farthest(a: Polygon, b: Polygon) -> float:
    """From each vertex of a to the nearest point of any edge of b; the largest."""
    farthest = 0.0
    for vertex in (vertex for points in a.rings for vertex in points):
        nearest = math.inf
        for points in b.rings:
            for start, end in zip(points, np.roll(points, -1, axis=0), strict=True):
                step = end - start
                along = min(1.0, max(0.0, float((vertex - start) @ step / (step @ step))))
                nearest = min(nearest, float(np.linalg.norm(vertex - start - along * step)))
        farthest = max(farthest, nearest)
    return farthest


@given(polygon_shapes(), polygon_shapes())
def test_boundary_distance_is_that_of_the_farthest_vertex(a: Polygon, b: Polygon) -> None:
    assert overlap.boundary_distance(a, b) == pytest.approx(max(naive_farthest(a, b), naive_farthest(b, a)), abs=1e-9)


@given(mask_shapes(), mask_shapes())
def test_boundary_distance_of_masks_is_good_to_a_pixel(a: Mask, b: Mask) -> None:
    if a.is_empty or b.is_empty:
        assert overlap.boundary_distance(a, b) == math.inf
        return
    outlines = masks.to_polygon(a), masks.to_polygon(b)
    assert overlap.boundary_distance(a, b) == pytest.approx(overlap.boundary_distance(*outlines), abs=1)


@pytest.mark.parametrize("piece", [1, 3, 2048])
@given(polygon_shapes(), polygon_shapes())
def test_pieces_make_the_same_distance(piece: int, a: Polygon, b: Polygon) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlap, "_PIECE", piece)
        distance = overlap.boundary_distance(a, b)
    assert distance == pytest.approx(max(naive_farthest(a, b), naive_farthest(b, a)), abs=1e-9)


def ragged(seed: int) -> Mask:
    """Of ten thousand runs."""
    return masks.from_bitmap(np.random.default_rng(seed).random((300, 300)) < 0.6)


def test_of_long_outlines_all_but_the_distance_is_told_at_once() -> None:
    """And there are steps enough for another thread to go on, or for the answer to be given up."""
    one, other = ragged(1), ragged(2)
    steps = list(OverlapIndex({7: other}).steps(one))
    assert len(steps) > 20
    assert {step.boundary_distance for step in steps[:-1] if step is not None} == {None}
    final = steps[-1]
    assert final == OverlapIndex({7: other}).best(one)
    assert final.iou == masks.iou(one, other) and final.giou == pytest.approx(overlap.giou(other, one))
    assert final.boundary_distance == pytest.approx(overlap.boundary_distance(other, one))


@given(mask_shapes())
def test_the_hull_of_a_mask_is_that_of_its_outline(mask: Mask) -> None:
    if not mask.is_empty:
        found, outline = Surface(mask).convex, planar.surface(mask)
        assert found.equals(outline.convex_hull)


@given(many, area_shapes())
def test_the_index_answers_as_every_pair_does(shapes_by_id: dict[int, Shape], moving: Shape) -> None:
    index = OverlapIndex(shapes_by_id)
    found = index.all(moving)
    ious = {at: overlap.iou(moving, shape) for at, shape in shapes_by_id.items()}
    assert {one.id: one.iou for one in found} == {at: value for at, value in ious.items() if value > 0}
    assert [(-one.iou, one.id) for one in found] == sorted((-one.iou, one.id) for one in found)
    best = index.best(moving)
    assert best == (found[0] if found else None)
    for one in found:
        assert one.giou == pytest.approx(overlap.giou(moving, shapes_by_id[one.id]))
        assert one.boundary_distance == overlap.boundary_distance(moving, shapes_by_id[one.id])


def test_of_equals_the_smallest_id_is_best() -> None:
    box = Box(0, 0, 4, 4)
    best = OverlapIndex({9: box, 3: box, 5: box, 1: Box(0, 0, 4, 3)}).best(box)
    assert best is not None and (best.id, best.iou) == (3, 1)


@given(many, many, area_shapes())
def test_edits_leave_the_index_as_if_made_anew(
    before: dict[int, Shape], after: dict[int, Shape], moving: Shape
) -> None:
    index = OverlapIndex(before)
    for at in before.keys() - after.keys():
        index.drop(at)
    for at, shape in after.items():
        index.put(at, shape)
    assert len(index) == len(after)
    assert index.all(moving) == OverlapIndex(after).all(moving)


@pytest.mark.parametrize(
    ("iou", "word"),
    [
        (0, "poor"),
        (0.4999, "poor"),
        (0.5, "fair"),
        (0.7, "good"),
        (0.8999, "good"),
        (0.9, "excellent"),
        (1, "excellent"),
    ],
)
def test_words(iou: float, word: str) -> None:
    assert overlap.overlap_word(iou) == word
