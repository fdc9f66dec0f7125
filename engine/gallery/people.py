"""From the distances of templates to those of people, by each rule.

Legend: P probes, N templates, I people, D numbers of a vector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.gallery.decisions import Rule
from engine.gallery.distances import Floats, between, distances, unit
from engine.gallery.gallery import Gallery, Metric

N_FEW = 3
"""How many of a person's templates `nearest_few` looks at."""
_AT_ONCE = 256
"""Probes whose distances to all templates are held together."""
Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Whose the templates of a gallery are: columns sorted by person, so that each person's stand together."""

    identity_ids: Ids
    """(I,), ascending."""
    order: Ids
    """(N,) the templates, person by person, each person's in the order of their ids."""
    starts: Ids
    """(I,) where each person's begin in `order`."""
    counts: Ids
    """(I,)."""

    @classmethod
    def of(cls, gallery: Gallery) -> People:
        """Everybody who has a template."""
        order = np.argsort(gallery.identity_ids, kind="stable")
        ids, starts, counts = np.unique(gallery.identity_ids[order], return_index=True, return_counts=True)
        return cls(ids, order, starts, counts)

    def __len__(self) -> int:
        return len(self.identity_ids)

    def templates(self, row: int) -> Ids:
        """The templates of the person in a row, as rows of the gallery."""
        return self.order[self.starts[row] : self.starts[row] + self.counts[row]]

    def alike(self) -> Iterator[tuple[Ids, Ids]]:
        """People who have equally many templates (J,), and where these stand in `order` (J, n): done at once."""
        for n in np.unique(self.counts):
            rows = np.flatnonzero(self.counts == n)
            yield rows, self.starts[rows, None] + np.arange(n)


def people_distances(gallery: Gallery, probes: ArrayLike, rule: Rule) -> tuple[Ids, Floats]:
    """The ids of all people (I,) and how far each is from every probe (P, I), by a rule."""
    people = People.of(gallery)
    single = standing_for(gallery, people, rule)
    wide = np.atleast_2d(np.asarray(probes, np.float64))
    if single is not None:
        return people.identity_ids, between(single, wide, gallery.metric)
    found = np.empty((len(wide), len(people)))
    for start in range(0, len(wide), _AT_ONCE):
        found[start : start + _AT_ONCE] = by_rule(distances(gallery, wide[start : start + _AT_ONCE]), people, rule)
    return people.identity_ids, found


def standing_for(gallery: Gallery, people: People, rule: Rule) -> Floats | None:
    """(I, D): one vector for each person whose distance is the rule's; None where one does not do.

    The mean of products with unit vectors is the product with their mean, so by cosine the mean rule needs but one.
    """
    if rule == "centroid":
        return middles(gallery, people)
    return _means(gallery, people) if (rule, gallery.metric) == ("mean", "cosine") else None


def middles(gallery: Gallery, people: People) -> Floats:
    """(I, D) the mean of each person's vectors; by cosine its direction, as a vector of length 1."""
    return unit_of(_means(gallery, people), gallery.metric)


def unit_of(means: Floats, metric: Metric) -> Floats:
    """Means as vectors that the metric can compare."""
    return unit(means) if metric == "cosine" else means


def by_rule(apart: Floats, people: People, rule: Rule) -> Floats:
    """(P, I) from the (P, N) distances to templates, for a rule that looks at templates."""
    return _REDUCED[rule](apart[:, people.order], people) if len(people) else np.empty((len(apart), 0))


def own_distance(apart: Floats, rule: Rule) -> float:
    """How far a person is, of the (n,) distances to their templates, for a rule that looks at templates."""
    if rule == "mean":
        return float(apart.mean())
    return float(apart.min() if rule == "nearest" else np.sort(apart)[:N_FEW].mean())


def nearest_templates(apart: Floats, people: People, template_ids: Ids) -> Ids:
    """(P, I) the nearest template of each person; of equally near ones that with the lowest id."""
    if not len(people):
        return np.empty((len(apart), 0), np.int64)
    columns = apart[:, people.order]
    least = np.minimum.reduceat(columns, people.starts, axis=1)
    is_least = columns == np.repeat(least, people.counts, axis=1)
    ids = np.where(is_least, template_ids[people.order], np.iinfo(np.int64).max)
    return np.asarray(np.minimum.reduceat(ids, people.starts, axis=1), np.int64)


def _means(gallery: Gallery, people: People) -> Floats:
    found = np.empty((len(people), gallery.vectors.shape[1]))
    for rows, own in people.alike():
        each_in_turn = (gallery.vectors[column].astype(np.float64) for column in people.order[own].T)
        found[rows] = sum(each_in_turn) / own.shape[1]
    return found


def _mean(columns: Floats, people: People) -> Floats:
    return np.asarray(np.add.reduceat(columns, people.starts, axis=1) / people.counts, np.float64)


def _nearest(columns: Floats, people: People) -> Floats:
    return np.asarray(np.minimum.reduceat(columns, people.starts, axis=1), np.float64)


def _few(columns: Floats, people: People) -> Floats:
    found = np.empty((len(columns), len(people)))
    for rows, own in people.alike():
        apart = columns[:, own]
        nearest = np.partition(apart, N_FEW - 1, axis=2)[:, :, :N_FEW] if own.shape[1] > N_FEW else apart
        found[:, rows] = np.sort(nearest, axis=2).mean(axis=2)
    return found


_REDUCED: dict[Rule, Callable[[Floats, People], Floats]] = {"mean": _mean, "nearest": _nearest, "nearest_few": _few}
