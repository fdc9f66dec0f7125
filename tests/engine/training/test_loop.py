"""The training loop: what it yields, how it stops, and that going on is the same as never having stopped."""

from __future__ import annotations

import pickle
import re
from collections.abc import Generator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.error import URLError

import msgspec
import pytest
import torch

from engine import checkpoints
from engine.detecting.predicting import Predictor
from engine.errors import UserError
from engine.nn.shares import LossSum
from engine.progress import progress_of
from engine.training.events import (
    CheckpointReady,
    Ended,
    EpochDone,
    Event,
    Started,
    StepDone,
    Validating,
    ValidationDone,
)
from engine.training.loop import stopping, train
from engine.training.recipe import Recipe
from engine.training.validating import Tried
from tests.engine.detectors.scenes import CLASS_NAMES, Scenes
from tests.engine.training.conftest import SETTINGS


class Clock:
    """Each look at it takes a second."""

    def __init__(self, seconds: float = 1.0) -> None:
        self.now, self.seconds = 0.0, seconds

    def __call__(self) -> float:
        self.now += self.seconds
        return self.now


def recipe(**changed: Any) -> Recipe:
    return Recipe(**{**SETTINGS, **changed})


def of_kind(events: Sequence[Event], kind: type[Any]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


@pytest.fixture(scope="module")
def whole() -> list[Event]:
    """Every event of a training of three epochs, told step by step."""
    return list(train(recipe(epochs=3), Scenes(4, 2), clock=Clock()))


def test_events_come_in_order_and_cross_a_process_border(whole: list[Event]) -> None:
    assert isinstance(whole[0], Started)
    assert isinstance(whole[-1], Ended)
    assert (whole[0].n_train, whole[0].n_val, whole[0].class_names) == (4, 2, ("disk", "bar"))
    assert whole[0].weights.source == "none"
    assert [event.step for event in of_kind(whole, StepDone)] == [1, 2, 3, 4, 5, 6]
    assert [event.epoch for event in of_kind(whole, EpochDone)] == [0, 1, 2]
    assert whole[-1].reason == "done"
    for event in whole:
        again = pickle.loads(pickle.dumps(event))
        assert all(getattr(again, each.name) == getattr(event, each.name) for each in fields(event))


def test_steps_tell_losses_rate_speed_and_time_to_go(whole: list[Event]) -> None:
    steps: list[StepDone] = of_kind(whole, StepDone)
    assert steps[0].losses.keys() == {"loss_objectness", "loss_rpn_box_reg", "loss_class", "loss_box", "loss_mask"}
    assert [event.share for event in steps] == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1])
    assert steps[-1].learning_rate < steps[2].learning_rate
    assert steps[-1].eta_seconds == 0
    assert steps[0].pictures_per_second > 0
    progress = progress_of(steps[2])
    assert progress is not None
    assert (progress.done, progress.total) == (500, 1000)
    assert progress.words.endswith("pictures a second")


def test_an_epoch_tells_the_means_of_its_steps(whole: list[Event]) -> None:
    steps, epochs = of_kind(whole, StepDone), of_kind(whole, EpochDone)
    for number, epoch in enumerate(epochs):
        both = steps[2 * number : 2 * number + 2]
        for name, value in epoch.losses.items():
            assert value == pytest.approx(sum(event.losses[name] for event in both) / 2)


def test_a_training_ends_with_a_validation_a_best_and_a_last_checkpoint(whole: list[Event]) -> None:
    validation = of_kind(whole, ValidationDone)[-1]
    assert validation.step == 6
    assert {"bbox/AP", "bbox/AR100", "segm/AP50", "val/loss_mask"} <= validation.metrics.keys()
    assert [event.n_done for event in of_kind(whole, Validating)][-2:] == [1, 2]
    kinds = [event.kind for event in of_kind(whole, CheckpointReady)]
    assert kinds[-1] == "last"
    assert "best" in kinds
    assert whole[-1].best == of_kind(whole, ValidationDone)[-1].metrics or not validation.is_best


