"""What a gallery says of itself: every template is tried as a probe against the others.

Against the rest of its own person's templates it is a genuine trial, against everybody else an impostor; and as its own
person is left out then, the nearest of the others is what a stranger would find.

Legend: P templates tried, C columns: people, or single templates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.gallery.decisions import Rule
from engine.gallery.distances import Floats, between, distances
from engine.gallery.gallery import Gallery
from engine.gallery.people import Ids, People, by_rule, own_distance, people_distances, standing_for, unit_of

MAX_TRIALS = 4_000_000
"""Numbers held at once (32 MB): of a larger gallery, templates spread evenly over all people are tried."""
N_FRESH = 2
"""So many people whom the embedder did not learn from are enough to try them alone."""
_AT_ONCE = 256
_NOBODY = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class LeftOut:
    """The gallery's own trials."""

    rule: Rule | None
    """How far a person is; None: each template is compared with each other one, once."""
    template_ids: Ids
    """(P,) which were tried."""
    person_ids: Ids
    """(P,) whose they are."""
    column_ids: Ids
    """(C,) the people they were compared with, or whose the templates are."""
    distances: Floats
    """(P, C); NaN where nothing is compared: a template with itself, or with a person who has no other one."""

    genuine: Floats
    """Distances within people, ascending."""
    impostor: Floats
    """Distances between different people, ascending."""
    own: Floats
    """(P,) the distance to the rest of one's own templates, the nearest one for pairs; NaN where there is none."""
    strangers: Floats
    """(P,) what each probe would find were its own person not enrolled: the distance of the nearest other one."""
    learned_ids: Ids
    """Of the people whose templates were tried, those whom the embedder learned from."""

    @classmethod
    def of(
        cls, rule: Rule | None, whose: tuple[Ids, Ids], column_ids: Ids, apart: Floats, learned_ids: Ids = _NOBODY
    ) -> LeftOut:
        """From (P, C) distances, NaN where they do not count; `whose` are the templates tried, and their people."""
        is_own = whose[1][:, None] == column_ids
        is_compared = ~np.isnan(apart)
        genuine, impostor = np.sort(apart[is_own & is_compared]), np.sort(apart[~is_own & is_compared])
        strangers = apart.min(axis=1, where=~is_own & is_compared, initial=np.inf)
        own = apart.min(axis=1, where=is_own & is_compared, initial=np.inf)
        own[np.isinf(own)] = np.nan
        learned = np.intersect1d(whose[1], learned_ids)
        return cls(rule, *whose, column_ids, apart, genuine, impostor, own, strangers, learned)

    @property
    def is_own(self) -> NDArray[np.bool_]:
        """(P, C) whether probe and column are of one person."""
        return np.asarray(self.person_ids[:, None] == self.column_ids, np.bool_)

    @property
    def n_people(self) -> int:
        """Of how many people there are trials."""
        return len(np.unique(self.column_ids))

    @property
    def n_tried(self) -> int:
        """Of how many people templates were tried."""
        return len(np.unique(self.person_ids))

    @property
    def n_single(self) -> int:
        """How many of those who were tried have but one template, and so no genuine trial."""
        if self.rule is None:
            people, counts = np.unique(self.column_ids, return_counts=True)
            return int(np.isin(people[counts == 1], self.person_ids).sum())
        return self.n_tried - len(np.unique(self.person_ids[~np.isnan(self.own)]))


