"""Pictures made various: what is true of the picture stays true of its truth."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.detectors import Truth
from engine.feeding.augment import NO_AUGMENTATION, Augmentation, augmented, cropped, mirrored, resized, scaled
from engine.feeding.data import truth_of
from engine.geometry.shapes import Box
from engine.project.records import Annotation
from tests.engine.detectors.scenes import SIDE, Scenes, mask_of
from tests.engine.detectors.test_contract import build

WILD = Augmentation(smallest_scale=0.5, largest_scale=2.0, flip_horizontal=0.5, flip_vertical=0.5, light=0.0)


def marked(*boxes: Box, height: int = 60, width: int = 80) -> tuple[torch.Tensor, Truth]:
    """A black picture with a white rectangle in every box, and its truth."""
    picture = torch.zeros(3, height, width, dtype=torch.uint8)
    annotations = []
    for box in boxes:
        picture[:, int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = 255
        bitmap = np.zeros((height, width), bool)
        bitmap[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = True
        annotations.append(Annotation(0, 1, 7, mask_of(bitmap)))
    return picture, truth_of(annotations, (7,))


def white_box(picture: torch.Tensor) -> torch.Tensor:
    """The box around what is white."""
    rows, columns = torch.where(picture[0] > 127)
    return torch.stack([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]).float()


@given(st.integers(0, 10_000), st.sampled_from([0.5, 1.0, 1.7]))
def test_the_box_stays_on_what_it_marks(seed: int, scale: float) -> None:
    torch.manual_seed(seed)
    picture, truth = augmented(*marked(Box(22, 12, 58, 44)), scale, WILD)
    assert len(truth) == 1
    assert torch.allclose(truth.boxes[0], white_box(picture), atol=2.5)
    assert picture.shape[1] <= round(60 * scale)
    assert picture.shape[2] <= round(80 * scale)


def test_nothing_varies_where_nothing_shall() -> None:
    picture, truth = marked(Box(10, 20, 30, 50))
    same, same_truth = augmented(picture, truth, 1.0, NO_AUGMENTATION)
    assert torch.equal(same, picture)
    assert torch.equal(same_truth.boxes, truth.boxes)


def test_the_same_seed_gives_the_same_picture() -> None:
    example = Scenes().train[0]
    picture = torch.from_numpy(example.picture).permute(2, 0, 1)
    pictures = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        pictures.append(augmented(picture, example.truth, 1.5, Augmentation())[0])
    assert torch.equal(pictures[0], pictures[1])
    assert pictures[0].shape != pictures[2].shape or not torch.equal(pictures[0], pictures[2])


@pytest.mark.parametrize("axis", [-1, -2])
def test_mirroring_moves_boxes_and_masks_along_and_twice_is_nothing(axis: int) -> None:
    example = Scenes().train[0]
    picture, truth = torch.from_numpy(example.picture).permute(2, 0, 1), example.truth
    once, truth_once = mirrored(picture, truth, axis)
    at = 0 if axis == -1 else 1
    assert torch.allclose(truth_once.boxes[:, at], SIDE - truth.boxes[:, at + 2])
    assert torch.equal(truth_once.masks, truth.masks.flip(axis))
    twice, truth_twice = mirrored(once, truth_once, axis)
    assert torch.equal(twice, picture)
    assert torch.equal(truth_twice.boxes, truth.boxes)
    assert torch.equal(truth_twice.mask_frames, truth.mask_frames)


def test_a_crop_cuts_boxes_but_not_the_frames_of_masks() -> None:
    picture, truth = marked(Box(10, 10, 30, 30), Box(60, 40, 70, 50))
    part, kept = cropped(picture, truth, (20, 5, 40, 40))
    assert part.shape == (3, 40, 40)
    assert kept.boxes.tolist() == [[0, 5, 10, 25]]
    assert kept.mask_frames.tolist() == [[-10, 5, 10, 25]]
    assert len(kept.masks) == 1


def test_a_crop_drops_an_object_of_which_too_little_is_left() -> None:
    picture, truth = marked(Box(0, 0, 40, 20))
    assert len(cropped(picture, truth, (37, 0, 40, 40))[1]) == 0
    assert len(cropped(picture, truth, (35, 0, 40, 40))[1]) == 1


def test_scaling_scales_by_axis_to_whole_pixels() -> None:
    picture, truth = marked(Box(10, 20, 30, 50), height=55, width=77)
    large, truth_model = scaled(picture, truth, 1.5)
    assert large.shape == (3, 82, 116)
    ratio = torch.tensor([116 / 77, 82 / 55] * 2)
    assert torch.allclose(truth_model.boxes[0], truth.boxes[0] * ratio)
    assert torch.allclose(truth_model.mask_frames, truth_model.boxes)


def test_pictures_without_objects_can_be_varied() -> None:
    picture, truth = marked()
    varied, nothing = augmented(picture, truth, 1.3, WILD)
    assert len(nothing) == 0
    assert nothing.boxes.shape == (0, 4)
    assert varied.dtype == torch.uint8


def test_resizing_to_the_same_size_copies_nothing() -> None:
    picture, truth = marked(Box(1, 2, 3, 4))
    assert resized(picture, truth, (60, 80))[0] is picture


def test_pictures_are_scaled_for_training_as_for_detecting() -> None:
    example, network = Scenes().train[0], build("mask_rcnn")
    picture = torch.from_numpy(example.picture).permute(2, 0, 1)[:, :61, :83]
    learned, _ = scaled(picture, example.truth, network.scale(61, 83))
    detected, _ = network.rcnn.transform.resize(picture.float())  # type: ignore[operator, union-attr]
    assert learned.shape == detected.shape
    assert torch.allclose(learned.float(), detected, atol=0.51)
