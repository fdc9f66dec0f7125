"""Affine and shapes moved by it; Pillow says what the EXIF orientations mean."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageOps

from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox, Shape, ring_area
from engine.geometry.spaces import Affine, letterbox_size, transform
from tests.engine.geometry.strategies import (
    affines,
    bitmaps,
    box_shapes,
    keypoint_shapes,
    mask_shapes,
    points,
    polygon_shapes,
    rotated_shapes,
    shapes,
)

XY = tuple[float, float]
sizes = st.tuples(st.integers(1, 5000), st.integers(1, 5000))


def upright(bitmap: NDArray[np.bool_], orientation: int) -> NDArray[np.bool_]:
    picture = Image.fromarray(bitmap.astype(np.uint8))
    picture.getexif()[0x0112] = orientation
    return np.asarray(ImageOps.exif_transpose(picture)).astype(np.bool_)


@given(affines(), affines(), points)
def test_composition_is_one_after_the_other(a: Affine, b: Affine, xy: XY) -> None:
    assert (a @ b).apply_one(xy) == pytest.approx(a.apply_one(b.apply_one(xy)))


@given(affines(), st.lists(points, max_size=4))
def test_arrays_and_single_points_agree(affine: Affine, rows: list[XY]) -> None:
    moved = affine.apply(rows)
    assert moved.shape == (len(rows), 2)
    for row, xy in zip(moved, rows, strict=True):
        assert row == pytest.approx(affine.apply_one(xy))


@given(affines(), points)
def test_the_inverse_leads_back(affine: Affine, xy: XY) -> None:
    assert affine.inverse().apply_one(affine.apply_one(xy)) == pytest.approx(xy, abs=1e-9)
    assert affine.determinant * affine.inverse().determinant == pytest.approx(1)


def test_rotation_is_clockwise_on_screen() -> None:
    assert Affine.rotate(90).apply_one((1, 0)) == (0, 1)
    assert Affine.rotate(90, about=(2, 2)).apply_one((3, 2)) == (2, 3)
    assert Affine.rotate(30).apply_one((1, 0)) == pytest.approx((math.sqrt(3) / 2, 0.5))


@pytest.mark.parametrize("affine", [Affine.scale(0, 1), Affine(1, 2, 0, 2, 4, 0), Affine.scale(float("nan"))])
def test_what_cannot_be_undone_has_no_inverse(affine: Affine) -> None:
    with pytest.raises(ValueError, match="no inverse"):
        affine.inverse()


@given(sizes, sizes)
def test_fit_shows_all_and_centres(size: XY, into: XY) -> None:
    (x0, y0), (x1, y1) = Affine.fit(size, into).apply([(0, 0), size])
    assert (x0, y0) == pytest.approx((into[0] - x1, into[1] - y1), abs=1e-9)
    assert min(x0, y0) == pytest.approx(0, abs=1e-9)
    assert (x1 - x0) * size[1] == pytest.approx((y1 - y0) * size[0])


@given(sizes, sizes, st.sampled_from(["top_left", "centre"]))
def test_letterbox_falls_on_whole_pixels(size: XY, into: XY, at: str) -> None:
    (x0, y0), (x1, y1) = Affine.letterbox(size, into, at).apply([(0, 0), size])  # type: ignore[arg-type]
    assert (x1 - x0, y1 - y0) == pytest.approx(letterbox_size(size, into))
    assert x1 <= into[0] + 1e-6 and y1 <= into[1] + 1e-6
    assert x0 == int(x0) and y0 == int(y0)
    assert max(into[0] - (x1 - x0), into[1] - (y1 - y0)) >= 0
    assert min(into[0] - (x1 - x0), into[1] - (y1 - y0)) < 1
    margins = ((0, 0), (0, 0)) if at == "top_left" else ((x0, into[0] - x1), (y0, into[1] - y1))
    assert all(abs(after - before) <= 1 + 1e-6 for before, after in margins)


def test_letterbox_of_a_common_picture() -> None:
    assert letterbox_size((640, 480), (416, 416)) == (416, 312)
    assert letterbox_size((320, 320), (416, 416)) == (416, 416)
    assert Affine.letterbox((640, 480), (416, 416), "centre") == Affine(0.65, 0, 0, 0, 0.65, 52)


@given(bitmaps(), st.integers(0, 9))
def test_exif_orientations_are_pillows(bitmap: NDArray[np.bool_], orientation: int) -> None:
    height, width = bitmap.shape
    affine = Affine.exif(orientation, width, height)
    assert transform(masks.from_bitmap(bitmap), affine) == masks.from_bitmap(upright(bitmap, orientation))


@given(mask_shapes(), st.integers(1, 8))
def test_exif_and_back_is_exact(mask: Mask, orientation: int) -> None:
    affine = Affine.exif(orientation, 33, 21)
    assert transform(transform(mask, affine), affine.inverse()) == mask


@given(mask_shapes(), st.integers(-9, 9), st.integers(-9, 9))
def test_whole_steps_and_flips_keep_every_pixel(mask: Mask, dx: int, dy: int) -> None:
    moved = transform(mask, Affine.translate(dx, dy))
    assert isinstance(moved, Mask) and moved.area == mask.area
    assert np.array_equal(masks.to_bitmap(moved), masks.to_bitmap(mask))
    flipped = transform(mask, Affine.flip_horizontal(dx))
    assert isinstance(flipped, Mask)
    assert np.array_equal(masks.to_bitmap(flipped), masks.to_bitmap(mask)[:, ::-1])
    assert transform(flipped, Affine.flip_horizontal(dx)) == mask


@given(mask_shapes(), affines())
def test_a_mask_is_drawn_anew_by_its_outline(mask: Mask, affine: Affine) -> None:
    outline = transform(masks.to_polygon(mask), affine)
    assert isinstance(outline, Polygon)
    assert transform(mask, affine) == masks.of_polygon(outline)


@given(st.one_of(box_shapes(), rotated_shapes(), polygon_shapes()), affines())
def test_areas_grow_by_the_determinant(shape: Shape, affine: Affine) -> None:
    moved = transform(shape, affine)
    assert moved.area == pytest.approx(shape.area * abs(affine.determinant), rel=1e-6)


@given(st.one_of(box_shapes(), rotated_shapes(), polygon_shapes(), keypoint_shapes()), affines())
def test_there_and_back(shape: Shape, affine: Affine) -> None:
    back = transform(transform(shape, affine), affine.inverse())
    assert back.area == pytest.approx(shape.area, rel=1e-6)
    assert back.bounds == pytest.approx(shape.bounds, abs=1e-4)


@given(box_shapes(), st.sampled_from([0, 90, 180, 270, -90, 450]), affines())
def test_a_box_stays_one_where_it_can(box: Box, degrees: float, affine: Affine) -> None:
    turned = transform(box, Affine.rotate(degrees, about=(3, 4)) @ Affine.scale(2, -3))
    assert isinstance(turned, Box) and turned.area == pytest.approx(6 * box.area) and not turned.is_empty
    assume(not affine.keeps_upright)
    slanted = transform(box, affine)
    assert isinstance(slanted, Polygon)


@given(rotated_shapes(), st.floats(-180, 180), st.floats(0.25, 4), st.sampled_from([-1, 1]))
def test_a_rotated_box_stays_one_under_similarity(box: RotatedBox, turn: float, scale: float, mirror: int) -> None:
    affine = Affine.rotate(turn) @ Affine.scale(scale, mirror * scale)
    moved = transform(box, affine)
    assert isinstance(moved, RotatedBox)
    apart = np.linalg.norm(moved.corners[:, None] - affine.apply(box.corners)[None], axis=2)
    assert apart.min(axis=0).max() < 1e-6 and apart.min(axis=1).max() < 1e-6


def test_a_rotated_box_that_is_sheared_becomes_a_polygon() -> None:
    assert isinstance(transform(RotatedBox(0, 0, 4, 2, 30), Affine.scale(2, 1)), Polygon)
    assert transform(RotatedBox(0, 0, 4, 2, 90), Affine.scale(3, 1)) == RotatedBox(0, 0, 4, 6, 90)


@given(polygon_shapes(), affines())
def test_outer_rings_stay_clockwise(polygon: Polygon, affine: Affine) -> None:
    moved = transform(polygon, affine)
    assert isinstance(moved, Polygon)
    for part in moved.parts:
        assert ring_area(part.outer) > 0 and all(ring_area(hole) < 0 for hole in part.holes)
    mirrored = transform(transform(polygon, Affine.flip_vertical(8)), Affine.flip_vertical(8))
    assert mirrored == polygon


@given(keypoint_shapes())
def test_points_not_given_stay_where_they_are(keypoints: Keypoints) -> None:
    moved = transform(keypoints, Affine.translate(5, 7))
    assert isinstance(moved, Keypoints)
    for (x, y, v), (new_x, new_y, new_v) in zip(keypoints.points, moved.points, strict=True):
        assert (new_x, new_y, new_v) == ((x + 5, y + 7, v) if v else (x, y, v))


@given(shapes())
def test_the_identity_changes_nothing(shape: Shape) -> None:
    same = transform(shape, Affine.identity())
    if isinstance(shape, RotatedBox) and isinstance(same, RotatedBox):
        assert same.corners == pytest.approx(shape.corners)
    else:
        assert same == shape


@given(box_shapes())
def test_a_crop_starts_at_its_window(window: Box) -> None:
    assert transform(window, Affine.crop(window)) == Box(0, 0, window.width, window.height)
