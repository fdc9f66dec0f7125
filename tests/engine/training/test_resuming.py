"""Every detector goes on exactly: weights, averages, moments, what was best, patience, parts of a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch

from engine import checkpoints
from engine.checkpoints import Position
from engine.detectors import DETECTORS
from engine.errors import UserError
from engine.training.budget import is_settled
from engine.training.events import (
    BatchHalved,
    CheckpointReady,
    Ended,
    Event,
    StepDone,
    Validating,
    ValidationDone,
)
from engine.training.learner import Learner
from engine.training.loop import Wish, stopping, train
from engine.training.recipe import Recipe
from engine.training.validating import Tried
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import SMALL
from tests.engine.training.test_loop import Clock, losses, of_kind, recipe

USUAL = ("mask_rcnn", "yolo")
"""One of each kind of network; the others take their time."""


@pytest.fixture(
    params=[each if each in USUAL else pytest.param(each, marks=pytest.mark.slow) for each in DETECTORS.names()]
)
def small(request: pytest.FixtureRequest) -> Recipe:
    """A recipe of two epochs of two steps on two pictures each."""
    return recipe(detector=request.param, options=SMALL[request.param], epochs=2, batch=2)


@pytest.fixture
def _scarce(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the second step on memory holds one picture at a time."""
    true_sums = Learner._sums_of

    def sums_of(learner: Learner, part: Any, frame: tuple[int, int], number: int) -> Any:
        if number >= 1 and len(part.names) > 1:
            raise MemoryError
        return true_sums(learner, part, frame, number)

    monkeypatch.setattr(Learner, "_sums_of", sums_of)


def data() -> Scenes:
    return Scenes(4, 1)


def last_of(events: Sequence[Event]) -> CheckpointReady:
    found: CheckpointReady = [each for each in of_kind(events, CheckpointReady) if each.kind == "last"][-1]
    return found


def without_time(position: Position) -> Position:
    """Where a training stands, but for its clock."""
    return replace(position, seconds=0.0, validated_at=0.0, validation_seconds=None)


def same(one: CheckpointReady, other: CheckpointReady) -> bool:
    (tensors, card), (others, other_card) = (checkpoints.decode(each.weights) for each in (one, other))
    assert without_time(card.position) == without_time(other_card.position)
    return tensors.keys() == others.keys() and all(torch.equal(tensors[name], others[name]) for name in tensors)


@pytest.mark.usefixtures("_scarce")
def test_going_on_after_a_stop_is_exact_down_to_its_counters(small: Recipe) -> None:
    whole = list(train(small, data(), clock=Clock()))
    (halved,) = of_kind(whole, BatchHalved)
    assert (halved.step, halved.n_at_once) == (2, 1)
    assert of_kind(whole, ValidationDone)
    clock = Clock()
    training = train(small, data(), clock=clock)
    before: list[Event] = []
    while not (before and isinstance(before[-1], StepDone) and before[-1].step == 3):
        before.append(next(training))
    before += stopping(training)
    assert checkpoints.decode(last_of(before).weights)[1].position.n_at_once == 1
    torch.manual_seed(77)
    rest = list(train(small, data(), resume=last_of(before).weights, clock=clock))
    assert of_kind(rest, BatchHalved) == []
    assert losses(before) | losses(rest) == losses(whole)
    assert same(last_of(rest), last_of(whole))


def interrupted(at: Callable[[Event], bool]) -> tuple[list[Event], list[Event]]:
    """A training stopped at an event, and one that goes on from there."""
    clock = Clock()
    training = train(recipe(epochs=3), Scenes(2, 1), clock=clock)
    before: list[Event] = []
    while not (before and at(before[-1])):
        before.append(next(training))
    before += stopping(training)
    return before, list(train(recipe(epochs=3), Scenes(2, 1), resume=last_of(before).weights, clock=clock))


def test_a_validation_that_was_stopped_is_made_after_the_resume() -> None:
    whole = list(train(recipe(epochs=3), Scenes(2, 1), clock=Clock()))
    before, rest = interrupted(lambda event: isinstance(event, Validating))
    assert isinstance(before[-1], Ended)
    told = [(event.step, event.metrics, event.glimpses) for event in of_kind(whole, ValidationDone)]
    again = [(event.step, event.metrics, event.glimpses) for event in of_kind([*before, *rest], ValidationDone)]
    assert again[: len(told)] == told[: len(again)]
    assert again[0][0] == told[0][0]
    assert same(last_of(rest), last_of(whole))


