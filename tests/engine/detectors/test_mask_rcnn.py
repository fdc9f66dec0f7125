"""What is particular about Mask R-CNN: parts made quicker than torchvision's, options chosen from the data."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from engine.detectors import DETECTORS, Survey
from engine.detectors._rcnn_parts import Doubling, Fit
from engine.detectors.mask_rcnn import MaskRcnn, Options

CPU, GPU = torch.device("cpu"), torch.device("cuda")


def survey(side: float, *, picture: float = 256, n: int = 100, n_pictures: int = 4) -> Survey:
    boxes = np.random.default_rng(0).uniform(0, picture - side, (n, 2)).repeat(2, axis=1)[:, [0, 2, 1, 3]]
    boxes[:, 2:] += side
    return Survey(np.full((n_pictures, 2), picture), boxes, np.arange(n) % n_pictures, 1)


def suggested(found: Survey, device: torch.device = CPU, **given: object) -> Options:
    options = DETECTORS.get("mask_rcnn").suggest(found, device, given).options
    assert isinstance(options, Options)
    return options


def test_doubling_is_the_transposed_convolution_that_it_stands_for() -> None:
    usual, ours = nn.ConvTranspose2d(6, 6, 2, 2), Doubling(6)
    ours.load_state_dict(usual.state_dict())
    cells = torch.randn(3, 6, 5, 4)
    assert torch.allclose(ours(cells), usual(cells), atol=1e-6)
    assert ours(cells[:0]).shape == (0, 6, 10, 8)


def test_the_smaller_the_objects_the_larger_the_pictures() -> None:
    sides = [suggested(survey(side)).min_side for side in (6, 12, 16, 30, 100)]
    assert sides == sorted(sides, reverse=True)
    assert all(side % 32 == 0 for side in sides)
    assert sides[0] > sides[-1] == 320
    assert suggested(survey(6), GPU).min_side > sides[0]


def test_anchors_are_fitted_in_model_pixels() -> None:
    options = suggested(survey(20), min_side=512)
    assert min(abs(np.log(np.array(options.anchor_sides) / 40))) < 0.2
    assert min(abs(np.log(np.array(suggested(survey(20), min_side=256).anchor_sides) / 20))) < 0.2


def test_room_for_twice_as_many_objects_as_the_fullest_picture_has() -> None:
    assert suggested(survey(5, n=40)).detections_per_image == 300
    assert suggested(survey(5, n=1000)).detections_per_image == 500
    assert suggested(survey(5, n=1000)).proposals_detect == 1000


def test_reasons_are_given_for_what_was_chosen_only() -> None:
    detector = DETECTORS.get("mask_rcnn")
    assert len(detector.suggest(survey(20), CPU, {}).reasons) == 3
    reasons = detector.suggest(survey(20), CPU, {"min_side": 320}).reasons
    assert len(reasons) == 2
    assert "shorter side" not in " ".join(reasons)


@pytest.mark.parametrize(("size", "scale"), [((256, 256), 2.0), ((300, 1200), 1024 / 1200), ((2000, 512), 0.512)])
def test_whole_pictures_are_scaled_to_the_shorter_side_within_the_longer(size: tuple[int, int], scale: float) -> None:
    network = MaskRcnn(Options(), 1)
    assert network.scale(*size) == pytest.approx(scale)
    batch, _ = network.rcnn.transform([torch.zeros(3, *size)])
    assert batch.image_sizes[0] == pytest.approx([side * scale for side in size], abs=1)


def test_batches_are_normalised_and_padded_but_not_scaled() -> None:
    picture = torch.full((3, 40, 50), 255, dtype=torch.uint8)
    batch = Fit(512, 1024).batched([picture, picture[:, :33]])
    assert batch.tensors.shape == (2, 3, 64, 64)
    assert batch.image_sizes == [(40, 50), (33, 50)]
    assert batch.tensors[0, :, 0, 0].tolist() == pytest.approx(
        [(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225]
    )
    assert batch.tensors[1, :, 33:].abs().max() == 0
