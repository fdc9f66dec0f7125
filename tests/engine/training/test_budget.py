"""How long a training goes on, and its learning rate."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UserError
from engine.training.budget import Budget, Means, Pace, Stopwatch, eta
from engine.training.recipe import Recipe


def test_epochs_count_steps_and_minutes_count_seconds() -> None:
    assert Budget(Recipe(epochs=4), 25).progress(50, 1e9, 1e9) == 0.5
    assert Budget(Recipe(minutes=2), 25).progress(10**9, 30, 0) == 0.25
    assert Budget(Recipe(minutes=2), 25).progress(0, 50, 20) == 0.5
    assert Budget(Recipe(), 25).progress(0, 300, 0) == 0.5


def test_a_long_validation_leaves_half_the_time_for_training() -> None:
    assert Budget(Recipe(minutes=1), 25).progress(0, 15, 1e9) == 0.5


@given(st.floats(0, 1), st.floats(0, 1))
def test_after_warming_up_the_rate_only_falls(a: float, b: float) -> None:
    budget = Budget(Recipe(epochs=1), 100)
    low, high = sorted((a, b))
    assert budget.rate(1000, low) >= budget.rate(1000, high) - 1e-12
    assert 0 < budget.rate(1000, high) <= 1


def test_the_rate_warms_up_by_steps_or_by_a_twentieth_of_the_budget() -> None:
    budget = Budget(Recipe(epochs=1, warmup_steps=50), 100)
    rates = [budget.rate(step, 0) for step in range(60)]
    assert rates[0] == pytest.approx(0.02)
    assert rates[:50] == sorted(rates[:50])
    assert rates[49] == rates[59] == 1
    assert budget.rate(0, 0.05) > 0.99
    assert budget.rate(10**6, 1) == pytest.approx(0.01)


def test_time_to_go() -> None:
    assert eta(30, 0.25) == 90
    assert eta(30, 0) == math.inf
    assert eta(30, 1) == 0


def test_a_stopwatch_goes_on_from_before() -> None:
    now = [100.0]
    watch = Stopwatch(lambda: now[0], 7)
    now[0] = 103
    assert watch.seconds == 10


def test_means_and_pace() -> None:
    means, pace = Means(), Pace()
    assert means.pictures_per_second == pace.seconds_per_picture == 0
    for loss, seconds in ((1.0, 100.0), (2.0, 50.0), (6.0, 4.0), (3.0, 2.0)):
        means.add({"loss": loss}, 2, seconds)
        pace.add(2, seconds)
    assert means.losses == {"loss": 3.0}
    assert means.pictures_per_second == 8 / 156
    assert pace.seconds_per_picture == 1.5  # the first two steps set things up


@pytest.mark.parametrize(
    "wrong", [{"epochs": 3, "minutes": 1}, {"epochs": 0}, {"minutes": 0}, {"minutes": float("nan")}, {"batch": 0}]
)
def test_recipes_that_cannot_be_followed_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UserError):
        Recipe(**wrong)  # type: ignore[arg-type]


def test_a_recipe_survives_the_project_file() -> None:
    recipe = Recipe(options={"min_side": 320, "anchor_ratios": [0.5, 1.0]}, minutes=3, weights="a/b.pth", seed=9)
    assert Recipe.from_json(recipe.to_json()) == recipe
    with pytest.raises(UserError):
        Recipe.from_json('{"batch": "many"}')
