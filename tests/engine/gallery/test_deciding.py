"""Decisions equal the rules' formulas: worked examples by hand, and plain loops over any gallery."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.gallery import (
    RULES,
    Gallery,
    Rule,
    Vectors,
    calibrate,
    clusters,
    duplicates,
    identify,
    outliers,
    people_distances,
    projected,
    suggest,
)
from tests.engine.gallery.galleries import distance, galleries, gallery_of, person_distance

ANNA, BOB = 1, 2
WORKED = Gallery(
    np.array([11, 12, 13, 14, 15, 16, 17]),
    np.array([[9], [0], [1], [8], [4], [5], [6]], np.float32),
    "euclidean",
    np.array([ANNA, ANNA, ANNA, ANNA, BOB, BOB, BOB]),
)
"""Anna at 9, 0, 1 and 8; Bob at 4, 5 and 6. A probe at 2 is 7, 2, 1, 6 from Anna's and 2, 3, 4 from Bob's."""


@pytest.mark.parametrize(
    ("rule", "anna", "bob", "first"),
    [
        ("mean", (7 + 2 + 1 + 6) / 4, (2 + 3 + 4) / 3, BOB),
        ("nearest", 1, 2, ANNA),
        ("nearest_few", (1 + 2 + 6) / 3, (2 + 3 + 4) / 3, ANNA),  # equally far: the lower id
        ("centroid", 4.5 - 2, 5 - 2, ANNA),
    ],
)
def test_the_lectures_rules_by_hand(rule: Rule, anna: float, bob: float, first: int) -> None:
    decision = identify(WORKED, [2.0], rule, 10)
    found = {each.identity_id: each for each in decision.ranking}
    assert (found[ANNA].distance, found[BOB].distance) == pytest.approx((anna, bob))
    assert (found[ANNA].nearest_template_id, found[BOB].nearest_template_id) == (13, 15)
    assert (found[ANNA].n_templates, found[BOB].n_templates) == (4, 3)
    assert decision.identity_id == first
    assert decision.margin == pytest.approx(abs(anna - bob))


def test_nobody_is_accepted_beyond_the_threshold_and_somebody_at_it() -> None:
    assert identify(WORKED, [2.0], "nearest", 1).identity_id == ANNA
    refused = identify(WORKED, [2.0], "nearest", 0.999)
    assert refused.identity_id is None
    assert refused.distance == 1


def test_of_many_people_who_are_equally_far_the_lowest_id_comes_first() -> None:
    ids = np.random.default_rng(0).permutation(300)
    at = (1 + ids % 3).astype(np.float32)
    gallery = Gallery(np.arange(300), at[:, None] * np.ones((300, 4), np.float32), "euclidean", ids)
    found = [each.identity_id for each in identify(gallery, np.zeros(4), "nearest", 5).ranking]
    assert found == [*range(0, 300, 3), *range(1, 300, 3), *range(2, 300, 3)]


def test_people_it_is_not_do_not_count() -> None:
    decision = identify(WORKED, [2.0], "nearest", 5, {ANNA})
    assert decision.identity_id == BOB
    assert [each.identity_id for each in decision.ranking] == [BOB]
    assert identify(WORKED, [2.0], "nearest", 5, {ANNA, BOB}).identity_id is None


def test_the_centroid_of_unit_vectors_is_their_direction() -> None:
    gallery = Gallery(np.arange(2), np.eye(2, dtype=np.float32), "cosine", np.array([1, 1]))
    assert identify(gallery, [1.0, 0.0], "centroid", 2).distance == pytest.approx(1 - np.sqrt(0.5))
    assert identify(gallery, [1.0, 0.0], "mean", 2).distance == pytest.approx(0.5)


@given(galleries(), st.sampled_from(RULES), st.integers(0, 11), st.sets(st.integers(1, 5)))
def test_a_decision_equals_a_loop(gallery: Gallery, rule: Rule, n: int, excluded: set[int]) -> None:
    probe = gallery.vectors[n % len(gallery)] * np.float32(0.9)
    expected = {}
    for person in sorted(set(gallery.identity_ids.tolist()) - excluded):
        own = gallery.vectors[gallery.identity_ids == person]
        expected[person] = person_distance(own, probe, rule, gallery.metric)
    decision = identify(gallery, probe, rule, 0.5, excluded)
    assert {each.identity_id for each in decision.ranking} == set(expected)
    found = [each.distance for each in decision.ranking]
    assert found == sorted(found)
    assert_allclose(found, [expected[each.identity_id] for each in decision.ranking], atol=1e-6)
    for candidate in decision.ranking:
        own = gallery.identity_ids == candidate.identity_id
        apart = [distance(each, probe, gallery.metric) for each in gallery.vectors[own]]
        nearest = dict(zip(gallery.template_ids[own].tolist(), apart, strict=True))
        assert nearest[candidate.nearest_template_id] == pytest.approx(min(apart), abs=1e-6)
        assert candidate.n_templates == own.sum()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_many_probes_are_as_each_alone(rule: Rule, metric: str) -> None:
    gallery = gallery_of(12, 5, metric="cosine" if metric == "cosine" else "euclidean")
    probes = gallery_of(15, 20, metric=gallery.metric, seed=3).vectors
    ids, far = people_distances(gallery, probes, rule)
    for row, probe in zip(far, probes, strict=True):
        alone = {each.identity_id: each.distance for each in identify(gallery, probe, rule, 1).ranking}
        assert_allclose(row, [alone[each] for each in ids.tolist()], atol=1e-7)


@given(galleries(), st.sampled_from(RULES), st.dictionaries(st.integers(100, 105), st.sets(st.integers(1, 5))))
def test_suggestions_are_decisions(gallery: Gallery, rule: Rule, rejected: dict[int, set[int]]) -> None:
    unknown = Vectors(
        np.arange(100, 106), np.resize(gallery.vectors[::-1] * 0.9, (6, gallery.vectors.shape[1])), gallery.metric
    )
    alone = {
        template_id: identify(gallery, vector, rule, 0.3, rejected.get(template_id, set()))
        for template_id, vector in zip(unknown.template_ids.tolist(), unknown.vectors, strict=True)
    }
    found = suggest(gallery, unknown, rule, 0.3, rejected)
    for template_id, decision in alone.items():
        near = [each for each in decision.ranking if abs(each.distance - (decision.distance or 0)) < 1e-6]
        if decision.distance is None or abs(decision.distance - 0.3) > 1e-6:  # at the threshold rounding decides
            assert (template_id in found) == (decision.identity_id is not None)
        if template_id in found:
            assert found[template_id] in {each.identity_id for each in near}


def test_an_empty_gallery_knows_nobody() -> None:
    empty = Gallery(np.empty(0, np.int64), np.empty((0, 3), np.float32), "cosine", np.empty(0, np.int64))
    for rule in RULES:
        decision = identify(empty, [1.0, 0, 0], rule, 1)
        assert (decision.identity_id, decision.ranking, decision.distance, decision.margin) == (None, (), None, None)
        assert suggest(empty, Vectors(np.array([1]), np.ones((1, 3), np.float32), "cosine"), rule, 1, {}) == {}


@pytest.mark.parametrize("rule", RULES)
def test_before_any_embedder_is_chosen_vectors_have_no_length(rule: Rule) -> None:
    none = Gallery(np.empty(0, np.int64), np.empty((0, 0), np.float32), "euclidean", np.empty(0, np.int64))
    assert identify(none, np.ones(8), rule, 1).ranking == ()
    assert suggest(none, gallery_of(2, 2), rule, 1, {}) == {}
    assert suggest(gallery_of(2, 2), none, rule, 1, {}) == {}
    assert calibrate(none, rule, 0.01) is None
    assert (outliers(none), duplicates(none), clusters(none, 1)) == ((), (), ())
    assert projected(none).shape == (0, 2)


@pytest.mark.parametrize("rule", RULES)
def test_a_threshold_that_is_not_known_accepts_nobody(rule: Rule) -> None:
    gallery = gallery_of(3, 2)
    assert identify(gallery, gallery.vectors[0], rule, math.nan).identity_id is None
    assert suggest(gallery, gallery, rule, math.nan, {}) == {}
