"""The part of a fine-tune in which the body stands still: nothing in the body moves, and going on is exact."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from engine import checkpoints
from engine.detectors import DETECTORS
from engine.feeding.augment import Augmentation
from engine.feeding.batches import Batches, generator
from engine.feeding.room import Room
from engine.feeding.stillness import Stillness
from engine.training.events import CheckpointReady, Event, StepDone
from engine.training.loop import stopping, train
from engine.training.recipe import Recipe
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import SMALL, build


def still(n_bytes: int = 10**8, how: Augmentation | None = None) -> Stillness:
    network = build("mask_rcnn")
    network.hold()
    return Stillness(network.train(), how or Augmentation(), "float32", Room(n_bytes))


@pytest.fixture
def pretrained(tmp_path: Any) -> Any:
    """A file of weights for a detector, by its name: those of a network with random weights."""

    def made(name: str) -> str:
        torch.manual_seed(5)
        path = tmp_path / f"{name}.pth"
        torch.save(build(name).state_dict(), path)
        return str(path)

    return made


def test_features_are_made_once_for_a_picture_and_once_for_its_mirror() -> None:
    stillness, examples = still(), Scenes(2).train
    found = [stillness.seen(examples, 0, generator(seed)) for seed in range(8)]
    assert len({id(each) for each in found}) == 2
    one, other = {id(each): each for each in found}.values()
    assert torch.allclose(one.truth.boxes[:, 0], 96 - other.truth.boxes[:, 2])
    assert one.placeholder.shape == (3, *one.features.sizes[0])
    assert not any(level.requires_grad for level in one.features.levels.values())
    stillness.forget()
    again = stillness.seen(examples, 0, generator(0))
    assert again is not found[0]
    assert all(torch.equal(level, again.features.levels[name]) for name, level in found[0].features.levels.items())


def test_what_there_is_no_room_for_is_made_again() -> None:
    stillness, examples = still(1000, Augmentation(flip_horizontal=0)), Scenes(1).train
    one, other = (stillness.seen(examples, 0, generator(seed)) for seed in range(2))
    assert one is not other


def test_batches_hold_features_while_the_body_is_still() -> None:
    examples, stillness = Scenes(3).train, still()
    batches = Batches(examples, build("mask_rcnn"), Augmentation(), 2, 0, still=stillness)
    first, second = batches.epoch(0, phase=lambda number: "still" if number == 0 else "varied")
    assert len(first.features) == len(first.pictures) == len(first.truths) == len(first.names) == 2
    assert [part.names for part in (first.part(slice(0, 1)), first.part(slice(1, 2)))] == [
        (each,) for each in first.names
    ]
    assert not second.features


@pytest.mark.parametrize("name", DETECTORS.names())
def test_the_body_moves_only_when_it_is_its_turn_and_going_on_is_exact(
    name: str, pretrained: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.loop.SECONDS_BETWEEN_STEPS_TOLD", 0)
    recipe = Recipe(
        detector=name, options=SMALL[name], weights=pretrained(name), epochs=2, batch=1, precision="float32",
        device="cpu", threads=1, still_share=0.5,
    )  # fmt: skip
    scenes = Scenes(2, 0)
    whole, training = list(train(recipe, scenes)), train(recipe, scenes)
    before: list[Event] = []
    while not (before and isinstance(before[-1], StepDone)):
        before.append(next(training))
    before += stopping(training)
    rest = list(train(recipe, scenes, resume=_last(before)))
    assert _losses(before) | _losses(rest) == _losses(whole)
    begun, end, other_end = (checkpoints.decode(_last(events))[0] for events in (before, whole, rest))
    assert all(torch.equal(end[key], other_end[key]) for key in end)
    assert not _body_has_moved(recipe.weights, begun)
    assert _body_has_moved(recipe.weights, end)


def _body_has_moved(path: str, state: dict[str, torch.Tensor]) -> bool:
    at_first: dict[str, torch.Tensor] = torch.load(path, weights_only=True)
    names = [each for each in at_first if "backbone.body." in each or "body.trunk." in each]
    assert names
    return any(not torch.equal(at_first[each], state[f"network.{each}"]) for each in names)


def _last(events: list[Event]) -> bytes:
    return [event for event in events if isinstance(event, CheckpointReady) and event.kind == "last"][-1].weights


def _losses(events: list[Event]) -> dict[int, dict[str, float]]:
    return {event.step: dict(event.losses) for event in events if isinstance(event, StepDone)}
