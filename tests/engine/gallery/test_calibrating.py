"""Thresholds keep the wanted rate and no looser one does; what they are worth equals counting."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from engine.gallery import (
    RULES,
    Gallery,
    Rule,
    calibrate,
    calibrate_pairs,
    calibrated,
    identify,
    left_out,
    outlook,
    pairs_left_out,
)
from engine.gallery.outlook import carried_on, independently, stranger_share
from tests.engine.gallery.galleries import galleries, gallery_of

EMPTY = Gallery(np.empty(0, np.int64), np.empty((0, 3), np.float32), "cosine", np.empty(0, np.int64))


HALF = math.sqrt(0.5)
ROUNDED = np.array([[1, 0], [0, 1], [HALF, -HALF]], np.float32)
"""The third is not of length 1 to the last digit: as a person's middle it is a little nearer than as a probe."""


@given(galleries(min_people=2), st.sampled_from(RULES), st.sampled_from((0.001, 0.1, 0.3, 0.6)))
@example(Gallery(np.array([2, 4, 6]), ROUNDED, "cosine", np.array([1, 2, 3])), "centroid", 0.3)
def test_a_threshold_keeps_the_rate_and_a_looser_one_would_not(gallery: Gallery, rule: Rule, far: float) -> None:
    trials = left_out(gallery, rule)
    found = calibrated(trials, far)
    assert found is not None
    assert found.search.expected <= far
    assert found.single.accepted.share <= far
    for threshold, share in (
        (found.threshold, lambda looser: stranger_share(trials, looser, trials.n_people)),
        (found.single.threshold, lambda looser: np.mean(trials.impostor <= looser)),
    ):
        beyond = trials.impostor[trials.impostor > threshold]
        assert beyond[-1] - beyond[0] < 1e-6 or share(beyond[0] + 1e-6) > far
    assert found.threshold <= found.single.threshold  # a search is harder


@given(galleries(min_people=2), st.sampled_from(RULES), st.floats(0, 2))
def test_an_outlook_equals_searching_each_template(gallery: Gallery, rule: Rule, threshold: float) -> None:
    trials = left_out(gallery, rule)
    assume(np.nanmin(np.abs(trials.distances - threshold)) > 1e-6)
    n_taken = n_tried = n_found = 0
    for row, own in enumerate(gallery.identity_ids.tolist()):
        rest = np.arange(len(gallery)) != row
        without = Gallery(gallery.template_ids[rest], gallery.vectors[rest], gallery.metric, gallery.identity_ids[rest])
        n_taken += identify(without, gallery.vectors[row], rule, threshold, {own}).identity_id is not None
        if own in without.identity_ids:
            first, *others = identify(without, gallery.vectors[row], rule, threshold).ranking
            assume(not others or others[0].distance - first.distance > 1e-6)
            n_tried += 1
            n_found += first.identity_id == own and first.distance <= threshold
    found = outlook(trials, threshold)
    assert (found.strangers.n_hits, found.strangers.n) == (n_taken, len(gallery))
    assert (found.found.n_hits, found.found.n) == (n_found, n_tried) if found.found else n_tried == 0
    assert found.n_others == len(np.unique(gallery.identity_ids)) - 1


@given(galleries(min_people=3), st.floats(0, 2), st.integers(1, 4))
def test_among_fewer_people_all_choices_of_them_are_counted(gallery: Gallery, threshold: float, k: int) -> None:
    trials = left_out(gallery, "nearest")
    assume(k <= trials.n_people - 1)
    shares = []
    for row, own in enumerate(trials.person_ids):
        others = np.flatnonzero(trials.column_ids != own)
        chosen = [
            any(trials.distances[row, each] <= threshold for each in some) for some in itertools.combinations(others, k)
        ]
        shares.append(np.mean(chosen))
    assert stranger_share(trials, threshold, k) == pytest.approx(np.mean(shares))


def test_ninety_nine_of_a_hundred_at_one_to_one_is_not_that_at_one_to_a_hundred() -> None:
    assert independently(0.01, 100) == pytest.approx(1 - 0.99**100)
    assert independently(0.01, 1) == pytest.approx(0.01)
    assert independently(0, 100) == 0
    assert independently(1, 1) == 1
    assert carried_on(0.1, 10, 20) == pytest.approx(1 - 0.9**2)


def test_independent_comparisons_are_as_the_formula_says() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(1500, 64))
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    gallery = Gallery(np.arange(1500), unit, "cosine", np.arange(1500))
    trials = left_out(gallery, "nearest")
    found = calibrated(trials, 0.001)
    assert found is not None
    measured = stranger_share(trials, found.single.threshold, 100)
    assert measured == pytest.approx(independently(found.single.accepted.share, 100), rel=0.05)


def test_a_rate_that_these_trials_cannot_show_is_said_to_be_so() -> None:
    gallery = gallery_of(9, 5, spread=0.6)
    strict, loose = calibrate(gallery, "nearest", 0.001), calibrate(gallery, "nearest", 0.1)
    assert strict is not None
    assert loose is not None
    assert not strict.is_shown
    assert strict.search.strangers.n_hits == 0
    assert strict.search.strangers.high == pytest.approx(3 / 45)
    assert strict.words[0].startswith("0.10 % cannot be shown with 45 searches of strangers (1,000 are needed)")
    assert "at most 6.7 %" in strict.words[0]
    assert loose.is_shown
    assert loose.words[0].startswith("Among 9 people, expect ")
    assert "(measured among 8: " in loose.words[0]


