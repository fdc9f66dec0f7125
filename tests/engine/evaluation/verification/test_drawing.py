"""Intervals over people that are drawn anew."""

import numpy as np
import pytest

from engine.evaluation.verification import Statistic, Trials, accepted_within, eer, mean_of, measured, measured_all
from tests.engine.evaluation.verification.made import between, of_normal


def _share_of(numbers):
    """The mean of a number for each person."""
    values = np.asarray(numbers, np.float64)
    return Statistic(lambda people: people @ values / people.sum(axis=1), len(values), 10 * len(values), len(values))


def test_the_interval_is_as_wide_as_theory_says():
    rng = np.random.default_rng(0)
    values = rng.random(400)
    found = measured(_share_of(values))
    deviation = values.std() / np.sqrt(len(values))
    assert (found.high - found.low) / (2 * 1.96 * deviation) == pytest.approx(1, abs=0.1)


def test_draws_are_those_of_the_seed():
    statistic = _share_of(np.random.default_rng(0).random(9))
    assert measured(statistic, seed=3) == measured(statistic, seed=3)
    assert measured(statistic, seed=3) != measured(statistic, seed=4)


@pytest.mark.parametrize(("value", "low", "high"), [(0.0, 0.0, 0.05), (1.0, 0.95, 1.0)])
def test_where_nothing_went_wrong_it_is_the_rule_of_three(value, low, high):
    found = measured(_share_of([value] * 6))
    assert (found.value, found.low, found.high) == (value, pytest.approx(low), pytest.approx(high))


def test_both_people_of_an_impostor_are_drawn():
    trials = of_normal(n_people=5, n_faces=2)[0]
    people = np.array([[2.0, 0.0, 3.0, 1.0, 1.0]])
    a, b = trials.people_rows
    for weight, x, y in zip(trials.weights(people)[0], a, b, strict=True):
        assert weight == (people[0, x] if x == y else people[0, x] * people[0, y])


def test_a_person_drawn_twice_is_two_people():
    """The share of a draw is that of trials in which each person stands as often as drawn, but not with itself."""
    trials = of_normal(n_people=4, n_faces=2, apart=0.5)[0]
    threshold = float(np.median(trials.impostor))
    drawn = [0, 0, 2, 3]
    hits = n = 0
    for first in drawn:
        for second in drawn:
            if first == second:
                continue
            is_pair = (trials.people_rows[0] == first) & (trials.people_rows[1] == second)
            hits += int((trials.distances[is_pair] <= threshold).sum())
            n += int(is_pair.sum())
    share = accepted_within(trials, threshold).of(np.array([[2.0, 0, 1, 1]]))[0]
    assert share == pytest.approx(hits / n)


def test_pieces_of_draws_make_the_same_interval(monkeypatch):
    statistic = eer(of_normal(apart=0.7)[0])
    whole = measured(statistic)
    monkeypatch.setattr("engine.evaluation.verification.drawing._AT_ONCE", 2000)
    assert measured(statistic) == whole


def test_a_mean_of_repeats_has_an_interval_of_its_own():
    repeats = [eer(of_normal(apart=0.7, seed=seed)[0]) for seed in range(4)]
    found = measured(mean_of(repeats))
    assert found.value == pytest.approx(np.mean([each.value for each in repeats]))
    assert found.n == repeats[0].n
    assert 0 < found.low < between(found) < found.high


def test_repeats_of_other_people_are_refused():
    with pytest.raises(ValueError, match="same people"):
        mean_of([eer(of_normal(n_people=5)[0]), eer(of_normal(n_people=6)[0])])


def test_a_mean_of_what_cannot_be_shown_says_why():
    nobody = Trials.of(np.ones((1, 2)), np.array([3]), np.array([1, 2]))
    assert measured(mean_of([eer(nobody), eer(nobody)])).reason == "Nobody has two faces to compare."


def test_several_drawn_together_are_as_each_by_itself():
    trials = of_normal(apart=0.7)[0]
    threshold = float(np.median(trials.distances))
    alone = [eer(trials), accepted_within(trials, threshold), accepted_within(trials, -1.0)]
    assert measured_all(alone, seed=2) == tuple(measured(each, seed=2) for each in alone)
    with pytest.raises(ValueError, match="same people"):
        measured_all([_share_of([0.2, 0.4]), _share_of([0.2, 0.4, 0.5])])
