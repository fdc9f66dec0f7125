"""Memory that runs out: the step is taken in parts, says so, and learns the same; and what is told of memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from engine import checkpoints, hardware
from engine.detectors import DETECTORS
from engine.detectors.mask_rcnn import MaskRcnn
from engine.errors import UserError
from engine.feeding.augment import NO_AUGMENTATION
from engine.feeding.batches import Batches
from engine.nn.shares import LossSums, Share
from engine.training.events import BatchHalved, CheckpointReady, Event, StepDone, ValidationDone
from engine.training.learner import Learner
from engine.training.loop import train
from tests.engine.detectors.scenes import Scenes, example
from tests.engine.detectors.test_contract import SMALL, build
from tests.engine.training.test_loop import Clock, losses, of_kind, recipe

CPU = torch.device("cpu")
REFUSALS = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 3.00 GiB."),
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: not enough memory: you tried to allocate 9."
    ),
    MemoryError(),
]
true_sums = MaskRcnn.loss_sums


class Scarce:
    """A network's losses where memory holds only so many pictures from a step on; it fails after its forward pass."""

    def __init__(self, n_fit: int, error: BaseException, first_step: int = 0) -> None:
        self.n_fit, self.error, self.first_step = n_fit, error, first_step
        self.sizes: list[int] = []
        self.n_steps = 0

    def __call__(self, network: MaskRcnn, pictures: Sequence[Any], truths: Sequence[Any], share: Share) -> LossSums:
        found = true_sums(network, pictures, truths, share)
        self.sizes.append(len(pictures))
        if len(pictures) > self.n_fit and len(self.sizes) > self.first_step:
            raise self.error
        return found


def scarce(monkeypatch: pytest.MonkeyPatch, *arguments: Any) -> Scarce:
    made = Scarce(*arguments)
    monkeypatch.setattr(MaskRcnn, "loss_sums", lambda network, *given: made(network, *given))  # noqa: PLW0108  # made is no method
    return made


def trained(**changed: Any) -> list[Event]:
    return list(train(recipe(epochs=2, batch=4, **changed), Scenes(4, 0), clock=Clock()))