def test_without_validation_pictures_the_newest_average_is_best() -> None:
    events = list(train(recipe(epochs=2, learning_rate=2e-3), Scenes(2, 0), clock=Clock()))
    best, last = of_kind(events, CheckpointReady)
    picture = Scenes().val[0].picture
    found = [Predictor.load(each.weights, torch.device("cpu")).detections(picture, 5) for each in (best, last)]
    assert [best.kind, last.kind] == ["best", "last"]
    assert of_kind(events, ValidationDone) == []
    assert "nothing is measured" in of_kind(events, Started)[0].reasons[-1]
    assert found[0] == found[1]
    assert found[0]
    assert {each.class_id for each in found[0]} <= set(CLASS_NAMES)
    assert all(each.image_id == 5 for each in found[0])


def losses(events: Sequence[Event]) -> dict[int, dict[str, float]]:
    return {event.step: dict(event.losses) for event in of_kind(events, StepDone)}


@pytest.mark.parametrize("after", [1, 4])
def test_going_on_is_the_same_as_never_having_stopped(whole: list[Event], after: int) -> None:
    clock = Clock()
    training = train(recipe(epochs=3), Scenes(4, 2), clock=clock)
    before: list[Event] = []
    while not (before and isinstance(before[-1], StepDone) and before[-1].step == after):
        before.append(next(training))
    before += stopping(training)
    assert isinstance(before[-1], Ended)
    assert before[-1].reason == "stopped"
    last = of_kind(before, CheckpointReady)[-1]
    assert (last.kind, last.step) == ("last", after)
    torch.manual_seed(999)
    rest = list(train(recipe(epochs=3), Scenes(4, 2), resume=last.weights, clock=clock))
    assert of_kind(rest, Started)[0].resumed_at_step == after
    assert losses(before) | losses(rest) == losses(whole)
    ends = [checkpoints.decode(of_kind(events, CheckpointReady)[-1].weights)[0] for events in (whole, rest)]
    assert ends[0].keys() == ends[1].keys()
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])


def test_stopping_during_a_validation_still_gives_a_last_checkpoint() -> None:
    training = train(recipe(epochs=1), Scenes(2, 2), clock=Clock())
    event: Event = next(training)
    while not isinstance(event, Validating):
        event = next(training)
    rest = list(stopping(training))
    assert [type(each) for each in rest] == [CheckpointReady, Ended]


def test_closing_a_training_ends_it_at_once() -> None:
    training = train(recipe(epochs=1), Scenes(2, 0), clock=Clock())
    next(training)
    training.close()
    assert list(training) == []


