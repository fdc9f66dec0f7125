"""Shares and their bounds: the draws of people equal a loop, and clusters widen them."""

import numpy as np
import pytest

from engine.gallery.rates import Rate, by_person, by_two_people, percent


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.5, "50 %"),
        (0.0123, "1.2 %"),
        (0.00123, "0.12 %"),
        (0.0999, "10 %"),
        (1e-5, "under 0.01 %"),
    ],
)
def test_shares_in_two_figures(share: float, said: str) -> None:
    assert percent(share) == said


def test_a_rate_in_words() -> None:
    assert str(Rate(12, 1000, 0.004, 0.025)) == "1.2 % (12 of 1,000; 0.40 to 2.5 %)"


def test_where_nothing_went_wrong_the_rule_of_three_holds() -> None:
    people = np.repeat(np.arange(30), 10)
    assert by_person(np.zeros(300, np.bool_), people) == Rate(0, 300, 0.0, 0.01)
    assert by_person(np.ones(300, np.bool_), people) == Rate(300, 300, 0.99, 1.0)
    assert by_person(np.zeros(2, np.bool_), people[:2]).high == 1
    assert by_person(np.zeros(0, np.bool_), people[:0]) == Rate(0, 0, 0.0, 1.0)
    none = np.empty(0, np.int64)
    assert by_two_people((none, none), 600, np.full(30, 10.0), np.ones(30)) == Rate(0, 600, 0.0, 0.005)


def test_of_one_person_nothing_is_known_of_others() -> None:
    rate = by_person(np.arange(100) < 50, np.zeros(100, np.int64))
    assert rate.low < 0.1
    assert rate.high > 0.9


def test_bounds_hold_the_true_share_about_as_often_as_they_say() -> None:
    rng, held = np.random.default_rng(1), 0
    for seed in range(200):
        chances = np.repeat(rng.beta(8, 1, 30), 5)  # people differ, near 1
        rate = by_person(rng.random(150) < chances, np.repeat(np.arange(30), 5), seed)
        held += rate.low <= 8 / 9 <= rate.high
    assert held >= 182


def test_bounds_are_the_same_every_time_and_hold_the_rate() -> None:
    rng = np.random.default_rng(0)
    hits, people = rng.random(400) < 0.2, rng.integers(0, 40, 400)
    rate = by_person(hits, people)
    assert rate == by_person(hits, people)
    assert rate != by_person(hits, people, seed=1)
    assert rate.low < rate.share < rate.high


def test_errors_of_few_people_promise_less_than_errors_of_many() -> None:
    people = np.repeat(np.arange(40), 10)
    scattered = by_person(np.arange(400) % 10 == 0, people)
    bunched = by_person(people < 4, people)
    assert scattered.n_hits == bunched.n_hits == 40
    assert bunched.high - bunched.low > 3 * (scattered.high - scattered.low)


def interval(share: float, n: int, drawn: list[float]) -> tuple[float, float]:
    """Wilson's, as the two roots of its defining equation, for as many independent trials as spread like the draws."""
    n_free = min(n, share * (1 - share) / float(np.var(drawn)))
    z = 1.959964
    low, high = sorted(np.roots([1 + z * z / n_free, -(2 * share + z * z / n_free), share * share]).real)
    return float(low), float(high)


def test_one_persons_draws_equal_a_loop() -> None:
    rng = np.random.default_rng(3)
    hits, people = rng.random(60) < 0.3, rng.integers(0, 8, 60)
    drawn = []
    for weights in np.random.default_rng(0).multinomial(8, np.full(8, 1 / 8), 1000):
        chosen = [row for row in range(60) for _ in range(weights[people[row]])]
        drawn.append(np.mean(hits[chosen]))
    rate = by_person(hits, people)
    assert (rate.low, rate.high) == pytest.approx(interval(rate.share, 60, drawn))


def test_two_peoples_draws_equal_a_loop() -> None:
    rng = np.random.default_rng(5)
    tried = np.array([3, 2, 4, 1, 5])
    probes = np.repeat(np.arange(5), tried)
    is_hit = (rng.random((15, 5)) < 0.3) & (probes[:, None] != np.arange(5))
    rows, columns = np.nonzero(is_hit)
    drawn = []
    for weights in np.random.default_rng(0).multinomial(5, np.full(5, 1 / 5), 1000):
        n_hits = n = 0
        for row in range(15):
            for column in range(5):
                if probes[row] != column:
                    times = weights[probes[row]] * weights[column]
                    n, n_hits = n + times, n_hits + times * is_hit[row, column]
        if n:
            drawn.append(n_hits / n)
    rate = by_two_people((probes[rows], columns), 15 * 4, tried.astype(np.float64), np.ones(5))
    assert (rate.low, rate.high) == pytest.approx(interval(rate.share, 60, drawn))
    assert (rate.n_hits, rate.n) == (len(rows), 60)
