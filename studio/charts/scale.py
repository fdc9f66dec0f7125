"""The arithmetic of charts: round numbers for an axis, and as many points as can be seen. No Qt here."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def ticks(low: float, high: float, at_most: int) -> list[float]:
    """At most so many round numbers (steps of 1, 2 or 5 times a power of ten) from `low` to `high`."""
    if not high > low or at_most < 1:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / at_most))
    for factor in (1, 2, 5, 10, 20, 50):
        step = factor * power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= at_most:
            return [n * step for n in range(first, last + 1)]
    return [low]


def log_ticks(low: float, high: float, at_most: int) -> list[float]:
    """At most so many round numbers (1, 2 or 5 times a power of ten) from `low` to `high`, both above 0."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [factor * 10.0**power for power in powers for factor in factors]
        found = [value for value in found if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]
        if len(found) <= at_most:
            return found
    return found[:: -(-len(found) // max(1, at_most))]


def in_words(value: float) -> str:
    """A number on an axis, short: '0.25', '40', '12k'."""
    if abs(value) >= 10_000:
        return f"{value / 1000:g}k"
    return f"{value:.10g}" if value == 0 or abs(value) >= 1e-3 else f"{value:.0e}"


def smoothed(values: Values, n: int) -> Values:
    """The mean of up to `n` values that end with each: a moving mean that looks back, and is there from the start."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - n)
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts))


def thinned(x: Values, y: Values, stretches: int) -> tuple[Values, Values]:
    """The lowest and the highest point of each of so many equal stretches of points, and the first and the last.

    `x` rises. Drawn as wide as there are stretches, a line through what is left looks the same.
    """
    rows = thinned_rows(y, stretches)
    return x[rows], y[rows]


def thinned_rows(y: Values, stretches: int) -> NDArray[np.int64]:
    """Which points those are."""
    size = -(-len(y) // max(1, stretches))
    if size <= 2:
        return np.arange(len(y))
    padded = np.append(y, np.full(-len(y) % size, y[-1])).reshape(-1, size)
    starts = np.arange(len(padded)) * size
    ends = [0, len(y) - 1]
    chosen = np.concatenate([starts + padded.argmin(axis=1), starts + padded.argmax(axis=1), ends])
    return np.unique(np.minimum(chosen, len(y) - 1))


def banded(x: Values, y: Values, stretches: int) -> tuple[Values, Values, Values]:
    """Where each of so many equal stretches of points begins, its lowest and its highest; the last point ends them."""
    size = max(1, -(-len(x) // max(1, stretches)))
    padded = np.append(y, np.full(-len(y) % size, y[-1])).reshape(-1, size)
    lows, highs = padded.min(axis=1), padded.max(axis=1)
    return np.append(x[::size], x[-1]), np.append(lows, lows[-1]), np.append(highs, highs[-1])


def averaged(x: Values, y: Values, stretches: int) -> tuple[Values, Values]:
    """The middles and the means of so many equal stretches of points; all points where there are no more than that."""
    size = -(-len(x) // max(1, stretches))
    if size <= 1:
        return x, y
    starts = np.arange(0, len(x), size)
    counts = np.diff(np.append(starts, len(x)))
    return np.asarray(np.add.reduceat(x, starts) / counts), np.asarray(np.add.reduceat(y, starts) / counts)
