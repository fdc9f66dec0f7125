"""What a number is between: people are drawn anew, not trials, as the trials of one person resemble each other.

Where nothing went wrong (or nothing right) drawing anew says nothing: then the true share of n trials is at most 3 / n
(the rule of three, 95 % sure).

Percentiles of the draws, and not Wilson's interval as for a gallery's own rates (engine.gallery.rates): an equal error
rate, and a rate whose threshold is drawn anew with the people, is no share of independent trials at a fixed threshold.

Legend: B draws, I people.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.gallery.distances import Floats
from engine.gallery.rates import at_an_end

N_DRAWS = 1000
ROUNDING = 1e-9
"""Shares of weights are compared with this much room."""
_FEWEST_DRAWS = 100
_BETWEEN = (2.5, 97.5)
_AT_ONCE = 2_000_000
"""Numbers held at once."""
_ALL = 60_000_000
"""Numbers gone through for one figure: of very many trials fewer draws are made."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number between 0 and 1, and what the true one is between (95 % sure)."""

    value: float | None
    """None where it cannot be shown."""
    low: float
    high: float
    n: int
    """Of how many trials."""
    reason: str = ""
    """Why it cannot be shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Statistic:
    """A share as a function of how often each person counts."""

    of: Callable[[Floats], Floats]
    """(B, I) how often each person is drawn -> (B,) shares; NaN where a draw holds no such trial."""
    n_people: int
    n: int
    """Of how many trials."""
    size: int
    """How many numbers one draw takes."""
    reason: str = ""
    """Why it cannot be shown, if so."""

    @property
    def value(self) -> float | None:
        """As it is, everybody counting once; None where it cannot be shown."""
        return None if self.reason else float(self.of(np.ones((1, self.n_people)))[0])


def measured(statistic: Statistic, seed: int = 0, n_draws: int = N_DRAWS) -> Figure:
    """A statistic with what it is between: percentiles over draws of people, which contain the value itself."""
    return measured_all([statistic], seed, n_draws)[0]


def measured_all(statistics: Sequence[Statistic], seed: int = 0, n_draws: int = N_DRAWS) -> tuple[Figure, ...]:
    """Several of the same people, by the same draws; what they share of the work is done once for all."""
    values = [each.value for each in statistics]
    drawn = iter(
        _drawn([each for each, value in zip(statistics, values, strict=True) if _varies(value)], seed, n_draws)
    )
    return tuple(
        _figure(each, value, next(drawn) if _varies(value) else np.zeros(0))
        for each, value in zip(statistics, values, strict=True)
    )


def _varies(value: float | None) -> bool:
    """Whether drawing anew says anything."""
    return value is not None and 0.0 < value < 1.0


def _figure(statistic: Statistic, value: float | None, found: Floats) -> Figure:
    if value is None:
        return Figure(None, 0.0, 1.0, statistic.n, statistic.reason)
    if ends := at_an_end(value, statistic.n):
        return Figure(value, *ends, statistic.n)
    low, high = np.percentile(found, _BETWEEN) if len(found) else (0.0, 1.0)
    return Figure(value, float(min(low, value)), float(max(high, value)), statistic.n)


def mean_of(statistics: Sequence[Statistic]) -> Statistic:
    """The mean of the same statistic of several repeats with the same people.

    It is of as many trials as the least of them: repeats with the same pictures are no further evidence.
    """
    first = statistics[0]
    if len({each.n_people for each in statistics}) > 1:
        raise ValueError("repeats are of the same people")
    return Statistic(
        lambda weights: np.asarray(np.mean([each.of(weights) for each in statistics], axis=0), np.float64),
        first.n_people,
        min(each.n for each in statistics),
        sum(each.size for each in statistics),
        next((each.reason for each in statistics if each.reason), ""),
    )


def weighted_share(is_hit: NDArray[np.bool_], weights: Floats) -> Floats:
    """(B,) which share of (B, n) weights is of hits."""
    return ratio(weights @ is_hit.astype(np.float64), weights.sum(axis=1))


def ratio(part: Floats, whole: Floats) -> Floats:
    """Shares; NaN of nothing."""
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0), np.float64)


def too_few(share: float, n: int, what: str) -> str:
    """Why a share cannot be shown with n trials; empty where it can."""
    if share * n >= 1 - ROUNDING:
        return ""
    return f"{100 * share:g} % cannot be shown with {n:,} {what}: {math.ceil(1 / share):,} are needed."


def _drawn(statistics: Sequence[Statistic], seed: int, n_draws: int) -> list[Floats]:
    """Each statistic of every draw that holds trials for it."""
    if not statistics:
        return []
    if len({each.n_people for each in statistics}) > 1:
        raise ValueError("what is drawn together is of the same people")
    n_people, size = statistics[0].n_people, max(1, *(each.size for each in statistics))
    draws = min(n_draws, max(_FEWEST_DRAWS, _ALL // size))
    weights = np.random.default_rng(seed).multinomial(n_people, np.full(n_people, 1 / n_people), draws)
    step = max(1, _AT_ONCE // size)
    found: list[list[Floats]] = [[] for _ in statistics]
    for start in range(0, draws, step):
        part = weights[start : start + step].astype(np.float64)
        for statistic, parts in zip(statistics, found, strict=True):
            parts.append(statistic.of(part))
    whole = [np.concatenate(parts) for parts in found]
    return [np.asarray(each[~np.isnan(each)], np.float64) for each in whole]
