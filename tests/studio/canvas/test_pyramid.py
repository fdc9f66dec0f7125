"""Levels of a picture: each the mean of four pixels of the one below."""

import numpy as np
import pytest

from studio.canvas.pyramid import Pyramid, window


def test_levels_are_halves_by_the_mean_of_four():
    pixels = np.random.default_rng(0).integers(0, 255, (1031, 1400, 3), dtype=np.uint8)
    pyramid = Pyramid.of(pixels, 1400)
    assert [level.step for level in pyramid.levels] == [1, 2, 4]
    assert [level.pixels.shape[:2] for level in pyramid.levels] == [(1031, 1400), (516, 700), (258, 350)]
    four = pixels[20:22, 40:42].astype(int).sum(axis=(0, 1))
    assert np.array_equal(pyramid.levels[0].pixels[..., 2::-1], pixels)
    assert np.array_equal(pyramid.levels[1].pixels[10, 20, 2::-1], (four + 2) // 4)
    last = pixels[1030:, 1398:].astype(int).sum(axis=(0, 1))
    assert np.array_equal(pyramid.levels[1].pixels[515, 699, 2::-1], (last + 1) // 2)
    assert pyramid.nbytes == sum(level.pixels.size for level in pyramid.levels)


@pytest.mark.parametrize(("scale", "step"), [(4, 1), (1, 1), (0.9, 1), (0.5, 2), (0.3, 2), (0.25, 4), (0.001, 4)])
def test_a_zoom_reads_the_coarsest_level_with_a_pixel_for_each_of_its_own(scale, step):
    pyramid = Pyramid.of(np.zeros((1400, 1400, 3), np.uint8), 1400)
    assert pyramid.level_for(scale).step == step


def test_a_thumbnail_stands_for_a_larger_picture():
    level = Pyramid.flat(np.zeros((100, 200, 3), np.uint8), 2000).levels[0]
    assert level.step == 10
    assert window(level, 95, -50, 305, 100) == (8, 0, 32, 11)
    assert window(level, 0, 0, 5000, 5000) == (0, 0, 200, 100)


def test_a_window_beside_the_picture_is_empty():
    level = Pyramid.flat(np.zeros((100, 200, 3), np.uint8), 200).levels[0]
    x0, y0, x1, y1 = window(level, 500, 0, 600, 50)
    assert x0 >= x1 and y1 > y0
