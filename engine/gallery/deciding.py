"""Who a probe is: the nearest person by a rule, if near enough; and the same for many unknown faces."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import ArrayLike

from engine.gallery.decisions import Candidate, Decision, Rule
from engine.gallery.distances import between, distances
from engine.gallery.gallery import Gallery, Vectors
from engine.gallery.people import People, by_rule, middles, nearest_templates, people_distances


def identify(
    gallery: Gallery, probe: ArrayLike, rule: Rule, threshold: float, excluded: Collection[int] = frozenset()
) -> Decision:
    """Who a probe (D,) is (1:K), or nobody; `excluded` people, whom it is known not to be, do not count.

    Of people who are equally far the one with the lowest id comes first.
    """
    people = People.of(gallery)
    apart = distances(gallery, probe)
    if rule == "centroid":
        far = between(middles(gallery, people), probe, gallery.metric)
    else:
        far = by_rule(apart, people, rule)
    nearest = nearest_templates(apart, people, gallery.template_ids)
    rows = np.argsort(far[0], kind="stable")
    columns = (each[rows].tolist() for each in (people.identity_ids, far[0], nearest[0], people.counts))
    ranking = tuple(Candidate(*each) for each in zip(*columns, strict=True) if each[0] not in excluded)
    accepted = ranking[0].identity_id if ranking and ranking[0].distance <= threshold else None
    return Decision(accepted, ranking, threshold, rule)


def suggest(
    gallery: Gallery, vectors: Vectors, rule: Rule, threshold: float, rejected: Mapping[int, Collection[int]]
) -> Mapping[int, int]:
    """Who faces may be: template id -> identity id, of those only for whom somebody is near enough.

    `rejected` says by template id who a face is not: then the next person is suggested, if also near enough.
    """
    identity_ids, far = people_distances(gallery, vectors.vectors, rule)
    if not len(identity_ids):
        return {}
    for row, template_id in enumerate(vectors.template_ids.tolist()):
        if not_these := rejected.get(template_id):
            far[row, np.isin(identity_ids, list(not_these))] = np.inf
    first = far.argmin(axis=1)
    is_near = far[np.arange(len(far)), first] <= threshold
    found = zip(vectors.template_ids[is_near].tolist(), identity_ids[first[is_near]].tolist(), strict=True)
    return dict(found)