def test_a_wish_for_a_checkpoint_is_answered_next_and_changes_nothing() -> None:
    whole = list(train(recipe(epochs=1), Scenes(4, 1), clock=Clock()))
    training = train(recipe(epochs=1), Scenes(4, 1), clock=Clock())
    events: list[Event] = []
    for event in training:
        events.append(event)
        if isinstance(event, StepDone | Validating):
            answer = training.send(Wish.CHECKPOINT)
            assert isinstance(answer, CheckpointReady)
            assert (answer.kind, answer.step) == ("last", event.step if isinstance(event, StepDone) else answer.step)
    assert losses(events) == losses(whole)
    assert same(last_of(events), last_of(whole))


class Scored:
    """Validations with given scores, the last one for ever, one after each epoch."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *scores: float) -> None:
        self.scores, self.n_made = scores, 0
        monkeypatch.setattr("engine.training.loop.validate", self.validate)
        monkeypatch.setattr("engine.training.learner.Learner.step", lambda *_: {"loss": 1.0})
        monkeypatch.setattr("engine.training.loop._Training._is_validation_due", lambda _: True)

    def validate(self, *_: object) -> Any:
        score = self.scores[min(self.n_made, len(self.scores) - 1)]
        self.n_made += 1
        yield 1
        return Tried({"segm/AP": score})


def test_what_gets_no_better_ends_with_its_best(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Scored(monkeypatch, 0.1, 0.2, 0.5, 0.5004, 0.4, 0.3)
    events = list(train(recipe(epochs=100, patience=60), Scenes(2, 1), clock=Clock()))
    ended = of_kind(events, Ended)[0]
    assert (ended.reason, ended.words) == ("settled", "no better for 60 validations")
    assert made.n_made == ended.epoch == 3 + 60
    assert ended.best == {"segm/AP": 0.5004}
    best = [each for each in of_kind(events, CheckpointReady) if each.kind == "best"][-1]
    assert best.metrics == {"segm/AP": 0.5004}
    assert isinstance(events[-2], CheckpointReady)


def test_patience_waits_for_half_of_the_training_and_its_count_survives_a_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = {"epochs": 40, "patience": 2}
    Scored(monkeypatch, 0.5, 0.1)
    whole = list(train(recipe(**settings), Scenes(2, 1), clock=Clock()))
    assert of_kind(whole, Ended)[0].epoch == 20
    Scored(monkeypatch, 0.5, 0.1)
    training = train(recipe(**settings), Scenes(2, 1), clock=Clock())
    before: list[Event] = []
    while len(of_kind(before, ValidationDone)) < 15:
        before.append(next(training))
    before += stopping(training)
    rest = list(train(recipe(**settings), Scenes(2, 1), resume=last_of(before).weights, clock=Clock()))
    ended = of_kind(rest, Ended)[0]
    assert (ended.reason, ended.epoch, ended.words) == ("settled", 20, "no better for 19 validations")


@pytest.mark.parametrize("n_val", [0, 1])
def test_without_patience_or_pictures_to_measure_it_goes_on_to_the_end(
    monkeypatch: pytest.MonkeyPatch, n_val: int
) -> None:
    Scored(monkeypatch, 0.5, 0.1)
    chosen = recipe(epochs=20, patience=None if n_val else 1)
    ended = of_kind(list(train(chosen, Scenes(2, n_val), clock=Clock())), Ended)[0]
    assert (ended.reason, ended.epoch) == ("done", 20)


def test_patience_is_a_number_of_validations_past_the_middle() -> None:
    patient = Recipe(patience=3)
    assert [is_settled(patient, n, 0.5) for n in (2, 3, 4)] == [False, True, True]
    assert not is_settled(patient, 99, 0.49)
    assert not is_settled(Recipe(patience=None), 99, 1.0)
    with pytest.raises(UserError, match="at least one validation"):
        Recipe(patience=0)


def test_a_network_that_blows_up_is_stopped_with_its_pictures_named(small: Recipe) -> None:
    """A learning rate that drives the weights to infinity, and no pretence."""
    wild = replace(small, learning_rate=1e30, warmup_steps=0, epochs=20)
    with pytest.raises(UserError, match=r"Step [1-9]\d* on [1-4]\.png, [1-4]\.png gave a loss that is not a number"):
        list(train(wild, data(), clock=Clock()))
