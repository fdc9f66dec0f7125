"""What is particular about the one-stage detectors: anchors on all levels at once, hard negatives, weights adopted."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch
from torchvision.models.detection.image_list import ImageList

from engine.detectors import DETECTORS, Survey
from engine.detectors._dense import DenseOptions, LevelAnchors
from engine.detectors.ssd import _hardest
from engine.nn import backbones
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import SMALL, build

CPU = torch.device("cpu")
NAMES = ["retinanet", "ssd"]


def levels(height: int, width: int) -> list[torch.Tensor]:
    return [torch.zeros(1, 1, -(-height // stride), -(-width // stride)) for stride in backbones.DENSE_STRIDES]


def test_anchors_do_not_depend_on_how_much_a_picture_is_padded() -> None:
    options = DenseOptions(anchor_sides=(8.0, 16.0, 32.0, 64.0, 128.0), anchor_ratios=(1.0,), sizes_per_level=1)
    anchors = LevelAnchors(options)
    found = [
        anchors(ImageList(torch.zeros(1, 3, *size), [size]), levels(*size))[0]
        for size in ((96, 96), (96, 128), (160, 96))
    ]
    for each, (height, width) in zip(found, ((96, 96), (96, 128), (160, 96)), strict=True):
        n_cells = [level.shape[-2] * level.shape[-1] for level in levels(height, width)]
        coarsest = each[-n_cells[-1] :]
        assert coarsest[0].tolist() == [-64, -64, 64, 64]
        assert torch.equal(each[1] - each[0], torch.tensor([8.0, 0, 8, 0]))
    assert (found[2][-1] - found[2][-2]).tolist() == [0, 128, 0, 128]


def test_several_sizes_lie_evenly_between_a_level_and_the_next() -> None:
    assert DenseOptions(sizes_per_level=2).scales == pytest.approx((1, 2**0.5))
    assert LevelAnchors(DenseOptions(sizes_per_level=3)).num_anchors_per_location() == [9] * 5


@pytest.mark.parametrize("name", NAMES)
def test_more_sizes_cover_better_and_the_reason_says_so(name: str) -> None:
    random = np.random.default_rng(0)
    corner, extent = random.uniform(0, 150, (200, 2)), random.uniform(10, 100, (200, 2))
    survey = Survey(np.full((4, 2), 256.0), np.concatenate([corner, corner + extent], 1), np.arange(200) % 4, 1)
    reasons = [DETECTORS.get(name).suggest(survey, CPU, {"sizes_per_level": n}).reasons for n in (1, 3)]
    covers = [next(each for each in found if each.startswith("Anchors")) for found in reasons]
    one, three = (float(text.split("mean best IoU ")[1].split(",")[0]) for text in covers)
    assert three > one > 0.4


def test_the_hardest_negatives_are_those_of_highest_loss() -> None:
    losses, is_object = torch.rand(3, 200), torch.rand(3, 200) < torch.tensor([[0.1], [0.02], [0.0]])
    for loss, own, chosen in zip(losses, is_object, _hardest(losses, is_object), strict=True):
        n_wanted = max(3 * int(own.sum()), 16)
        background = [at for at in range(200) if not own[at]]
        hardest = sorted(background, key=lambda at: -float(loss[at]))[:n_wanted]
        assert set(torch.where(chosen)[0].tolist()) == set(hardest)


@pytest.mark.parametrize("name", NAMES)
def test_a_classifiers_layers_are_taken_over(name: str) -> None:
    network = build(name)
    trunk = backbones.trunk("mobilenet_v2")
    tensors = {trunk.prefix + key: torch.randn_like(value.float()) for key, value in trunk.make().state_dict().items()}
    report, adopted = DETECTORS.get(name).adopt(network, tensors)
    assert report.n_matched == report.n_wanted > 200
    assert all(each.startswith("model.backbone.body.") for each in adopted)
    network.hold()
    assert not network.get_parameter("model.backbone.body.0.0.weight").requires_grad


def test_a_full_head_learns_as_well() -> None:
    detector = DETECTORS.get("ssd")
    network = detector.build(msgspec.convert(SMALL["ssd"] | {"head": "full"}, detector.options), 2).train()
    from engine.feeding.batches import plain

    batch = plain([Scenes().train[0]], network)
    assert all(bool(each.isfinite()) for each in network.loss(batch.pictures, batch.truths).values())
