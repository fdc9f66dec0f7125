"""Regions and holes, against a flood of one pixel after the other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.imaging import regions

BITMAPS = st.builds(
    lambda seed, height, width, share: np.random.default_rng(seed).random((height, width)) < share,
    st.integers(0, 9999), st.integers(1, 14), st.integers(1, 14), st.floats(0.2, 0.95),
)  # fmt: skip


def naive_region(bitmap, row, column):
    found = np.zeros_like(bitmap)
    stack = [(row, column)]
    while stack:
        y, x = stack.pop()
        if 0 <= y < bitmap.shape[0] and 0 <= x < bitmap.shape[1] and bitmap[y, x] and not found[y, x]:
            found[y, x] = True
            stack += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
    return found


def naive_regions(bitmap):
    rest, found = bitmap.copy(), []
    while rest.any():
        row, column = np.argwhere(rest)[0]
        found.append(naive_region(bitmap, row, column))
        rest &= ~found[-1]
    return found


@given(BITMAPS)
def test_strips_hold_what_is_set(bitmap):
    strips = regions.strips_of(bitmap, 5, 3)
    assert ((strips.y1 - strips.y0) > 0).all()
    moved = type(strips)(strips.x - 5, strips.y0 - 3, strips.y1 - 3)
    assert np.array_equal(regions.to_bitmap(moved, bitmap.shape), bitmap)


@given(BITMAPS, st.integers(0, 13), st.integers(0, 13))
def test_the_region_around_a_pixel(bitmap, row, column):
    row, column = row % bitmap.shape[0], column % bitmap.shape[1]
    ours = regions.around(regions.strips_of(bitmap), column, row)
    assert np.array_equal(regions.to_bitmap(ours, bitmap.shape), naive_region(bitmap, row, column))


@given(BITMAPS, st.floats(0, 1))
def test_large_regions(bitmap, share):
    found = naive_regions(bitmap)
    most = max((each.sum() for each in found), default=0)
    expected = np.zeros_like(bitmap)
    for each in found:
        expected |= each if each.sum() >= share * most else False
    assert np.array_equal(regions.to_bitmap(regions.large(regions.strips_of(bitmap), share), bitmap.shape), expected)


@given(BITMAPS, st.integers(0, 20))
def test_holes_are_filled(bitmap, most):
    ground = np.pad(~bitmap, 1, constant_values=True)
    expected = np.pad(bitmap, 1)
    for each in naive_regions(ground):
        if not each[0, 0] and each.sum() <= most:
            expected |= each
    assert np.array_equal(regions.without_holes(bitmap, most), expected[1:-1, 1:-1])


def test_a_spiral_is_one_region():
    bitmap = np.zeros((201, 201), bool)
    for turn in range(0, 100, 2):
        bitmap[turn, turn : 201 - turn] = bitmap[200 - turn, turn : 201 - turn] = True
        bitmap[turn : 201 - turn, 200 - turn] = bitmap[turn + 2 : 201 - turn, turn] = True
        bitmap[turn + 2, turn : turn + 2] = True
    labels = regions.labelled(regions.strips_of(bitmap))
    assert (labels == 0).all()
