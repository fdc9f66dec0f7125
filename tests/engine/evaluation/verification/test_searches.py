"""Rank k, false positives and false negatives of searches, beside plain loops."""

import numpy as np
import pytest
from hypothesis import given

from engine.evaluation.verification import (
    Searches,
    cmc,
    fnir_at_fpir,
    fpir_within,
    measured,
    missed_within,
    rank_k,
    threshold_at_fpir,
)
from tests.engine.evaluation.verification.made import between, compared, naive_searches, of_normal


@given(compared(strangers=2))
def test_rates_of_a_threshold_have_their_own_denominators(made):
    searches = Searches.of(*made)
    for threshold in (0.25, 1.0, 2.0):
        positive, strangers, missed, enrolled = naive_searches(threshold, *made)
        assert fpir_within(searches, threshold).n == strangers
        assert missed_within(searches, threshold).n == enrolled
        assert fpir_within(searches, threshold).value == pytest.approx(positive / strangers)
        assert missed_within(searches, threshold).value == pytest.approx(missed / enrolled)


@given(compared(strangers=2))
def test_misses_at_a_rate_are_the_fewest_that_any_threshold_gives(made):
    searches = Searches.of(*made)
    for wanted in (0.25, 0.5):
        if wanted * len(searches.strangers) < 1:
            assert fnir_at_fpir(searches, wanted).value is None
            continue
        best = 1.0
        for threshold in np.unique(made[0]):
            positive, strangers, missed, enrolled = naive_searches(threshold, *made)
            if positive <= wanted * strangers:
                best = min(best, missed / enrolled)
        assert fnir_at_fpir(searches, wanted).value == pytest.approx(best)


@given(compared(strangers=2))
def test_a_threshold_for_a_rate_of_strangers_keeps_it(made):
    searches = Searches.of(*made)
    threshold = threshold_at_fpir(searches, 0.5)
    positive, strangers, *_ = naive_searches(threshold, *made)
    assert positive <= 0.5 * strangers


@given(compared())
def test_ranks_only_rise_and_end_with_everybody(made):
    searches = Searches.of(*made)
    curve = cmc(searches)
    assert len(curve) == searches.n_enrolled
    assert curve[0] == pytest.approx(rank_k(searches, 1).value)
    assert (np.diff(curve) >= 0).all()
    assert curve[-1] == 1


def test_of_people_who_are_equally_far_the_other_counts_as_first():
    searches = Searches.of(np.array([[1.0, 1.0], [2.0, 1.0]]), np.array([1, 2]), np.array([1, 2]))
    assert searches.ranks.tolist() == [2, 1]
    assert rank_k(searches, 1).value == 0.5


def test_strangers_of_a_gallery_are_its_own_people_left_out():
    distances = np.array([[1.0, 3.0, 4.0], [np.nan, 2.0, 5.0], [2.0, 9.0, 1.0]])
    searches = Searches.left_out(distances, np.array([1, 1, 3]), np.array([1, 2, 3]))
    assert searches.strangers.tolist() == [3.0, 2.0, 2.0]
    assert searches.own.tolist() == [1.0, 1.0]


def test_only_order_counts():
    searches = of_normal()[1]
    bent = Searches(np.exp(searches.own), searches.ranks, searches.enrolled_rows, np.exp(searches.strangers),
                    searches.stranger_rows, searches.people, searches.n_enrolled)  # fmt: skip
    assert rank_k(bent, 1).value == rank_k(searches, 1).value


def test_intervals_of_searches_are_over_people():
    distances = np.random.default_rng(1).normal(size=(40, 6))
    whose = np.repeat(np.arange(8), 5)
    searches = Searches.of(distances, whose, np.arange(6))
    found = measured(fnir_at_fpir(searches, 0.2))
    between(found)
    assert found.low < found.high
    assert measured(rank_k(searches, 1)) == measured(rank_k(searches, 1))


def test_nobody_enrolled_is_said():
    searches = Searches.of(np.zeros((2, 1)), np.array([5, 5]), np.array([1]))
    assert measured(rank_k(searches, 1)).reason == "Nobody is enrolled with a further face to search."
