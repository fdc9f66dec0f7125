"""What to expect of a threshold: how many strangers are taken for somebody, and how many enrolled faces are found.

A comparison with one person (1:1) errs at some rate. A search among K people (1:K) errs when any of K comparisons does:
1 - (1 - rate)^K, were they independent. They are not (some faces resemble many), so it is measured as well: every
template is searched among the other people. Among fewer people than that, what is expected over all choices of them is
counted exactly; among more, the rate that the measured one stands for per person is carried on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.gallery.rates import Rate, by_person, by_two_people, percent
from engine.gallery.trials import N_FRESH, LeftOut


@dataclass(frozen=True, slots=True)
class OneToOne:
    """A threshold between two faces, or a face and a person."""

    threshold: float
    accepted: Rate
    """Impostors within the threshold: false accepts."""
    found: Rate | None
    """Genuine trials within it: true accepts; None where there is no genuine trial."""
    n_people: int
    """Enrolled."""
    n_tried: int
    """Of how many people templates were tried: where there are any, of those alone whom the embedder did not learn
    from."""
    n_learned: int
    """How many of these it did learn from."""

    def among(self, n_people: int) -> float:
        """The share of strangers that are taken for one of so many people, were comparisons independent."""
        return independently(self.accepted.share, n_people)

    @property
    def of_whom(self) -> tuple[str, ...]:
        """Whose faces this was measured with, where the embedder learned from some of the people."""
        if self.n_learned:
            whom = "them" if self.n_learned == self.n_tried else f"{self.n_learned:,} of them"
            return (
                f"Measured with {_people(self.n_tried)}, and the embedder learned from {whom}: real strangers come "
                f"nearer than this says. Enrol {N_FRESH} people or more whom it does not know, or set the threshold by "
                "hand.",
            )
        if self.n_tried < self.n_people:
            return (f"Measured with faces of the {_people(self.n_tried)} whom the embedder did not learn from.",)
        return ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """A threshold at a gallery's size."""

    threshold: float
    n_people: int
    """How many are enrolled, or are to be."""
    n_others: int
    """Among how many people strangers were tried: all but their own person."""
    strangers: Rate
    """Searches of strangers among `n_others` that found somebody (FPIR)."""
    expected: float
    """The same among `n_people`."""
    one_to_one: OneToOne
    found: Rate | None
    """Searches of enrolled people that found them first and near enough; None where nobody has two templates."""
    n_single: int
    """People with one template only: nothing is known of how they are found."""

    @property
    def words(self) -> tuple[str, ...]:
        """What the window says of it, the most important first."""
        said = [self._of_strangers(), self._of_one_to_one()]
        if self.found is None:
            said.append("How often enrolled people are found is not known: nobody has a second template.")
        else:
            said.append(f"Enrolled people's faces are found: {self.found}.")
        if self.found is not None and self.n_single:
            one = "1 person has" if self.n_single == 1 else f"{self.n_single:,} people have"
            said.append(f"{one} one template only and no part in that.")
        return (*said, *self.one_to_one.of_whom)

    def _of_strangers(self) -> str:
        return (
            f"Among {_people(self.n_people)}, expect {percent(self.expected)} of strangers to be taken for somebody "
            f"(measured among {self.n_others:,}: {self.strangers})."
        )

    def _of_one_to_one(self) -> str:
        alone = percent(self.one_to_one.among(self.n_people))
        return (
            f"With one person alone it would be {self.one_to_one.accepted}; "
            f"independent errors would make {alone} of that among {_people(self.n_people)}."
        )


def outlook(trials: LeftOut, threshold: float, n_people: int | None = None, seed: int = 0) -> Outlook:
    """What a threshold means for searches among so many people, by default as many as are enrolled.

    `trials` are of templates against people, of two people at least.
    """
    n_others = trials.n_people - 1
    n_people = trials.n_people if n_people is None else n_people
    strangers, own = trials.strangers, trials.own
    is_tried = ~np.isnan(own)
    is_found = (own <= threshold) & (own < strangers)
    return Outlook(
        threshold=threshold,
        n_people=n_people,
        n_others=n_others,
        strangers=by_person(strangers <= threshold, trials.person_ids, seed),
        expected=stranger_share(trials, threshold, n_people),
        one_to_one=one_to_one(trials, threshold, seed),
        found=by_person(is_found[is_tried], trials.person_ids[is_tried], seed) if is_tried.any() else None,
        n_single=trials.n_single,
    )


def one_to_one(trials: LeftOut, threshold: float, seed: int = 0) -> OneToOne:
    """What a threshold means for single comparisons."""
    people, columns = np.unique(trials.column_ids, return_inverse=True)
    rows = np.searchsorted(people, trials.person_ids)
    is_impostor = ~trials.is_own & ~np.isnan(trials.distances)
    if trials.rule is not None and trials.n_single == trials.n_tried:
        is_both_ways = np.isin(trials.column_ids, trials.person_ids)  # one template each: both are one comparison
        is_impostor &= ~is_both_ways | (trials.person_ids[:, None] < trials.column_ids)
    hits = np.nonzero(is_impostor & _within(trials, threshold))
    n_tried, n_columns = (np.bincount(each, minlength=len(people)).astype(np.float64) for each in (rows, columns))
    accepted = by_two_people((rows[hits[0]], columns[hits[1]]), int(is_impostor.sum()), n_tried, n_columns, seed)
    is_genuine = trials.is_own & ~np.isnan(trials.distances)
    whose = np.broadcast_to(trials.person_ids[:, None], is_genuine.shape)[is_genuine]
    found = by_person(trials.distances[is_genuine] <= threshold, whose, seed) if len(whose) else None
    return OneToOne(threshold, accepted, found, trials.n_people, trials.n_tried, len(trials.learned_ids))


def stranger_share(trials: LeftOut, threshold: float, n_people: int) -> float:
    """The share of strangers that are taken for one of so many people."""
    n_others = trials.n_people - 1
    if n_people >= n_others:
        return carried_on(float(np.mean(trials.strangers <= threshold)), n_others, n_people)
    n_near = _within(trials, threshold).sum(axis=1) - (trials.own <= threshold)
    return float(np.mean(1 - _all_far(n_near, n_others, n_people)))


def independently(rate: float, n_people: int) -> float:
    """1 - (1 - rate)^K, exact also where the rate is small."""
    return -float(np.expm1(n_people * np.log1p(-rate))) if rate < 1 else float(n_people > 0)


def carried_on(share: float, n_measured: int, n_people: int) -> float:
    """A share measured among some people, among more of the same kind."""
    return 1 - float((1 - share) ** (n_people / n_measured))


def _within(trials: LeftOut, threshold: float) -> NDArray[np.bool_]:
    """Where the distance is at most the threshold; never where there is none."""
    return np.asarray(trials.distances <= threshold, np.bool_)


def _all_far(n_near: NDArray[np.int64], n_others: int, k: int) -> NDArray[np.float64]:
    """How likely k people chosen of the others are all far: C(n_others - n_near, k) / C(n_others, k)."""
    far = np.ones(len(n_near))
    for drawn in range(k):
        far *= np.maximum(n_others - n_near - drawn, 0) / (n_others - drawn)
    return far


def _people(n: int) -> str:
    return "1 person" if n == 1 else f"{n:,} people"
