"""Levels, against their formula and what they must leave alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.imaging.levels import CHANNELS, Levels

PIXELS = np.random.default_rng(0).integers(0, 256, (9, 7, 3)).astype(np.uint8)
LEVELS = st.builds(Levels, st.floats(-1, 1), st.floats(-1, 1), st.floats(0.1, 8), st.sampled_from(CHANNELS))


def test_plain_levels_change_nothing():
    assert Levels().apply(PIXELS) is PIXELS
    assert np.array_equal(Levels().table(), np.arange(256))


@given(LEVELS)
def test_tables_never_turn_dark_into_bright(levels):
    assert (np.diff(levels.table().astype(int)) >= 0).all()


def test_ends_of_the_sliders():
    assert (Levels(brightness=1).table() == 255).all() and (Levels(brightness=-1).table() == 0).all()
    assert set(Levels(contrast=-1).table()) == {128}
    step = Levels(contrast=1).table()
    assert (step[:127] == 0).all() and (step[129:] == 255).all()


def test_gamma_lifts_shadows():
    assert Levels(gamma=2).table()[64] == round((64 / 255) ** 0.5 * 255)


@pytest.mark.parametrize(("channel", "at"), [("red", 0), ("green", 1), ("blue", 2)])
def test_one_channel_in_grey(channel, at):
    shown = Levels(channel=channel).apply(PIXELS)
    assert all(np.array_equal(shown[..., n], PIXELS[..., at]) for n in range(3))


def test_grey_is_luma():
    shown = Levels(channel="grey").apply(np.array([[[255, 0, 0], [9, 9, 9]]], np.uint8))
    assert shown[0].tolist() == [[76] * 3, [9] * 3]


@given(LEVELS)
def test_shapes_and_types_are_kept(levels):
    shown = levels.apply(PIXELS)
    assert shown.shape == PIXELS.shape and shown.dtype == np.uint8


def test_what_is_otherwise_is_said() -> None:
    assert Levels().words == ""
    assert Levels(0.2, -0.05, 1.5, "red").words == "brightness +20, contrast -5, gamma 1.50, red alone"
    assert Levels(channel="grey").words == "grey"
