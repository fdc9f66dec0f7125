"""Searches: probes of enrolled people and of strangers looked for among all that are enrolled (1:N).

FPIR is the share of searches of strangers that return anybody; FNIR the share of searches of enrolled people that do
not return them first and within the threshold (ISO/IEC 19795-1). Each has a denominator of its own: searches of
strangers, and searches of enrolled people. Drawn anew are the people who are searched; the gallery stays.

Legend: P probes, C people enrolled, E searches of enrolled people, S of strangers, I people, B draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.verification.curves import between_steps
from engine.evaluation.verification.drawing import ROUNDING, Statistic, ratio, too_few, weighted_share
from engine.gallery.distances import Floats
from engine.gallery.people import Ids


@dataclass(frozen=True, slots=True, eq=False)
class Searches:
    """What searches found."""

    own: Floats
    """(E,) the distance of the person whom the probe shows."""
    ranks: Ids
    """(E,) of that person, from 1: all others that are no farther come first."""
    enrolled_rows: Ids
    """(E,) who that is, as a row of `people`."""
    strangers: Floats
    """(S,) the distance of the nearest person."""
    stranger_rows: Ids
    """(S,) who the stranger is, as a row of `people`."""
    people: Ids
    """(I,) ascending: all of whom there are probes or templates."""
    n_enrolled: int
    """Among how many people was searched."""

    @classmethod
    def of(cls, distances: Floats, probe_people: Ids, column_people: Ids, people: Ids | None = None) -> Searches:
        """From (P, C) distances of probes to people; strangers are those whose person has no column.

        `people` are those who are drawn anew, ascending, where they are more than these.
        """
        whose = probe_people, column_people
        return cls._of(distances, whose, _people(whose, people), ~np.isin(probe_people, column_people))

    @classmethod
    def left_out(cls, distances: Floats, probe_people: Ids, column_people: Ids, people: Ids | None = None) -> Searches:
        """The same where all are enrolled: every probe is searched once more without its own person, as a stranger.

        A probe that has no own distance (NaN: nothing else of that person) is searched as a stranger only.
        """
        whose = probe_people, column_people
        return cls._of(distances, whose, _people(whose, people), np.ones(len(probe_people), np.bool_))

    @classmethod
    def _of(cls, distances: Floats, whose: tuple[Ids, Ids], people: Ids, is_stranger: NDArray[np.bool_]) -> Searches:
        rows = np.searchsorted(people, whose[0])
        is_own = whose[0][:, None] == whose[1]
        own = np.where(is_own, distances, np.inf).min(axis=1, initial=np.inf)
        others = np.where(is_own | np.isnan(distances), np.inf, distances)
        tried = np.flatnonzero(is_own.any(axis=1) & np.isfinite(own))
        ranks = 1 + (others[tried] <= own[tried, None]).sum(axis=1)
        alone = np.flatnonzero(is_stranger)
        nearest = others[alone].min(axis=1, initial=np.inf)
        return cls(own[tried], ranks, rows[tried], nearest, rows[alone], people, len(np.unique(whose[1])))


def _people(whose: tuple[Ids, Ids], people: Ids | None) -> Ids:
    return np.union1d(*whose) if people is None else people


def rank_k(searches: Searches, k: int) -> Statistic:
    """The share of searches of enrolled people that return them among the first k, at any distance."""
    return _of_enrolled(searches, searches.ranks <= k)


def cmc(searches: Searches) -> Floats:
    """(C,) the cumulative match characteristic: rank k for k from 1 to all people."""
    counts = np.bincount(searches.ranks, minlength=searches.n_enrolled + 1)[1 : searches.n_enrolled + 1]
    return np.asarray(np.cumsum(counts) / max(1, len(searches.ranks)), np.float64)


def fpir_within(searches: Searches, threshold: float) -> Statistic:
    """The share of searches of strangers for whom a threshold returns somebody."""
    is_hit = searches.strangers <= threshold
    reason = "" if len(is_hit) else "There are no strangers to search."
    return _statistic(searches, lambda people: weighted_share(is_hit, people[:, searches.stranger_rows]),
                      len(is_hit), reason)  # fmt: skip


def missed_within(searches: Searches, threshold: float) -> Statistic:
    """The share of searches of enrolled people that a threshold does not answer rightly: FNIR."""
    return _of_enrolled(searches, ~((searches.ranks == 1) & (searches.own <= threshold)))


def fnir_at_fpir(searches: Searches, fpir: float) -> Statistic:
    """FNIR at the loosest threshold that returns somebody for no more than `fpir` of strangers.

    It can be shown only where that is one search of a stranger at least.
    """
    order = np.argsort(searches.strangers, kind="stable")
    strangers, rows = searches.strangers[order], searches.stranger_rows[order]
    is_first = searches.ranks == 1

    def of(people: Floats) -> Floats:
        limits = _limits(strangers, people[:, rows], fpir)
        is_found = is_first & (searches.own < limits[:, None])
        weights = people[:, searches.enrolled_rows]
        missed = ratio((weights * ~is_found).sum(axis=1), weights.sum(axis=1))
        return np.asarray(np.where(np.isnan(limits), np.nan, missed), np.float64)

    reason = _lacking(searches) or too_few(fpir, len(strangers), "searches of strangers")
    return _statistic(searches, of, len(searches.own), reason)


def threshold_at_fpir(searches: Searches, fpir: float) -> float | None:
    """The loosest threshold with room at which no more than `fpir` of strangers are taken for somebody.

    None where that is less than one search.
    """
    if too_few(fpir, len(searches.strangers), ""):
        return None
    return between_steps(np.sort(searches.strangers), fpir)


def _limits(strangers: Floats, weights: Floats, fpir: float) -> Floats:
    """(B,) the ascending distance that may no longer be reached, as then more than the share would be; NaN of none."""
    total = weights.sum(axis=1)
    ends = np.searchsorted(strangers, strangers, side="right") - 1  # ties are accepted together
    accepted = np.cumsum(weights, axis=1)[:, ends]
    is_over = accepted > fpir * total[:, None] + ROUNDING
    limits = np.where(is_over.any(axis=1), strangers[is_over.argmax(axis=1)], np.inf)
    return np.asarray(np.where(total > 0, limits, np.nan), np.float64)


def _of_enrolled(searches: Searches, is_hit: NDArray[np.bool_]) -> Statistic:
    def of(people: Floats) -> Floats:
        return weighted_share(is_hit, people[:, searches.enrolled_rows])

    return _statistic(searches, of, len(is_hit), _lacking(searches))


def _statistic(searches: Searches, of: Callable[[Floats], Floats], n: int, reason: str) -> Statistic:
    size = len(searches.own) + len(searches.strangers)
    return Statistic(of, len(searches.people), n, size, reason)


def _lacking(searches: Searches) -> str:
    return "" if len(searches.own) else "Nobody is enrolled with a further face to search."
