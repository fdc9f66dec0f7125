"""Mask R-CNN (He et al. 2017) on torchvision's modules, with defaults for small pictures, few of them, and a CPU.

Inference runs through torchvision's own forward, so that every stage of it can be watched; training goes through the
same modules by its own short path, with mask truths in the frames of their objects.

Legend: P proposals or sampled regions over all pictures, K classes; class 0 of the network is the background.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import torch
from msgspec import convert
from torch import Tensor
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.faster_rcnn import TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads
from torchvision.models.detection.transform import resize_boxes
from torchvision.ops import clip_boxes_to_image

from engine.detectors._rcnn_parts import (
    IMAGENET,
    Anchors,
    BoxPredictor,
    Fit,
    ProposalHead,
    Proposed,
    mask_predictor,
    region_losses,
    rpn_truths,
)
from engine.detectors._seam import Detected, Losses, Network, Promptable, Seen, Suggestion, Truth, option
from engine.detectors._survey import Survey
from engine.nn import backbones, priors
from engine.nn.region_pool import RegionPool
from engine.nn.weights import Naming, Official, WeightsReport, adopt

_WANTED_SIDE = 20.0
"""Model pixels a side that the smaller quarter of the objects shall have: five cells of the finest level."""
_POOLED_LEVELS = ["0", "1", "2", "3"]
_SMALLEST_SIDE, _LARGEST_SIDE_CPU, _LARGEST_SIDE_GPU = 320, 640, 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen about a Mask R-CNN."""

    backbone: Literal["mobilenet_v2", "resnet50"] = option(
        "mobilenet_v2", "The pretrained image network below: the small one trains on a CPU, the large one wants a GPU."
    )
    min_side: int = option(
        512, "Pictures are scaled so that their shorter side has this many pixels; more sees smaller objects, slower."
    )
    max_side: int = option(1024, "Limit of the longer side after scaling.")
    detections_per_image: int = option(300, "The most objects reported on one picture.")
    score_threshold: float = option(0.05, "Detections less certain than this are dropped.")
    nms_iou: float = option(0.5, "Of two detections that overlap more than this, the less certain one is dropped.")
    anchor_sides: tuple[float, ...] = option(
        (16.0, 32.0, 64.0, 128.0, 256.0), "Sides of the boxes from which objects are guessed, one per pyramid level."
    )
    anchor_ratios: tuple[float, ...] = option((0.5, 1.0, 2.0), "Height to width ratios of those boxes.")
    pyramid_channels: int = option(128, "Width of the feature pyramid and the mask head; 256 for large data sets.")
    head_channels: int = option(512, "Width of the layers that name and refine each box; 1024 for large data sets.")
    proposals_train: int = option(400, "Guessed boxes looked at per picture while training.")
    proposals_detect: int = option(600, "Guessed boxes looked at per picture while detecting.")
    regions_per_image: int = option(128, "Guessed boxes that the heads learn from per picture.")