@pytest.mark.parametrize("error", REFUSALS, ids=lambda each: type(each).__name__)
def test_what_does_not_fit_is_taken_in_parts_and_it_says_so(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    memory = scarce(monkeypatch, 2, error)
    events = trained()
    assert memory.sizes == [4] + [2] * 8
    (told,) = of_kind(events, BatchHalved)
    assert (told.step, told.n_at_once) == (1, 2)
    assert told.why == (str(error) or "There is not enough memory.")
    assert "2 at a time" in told.progress.words
    assert of_kind(events, StepDone)[-1].step == 2


def test_parts_are_halved_until_they_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = scarce(monkeypatch, 1, MemoryError())
    (told,) = of_kind(trained(), BatchHalved)
    assert told.n_at_once == 1
    assert memory.sizes[:5] == [4, 2, 1, 1, 1]


def test_a_single_picture_that_does_not_fit_ends_it_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    scarce(monkeypatch, 0, REFUSALS[0])
    with pytest.raises(UserError, match=r"single picture \(step 0, .*\.png.*3.00 GiB") as caught:
        trained()
    assert "smaller pictures" in caught.value.hint


def test_other_errors_are_no_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    scarce(monkeypatch, 1, RuntimeError("The size of tensor a must match the size of tensor b"))
    with pytest.raises(RuntimeError, match="must match"):
        trained()


def test_a_step_that_failed_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the step on at which memory ran out, all is as if its pictures had been taken in parts from the start."""

    def learned(prepare: Callable[[Learner], None]) -> dict[str, torch.Tensor]:
        network = build("mask_rcnn")
        learner = Learner(network, recipe(batch=4), CPU, frozenset())
        batches = list(Batches(Scenes(8).train, network, recipe().augmentation, 4, 0).epoch(0))
        learner.step(batches[0], 0, 0.5)
        prepare(learner)
        learner.step(batches[1], 1, 1.0)
        return learner.state()

    asked = learned(lambda learner: setattr(learner, "n_at_once", 2))
    scarce(monkeypatch, 2, MemoryError(), 1)
    forced = learned(lambda _: None)
    assert asked.keys() == forced.keys()
    assert all(torch.equal(asked[name], forced[name]) for name in asked)


@pytest.mark.parametrize("name", DETECTORS.names())
def test_a_step_in_parts_is_the_step_in_one_piece(name: str) -> None:
    """Losses and gradients agree to rounding, unequal parts and pictures without objects included."""
    scenes = Scenes(3)
    bare = np.full((60, 80, 3), 90, np.uint8)
    examples = [*scenes.train[:2], example(9, bare, []), scenes.train[2], example(10, bare[:40], [])]

    def learned(n_at_once: int | None) -> tuple[dict[str, float], list[torch.Tensor]]:
        network = build(name)
        network.hold()
        learner = Learner(network, recipe(detector=name, options=SMALL[name], batch=5), CPU, frozenset())
        (batch,) = Batches(examples, network, NO_AUGMENTATION, 5, 0).epoch(0)
        learner.n_at_once = n_at_once
        values = learner._learned(batch, 7)
        return values, [each.grad for each in learner._trained.values() if each.grad is not None]

    values, gradients = learned(None)
    for n_at_once in (2, 1):
        in_parts, again = learned(n_at_once)
        assert in_parts == pytest.approx(values, rel=1e-4)
        assert len(again) == len(gradients)
        for one, other in zip(gradients, again, strict=True):
            assert torch.allclose(one, other, rtol=1e-2, atol=1e-4 * float(one.abs().max()) + 1e-7)


def test_going_on_remembers_how_many_pictures_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = scarce(monkeypatch, 2, MemoryError())
    whole = trained()
    memory.sizes.clear()
    last = next(event for event in reversed(whole) if isinstance(event, CheckpointReady) and event.kind == "last")
    assert checkpoints.decode(last.weights)[1].position.n_at_once == 2
    rest = list(train(recipe(epochs=3, batch=4), Scenes(4, 0), resume=last.weights, clock=Clock()))
    assert memory.sizes == [2] * 4
    assert of_kind(rest, BatchHalved) == []
    assert losses(rest).keys() == {3}


def test_a_cpu_has_no_memory_of_a_gpu_and_this_process_has_some() -> None:
    step = of_kind(trained(), StepDone)[0]
    assert step.gpu_bytes is None
    held = hardware.process_bytes()
    assert held is None or (step.process_bytes is not None and 1e8 < step.process_bytes < 1e11)


def test_float16_scales_its_losses_and_the_scale_is_kept() -> None:
    """On a CPU too, only that it gains nothing there."""
    settings = {"precision": "float16", "batch": 2}
    half = list(train(recipe(epochs=1, **settings), Scenes(2, 0), clock=Clock()))
    state, card = checkpoints.decode(of_kind(half, CheckpointReady)[-1].weights)
    assert card.precision == "float16"
    assert float(state["scaler.scale"]) > 1
    assert all(torch.isfinite(value).all() for value in state.values())
    network = build("mask_rcnn")
    learner = Learner(network, recipe(**settings), CPU, frozenset())
    learner.restore(state)
    assert all(torch.equal(value, state[name]) for name, value in learner.state().items())


@pytest.mark.parametrize(
    ("has_bfloat16", "capability", "chosen"),
    [(True, (9, 0), "bfloat16"), (False, (7, 5), "float16"), (False, (6, 1), "float32")],
)
def test_a_gpu_computes_in_what_it_multiplies_natively(
    monkeypatch: pytest.MonkeyPatch, has_bfloat16: bool, capability: tuple[int, int], chosen: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: has_bfloat16)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    assert hardware.precision("auto", torch.device("cuda")) == chosen
    assert hardware.precision("float32", torch.device("cuda")) == "float32"


def test_what_fails_for_lack_of_memory_is_tried_once_more_then_told() -> None:
    answers: list[Any] = [MemoryError(), 5]

    def attempt() -> int:
        answer = answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return int(answer)

    assert hardware.tried_twice(attempt, CPU, "this") == 5
    answers += [REFUSALS[0], REFUSALS[1]]
    with pytest.raises(UserError, match=r"not enough memory for detecting on a\.png: .*alloc_cpu"):
        hardware.tried_twice(attempt, CPU, "detecting on a.png")
    answers.append(RuntimeError("a bug"))
    with pytest.raises(RuntimeError, match="a bug"):
        hardware.tried_twice(attempt, CPU, "this")
    assert answers == []


def test_a_validation_survives_memory_that_is_short_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    true_detect, failures = MaskRcnn.detect, [MemoryError()]

    def detect(network: MaskRcnn, pictures: Sequence[Any]) -> Any:
        if failures:
            raise failures.pop()
        return true_detect(network, pictures)

    monkeypatch.setattr(MaskRcnn, "detect", detect)
    events = list(train(recipe(epochs=1), Scenes(1, 1), clock=Clock()))
    assert failures == []
    assert of_kind(events, ValidationDone)
