"""Axes have round numbers that fit, smoothing is a mean, and thinning loses nothing that can be seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.charts.scale import averaged, banded, in_words, smoothed, thinned, ticks

finite = st.floats(-1e6, 1e6)


@given(finite, st.floats(1e-3, 1e6), st.integers(2, 12))
def test_ticks_are_round_and_within(low: float, span: float, at_most: int) -> None:
    found = ticks(low, low + span, at_most)
    assert len(found) <= at_most
    if len(found) > 1:
        step = found[1] - found[0]
        mantissa = step / 10 ** np.floor(np.log10(step) + 1e-9)
        assert min(abs(mantissa - each) for each in (1, 2, 5, 10)) < 1e-3 * max(1, abs(low) / span)
        assert found[0] >= low - 1e-6 * span - 1e-9 * abs(low)
        assert found[-1] <= low + span * (1 + 1e-6) + 1e-9 * abs(low)


def test_ticks_of_usual_ranges() -> None:
    assert ticks(0, 1, 6) == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert ticks(0, 75, 5) == [0, 20, 40, 60]
    assert ticks(3, 3, 5) == [3]


@pytest.mark.parametrize(("value", "words"), [(0, "0"), (0.25, "0.25"), (40, "40"), (12_000, "12k"), (1e-5, "1e-05")])
def test_numbers_are_short(value: float, words: str) -> None:
    assert in_words(value) == words


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=40), st.integers(1, 12))
def test_smoothing_is_the_mean_of_the_last_values(values: list[float], n: int) -> None:
    windows = [values[max(0, end - n) : end] for end in range(1, len(values) + 1)]
    expected = [sum(window) / len(window) for window in windows]
    assert smoothed(np.array(values), n) == pytest.approx(np.array(expected), abs=1e-9)


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=400), st.integers(1, 60))
def test_thinning_keeps_ends_and_the_extremes_of_every_stretch(values: list[float], stretches: int) -> None:
    y = np.array(values)
    x = np.arange(len(y), dtype=np.float64)
    thin_x, thin_y = thinned(x, y, stretches)
    assert len(thin_x) <= 2 * stretches + 2
    assert (thin_x[0], thin_x[-1]) == (x[0], x[-1])
    assert np.all(np.diff(thin_x) > 0)
    assert np.array_equal(y[thin_x.astype(int)], thin_y)
    size = -(-len(y) // stretches)
    for start in range(0, len(y), size):
        stretch = values[start : start + size]
        kept = thin_y[(thin_x >= start) & (thin_x < start + size)]
        assert (kept.min(), kept.max()) == (min(stretch), max(stretch))


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=300), st.integers(1, 50))
def test_bands_hold_all_values_and_touch_them(values: list[float], stretches: int) -> None:
    x, y = np.arange(len(values), dtype=np.float64), np.array(values)
    starts, lows, highs = banded(x, y, stretches)
    assert len(starts) <= stretches + 1
    assert (starts[0], starts[-1]) == (0, len(values) - 1)
    for n, value in enumerate(values):
        at = int(np.searchsorted(starts[:-1], n, side="right")) - 1
        assert lows[at] <= value <= highs[at]
    assert (lows.min(), highs.max()) == (y.min(), y.max())


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=300), st.integers(1, 50))
def test_means_are_those_of_equal_stretches(values: list[float], stretches: int) -> None:
    x, y = np.arange(len(values), dtype=np.float64), np.array(values)
    size = -(-len(values) // stretches)
    parts = [values[at : at + size] for at in range(0, len(values), size)]
    middles, means = averaged(x, y, stretches)
    assert means == pytest.approx([sum(part) / len(part) for part in parts], abs=1e-9)
    assert len(middles) == len(parts) <= stretches
    assert (np.diff(middles) > 0).all()
