"""Losses over priors against loops, and at their ends."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.ops import box_iou, generalized_box_iou

from engine.nn.assigning import Assigned, Wanted
from engine.nn.dense_losses import Told, giou_loss, iou_loss, paired_iou, sums


def boxes(n: int, random: torch.Generator) -> torch.Tensor:
    corners = torch.rand(n, 2, generator=random) * 20
    return torch.cat([corners, corners + 0.5 + torch.rand(n, 2, generator=random) * 20], dim=1)


def entropy(logit: float, wanted: float) -> float:
    score = 1 / (1 + math.exp(-logit))
    return -wanted * math.log(score) - (1 - wanted) * math.log(1 - score)


@given(st.integers(0, 10_000), st.integers(0, 5))
def test_the_losses_of_a_picture_are_those_of_its_priors_added_up(seed: int, n_positive: int) -> None:
    random = torch.Generator().manual_seed(seed)
    told = Told(boxes(12, random), torch.randn(12, generator=random), torch.randn(12, 3, generator=random))
    wanted = Wanted(boxes(2, random), torch.tensor([2, 0]))
    rows = torch.randperm(12, generator=random)[:n_positive].sort().values
    ignored = torch.rand(12, generator=random) < 0.3
    ignored[rows] = False
    assigned = Assigned(rows, torch.randint(0, 2, (n_positive,), generator=random), ignored)
    found = sums(told, wanted, assigned, iou_loss)
    box = objectness = classes = 0.0
    for row in range(12):
        is_positive = row in rows.tolist()
        if not ignored[row]:
            objectness += entropy(float(told.objectness[row]), float(is_positive))
        if is_positive:
            number = int(assigned.objects[rows.tolist().index(row)])
            iou = float(box_iou(told.boxes[row : row + 1], wanted.boxes[number : number + 1]))
            box += 1 - iou**2
            own = int(wanted.class_indices[number])
            classes += sum(entropy(float(told.classes[row, k]), iou if k == own else 0.0) for k in range(3))
    assert float(found.box) == pytest.approx(box, abs=1e-4)
    assert float(found.objectness) == pytest.approx(objectness, abs=1e-4)
    assert float(found.classes) == pytest.approx(classes, abs=1e-4)
    whole = (found + found).by_term()
    assert float(whole["loss_box"].total) == pytest.approx(5 * 2 * box, abs=1e-4)
    assert whole["loss_box"].count == 2 * n_positive


@given(st.integers(0, 10_000))
def test_box_losses_are_those_of_the_papers(seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    a, b = boxes(6, random), boxes(6, random)
    assert torch.allclose(paired_iou(a, b), box_iou(a, b).diagonal(), atol=1e-5)
    assert torch.allclose(giou_loss(a, b), 1 - generalized_box_iou(a, b).diagonal(), atol=1e-4)
    assert iou_loss(a, a).abs().max() < 1e-5


def test_boxes_without_area_have_no_overlap() -> None:
    nothing = torch.zeros(1, 4)
    assert paired_iou(nothing, nothing).tolist() == [0.0]
