"""Matching on grids gives exactly what torchvision's matching gives."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torchvision.models.detection._utils import Matcher
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import box_iou

from engine.nn.anchor_matching import matched

LOW, HIGH = 0.3, 0.7


def levels() -> list[Tensor]:
    """Three levels of anchors on a picture of 64 x 96."""
    make = AnchorGenerator(((9.0,), (20.0,), (41.0,)), ((0.5, 1.0, 2.0),) * 3)
    maps = [torch.zeros(1, 1, 64 // stride, 96 // stride) for stride in (4, 8, 16)]
    (anchors,) = make(ImageList(torch.zeros(1, 3, 64, 96), [(64, 96)]), maps)
    sizes = [each.shape[-2:].numel() * 3 for each in maps]
    parts = zip(anchors.split(sizes), maps, strict=True)
    return [part.view(each.shape[2], each.shape[3], 3, 4) for part, each in parts]


GRIDS = levels()


def torchvisions(grids: list[Tensor], boxes: Tensor) -> tuple[Tensor, Tensor]:
    """Labels and objects as its proposal network assigns them."""
    found = Matcher(HIGH, LOW, allow_low_quality_matches=True)(
        box_iou(boxes, torch.cat([g.view(-1, 4) for g in grids]))
    )
    labels = (found >= 0).float()
    labels[found == Matcher.BETWEEN_THRESHOLDS] = -1.0
    return labels, found.clamp(min=0)


sides = st.integers(1, 60)
corners = st.tuples(st.integers(0, 90), st.integers(0, 60), sides, sides)


@given(st.lists(corners, min_size=1, max_size=12))
def test_labels_and_objects_are_torchvisions(rows: list[tuple[int, int, int, int]]) -> None:
    boxes = torch.tensor([[x, y, min(x + w, 96), min(y + h, 64)] for x, y, w, h in rows], dtype=torch.float32) + 0.25
    grids = GRIDS
    labels, objects = torchvisions(grids, boxes)
    found = matched(grids, boxes, LOW, HIGH)
    assert torch.equal(found.labels, labels)
    on_object = labels > 0
    assert on_object.any()
    assert torch.equal(boxes[found.objects[on_object]], boxes[objects[on_object]])


def test_without_an_object_all_is_background() -> None:
    found = matched(GRIDS, torch.zeros(0, 4), LOW, HIGH)
    assert found.labels.shape == found.objects.shape
    assert not found.labels.any()


@pytest.mark.parametrize("n_boxes", [1, 40])
def test_every_object_has_an_anchor(n_boxes: int) -> None:
    torch.manual_seed(n_boxes)
    corner = torch.rand(n_boxes, 2) * torch.tensor([80.0, 50.0])
    boxes = torch.cat([corner, corner + 1 + 10 * torch.rand(n_boxes, 2)], dim=1)
    assert matched(GRIDS, boxes, LOW, HIGH).labels.eq(1).any()