def left_out(gallery: Gallery, rule: Rule, n_most: int | None = None, *, is_of_all: bool = False) -> LeftOut:
    """Templates against people by a rule (1:1 against a person who is enrolled, and 1:K); MAX_TRIALS or `n_most`.

    `is_of_all`: also those of people whom the embedder learned from, whoever else there is.
    """
    people = People.of(gallery)
    tried = _spread(_order(gallery, people, is_of_all=is_of_all), (n_most or MAX_TRIALS) // max(1, len(people)))
    own_rows = np.searchsorted(people.identity_ids, gallery.identity_ids[tried])
    found = np.empty((len(tried), len(people)))
    single = standing_for(gallery, people, rule)
    for start in range(0, len(tried), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        probes = gallery.vectors[tried[part]].astype(np.float64)
        if single is None:
            apart = distances(gallery, probes)
            found[part] = by_rule(apart, people, rule)
            own = [
                _rest(apart[n], people.templates(row), at, rule)
                for n, (at, row) in enumerate(zip(tried[part], own_rows[part], strict=True))
            ]
        else:
            found[part] = between(single, probes, gallery.metric)
            own = [
                _rest_of_single(gallery, people.templates(row), at, rule)
                for at, row in zip(tried[part], own_rows[part], strict=True)
            ]
        found[np.arange(start, start + len(own)), own_rows[part]] = own
    whose = gallery.template_ids[tried], gallery.identity_ids[tried]
    return LeftOut.of(rule, whose, people.identity_ids, found, gallery.learned_ids)


def with_few(gallery: Gallery, rule: Rule, n_templates: int, n_most: int | None = None) -> LeftOut:
    """As if only the first so many templates of everybody were enrolled: the others are tried, none is left out."""
    people = People.of(gallery)
    nth = np.empty(len(gallery), np.int64)
    nth[people.order] = np.arange(len(gallery)) - np.repeat(people.starts, people.counts)
    enrolled = gallery.part(nth < n_templates)
    order = _order(gallery, people)
    tried = _spread(order[nth[order] >= n_templates], (n_most or MAX_TRIALS) // max(1, len(people)))
    column_ids, apart = people_distances(enrolled, gallery.vectors[tried], rule)
    whose = gallery.template_ids[tried], gallery.identity_ids[tried]
    return LeftOut.of(rule, whose, column_ids, apart, gallery.learned_ids)


def pairs_left_out(gallery: Gallery) -> LeftOut:
    """Templates against templates (1:1 of two pictures); of two that were both tried, the pair counts once."""
    tried = _spread(_order(gallery, People.of(gallery)), MAX_TRIALS // max(1, len(gallery)))
    found = distances(gallery, gallery.vectors[tried])
    found[:, tried] = np.where(np.tri(len(tried), dtype=np.bool_), np.nan, found[:, tried])
    whose = gallery.template_ids[tried], gallery.identity_ids[tried]
    return LeftOut.of(None, whose, gallery.identity_ids, found, gallery.learned_ids)


def _order(gallery: Gallery, people: People, *, is_of_all: bool = False) -> Ids:
    """Rows of the gallery that may be tried, person by person."""
    is_fresh = ~np.isin(gallery.identity_ids[people.order], gallery.learned_ids)
    n_fresh = len(np.setdiff1d(people.identity_ids, gallery.learned_ids))
    return people.order if is_of_all or n_fresh < N_FRESH else people.order[is_fresh]


def _spread(order: Ids, n_most: int) -> Ids:
    """As many of the rows as there is room for, evenly over people; ascending."""
    n = min(len(order), max(1, n_most))
    return np.sort(order[np.linspace(0, len(order), n, endpoint=False).astype(np.int64)])


def _rest(apart: Floats, own: Ids, at: int, rule: Rule) -> float:
    """How far the own person is without the template itself; NaN without any other."""
    rest = own[own != at]
    return own_distance(apart[rest], rule) if len(rest) else np.nan


def _rest_of_single(gallery: Gallery, own: Ids, at: int, rule: Rule) -> float:
    """The same for a rule to which one vector does for a person."""
    rest = own[own != at]
    if not len(rest):
        return np.nan
    middle = gallery.vectors[rest].mean(axis=0, dtype=np.float64)[None]
    if rule == "centroid":
        middle = unit_of(middle, gallery.metric)
    return float(between(middle, gallery.vectors[at], gallery.metric)[0, 0])