def test_people_with_one_template_are_told_of() -> None:
    gallery = gallery_of(6, 3, spread=0.5)
    first = np.unique(gallery.identity_ids, return_index=True)[1]
    alone = Gallery(gallery.template_ids[first], gallery.vectors[first], "cosine", gallery.identity_ids[first])
    found = calibrate(alone, "nearest", 0.1)
    assert found is not None
    assert (found.search.found, found.single.found, found.search.n_single) == (None, None, 6)
    assert found.single.accepted.n == 6 * 5 / 2  # a pair of pictures is one comparison, whichever is the probe
    assert "nobody has a second template" in found.words[-1]
    mixed = np.flatnonzero((gallery.identity_ids > 10) | np.isin(np.arange(18), first))
    some = Gallery(gallery.template_ids[mixed], gallery.vectors[mixed], "cosine", gallery.identity_ids[mixed])
    told = calibrate(some, "nearest", 0.1)
    assert told is not None
    assert told.words[-1] == "1 person has one template only and no part in that."


@pytest.mark.parametrize("rule", RULES)
def test_a_larger_gallery_asks_for_a_stricter_threshold(rule: Rule) -> None:
    gallery = gallery_of(40, 4, spread=0.7)
    found = [calibrate(gallery, rule, 0.1, n) for n in (1, 10, 39, 40, 200)]
    thresholds = [each.threshold for each in found if each]
    assert thresholds == sorted(thresholds, reverse=True)
    assert thresholds[0] > thresholds[-1]
    assert found[0] is not None
    assert found[0].threshold == pytest.approx(found[0].single.threshold, rel=1e-6)  # one person: 1:1


def test_two_people_are_needed_and_a_share_that_is_one() -> None:
    assert calibrate(EMPTY, "mean", 0.01) is None
    assert calibrate(gallery_of(1, 4), "mean", 0.01) is None
    assert calibrate_pairs(gallery_of(1, 4), 0.01) is None
    for far in (0, 1, -1, math.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            calibrate(gallery_of(2, 2), "mean", far)


def test_one_face_under_two_names_accepts_nobody() -> None:
    gallery = gallery_of(4, 3)
    vectors = gallery.vectors.copy()
    a, b = (np.flatnonzero(gallery.identity_ids == each)[0] for each in (10, 13))
    vectors[a] = vectors[b]
    found = calibrate(Gallery(gallery.template_ids, vectors, "cosine", gallery.identity_ids), "nearest", 0.01)
    assert found is not None
    assert found.threshold < 1e-6
    assert found.search.strangers.n_hits == 0


def test_pairs_of_pictures_have_a_threshold_of_their_own() -> None:
    gallery = gallery_of(12, 5, spread=0.7)
    found = calibrate_pairs(gallery, 0.02)
    trials = pairs_left_out(gallery)
    assert found is not None
    assert found.accepted.n == len(trials.impostor) == 12 * 11 / 2 * 25
    assert found.accepted.n_hits == (trials.impostor <= found.threshold).sum() <= 0.02 * found.accepted.n
    assert found.found is not None
    assert found.found.n == 12 * 10
    assert found.accepted.low <= found.accepted.share <= found.accepted.high
    assert found.among(12) == pytest.approx(1 - (1 - found.accepted.share) ** 12)


def test_a_threshold_is_from_people_whom_the_embedder_did_not_learn_from() -> None:
    gallery = gallery_of(8, 5, spread=0.8)
    people = np.unique(gallery.identity_ids)
    knowing = replace(gallery, learned_ids=people[:5])
    found = calibrate(knowing, "nearest", 0.1)
    assert found is not None
    fresh = np.isin(gallery.identity_ids, people[5:])
    searches = [
        identify(gallery.part(gallery.identity_ids != whose), vector, "nearest", 9).distance
        for whose, vector in zip(gallery.identity_ids[fresh], gallery.vectors[fresh], strict=True)
    ]
    n_near = sum(each is not None and each <= found.threshold for each in searches)
    assert found.search.strangers.n_hits == n_near == 1
    assert found.search.strangers.n == len(searches) == 15
    assert (found.single.n_tried, found.single.n_learned, found.search.n_others) == (3, 0, 7)
    assert "the 3 people whom the embedder did not learn from" in found.words[-1]


def test_where_the_embedder_learned_from_all_the_threshold_says_so() -> None:
    gallery = gallery_of(4, 5)
    people = np.unique(gallery.identity_ids)
    known = calibrate(replace(gallery, learned_ids=people), "nearest", 0.1)
    plain = calibrate(gallery, "nearest", 0.1)
    assert known is not None and plain is not None
    assert known.threshold == plain.threshold
    assert "learned from them" in known.words[-1]
    assert "learn" not in " ".join(plain.words)
    most = calibrate(replace(gallery, learned_ids=people[:3]), "nearest", 0.1)
    assert most is not None
    assert "learned from 3 of them" in most.words[-1]


def test_one_template_each_counts_every_comparison_with_a_tried_person_once() -> None:
    gallery = gallery_of(6, 1)
    people = np.unique(gallery.identity_ids)
    found = calibrate(replace(gallery, learned_ids=people[:3]), "nearest", 0.1)
    assert found is not None
    assert found.single.accepted.n == 3 + 3 * 3
    pairs = calibrate_pairs(replace(gallery, learned_ids=people[:3]), 0.1)
    assert pairs is not None
    assert pairs.accepted.n == 3 + 3 * 3
    assert pairs.of_whom == found.words[-1:]
