"""The wand, against a flood of one pixel after the other; Lab against its formula."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import masks
from engine.imaging import flood
from engine.imaging.colour import to_lab
from engine.imaging.patch import Patch
from tests.engine.imaging.test_regions import naive_region


def lab_by_formula(rgb):
    value = np.asarray(rgb) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
    )
    xyz = matrix @ linear / matrix.sum(axis=1)
    x, y, z = [v ** (1 / 3) if v > (6 / 29) ** 3 else v / (3 * (6 / 29) ** 2) + 4 / 29 for v in xyz]
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_lab_is_its_formula(rgb):
    assert np.allclose(to_lab(np.array([rgb], np.uint8))[0], lab_by_formula(rgb), atol=0.06)


def test_known_colours():
    lab = to_lab(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]], np.uint8))
    assert np.allclose(lab, [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.2]], atol=0.06)


def patch(seed=0, step=1.0):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:30, :40]
    pixels = np.where(((x // 7 + y // 6) % 3 == 0)[..., None], (180, 90, 70), (60, 70, 120)) + rng.integers(
        -9, 10, (30, 40, 3)
    )
    return Patch(pixels.astype(np.uint8), 11, 5, step)


@pytest.mark.parametrize("contiguous", [True, False])
@given(st.integers(0, 99), st.integers(0, 39), st.integers(0, 29), st.sampled_from([0, 3, 9.5, 25, 70, 200]))
def test_the_region_is_what_looks_alike(contiguous, seed, column, row, tolerance):
    on = patch(seed)
    mask = flood.region(flood.colour_field(on, (11 + column + 0.5, 5 + row + 0.5)), tolerance, contiguous=contiguous)
    about = on.pixels[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
    colour = to_lab(about).reshape(-1, 3).mean(axis=0)
    distances = np.linalg.norm(to_lab(on.pixels) - colour, axis=2)
    near = np.floor(distances * 2 + 0.5) <= min(tolerance, 127) * 2
    near[row, column] = True
    expected = naive_region(near, row, column) if contiguous else near
    assert mask == masks.from_bitmap(expected, 11, 5)


def test_a_coarser_patch_gives_larger_pixels():
    whole = flood.region(flood.colour_field(patch(step=2), (12, 6)), 200)
    assert whole.bounds == (11, 5, 11 + 80, 5 + 60) and whole.area == 80 * 60


def test_a_point_outside_is_the_nearest_pixel():
    assert flood.colour_field(patch(), (-50, 900)).cell == (29, 0)
