"""Pace foretells the rest of steady work exactly, of work that changes its speed soon, and says nothing too early."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.pace import Pace, in_words


@given(st.floats(0.01, 1000), st.integers(3, 400))
def test_steady_work_is_foretold(speed: float, n: int) -> None:
    pace, total = Pace(), 1000
    for done in range(n + 1):
        pace.update(done, total, done / speed)
    left = pace.seconds_left(n / speed)
    assert left is None if n / speed < 1 else left == pytest.approx((total - n) / speed, rel=1e-6)


def test_a_change_of_speed_is_learnt_within_a_minute() -> None:
    pace = Pace()
    for second in range(100):
        pace.update(second * 10, 10_000, second)
    for second in range(60):
        pace.update(990 + second + 1, 10_000, 100 + second)
    assert pace.per_second == pytest.approx(1, rel=0.1)


def test_time_passes_between_two_updates() -> None:
    pace = Pace()
    for second in range(5):
        pace.update(second, 10, second)
    assert pace.seconds_left(4) == pytest.approx(6)
    assert pace.seconds_left(6) == pytest.approx(4)
    assert pace.seconds_left(60) == 0


def test_another_phase_begins_anew() -> None:
    pace = Pace()
    for second in range(5):
        pace.update(second, 10, second)
    pace.update(0, 20, 6)
    assert pace.seconds_left(6) is None


def test_an_unknown_total_foretells_nothing() -> None:
    pace = Pace()
    for second in range(5):
        pace.update(second, None, second)
    assert pace.per_second == pytest.approx(1)
    assert pace.seconds_left(5) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (2, "a few seconds"), (41, "45 s"), (100, "2 min"), (3599, "1 h"), (3601, "1 h 1 min"), (7200, "2 h")],
)
def test_times_in_words(seconds: float | None, words: str) -> None:
    assert in_words(seconds) == words
