"""The protocol by which embedders and rules are judged: some faces of each person are enrolled, the others searched.

Closed set: everybody is enrolled. Open set: half of the people never are, and no more than some share of their searches
may return anybody. Which faces are templates and who is never enrolled is drawn anew for each repeat, from a seed, so
that every embedder and rule is judged by the same draws.

A threshold that was set on the very people it is judged by promises too much. Besides, therefore, thresholds are set on
other people (those whom the embedder learned from, or else a half of these, drawn anew), and what then comes out is
told: the realised rates.

Legend: N faces, P probes, I people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from engine.evaluation.verification import (
    Searches,
    Statistic,
    Trials,
    accepted_within,
    eer,
    fnir_at_fpir,
    found_within,
    fpir_within,
    mean_of,
    missed_within,
    rank_k,
    tar_at_far,
    threshold_at_far,
)
from engine.gallery import Gallery, LeftOut, Rule, people_distances, search_threshold
from engine.gallery.distances import Floats
from engine.gallery.people import Ids

FAR = 0.01
"""Of impostors: for the true accepts that are told."""
FPIR = 0.1
"""Of searches of strangers: for the misses that are told."""
TEMPLATES_BY_PROTOCOL: Mapping[str, int] = {"one-shot": 1, "k5": 5}
FIGURES = ("rank1", "eer", "tar_at_far_1pct", "fnir_at_fpir_10pct")
REALISED = ("far", "tar", "fpir", "fnir")


@dataclass(frozen=True, slots=True)
class Plan:
    """How faces are drawn, and how it is decided."""

    n_templates: int
    rule: Rule = "nearest"
    n_repeats: int = 20
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """What a plan came to, as statistics over the people who were tried."""

    figures: Mapping[str, Statistic]
    """By the names in FIGURES: thresholds are those at which these very people give the rate."""
    realised: Mapping[str, Statistic]
    """By the names in REALISED, at thresholds set on other people; empty where there are too few to set any."""
    n_people: int
    n_probes: int
    n_set_on: int
    """On how many other people thresholds were set."""


@dataclass(frozen=True, slots=True, eq=False)
class _Draw:
    """One repeat: how far every probe is from every person."""

    distances: Floats
    """(P, I)."""
    probe_people: Ids
    people: Ids

    def of(self, people: Ids) -> _Draw:
        """Some of the people among themselves."""
        rows, columns = np.isin(self.probe_people, people), np.isin(self.people, people)
        return _Draw(self.distances[np.ix_(rows, columns)], self.probe_people[rows], self.people[columns])

    def enrolling(self, people: Ids) -> _Draw:
        """All probes, with some of the people enrolled."""
        columns = np.isin(self.people, people)
        return _Draw(self.distances[:, columns], self.probe_people, self.people[columns])


def triable(faces: Gallery, n_templates: int) -> Ids:
    """People who have more faces than are enrolled."""
    people, counts = np.unique(faces.identity_ids, return_counts=True)
    return np.asarray(people[counts > n_templates], np.int64)


def tried(faces: Gallery, others: Gallery | None, plan: Plan, people: Ids | None = None) -> Tried:
    """Judge by a plan. There are two triable people at least.

    `others` are those on whom thresholds are set, none of them among the faces; without any two, half of the people.
    `people` are those who are drawn anew for intervals, where they are more than these.
    """
    own = triable(faces, plan.n_templates)
    drawn = own if people is None else people
    draws = list(_draws(faces, plan))
    halves = [_halved(own, plan, repeat) for repeat in range(plan.n_repeats)]
    figures = [_figures(draw, half[0], drawn) for draw, half in zip(draws, halves, strict=True)]
    of_others = [None] * len(draws) if not _is_enough(others, plan) else list(_draws(others, plan))
    realised = [
        found
        for draw, other, (first, rest) in zip(draws, of_others, halves, strict=True)
        if (found := _realised(draw, other, drawn) if other else _realised(draw.of(first), draw.of(rest), drawn))
    ]
    n_set_on = 0 if not realised else len(of_others[0].people if of_others[0] else halves[0][1])
    return Tried(_means(figures), _means(realised), len(own), len(draws[0].probe_people), n_set_on)


def _is_enough(others: Gallery | None, plan: Plan) -> bool:
    return others is not None and len(triable(others, plan.n_templates)) >= 2


def _draws(faces: Gallery | None, plan: Plan) -> Iterator[_Draw]:
    """The repeats: templates drawn for each person, the other faces as probes."""
    assert faces is not None
    people = triable(faces, plan.n_templates)
    for repeat in range(plan.n_repeats):
        rng = np.random.default_rng([plan.seed, repeat, plan.n_templates])
        chosen = [rng.permutation(np.flatnonzero(faces.identity_ids == each)) for each in people]
        templates = np.sort(np.concatenate([each[: plan.n_templates] for each in chosen]))
        probes = np.concatenate([each[plan.n_templates :] for each in chosen])
        ids, apart = people_distances(faces.part(templates), faces.vectors[probes], plan.rule)
        yield _Draw(apart, faces.identity_ids[probes], ids)


def _halved(people: Ids, plan: Plan, repeat: int) -> tuple[Ids, Ids]:
    """Half of the people, and the others; of an odd number the first are fewer."""
    order = np.random.default_rng([plan.seed, repeat, 0]).permutation(people)
    return np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :])


def _figures(draw: _Draw, enrolled: Ids, people: Ids) -> dict[str, Statistic]:
    trials = Trials.of(draw.distances, draw.probe_people, draw.people, people)
    closed = Searches.of(draw.distances, draw.probe_people, draw.people, people)
    half = draw.enrolling(enrolled)
    opened = Searches.of(half.distances, half.probe_people, half.people, people)
    return {
        "rank1": rank_k(closed, 1),
        "eer": eer(trials),
        "tar_at_far_1pct": tar_at_far(trials, FAR),
        "fnir_at_fpir_10pct": fnir_at_fpir(opened, FPIR),
    }


def _realised(draw: _Draw, others: _Draw, people: Ids) -> dict[str, Statistic] | None:
    """The rates at thresholds set on others; a stranger is each probe whose own person is left out."""
    if min(len(draw.people), len(others.people)) < 2:
        return None
    single = threshold_at_far(Trials.of(others.distances, others.probe_people, others.people), FAR)
    if single is None:
        return None
    whose = np.arange(len(others.probe_people)), others.probe_people
    left_out = LeftOut.of("nearest", whose, others.people, others.distances)
    searched = search_threshold(left_out, FPIR, len(draw.people) - 1)
    trials = Trials.of(draw.distances, draw.probe_people, draw.people, people)
    searches = Searches.left_out(draw.distances, draw.probe_people, draw.people, people)
    return {
        "far": accepted_within(trials, single),
        "tar": found_within(trials, single),
        "fpir": fpir_within(searches, searched),
        "fnir": missed_within(searches, searched),
    }


def _means(repeats: list[dict[str, Statistic]]) -> dict[str, Statistic]:
    return {name: mean_of([each[name] for each in repeats]) for name in repeats[0]} if repeats else {}
