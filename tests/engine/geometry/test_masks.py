"""Masks against bitmaps and against pycocotools."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco_masks

from engine.geometry import masks
from engine.geometry.packing import pack, unpack
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox, Shape
from tests.engine.geometry.strategies import area_shapes, bitmaps, mask_shapes

Bitmap = NDArray[np.bool_]
SIZE = 64
"""Side of a picture that every mask of the strategies lies on when it is moved by OFFSET."""
OFFSET = 20


def painted(mask: Mask) -> Bitmap:
    """All of a mask, on one frame for all."""
    moved = Mask(mask.x + OFFSET, mask.y + OFFSET, mask.width, mask.height, mask.counts)
    return masks.paint(moved, SIZE, SIZE)


def from_pixels(bitmap: Bitmap) -> Mask:
    return masks.from_bitmap(bitmap, -OFFSET, -OFFSET)


def assert_canonical(mask: Mask) -> None:
    bitmap = masks.to_bitmap(mask)
    assert bitmap.shape == (mask.height, mask.width)
    assert not mask.counts.flags.writeable and mask.counts.dtype == np.uint32
    assert (mask.counts[1:] > 0).all()
    if mask.is_empty:
        assert mask == masks.empty() == Mask(0, 0, 0, 0, np.zeros(0, dtype=np.uint32))
    else:
        assert bitmap[0].any() and bitmap[-1].any() and bitmap[:, 0].any() and bitmap[:, -1].any()


@given(bitmaps(), st.integers(-5, 5), st.integers(-5, 5))
def test_a_bitmap_becomes_its_set_pixels(bitmap: Bitmap, x: int, y: int) -> None:
    mask = masks.from_bitmap(bitmap, x, y)
    assert_canonical(mask)
    height, width = bitmap.shape
    expected = np.zeros((height + 10, width + 10), dtype=np.bool_)
    expected[5 + y : 5 + y + height, 5 + x : 5 + x + width] = bitmap
    moved = mask if mask.is_empty else Mask(mask.x + 5, mask.y + 5, mask.width, mask.height, mask.counts)
    assert np.array_equal(masks.paint(moved, height + 10, width + 10), expected)
    assert masks.area(mask) == bitmap.sum()
    assert unpack("mask", pack(mask)) == mask


@given(mask_shapes(), st.integers(1, 30), st.integers(1, 30))
def test_clip_and_paint_cut_off_what_lies_outside(mask: Mask, height: int, width: int) -> None:
    expected = painted(mask)[OFFSET : OFFSET + height, OFFSET : OFFSET + width]
    assert np.array_equal(masks.paint(mask, height, width), expected)
    assert masks.clip(mask, height, width) == masks.from_bitmap(expected)


@given(bitmaps())
def test_coco_counts_are_pycocotools(bitmap: Bitmap) -> None:
    height, width = bitmap.shape
    text = coco_masks.encode(np.asfortranarray(bitmap.astype(np.uint8)))["counts"]
    counts, mask = masks.decompress(text), masks.from_bitmap(bitmap)
    assert masks.from_coco(counts, height, width) == mask
    assert masks.to_coco(mask, height, width) == counts
    assert masks.compress(counts) == text.decode() and masks.decompress(text.decode()) == counts


@given(mask_shapes(), st.integers(1, 30), st.integers(1, 30))
def test_coco_counts_of_what_lies_on_the_picture(mask: Mask, height: int, width: int) -> None:
    counts = masks.to_coco(mask, height, width)
    assert sum(counts) == height * width and 0 not in counts[1:]
    assert masks.from_coco(counts, height, width) == masks.clip(mask, height, width)


@given(bitmaps(), st.randoms(use_true_random=False))
def test_runs_of_length_0_in_a_file_change_nothing(bitmap: Bitmap, random: Random) -> None:
    height, width = bitmap.shape
    mask = masks.from_bitmap(bitmap)
    counts = []
    for run in masks.to_coco(mask, height, width):
        cut = random.randint(0, run)
        counts += [cut, 0, run - cut]
    assert masks.from_coco(counts, height, width) == mask


@pytest.mark.parametrize(
    "counts", [[], [5], [3, -1, 4], [10**30], [2.5, 3.5], ["a"], [[6]], [2**62, 2**62, 2**62, 2**62, 6], [True]]
)
def test_counts_that_do_not_fill_the_picture_are_refused(counts: list[object]) -> None:
    with pytest.raises(ValueError, match="do not fill"):
        masks.from_coco(counts, 2, 3)  # type: ignore[arg-type]


def test_a_small_mask_on_a_huge_picture_stays_small() -> None:
    mask = masks.of_box(Box(31_000, 17_000, 31_050, 17_040))
    counts = masks.to_coco(mask, 32_000, 32_000)
    assert len(counts) == 101 and sum(counts) == 32_000**2
    assert masks.from_coco(masks.decompress(masks.compress(counts)), 32_000, 32_000) == mask


@given(mask_shapes(), mask_shapes())
def test_set_operations_are_those_of_the_pixels(a: Mask, b: Mask) -> None:
    for operate, expected in (
        (masks.union, painted(a) | painted(b)),
        (masks.intersect, painted(a) & painted(b)),
        (masks.subtract, painted(a) & ~painted(b)),
    ):
        assert_canonical(operate(a, b))
        assert operate(a, b) == from_pixels(expected)


@given(mask_shapes(), mask_shapes())
def test_iou_is_that_of_the_pixels(a: Mask, b: Mask) -> None:
    either = (painted(a) | painted(b)).sum()
    assert masks.iou(a, b) == ((painted(a) & painted(b)).sum() / either if either else 0)


@given(area_shapes())
def test_every_shape_has_its_pixels(shape: Shape) -> None:
    mask = masks.of_shape(shape)
    assert_canonical(mask)
    match shape:
        case Mask():
            assert mask == shape
        case Polygon():
            assert mask == masks.of_polygon(shape)
        case RotatedBox() | Box():
            assert mask == masks.of_polygon(Polygon.of(shape.corners))
    assert masks.of_shape(Keypoints.of([(3, 3, 2)])) == masks.empty()