class MaskRcnn(Network, Promptable):
    """A Mask R-CNN for K classes; `rcnn` is torchvision's."""

    normalisation = IMAGENET

    def __init__(self, options: Options, n_classes: int) -> None:
        super().__init__()
        self.options = options
        self.rcnn = _rcnn(options, n_classes + 1)
        self._is_held = False

    def scale(self, height: int, width: int) -> float:
        """Model pixels per image pixel."""
        return float(self.rcnn.transform.scale(height, width))

    def loss(self, pictures_model: Sequence[Tensor], truths_model: Sequence[Truth]) -> Losses:
        """Objectness and box of the proposals, class and box of the regions, and their masks."""
        batch = self.rcnn.transform.batched(pictures_model)
        features = self.rcnn.backbone(batch.tensors)
        boxes, rpn_losses = self.rcnn.rpn(batch, features, rpn_truths(truths_model))
        proposed = Proposed(features, batch.image_sizes, boxes)
        return {**rpn_losses, **region_losses(self.rcnn.roi_heads, proposed, truths_model)}

    def detect(self, pictures: Sequence[Tensor]) -> list[Detected]:
        """Objects on each picture, best first."""
        found = self.rcnn([picture.float() / 255 for picture in pictures])
        return [Detected(each["boxes"], each["scores"], each["labels"] - 1, each["masks"][:, 0]) for each in found]

    def look(self, picture: Tensor) -> Seen:
        """The feature pyramid of a picture."""
        batch, _ = self.rcnn.transform([picture.float() / 255])
        height, width = picture.shape[-2:]
        return Seen(dict(self.rcnn.backbone(batch.tensors)), batch.image_sizes[0], (height, width))

    def masks_in(self, seen: Seen, boxes: Tensor, class_indices: Tensor) -> Detected:
        """The boxes as regions of interest: the box head names them, the mask head paints them."""
        boxes = clip_boxes_to_image(boxes, seen.size)
        regions = [resize_boxes(boxes, seen.size, seen.model_size)]
        shares = self._class_shares(seen, regions)
        classes = torch.where(class_indices < 0, shares[:, 1:].argmax(dim=1), class_indices)
        own = (torch.arange(len(boxes), device=boxes.device), classes + 1)
        return Detected(boxes, shares[own], classes, self._mask_logits(seen, regions)[own].sigmoid())

    def _class_shares(self, seen: Seen, regions: list[Tensor]) -> Tensor:
        """(N, K + 1) how probable each class is in each region, the background first."""
        heads = self.rcnn.roi_heads
        pooled = heads.box_roi_pool(seen.features, regions, [seen.model_size])
        logits, _ = heads.box_predictor(heads.box_head(pooled))
        return cast(Tensor, logits.softmax(dim=-1))

    def _mask_logits(self, seen: Seen, regions: list[Tensor]) -> Tensor:
        """(N, K + 1, M, M) of every class in each region."""
        heads = self.rcnn.roi_heads
        pooled = heads.mask_roi_pool(seen.features, regions, [seen.model_size])
        return cast(Tensor, heads.mask_predictor(heads.mask_head(pooled)))

    def hold(self) -> None:
        """Keep the pretrained stem and the statistics and scales of the norms as they are."""
        backbones.hold(self.rcnn.backbone, self.options.backbone)
        self._is_held = True
        self.train(self.training)

    def train(self, mode: bool = True) -> MaskRcnn:
        """As torch's, except that held norms stay in eval mode."""
        super().train(mode)
        if self._is_held:
            for norm in backbones.norms(self.rcnn.backbone.body):
                norm.eval()
        return self


def _rcnn(options: Options, n_outputs: int) -> MaskRCNN:
    channels = options.pyramid_channels
    anchors = _anchors(options)
    model = MaskRCNN(
        backbones.pyramid(options.backbone, channels),
        rpn_anchor_generator=anchors,
        rpn_head=ProposalHead(channels, anchors.num_anchors_per_location()[0]),
        rpn_pre_nms_top_n_train=2 * options.proposals_train,
        rpn_post_nms_top_n_train=options.proposals_train,
        rpn_pre_nms_top_n_test=2 * options.proposals_detect,
        rpn_post_nms_top_n_test=options.proposals_detect,
        box_roi_pool=RegionPool(_POOLED_LEVELS, 7),
        mask_roi_pool=RegionPool(_POOLED_LEVELS, 14),
        box_head=TwoMLPHead(channels * 49, options.head_channels),
        box_predictor=BoxPredictor(options.head_channels, n_outputs),
        box_score_thresh=options.score_threshold,
        box_nms_thresh=options.nms_iou,
        box_detections_per_img=options.detections_per_image,
        box_batch_size_per_image=options.regions_per_image,
        mask_head=MaskRCNNHeads(channels, [channels] * 4, 1),
        mask_predictor=mask_predictor(channels, n_outputs),
    )
    model.transform = Fit(options.min_side, options.max_side)
    return model


