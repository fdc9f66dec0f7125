"""What holds for every detector."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from engine import checkpoints
from engine.detectors import DETECTORS, Detected, Network, options_help
from engine.feeding.augment import NO_AUGMENTATION
from engine.feeding.batches import plain
from engine.feeding.data import Example
from engine.geometry.shapes import Box
from engine.nn import backbones
from engine.nn.weights import WeightsReport
from engine.project.records import Annotation
from engine.training.events import CheckpointReady, Event, StepDone, ValidationDone
from engine.training.loop import stopping, train
from engine.training.recipe import Recipe
from tests.engine.detectors.scenes import CLASS_NAMES, Scenes, example, survey_of

_SIZE: dict[str, Any] = {
    "min_side": 96, "max_side": 160, "pyramid_channels": 32, "anchor_sides": (12, 24, 48, 96, 192)
}  # fmt: skip
_REGIONS = {"head_channels": 64, "regions_per_image": 64, "proposals_train": 100, "proposals_detect": 100}
SMALL: dict[str, dict[str, Any]] = {
    "mask_rcnn": _SIZE | _REGIONS,
    "yolo": {"input_side": 96, "score_threshold": 1e-4, "nms_iou": 0.5},
    "faster_rcnn": _SIZE | _REGIONS,
    "keypoint_rcnn": _SIZE | _REGIONS | {"keypoint_layers": 1, "n_keypoints": (2, 1)},
    "retinanet": _SIZE | {"score_threshold": 1e-3},
    "ssd": {key: value for key, value in _SIZE.items() if key != "pyramid_channels"} | {"extra_channels": 32},
}
"""Options that make each detector small enough for a test."""
EPOCHS = {"yolo": 100}
"""How often one picture is seen until it is known by heart, where that takes longer than usual."""
CPU = torch.device("cpu")


@pytest.fixture(params=DETECTORS.names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def network(name: str) -> Network:
    return build(name)


def build(name: str, n_classes: int = 2) -> Network:
    torch.manual_seed(0)
    detector = DETECTORS.get(name)
    return detector.build(msgspec.convert(SMALL[name], detector.options), n_classes)


def losses_of(network: Network, *examples: Example) -> dict[str, float]:
    """The losses on these pictures; fails where one has no gradient or is not a number."""
    network.train()
    batch = plain(examples, network)
    losses = network.loss(batch.pictures, batch.truths)
    torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
    gradients = [each.grad for each in network.parameters() if each.grad is not None]
    assert gradients
    assert all(bool(each.isfinite().all()) for each in gradients)
    assert all(bool(value.isfinite()) for value in losses.values())
    return {key: float(value.detach()) for key, value in losses.items()}


def detected(network: Network, *pictures: np.ndarray) -> list[Detected]:
    network.eval()
    with torch.inference_mode():
        return network.detect([torch.from_numpy(each).permute(2, 0, 1) for each in pictures])


def boxes_on(picture: np.ndarray, *boxes: Box, class_id: int = 7) -> Example:
    return example(1, picture, [Annotation(0, 1, class_id, box) for box in boxes])


def test_options_are_frozen_and_every_one_is_explained_in_a_sentence(name: str) -> None:
    detector = DETECTORS.get(name)
    options = detector.options()
    sentences = options_help(detector.options)
    assert sentences.keys() == {each.name for each in dataclasses.fields(options)}
    assert all(text.endswith(".") and text[0].isupper() and len(text) > 20 for text in sentences.values())
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(options, next(iter(sentences)), 1)
    assert msgspec.convert(msgspec.to_builtins(options), detector.options) == options


def test_backbone_and_input_size_can_be_chosen(name: str) -> None:
    """Of all but YOLO, whose trunk comes in sizes of its own."""
    chosen: tuple[str, ...] = ("nano", "tiny", "small") if name == "yolo" else tuple(backbones.TRUNKS)
    detector = DETECTORS.get(name)
    sizes: set[int] = set()
    for each in chosen:
        own = {"size": each, "input_side": 64} if name == "yolo" else {"backbone": each, "min_side": 64}
        network = detector.build(msgspec.convert(SMALL[name] | own, detector.options), 2)
        assert network.scale(128, 128) == 0.5
        sizes.add(sum(parameter.numel() for parameter in network.parameters()))
        assert len(detected(network, Scenes().train[0].picture)) == 1
    assert len(sizes) == len(chosen)


def test_options_suggested_from_the_data_leave_what_is_given(name: str) -> None:
    detector, data = DETECTORS.get(name), Scenes()
    free = detector.suggest(data.survey(), CPU, {})
    assert isinstance(free.options, detector.options)
    assert free.reasons
    assert all(reason.endswith(".") for reason in free.reasons)
    fixed = detector.suggest(data.survey(), CPU, SMALL[name])
    assert fixed.options == msgspec.convert(msgspec.to_builtins(fixed.options) | SMALL[name], detector.options)
    assert fixed.options != free.options


def test_options_are_suggested_where_there_is_no_object(name: str) -> None:
    bare = survey_of([boxes_on(np.zeros((50, 60, 3), np.uint8))], 1)
    assert DETECTORS.get(name).suggest(bare, CPU, {}).options


def test_an_option_that_cannot_be_is_refused(name: str) -> None:
    first = next(iter(SMALL[name]))
    with pytest.raises(msgspec.ValidationError):
        DETECTORS.get(name).suggest(Scenes().survey(), CPU, {first: "no number"})


def test_pictures_without_objects_train(network: Network) -> None:
    empty = boxes_on(np.full((60, 80, 3), 90, np.uint8))
    assert losses_of(network, empty).keys() == losses_of(network, empty, Scenes().train[0]).keys()


def test_one_pixel_boxes_train(network: Network) -> None:
    picture = np.full((60, 80, 3), 90, np.uint8)
    assert losses_of(network, boxes_on(picture, Box(0, 0, 1, 1), Box(79, 59, 80, 60), Box(30.5, 20, 31.5, 21)))


def test_five_hundred_objects_on_one_picture_train(network: Network) -> None:
    boxes = [Box(x, y, x + 4, y + 3) for x in range(0, 150, 6) for y in range(0, 100, 5)]
    assert len(boxes) == 500
    assert losses_of(network, boxes_on(np.full((100, 150, 3), 90, np.uint8), *boxes))


def test_pictures_of_different_sizes_train_together(network: Network) -> None:
    wide, tall = np.zeros((40, 200, 3), np.uint8), np.zeros((170, 30, 3), np.uint8)
    assert losses_of(network, boxes_on(wide, Box(5, 5, 30, 30)), boxes_on(tall, Box(5, 5, 20, 90), class_id=3))


def test_detections_lie_on_the_picture_sorted_by_score(network: Network) -> None:
    pictures = [np.full((40, 200, 3), 90, np.uint8), Scenes().train[0].picture]
    for found, picture in zip(detected(network, *pictures), pictures, strict=True):
        height, width = picture.shape[:2]
        assert (found.boxes >= 0).all()
        assert (found.boxes <= torch.tensor([width, height, width, height]) + 1e-3).all()
        assert torch.equal(found.scores, found.scores.sort(descending=True).values)
        assert set(found.class_indices.tolist()) <= {0, 1}
        assert found.masks is None or found.masks.shape[0] == len(found.boxes)


def test_detecting_neither_depends_on_the_company_nor_draws_lots(network: Network) -> None:
    first, second = (each.picture for each in Scenes().train[:2])
    alone, together = detected(network, first)[0], detected(network, first, second)[0]
    assert torch.allclose(alone.scores, together.scores, atol=1e-4)
    # Each box has its twin; where scores are all but equal, the two may come in another order.
    assert torch.cdist(alone.boxes, together.boxes, p=torch.inf).min(dim=1).values.max() < 1e-2
    assert torch.equal(detected(network, first)[0].scores, alone.scores)


def test_boxes_are_as_precise_in_bfloat16(network: Network) -> None:
    """Coordinates of some hundred pixels have a precision of two there, were they ever kept in it."""
    picture = np.random.default_rng(0).integers(0, 255, (90, 900, 3)).astype(np.uint8)
    slivers = [Box(x + 0.3, 10, x + 1.6, 40) for x in range(500, 899, 2)]
    with torch.autocast("cpu", torch.bfloat16):
        found = detected(network, picture)[0]
        assert losses_of(network, boxes_on(picture, *slivers, Box(898.1, 5, 899.9, 60)))
    assert found.boxes.dtype == found.scores.dtype == torch.float32
    assert len(found.boxes)
    far = found.boxes[found.boxes[:, 0] > 256]
    assert (far != far.bfloat16().float()).any()


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (7, 500)])
def test_the_strangest_pictures_are_looked_at(network: Network, size: tuple[int, int]) -> None:
    found = detected(network, np.full((*size, 3), 90, np.uint8))[0]
    assert (found.boxes <= torch.tensor([size[1], size[0]] * 2) + 1e-3).all()
    assert losses_of(network, boxes_on(np.full((*size, 3), 90, np.uint8), Box(0, 0, 1, 1)))


def test_a_saved_network_detects_as_before(name: str, network: Network) -> None:
    losses_of(network, Scenes().train[0])  # norms have moved
    network.eval()
    state = {key: value.contiguous() for key, value in network.state_dict().items()}
    loaded = build(name)
    loaded.load_state_dict(checkpoints.decode(checkpoints.encode(state, card_of(name)))[0])
    picture = Scenes().val[0].picture
    before, after = detected(network, picture)[0], detected(loaded, picture)[0]
    for each in dataclasses.fields(Detected):
        one, other = getattr(before, each.name), getattr(after, each.name)
        assert (one is None and other is None) or torch.equal(one, other)


def card_of(name: str) -> checkpoints.Card:
    return checkpoints.Card(
        detector=name, options=SMALL[name], class_names={str(each): text for each, text in CLASS_NAMES.items()},
        normalisation=build(name).normalisation, metrics={}, seed=0, threads=1, precision="float32",
        weights=WeightsReport("none"), adopted=(), position=checkpoints.Position(),
    )  # fmt: skip


def test_held_networks_keep_their_norms_still(network: Network) -> None:
    network.hold()
    before = {key: value.clone() for key, value in network.named_buffers() if "running" in key}
    losses_of(network, Scenes().train[0])
    assert before
    assert all(torch.equal(value, before[key]) for key, value in network.named_buffers() if key in before)
    assert any(not each.requires_grad for each in network.parameters())
    assert any(each.requires_grad for each in network.parameters())


def test_official_weights_have_a_name_and_a_hash(name: str) -> None:
    detector = DETECTORS.get(name)
    official = detector.official(detector.options())
    assert official is None or (official.name and official.sha256_prefix)


@pytest.mark.slow
def test_one_picture_is_learned_by_heart(name: str) -> None:
    scenes = Scenes(1, 0)
    scenes.val = scenes.train
    recipe = Recipe(
        detector=name, options=SMALL[name], weights="none", epochs=100, batch=1, learning_rate=2e-3, averaging=0.9,
        augmentation=NO_AUGMENTATION, precision="float32", device="cpu", threads=1,
    )  # fmt: skip
    events: list[Event] = list(train(recipe, scenes))
    last = [event for event in events if isinstance(event, ValidationDone)][-1]
    assert last.metrics["bbox/AP50"] == pytest.approx(1.0)
    assert last.metrics.get("segm/AP50", 1.0) == pytest.approx(1.0)


def test_a_class_without_an_example_trains(name: str) -> None:
    network = build(name, 5)
    assert losses_of(network, Scenes().train[0])
    found = detected(network, Scenes().train[0].picture)[0]
    assert set(found.class_indices.tolist()) <= set(range(5))


def test_going_on_is_the_same_as_never_having_stopped(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.loop.SECONDS_BETWEEN_STEPS_TOLD", 0)
    scenes = Scenes(2, 0)
    recipe = Recipe(
        detector=name, options=SMALL[name], weights="none", epochs=2, batch=1, precision="float32", device="cpu",
        threads=1,
    )  # fmt: skip
    whole = list(train(recipe, scenes))
    training = train(recipe, scenes)
    before: list[Event] = []
    while not (before and isinstance(before[-1], StepDone)):
        before.append(next(training))
    before += stopping(training)
    rest = list(train(recipe, scenes, resume=_last(before)))
    assert _losses(before) | _losses(rest) == _losses(whole)
    ends = [checkpoints.decode(_last(events))[0] for events in (whole, rest)]
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in ends[0])


def _last(events: list[Event]) -> bytes:
    return [event for event in events if isinstance(event, CheckpointReady) and event.kind == "last"][-1].weights


def _losses(events: list[Event]) -> dict[int, dict[str, float]]:
    return {event.step: dict(event.losses) for event in events if isinstance(event, StepDone)}
