"""RetinaNet (Lin et al. 2017) on torchvision's modules: one stage over a feature pyramid, trained by the focal loss.

The towers of its head are normalised by groups, so that they learn from few pictures in small batches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor
from torchvision.models.detection import RetinaNet
from torchvision.models.detection._utils import Matcher
from torchvision.models.detection.retinanet import RetinaNetHead

from engine.detectors._dense import DenseDetector, DenseNetwork, DenseOptions, InFloat, LevelAnchors, group_norm
from engine.detectors._seam import Truth
from engine.nn import backbones
from engine.nn.shares import LossSum, LossSums
from engine.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(DenseOptions):
    """What can be chosen about a RetinaNet."""

    pyramid_channels: int = option(128, "Width of the feature pyramid and the heads; 256 for large data sets.")


class Head(InFloat, RetinaNetHead):  # type: ignore[misc]  # torchvision is untyped
    """torchvision's, in float32."""


class RetinaNetwork(DenseNetwork):
    """A RetinaNet for K classes."""

    family = "retinanet"

    def __init__(self, options: Options, n_classes: int) -> None:
        anchors = LevelAnchors(options)
        backbone = backbones.dense_pyramid(options.backbone, options.pyramid_channels)
        model = RetinaNet(
            backbone,
            n_classes,
            anchor_generator=anchors,
            head=Head(options.pyramid_channels, anchors.num_anchors_per_location()[0], n_classes, group_norm),
            score_thresh=options.score_threshold,
            nms_thresh=options.nms_iou,
            detections_per_img=options.detections_per_image,
        )
        super().__init__(options, model)

    def anchor_sums(self, outputs: Mapping[str, Tensor], anchors: list[Tensor], truths: Sequence[Truth]) -> LossSums:
        """The focal loss of the classes, and the distance of the boxes: means of pictures' means over their anchors."""
        targets = [{"boxes": each.boxes, "labels": each.class_indices} for each in truths]
        matched = [self.matched(*pair) for pair in zip(anchors, truths, strict=True)]
        found = cast(RetinaNet, self.model).head.compute_loss(targets, outputs, anchors, matched)
        names = {"loss_class": "classification", "loss_box": "bbox_regression"}
        return {name: LossSum(len(truths) * found[theirs], len(truths)) for name, theirs in names.items()}

    def learned(self, _outputs: Mapping[str, Tensor], _truths: Sequence[Truth], matched: Sequence[Tensor]) -> Tensor:
        """(B, A) all but those in between."""
        is_learned: Tensor = torch.stack(list(matched)) != Matcher.BETWEEN_THRESHOLDS
        return is_learned


class RetinaNetDetector(DenseDetector[Options]):
    """The drop-in."""

    title = "RetinaNet"
    options = Options

    def build(self, options: Options, n_classes: int) -> RetinaNetwork:
        """A network with random weights."""
        return RetinaNetwork(options, n_classes)


DETECTOR = RetinaNetDetector()