def _anchors(options: Options) -> Anchors:
    return Anchors(
        tuple((side,) for side in options.anchor_sides), (options.anchor_ratios,) * len(options.anchor_sides)
    )


class MaskRcnnDetector:
    """The drop-in."""

    title = "Mask R-CNN"
    options = Options
    has_masks = True

    def suggest(self, survey: Survey, device: torch.device, given: Mapping[str, Any]) -> Suggestion[Options]:
        """Input size from the objects' sizes, anchors from their shapes, limits from their number."""
        size = _input_size(survey, device)
        options = convert({**size.chosen, **given}, Options)
        choices = (size, _fitted_anchors(survey, options), _limit(survey))
        chosen = {name: value for choice in choices for name, value in choice.chosen.items()}
        reasons = tuple(choice.reason for choice in choices if not choice.chosen.keys() & given.keys())
        return Suggestion(convert({**chosen, **given}, Options), reasons)

    def build(self, options: Options, n_classes: int) -> MaskRcnn:
        """A network with random weights."""
        return MaskRcnn(options, n_classes)

    def official(self, options: Options) -> Official | None:
        """torchvision's ImageNet weights of the backbone."""
        weights = backbones.trunk(options.backbone).official
        return Official(str(weights), weights.url)

    def adopt(self, network: Network, tensors: Mapping[str, Tensor]) -> tuple[WeightsReport, tuple[str, ...]]:
        """Take over an ImageNet classifier's layers, or all of another Mask R-CNN's that fit."""
        name = network.options.backbone if isinstance(network, MaskRcnn) else ""
        prefix = backbones.trunk(name).prefix
        return adopt(network, tensors, (Naming(prefix, "rcnn.backbone.body."), Naming("", "")))


DETECTOR = MaskRcnnDetector()


@dataclass(frozen=True, slots=True)
class _Choice:
    """Some options chosen from the data, and why."""

    chosen: Mapping[str, Any]
    reason: str


def _input_size(survey: Survey, device: torch.device) -> _Choice:
    """The shorter side, a multiple of 32, at which the smaller quarter of the objects is well seen."""
    if not len(survey.boxes):
        return _Choice({}, "Pictures are scaled as usual: there are no objects to choose a size from.")
    most = _LARGEST_SIDE_CPU if device.type == "cpu" else _LARGEST_SIDE_GPU
    small = max(float(np.quantile(survey.sides, 0.25)), 1.0)
    wanted = _WANTED_SIDE / small * float(np.median(survey.sizes.min(axis=1)))
    side = int(np.clip(round(wanted / 32) * 32, _SMALLEST_SIDE, most))
    why = f"a quarter of the objects is smaller than {small:.0f} pixels"
    chosen = {"min_side": side, "max_side": 2 * side}
    return _Choice(chosen, f"Pictures are scaled to a shorter side of {side} pixels: {why}.")


def _fitted_anchors(survey: Survey, options: Options) -> _Choice:
    shorter, longer = survey.sizes.min(axis=1), survey.sizes.max(axis=1)
    boxes = survey.scaled(np.minimum(options.min_side / shorter, options.max_side / longer))
    anchors = priors.fit(boxes[:, 2:] - boxes[:, :2])
    sides = ", ".join(f"{side:.0f}" for side in anchors.sides)
    covers = f"mean best IoU {anchors.mean_best_iou:.2f}, {anchors.share_above_half:.0%} above 0.5"
    chosen = {"anchor_sides": anchors.sides, "anchor_ratios": anchors.ratios}
    return _Choice(chosen, f"Anchors of {sides} pixels cover the objects' shapes: {covers}.")


def _limit(survey: Survey) -> _Choice:
    most = survey.most_per_picture
    limit = int(np.clip(100 * np.ceil(2 * most / 100), 300, 2000))
    chosen = {"detections_per_image": limit, "proposals_detect": max(Options().proposals_detect, 2 * limit)}
    return _Choice(chosen, f"Up to {limit} detections a picture: the fullest one has {most} objects.")
