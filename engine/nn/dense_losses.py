"""Losses of a detector that says something of every prior: box, objectness and class of one batch, added up.

Legend: A priors, K classes, P positive priors of one picture. Boxes are x0, y0, x1, y1 in model pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, one_hot
from torchvision.ops import generalized_box_iou_loss

from engine.nn.assigning import Assigned, Wanted
from engine.nn.shares import LossSum, LossSums

BoxLoss: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""(P,) losses of (P, 4) boxes that should be (P, 4) others."""

_BOX_WEIGHT = 5.0


def paired_iou(boxes: Tensor, others: Tensor) -> Tensor:
    """(P,) IoU of each box with the other in its row; 0 where neither has an area."""
    low, high = torch.maximum(boxes[:, :2], others[:, :2]), torch.minimum(boxes[:, 2:], others[:, 2:])
    common = (high - low).clamp(min=0).prod(dim=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(dim=1) + (others[:, 2:] - others[:, :2]).prod(dim=1)
    return common / (areas - common).clamp(min=1e-9)


def iou_loss(boxes: Tensor, others: Tensor) -> Tensor:
    """1 - IoU^2: gentle on what is nearly right."""
    return 1 - paired_iou(boxes, others) ** 2


def giou_loss(boxes: Tensor, others: Tensor) -> Tensor:
    """1 - GIoU (Rezatofighi et al. 2019): also says where to go from when nothing overlaps."""
    loss: Tensor = generalized_box_iou_loss(boxes, others, reduction="none")
    return loss


BOX_LOSSES: dict[str, BoxLoss] = {"iou": iou_loss, "giou": giou_loss}


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What the network says of one picture, with gradients."""

    boxes: Tensor
    """(A, 4)."""
    objectness: Tensor
    """(A,) logits."""
    classes: Tensor
    """(A, K) logits."""


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Losses of some pictures, not yet divided by how many priors were positive."""

    box: Tensor
    objectness: Tensor
    classes: Tensor
    n_positive: int

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.box + other.box, self.objectness + other.objectness,
            self.classes + other.classes, self.n_positive + other.n_positive,
        )  # fmt: skip

    def by_term(self) -> LossSums:
        """Per positive prior, the box term weighted; where there is no object, as if there were one."""
        return {
            "loss_box": LossSum(_BOX_WEIGHT * self.box, self.n_positive),
            "loss_objectness": LossSum(self.objectness, self.n_positive),
            "loss_class": LossSum(self.classes, self.n_positive),
        }


def sums(told: Told, wanted: Wanted, assigned: Assigned, box_loss: BoxLoss) -> Sums:
    """The losses of one picture.

    A class is taught to be as certain as its box is right (IoU), so that scores rank boxes by how well they lie.
    """
    boxes, targets = told.boxes[assigned.rows], wanted.boxes[assigned.objects]
    classes = told.classes[assigned.rows]
    certain = one_hot(wanted.class_indices[assigned.objects], classes.shape[1])
    certain = certain * paired_iou(boxes.detach(), targets)[:, None]
    return Sums(
        box=box_loss(boxes, targets).sum(),
        objectness=_objectness(told.objectness, assigned),
        classes=binary_cross_entropy_with_logits(classes, certain, reduction="sum"),
        n_positive=len(assigned.rows),
    )


def _objectness(logits: Tensor, assigned: Assigned) -> Tensor:
    wanted = torch.zeros_like(logits)
    wanted[assigned.rows] = 1.0
    return binary_cross_entropy_with_logits(logits, wanted, (~assigned.is_ignored).to(logits.dtype), reduction="sum")
