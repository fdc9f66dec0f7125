"""SSD (Liu et al. 2016) on torchvision's modules, with a plain or a light head (SSDLite, Sandler et al. 2018).

One stage over the trunk's own levels and two more, without a pyramid: the quickest of the detectors here. Pictures keep
their shape, and anchors are in model pixels.

Legend: B pictures, A anchors over all levels, K classes; class 0 of the network is the background.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, smooth_l1_loss
from torchvision.models.detection.ssd import SSD, SSDHead
from torchvision.models.detection.ssdlite import SSDLiteHead

from engine.detectors._dense import DenseDetector, DenseNetwork, DenseOptions, InFloat, LevelAnchors, group_norm
from engine.detectors._seam import Truth
from engine.nn import backbones
from engine.nn.shares import LossSum, LossSums
from engine.options import option

_NEGATIVES_PER_OBJECT = 3
_FEWEST_NEGATIVES = 16
"""Anchors on background that every picture teaches, so that one without objects teaches something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(DenseOptions):
    """What can be chosen about an SSD."""

    head: Literal["light", "full"] = option(
        "light", "The layers that name and refine boxes: light ones are quicker, full ones see a little more."
    )
    extra_channels: int = option(256, "Width of the two levels above the backbone's own; a multiple of 16.")


class FullHead(InFloat, SSDHead):  # type: ignore[misc]  # torchvision is untyped
    """torchvision's, in float32."""


class LightHead(InFloat, SSDLiteHead):  # type: ignore[misc]
    """torchvision's of SSDLite, in float32."""


class SsdNetwork(DenseNetwork):
    """An SSD for K classes."""

    family = "ssd"
    first_class = 1

    def __init__(self, options: Options, n_classes: int) -> None:
        anchors = LevelAnchors(options)
        backbone = backbones.Levels(options.backbone, options.extra_channels, group_norm)
        shape = (backbone.channels, anchors.num_anchors_per_location(), n_classes + 1)
        model = SSD(
            backbone,
            anchors,
            (options.min_side, options.min_side),
            n_classes + 1,
            head=FullHead(*shape) if options.head == "full" else LightHead(*shape, group_norm),
            score_thresh=options.score_threshold,
            nms_thresh=options.nms_iou,
            detections_per_img=options.detections_per_image,
            topk_candidates=2 * options.detections_per_image,
        )
        super().__init__(options, model)

    def anchor_sums(self, outputs: Mapping[str, Tensor], anchors: list[Tensor], truths: Sequence[Truth]) -> LossSums:
        """Cross-entropy of objects and of the background that looks most like one; distance of the objects' boxes."""
        matched = [self.matched(*pair) for pair in zip(anchors, truths, strict=True)]
        loss, is_object = _class_loss(outputs, truths, matched)
        found = zip(outputs["bbox_regression"], anchors, truths, matched, strict=True)
        boxes = torch.stack([self._box_loss(*each) for each in found])
        n_objects = is_object.sum()
        learned = is_object | _hardest(loss.detach(), is_object)
        return {"loss_class": LossSum(loss[learned].sum(), n_objects), "loss_box": LossSum(boxes.sum(), n_objects)}

    def learned(self, outputs: Mapping[str, Tensor], truths: Sequence[Truth], matched: Sequence[Tensor]) -> Tensor:
        """(B, A) those on objects, and the hardest on background."""
        loss, is_object = _class_loss(outputs, truths, matched)
        return is_object | _hardest(loss.detach(), is_object)

    def _box_loss(self, deltas: Tensor, anchors: Tensor, truth: Truth, matched: Tensor) -> Tensor:
        """Summed over the anchors of one picture that stand for objects."""
        on_object = torch.where(matched >= 0)[0]
        wanted = cast(SSD, self.model).box_coder.encode_single(truth.boxes[matched[on_object]], anchors[on_object])
        return smooth_l1_loss(deltas[on_object], wanted, reduction="sum")


def _class_loss(
    outputs: Mapping[str, Tensor], truths: Sequence[Truth], matched: Sequence[Tensor]
) -> tuple[Tensor, Tensor]:
    """(B, A) cross-entropy of each anchor's class, and bool whether it stands for an object."""
    classes = torch.stack([_classes(*pair) for pair in zip(truths, matched, strict=True)])
    return cross_entropy(outputs["cls_logits"].transpose(1, 2), classes, reduction="none"), classes > 0


def _classes(truth: Truth, matched: Tensor) -> Tensor:
    """(A,) the class that each anchor shall have, 0 for the background."""
    classes = torch.zeros_like(matched)
    on_object = matched >= 0
    classes[on_object] = truth.class_indices[matched[on_object]] + 1
    return classes


def _hardest(losses: Tensor, is_object: Tensor) -> Tensor:
    """(B, A) bool: on each picture the anchors on background with the highest loss, some for every object."""
    n_wanted = (_NEGATIVES_PER_OBJECT * is_object.sum(dim=1, keepdim=True)).clamp(min=_FEWEST_NEGATIVES)
    order = losses.masked_fill(is_object, -1.0).argsort(dim=1, descending=True)
    return (order.argsort(dim=1) < n_wanted) & ~is_object


class SsdDetector(DenseDetector[Options]):
    """The drop-in."""

    title = "SSD"
    options = Options

    def build(self, options: Options, n_classes: int) -> SsdNetwork:
        """A network with random weights."""
        return SsdNetwork(options, n_classes)


DETECTOR = SsdDetector()
