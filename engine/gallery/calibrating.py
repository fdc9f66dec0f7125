"""The threshold for a wanted rate of false accepts, from the gallery's own trials, and what it is worth.

A rate can be shown only where it makes at least one error in as many trials as there are; below that the strictest
threshold is taken that these trials support, just below the nearest other person's face, and the answer says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.gallery.decisions import Rule
from engine.gallery.distances import Floats
from engine.gallery.gallery import Gallery
from engine.gallery.outlook import OneToOne, Outlook, one_to_one, outlook, stranger_share
from engine.gallery.rates import percent
from engine.gallery.trials import LeftOut, left_out, pairs_left_out


@dataclass(frozen=True, slots=True)
class Calibration:
    """Thresholds for a wanted rate of false accepts, by one rule."""

    rule: Rule
    wanted: float
    """The share of strangers that may be taken for somebody."""
    search: Outlook
    """For searches among all people (1:K): what `identify` takes."""
    single: OneToOne
    """For comparisons with one person (1:1); as a threshold for searches it lets more strangers in."""

    @property
    def threshold(self) -> float:
        """For searches."""
        return self.search.threshold

    @property
    def is_shown(self) -> bool:
        """Whether there are trials enough to show the wanted rate of searches."""
        return self.wanted * self.search.strangers.n >= 1

    @property
    def words(self) -> tuple[str, ...]:
        """What the window says of it."""
        if self.is_shown:
            return self.search.words
        tried = self.search.strangers
        said = (
            f"{percent(self.wanted)} cannot be shown with {tried.n:,} {'search' if tried.n == 1 else 'searches'} of "
            f"strangers ({math.ceil(1 / self.wanted):,} are needed): the threshold is just below the nearest other "
            f"person's face. Were searches independent, at most {percent(tried.high)} of strangers would be taken for "
            "somebody (95 % sure)."
        )
        return (said, *self.search.words[1:])


def calibrate(gallery: Gallery, rule: Rule, far: float, n_people: int | None = None) -> Calibration | None:
    """Thresholds at which the share `far` of strangers is taken for somebody, among so many people or all enrolled.

    None where there are no two people: what a stranger would find cannot be tried.
    """
    return calibrated(left_out(gallery, rule), far, n_people)


def calibrated(trials: LeftOut, far: float, n_people: int | None = None) -> Calibration | None:
    """The same from trials against people that are there already; a share between 0 and 1."""
    if not 0 < far < 1:
        raise ValueError(f"a share of false accepts is between 0 and 1, not {far}")
    if trials.rule is None or trials.n_people < 2:
        return None
    k = trials.n_people if n_people is None else n_people
    impostor = trials.impostor
    searched = search_threshold(trials, far, k)
    single = _loosest(impostor, lambda threshold: bool(_share(impostor, threshold) <= far))
    return Calibration(trials.rule, far, outlook(trials, searched, k), one_to_one(trials, single))


def search_threshold(trials: LeftOut, far: float, n_people: int) -> float:
    """The loosest threshold at which no more than the share `far` of strangers is taken for one of so many people."""
    return _loosest(trials.impostor, lambda threshold: stranger_share(trials, threshold, n_people) <= far)


def calibrate_pairs(gallery: Gallery, far: float) -> OneToOne | None:
    """The threshold between two pictures (`verify`) that accepts the share `far` of pairs of different people.

    None where there are no two people. The rate is shown only where far x accepted.n is 1 or more.
    """
    trials = pairs_left_out(gallery)
    impostor = trials.impostor
    if not len(impostor):
        return None
    return one_to_one(trials, _loosest(impostor, lambda threshold: bool(_share(impostor, threshold) <= far)))


def _share(impostor: Floats, threshold: float) -> float:
    return float(np.searchsorted(impostor, threshold, side="right")) / len(impostor)


def _loosest(impostor: Floats, is_kept: Callable[[float], bool]) -> float:
    """The loosest threshold just below one of the ascending distances that keeps a limit; the first always does."""
    low, high = 0, len(impostor) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if is_kept(_below(impostor[middle])) else (low, middle - 1)
    return _below(impostor[low])


def _below(distance: float) -> float:
    """Nearer by more than two ways of one comparison differ, as the lengths of vectors are rounded to float32."""
    return float(distance) - 2.5e-7 * max(1.0, abs(float(distance)))
