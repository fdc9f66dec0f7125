"""Shares of trials that went one way, with what the true share is between: people are drawn anew, not trials.

Trials of one person resemble each other, so they tell less than as many independent ones would. How much less follows
from how the share spreads when people are drawn anew (a bootstrap over people); as many independent trials as would
spread so are then put into Wilson's interval, which, unlike percentiles of the draws, is sound near 0 and 1. Where
nothing went wrong drawing anew says nothing: then the true share is at most 3 in n (the rule of three, 95 % sure), if
trials are independent.

Legend: B draws, I people.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.gallery.distances import Floats
from engine.gallery.people import Ids

N_DRAWS = 1000
_Z = 1.959964
"""Standard deviations on both sides that hold 95 % of a normal distribution."""
_AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of n, and what the true share is between (95 % sure)."""

    n_hits: int
    n: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """What was measured; 0 without any trial."""
        return self.n_hits / self.n if self.n else 0.0

    def __str__(self) -> str:
        """As '1.2 % (12 of 1,000; 0.4 to 2.5 %)'."""
        low, high = percent(self.low).removesuffix(" %"), percent(self.high)
        return f"{percent(self.share)} ({self.n_hits:,} of {self.n:,}; {low} to {high})"


def percent(share: float) -> str:
    """Two figures, as '0.12 %', '1.2 %', '12 %', '100 %'."""
    value = 100 * share
    digits = 0 if value >= 9.95 or value == 0 else 1 if value >= 0.995 else 2
    return "under 0.01 %" if 0 < value < 0.005 else f"{value:.{digits}f} %"


def by_person(is_hit: NDArray[np.bool_], person_ids: Ids, seed: int = 0) -> Rate:
    """Of trials that each are of one person."""
    if not len(person_ids):
        return _rate(0, 0, np.zeros(0))
    people, rows = np.unique(person_ids, return_inverse=True)
    hits = np.bincount(rows, is_hit, len(people))
    trials = np.bincount(rows, minlength=len(people)).astype(np.float64)
    weights = _draws(len(people), seed)
    return _rate(int(is_hit.sum()), len(is_hit), _ratio(weights @ hits, weights @ trials))


def by_two_people(hits: tuple[Ids, Ids], n: int, tried: Floats, columns: Floats, seed: int = 0) -> Rate:
    """Of n trials that each are of two people: both are drawn anew.

    `hits` are the two people's rows of each hit; `tried` and `columns` (I,) how many probes and columns people have.
    """
    n_people, n_hits = len(tried), len(hits[0])
    if not n_hits:
        return _rate(0, n, np.zeros(0))
    cells, counts = np.unique(hits[0] * n_people + hits[1], return_counts=True)
    a, b = np.divmod(cells, n_people)
    weights = _draws(n_people, seed, len(cells))
    drawn = np.zeros(len(weights))
    step = max(1, _AT_ONCE // len(weights))
    for start in range(0, len(cells), step):
        part = slice(start, start + step)
        drawn += (weights[:, a[part]] * weights[:, b[part]]) @ counts[part]
    among = (weights @ tried) * (weights @ columns) - np.square(weights) @ (tried * columns)
    whole = tried.sum() * columns.sum() - (tried * columns).sum()
    return _rate(n_hits, n, _ratio(drawn, among * (n / whole)))


def _draws(n_people: int, seed: int, n_cells: int = 1) -> Floats:
    """(B, I) how often each person is drawn; fewer draws where each takes long."""
    rng = np.random.default_rng(seed)
    draws = max(200, min(N_DRAWS, 20_000_000 // max(n_people, n_cells)))
    return rng.multinomial(n_people, np.full(n_people, 1 / n_people), draws).astype(np.float64)


def _ratio(hits: Floats, trials: Floats) -> Floats:
    """Shares of the draws that hold any trial."""
    return np.asarray(hits[trials > 0] / trials[trials > 0], np.float64)


def _rate(n_hits: int, n: int, drawn: Floats) -> Rate:
    if not n:
        return Rate(0, 0, 0.0, 1.0)
    ends = at_an_end(n_hits / n, n)
    return Rate(n_hits, n, *(ends or _wilson(n_hits / n, _n_independent(n_hits / n, n, drawn))))


def at_an_end(share: float, n: int) -> tuple[float, float] | None:
    """What the true share is between where none or all of n trials went one way; None of any other share."""
    three = min(1.0, 3 / n)
    return (0.0, three) if share == 0 else (1 - three, 1.0) if share == 1 else None


def _n_independent(share: float, n: int, drawn: Floats) -> float:
    """How many independent trials would spread as the draws do; n at most, 1 where the draws tell nothing."""
    variance = float(drawn.var()) if len(drawn) else 0.0
    return min(n, share * (1 - share) / variance) if variance > 0 else 1.0


def _wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's interval (1927)."""
    square = _Z * _Z / n
    middle = (share + square / 2) / (1 + square)
    half = _Z / (1 + square) * math.sqrt(share * (1 - share) / n + square / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)
