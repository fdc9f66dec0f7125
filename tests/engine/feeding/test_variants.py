"""Mosaics and pasted objects: boxes and masks stay with their pixels, and the seed alone decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from engine.detectors import Truth
from engine.feeding.augment import Augmentation, moved
from engine.feeding.batches import Batches
from engine.feeding.data import Example, truth_of
from engine.feeding.mosaic import mosaic
from engine.feeding.pasting import covered, pasted
from engine.feeding.varying import Phase, Varying
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints
from engine.nn import mask_cells
from engine.project.records import Annotation
from engine.training.budget import Budget
from engine.training.recipe import Recipe
from tests.engine.detectors.scenes import Scenes, mask_of
from tests.engine.detectors.test_contract import build

CHESS = Augmentation(smallest_scale=1, largest_scale=1, flip_horizontal=0.5, light=0)


def coloured(first: int, *boxes: Box, height: int = 60, width: int = 80) -> tuple[Tensor, Truth]:
    """A black picture on which every object has a colour of its own, from `first` on, and its truth with masks."""
    picture = torch.zeros(3, height, width, dtype=torch.uint8)
    found = []
    for colour, box in enumerate(boxes, first):
        bitmap = np.zeros((height, width), bool)
        bitmap[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = True
        picture[:, torch.from_numpy(bitmap)] = colour
        found.append(Annotation(0, 1, 7, mask_of(bitmap)))
    return picture, truth_of(found, (7,))


def bitmaps(truth: Truth, size: tuple[int, int]) -> list[NDArray[np.bool_]]:
    """The mask of each object as pixels of the whole picture."""
    shown = mask_cells.pasted(truth.masks.float() / 255, truth.mask_frames, *size)
    return [masks.paint(each, *size) for each in shown]


def colour_of(picture: Tensor, bitmap: NDArray[np.bool_]) -> int:
    """The colour that most pixels of a mask have."""
    return int(picture[0][torch.from_numpy(bitmap)].mode().values)


boxes_on_grid = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=5, unique=True)


def on_grid(cells: list[tuple[int, int]], side: int = 17) -> list[Box]:
    return [Box(20 * x + 1, 20 * y + 1, 20 * x + 1 + side, 20 * y + 1 + side) for x, y in cells]


@given(boxes_on_grid, boxes_on_grid, st.integers(0, 1000))
def test_pasted_objects_lie_where_their_pixels_do(
    own: list[tuple[int, int]], new: list[tuple[int, int]], seed: int
) -> None:
    picture, truth = coloured(10, *on_grid(own))
    other, others = coloured(100, *on_grid(new, side=11))
    torch.manual_seed(seed)
    mixed, seen = pasted(picture, truth, other, others)
    assert (seen.boxes[:, :2] >= 0).all()
    assert (seen.boxes[:, 2:] <= torch.tensor([80.0, 60.0])).all()
    for bitmap, box in zip(bitmaps(seen, (60, 80)), seen.boxes, strict=True):
        colour = colour_of(mixed, bitmap)
        of_colour = (mixed[0] == colour).numpy()
        union = (bitmap | of_colour).sum()
        assert (bitmap & of_colour).sum() / union > 0.8
        rows, columns = np.where(of_colour)
        around = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert np.abs(np.array(box.tolist()) - around).max() <= 1.0
    n_new = len({int(each) for each in mixed[0].unique() if each >= 100})
    assert 1 <= n_new <= (len(new) + 1) // 2


def test_what_is_pasted_over_loses_what_is_hidden_and_goes_when_nothing_is_left() -> None:
    truth = coloured(1, Box(10, 10, 30, 30), Box(40, 10, 60, 30), Box(10, 40, 20, 50))[1]
    hidden = torch.zeros(60, 80, dtype=torch.bool)
    hidden[:, 20:30] = True  # the right half of the first
    hidden[:, 40:58] = True  # nine tenths of the second
    left = covered(truth, hidden)
    assert len(left) == 2
    assert left.boxes[0].tolist() == pytest.approx([10, 10, 20, 30], abs=0.4)
    assert left.boxes[1].tolist() == [10, 40, 20, 50]
    naive = np.zeros((60, 80), bool)
    naive[10:30, 10:20] = True
    shown = bitmaps(left, (60, 80))[0]
    assert (shown & naive).sum() / (shown | naive).sum() > 0.95


def test_what_a_box_annotates_keeps_its_box_or_goes() -> None:
    truth = truth_of([Annotation(0, 1, 7, Box(10, 10, 30, 30)), Annotation(0, 1, 7, Box(40, 10, 60, 30))], (7,))
    hidden = torch.zeros(60, 80, dtype=torch.bool)
    hidden[:, 20:60] = True
    left = covered(truth, hidden)
    assert left.boxes.tolist() == [[10, 10, 30, 30]]
    assert left.has_mask.tolist() == [False]


def test_hidden_keypoints_are_not_given() -> None:
    points = Keypoints.of([(12, 12, 2), (25, 25, 2)])
    annotation = Annotation(0, 1, 7, Box(10, 10, 30, 30), keypoints=points)
    truth = truth_of([annotation], (7,), ((0, 1),))
    hidden = torch.zeros(60, 80, dtype=torch.bool)
    hidden[20:28, 20:28] = True
    assert covered(truth, hidden).keypoints[0].tolist() == [[12, 12, 2], [0, 0, 0]]


def test_boxes_alone_are_not_pasted() -> None:
    picture, truth = coloured(1, Box(10, 10, 30, 30))
    others = truth_of([Annotation(0, 1, 7, Box(5, 5, 9, 9))], (7,))
    assert pasted(picture, truth, picture, others)[0] is picture


@given(st.integers(0, 1000))
def test_the_quarters_of_a_mosaic_keep_boxes_and_masks_on_their_pixels(seed: int) -> None:
    parts = [coloured(10 * (at + 1), *on_grid([(0, 0), (1, 1), (2, 0), (3, 2)])) for at in range(4)]
    torch.manual_seed(seed)
    canvas, seen = mosaic(parts, (60, 80))
    assert canvas.shape == (3, 60, 80)
    assert (seen.boxes[:, :2] >= 0).all()
    assert (seen.boxes[:, 2:] <= torch.tensor([80.0, 60.0])).all()
    for box, frame, cells in zip(seen.boxes.tolist(), seen.mask_frames, seen.masks, strict=True):
        x0, y0, x1, y1 = (round(each) for each in box)
        inside = canvas[0, y0:y1, x0:x1]
        colour = int(inside.mode().values.mode().values)
        assert colour >= 10
        rows, columns = torch.where(canvas[0] == colour)
        assert box == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert frame[0] <= box[0]
        assert frame[2] >= box[2]
        assert int(cells.min()) == 255


def test_a_mosaic_of_pictures_smaller_than_its_quarters_is_grey_around_them() -> None:
    parts = [coloured(10 * (at + 1), Box(1, 1, 9, 9), height=10, width=10) for at in range(4)]
    torch.manual_seed(0)
    canvas, seen = mosaic(parts, (60, 80))
    assert len(seen) == 4
    assert (canvas == 114).float().mean() > 0.9
    assert [int(canvas[0, int(box[1]), int(box[0])]) for box in seen.boxes] == [10, 20, 30, 40]


def test_moving_leaves_what_is_not_given() -> None:
    annotation = Annotation(0, 1, 7, Box(1, 2, 3, 4), keypoints=Keypoints.of([(2, 3, 1), (0, 0, 0)]))
    truth = moved(truth_of([annotation], (7,), ((0, 1),)), 10, 20)
    assert truth.boxes.tolist() == [[11, 22, 13, 24]]
    assert truth.keypoints[0].tolist() == [[12, 23, 1], [0, 0, 0]]


def varying(how: Augmentation, examples: list[Example] | None = None) -> Varying:
    return Varying(Scenes(6).train if examples is None else examples, build("mask_rcnn"), how)


@pytest.mark.parametrize(
    "how", [Augmentation(mosaic=1), Augmentation(copy_paste=1), Augmentation(mosaic=0.5, copy_paste=0.5)]
)
def test_the_seed_alone_makes_the_variant(how: Augmentation) -> None:
    made = varying(how)
    for index in range(3):
        torch.manual_seed(index)
        one = made.variant(index, 7, "varied")
        torch.manual_seed(99)
        before = torch.get_rng_state()
        other = made.variant(index, 7, "varied")
        assert torch.equal(torch.get_rng_state(), before)
        assert one.name == other.name
        assert torch.equal(one.picture, other.picture)
        assert torch.equal(one.truth.boxes, other.truth.boxes)
        assert torch.equal(one.truth.masks, other.truth.masks)


def test_there_are_no_mosaics_at_the_end() -> None:
    made = varying(Augmentation(mosaic=1))
    assert " with " in made.variant(0, 7, "varied").name
    assert made.variant(0, 7, "calm").name == made.examples[0].name


def test_variants_of_pictures_without_objects() -> None:
    blank = Example(1, "blank", np.full((50, 70, 3), 90, np.uint8), (), truth_of((), (7,)))
    made = varying(Augmentation(mosaic=0.5, copy_paste=1), [blank, blank])
    for seed in range(4):
        assert len(made.variant(0, seed, "varied").truth) == 0


def test_batches_of_mosaics_from_the_middle_of_an_epoch_are_those_that_would_have_come() -> None:
    how = Augmentation(mosaic=0.5, copy_paste=0.5)
    batches = Batches(Scenes(6).train, build("mask_rcnn"), how, 2, 3)

    def phase(number: int) -> Phase:
        return "calm" if number == 2 else "varied"

    whole = list(batches.epoch(1, 0, phase))
    rest = [batches.batch(1, number, phase(number)) for number in (1, 2)]
    half = list(replace(batches, rank=1, n_ranks=2).epoch(1, 1, phase))
    for one, other, own in zip(whole[1:], rest, half, strict=True):
        assert one.names == other.names
        assert own.names == one.names[1:]
        assert all(torch.equal(a, b) for a, b in zip(one.pictures, other.pictures, strict=True))
        assert all(torch.equal(a.masks, b.masks) for a, b in zip(one.truths, other.truths, strict=True))
        assert torch.equal(own.pictures[0], one.pictures[1])
    assert not any(" with " in name and name.count(" with ") == 3 for name in whole[2].names)


@pytest.mark.parametrize(("share", "phases"), [(0.0, "vvvvvvvvvc"), (0.3, "sssvvvvvvc")])
def test_a_training_is_still_at_first_and_calm_at_its_end(share: float, phases: str) -> None:
    budget = Budget(Recipe(still_share=share, epochs=1), 10)
    assert "".join(budget.phase(step / 10)[0] for step in range(10)) == phases