class Pretended:
    """Steps and validations that do nothing but take time on a clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, step_seconds: float, validation_seconds: float) -> None:
        self.now = 0.0
        self.rates: list[float] = []
        self.step_seconds, self.validation_seconds = step_seconds, validation_seconds
        monkeypatch.setattr("engine.training.loop.validate", self.validate)
        monkeypatch.setattr("engine.training.learner.Learner.step", self.step)

    def __call__(self) -> float:
        return self.now

    def step(self, _batch: object, _number: int, rate: float) -> dict[str, float]:
        self.now += self.step_seconds
        self.rates.append(rate)
        return {"loss": 1.0}

    def validate(self, *_: object) -> Generator[int, None, Tried]:
        self.now += self.validation_seconds
        yield 1
        return Tried({"segm/AP": self.now})


@pytest.mark.parametrize(("step", "validation"), [(1.0, 3.0), (0.5, 4.0), (2.0, 0.1), (3.0, 12.0)])
def test_minutes_are_kept_validation_included(monkeypatch: pytest.MonkeyPatch, step: float, validation: float) -> None:
    clock = Pretended(monkeypatch, step, validation)
    events = list(train(recipe(minutes=1), Scenes(6, 3), clock=clock))
    ended, last = of_kind(events, Ended)[0], of_kind(events, ValidationDone)[-1]
    assert ended.seconds <= 60 + step + validation
    assert ended.seconds >= 60 - step - validation
    assert len(of_kind(events, ValidationDone)) == 1 or ended.seconds <= 60 + step
    assert last.step == ended.step
    assert clock.rates[-1] < 0.2
    assert max(clock.rates) > 0.9


def test_validations_take_a_small_share_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Pretended(monkeypatch, 0.5, 2.0)
    events = list(train(recipe(epochs=100), Scenes(4, 2), clock=clock))
    ended, validations = of_kind(events, Ended)[0], of_kind(events, ValidationDone)
    assert ended.step == 200
    assert 4 <= len(validations) <= 6
    assert of_kind(events, CheckpointReady)[-2].metrics == validations[-1].metrics


def test_a_last_checkpoint_comes_every_two_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Pretended(monkeypatch, 10, 0.1)
    events = list(train(recipe(minutes=10), Scenes(4, 0), clock=clock))
    assert [event.step for event in of_kind(events, CheckpointReady) if event.kind == "last"] == [12, 24, 36, 48, 60]


def test_a_class_without_an_example_trains_and_has_no_ap() -> None:
    scenes = Scenes(2, 1)
    scenes.class_names = {**CLASS_NAMES, 12: "never seen"}
    events = list(train(recipe(epochs=1), scenes, clock=Clock()))
    card = msgspec.json.decode(of_kind(events, CheckpointReady)[0].card)
    assert card["class_names"] == {"7": "disk", "3": "bar", "12": "never seen"}


def test_a_loss_that_is_not_a_number_names_the_pictures_and_ends_the_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def diverged(*_: object) -> dict[str, LossSum]:
        wrong = torch.tensor(torch.nan, requires_grad=True)
        return {"loss_mask": LossSum(wrong, 1), "loss_box": LossSum(torch.tensor(1.0), 1)}

    monkeypatch.setattr("engine.detectors.mask_rcnn.MaskRcnn.loss_sums", diverged)
    with pytest.raises(UserError, match=r"Step 0 on [12]\.png, [12]\.png gave .* \(loss_mask\)"):
        list(train(recipe(epochs=1), Scenes(2, 0), clock=Clock()))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"options": {"min_sighed": 3}}, "no option min_sighed"),
        ({"options": {"min_side": "large"}}, "min_side"),
        ({"weights": "nowhere/at/all.pth"}, "no weights file"),
        ({"detector": "oracle"}, "no 'oracle'"),
        ({"device": "toaster"}, "toaster"),
    ],
)
def test_recipes_that_cannot_be_followed_say_why(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        list(train(recipe(epochs=1, **changed), Scenes(1, 0)))


def test_nothing_to_train_on_says_what_to_do() -> None:
    with pytest.raises(UserError, match="train split"):
        list(train(recipe(epochs=1), Scenes(0, 1)))


def test_a_run_cannot_go_on_with_other_classes(whole: list[Event]) -> None:
    scenes = Scenes(2, 0)
    scenes.class_names = {3: "bar"}
    weights = of_kind(whole, CheckpointReady)[-1].weights
    with pytest.raises(UserError, match="classes changed"):
        list(train(recipe(epochs=5), scenes, resume=weights))


@pytest.mark.parametrize("value", [b"", b"nonsense", b"\x08\0\0\0\0\0\0\0{}      "])
def test_what_is_no_checkpoint_is_refused(value: bytes) -> None:
    with pytest.raises(UserError, match="no checkpoint"):
        checkpoints.decode(value)


def test_where_the_official_weights_are_out_of_reach_it_starts_from_scratch_and_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def offline(*_: object, **__: object) -> None:
        raise URLError("Name or service not known")

    monkeypatch.setattr("engine.nn.weights.urlopen", offline)
    monkeypatch.setattr("engine.nn.weights.cache_folder", lambda: tmp_path)
    training = train(recipe(weights="auto", epochs=1), Scenes(1, 0))
    started = next(event for event in training if isinstance(event, Started))
    training.close()
    assert started.weights.source == "none"
    assert re.search(r"from scratch: .* cannot be had: Name or service not known", str(started.weights))


def test_weights_of_an_earlier_run_are_a_start(whole: list[Event], tmp_path: Any) -> None:
    path = tmp_path / "earlier.safetensors"
    path.write_bytes(next(event.weights for event in of_kind(whole, CheckpointReady) if event.kind == "best"))
    started = next(iter(train(recipe(epochs=1, weights=str(path)), Scenes(2, 0))))
    assert isinstance(started, Started)
    assert started.weights.source == "file"
    assert started.weights.n_matched == started.weights.n_wanted
