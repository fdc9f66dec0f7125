"""The crop of a face: the same however its picture is turned or scaled; without aliasing; as a PNG and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cropping import SIDE, Crop, Landmarks, crop_of, decoded
from engine.cropping.crop import window
from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.geometry.spaces import Affine
from tests.engine.cropping.faces import drawn, landmarks, similarity_of

UPRIGHT = crop_of(drawn(similarity_of(0, 3, 30, 30), 360, 360), landmarks(similarity_of(0, 3, 30, 30)))


def apart(a, b):
    """Mean and greatest difference in grey levels."""
    difference = np.abs(a.astype(float) - b.astype(float))
    return difference.mean(), difference.max()


@settings(max_examples=40)
@given(st.floats(0, 360), st.floats(2, 6), st.floats(-20, 20), st.floats(-20, 20))
def test_any_similarity_of_a_picture_gives_the_same_crop(degrees, scale, x, y):
    size = round(scale * 200)
    centred = Affine.translate(size / 2 + x, size / 2 + y) @ similarity_of(degrees, scale) @ Affine.translate(-50, -50)
    found = crop_of(drawn(centred, size, size), landmarks(centred))
    assert found.pixels.shape == (SIDE, SIDE, 3)
    mean, greatest = apart(found.pixels, UPRIGHT.pixels)
    assert mean < 2.0 and greatest < 12
    assert found.side == pytest.approx(scale * 100)


def test_a_mirrored_picture_gives_the_mirrored_crop():
    place = similarity_of(17, 3, 80, 40)
    picture = drawn(place, 400, 400)
    points = landmarks(place)
    mirrored = [(400 - x, y) for x, y in (points.points[at] for at in (1, 0, 2, 4, 3))]
    here, there = crop_of(picture, points), crop_of(picture[:, ::-1], Landmarks(*mirrored))
    assert apart(here.pixels[:, ::-1], there.pixels)[1] <= 1


def test_the_crop_is_where_its_affine_says():
    picture = np.zeros((300, 300, 3), np.uint8)
    picture[140:160, 100:120] = 255
    crop = crop_of(picture, Box(60, 100, 160, 200))
    x, y = crop.to_crop.apply_one((110, 150))
    assert crop.pixels[round(y), round(x)].min() > 250
    x, y = crop.to_crop.apply_one((90, 150))
    assert crop.pixels[round(y), round(x)].max() < 5


def test_fine_stripes_become_grey_and_not_other_stripes():
    picture = np.zeros((2000, 2000, 3), np.uint8)
    picture[:, ::2] = 255
    for place in (Box(300, 300, 1700, 1700), landmarks(similarity_of(30, 14, 600, 100))):
        middle = crop_of(picture, place).pixels[50:-50, 50:-50]
        assert abs(middle.mean() - 127.5) < 3 and middle.std() < 4


def test_what_lies_beyond_the_picture_repeats_its_edge():
    picture = np.full((100, 100, 3), 40, np.uint8)
    picture[:, :50] = 200
    crop = crop_of(picture, Box(-50, 0, 50, 100))
    assert (crop.pixels[:, :200] == 200).all()
    assert crop_of(picture, Box(-5000, -5000, 5100, 5100)).pixels.shape == (SIDE, SIDE, 3)


def test_a_picture_without_a_place_is_taken_as_it_is():
    small = np.arange(92 * 112 * 3, dtype=np.uint8).reshape(112, 92, 3)
    crop = crop_of(small, None)
    assert np.array_equal(crop.pixels, small) and crop.to_crop == Affine.identity()
    assert crop.side == 92 and crop.landmarks is None
    large = crop_of(drawn(similarity_of(0, 8), 800, 400), None)
    assert large.pixels.shape == (112, 224, 3)
    assert large.side == 400


def test_a_face_beside_its_picture_is_refused():
    with pytest.raises(UserError, match="beside"):
        crop_of(np.zeros((50, 50, 3), np.uint8), Box(500, 500, 600, 600))


@pytest.mark.parametrize("place", [Box(-1e7, -1e7, 1e7, 1e7), Landmarks((0, 0), (1e12, 0)), Box(-9e4, 0, 9e4, 9)])
def test_a_face_far_larger_than_its_picture_is_refused_before_its_edges_fill_the_memory(place):
    with pytest.raises(UserError, match="larger than its picture"):
        crop_of(np.zeros((50, 40, 3), np.uint8), place)


def test_the_window_holds_all_that_the_crop_looks_at():
    picture = drawn(similarity_of(40, 5, 300, 100), 900, 900)
    place = landmarks(similarity_of(40, 5, 300, 100))
    seen = window(place)
    x0, y0, x1, y1 = (round(each) for each in seen.bounds)
    outside = np.zeros_like(picture)
    outside[max(0, y0) : y1, max(0, x0) : x1] = picture[max(0, y0) : y1, max(0, x0) : x1]
    assert apart(crop_of(picture, place).pixels, crop_of(outside, place).pixels)[1] <= 1


@given(st.integers(1, 20), st.integers(1, 20))
def test_a_png_holds_the_same_pixels_and_the_same_bytes(height, width):
    pixels = np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    crop = Crop(pixels, Affine.identity(), 1.0)
    assert np.array_equal(decoded(crop.png()), pixels)
    assert crop.png() == Crop(np.array(pixels), Affine.identity(), 2.0).png()


def test_bytes_that_are_no_crop_are_refused():
    with pytest.raises(UserError, match="crop"):
        decoded(b"nothing")
