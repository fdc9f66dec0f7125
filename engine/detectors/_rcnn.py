"""The R-CNN family (Ren et al. 2015, He et al. 2017) on torchvision's modules: options, network and choices they share.

Inference runs through torchvision's own forward, so that every stage of it can be watched; training goes through the
same modules by its own short path, with truths in the frames of their objects.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

import torch
from msgspec import convert
from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.faster_rcnn import TwoMLPHead

from engine.detectors import _choices, _torchvision_portable
from engine.detectors._choices import Choice
from engine.detectors._lessons import Teaching
from engine.detectors._portable import Exportable, Portable
from engine.detectors._rcnn_lessons import rcnn_lessons
from engine.detectors._rcnn_losses import Framed, proposal_sums, region_sums
from engine.detectors._rcnn_parts import Anchors, BoxPredictor, Fit, ProposalHead, body_features, without_pixels
from engine.detectors._rcnn_tracing import RcnnWatched, watched_names
from engine.detectors._seam import Detected, Features, Network, Suggestion, Truth, Warmable
from engine.detectors._settling import Settable, settle_rcnn
from engine.detectors._survey import Survey
from engine.detectors._torchvision import TorchvisionNetwork, TorchvisionOptions, adopted, official
from engine.detectors._traceable import Traceable
from engine.detectors._watching import watching
from engine.nn import backbones
from engine.nn.priors import Coverage
from engine.nn.region_pool import RegionPool
from engine.nn.shares import WHOLE, LossSums, Share
from engine.nn.weights import Official, WeightsReport
from engine.options import option
from engine.tracing.stages import Stage
from engine.tracing.whatif import Settings

POOLED_LEVELS = ["0", "1", "2", "3"]
_WANTED_SIDE = 20.0
"""Model pixels a side that the smaller quarter of the objects shall have: five cells of the finest level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RcnnOptions(TorchvisionOptions):
    """What can be chosen about every network of the family."""

    pyramid_channels: int = option(
        128, "Width of the feature pyramid and of convolutions on its regions; 256 for large data sets."
    )
    head_channels: int = option(512, "Width of the layers that name and refine each box; 1024 for large data sets.")
    proposals_train: int = option(400, "Guessed boxes looked at per picture while training.")
    proposals_detect: int = option(600, "Guessed boxes looked at per picture while detecting.")
    regions_per_image: int = option(128, "Guessed boxes that the heads learn from per picture.")


class RcnnNetwork(TorchvisionNetwork, Warmable, Exportable, Traceable, Teaching, Settable):
    """A network of the family for K classes; `rcnn` is torchvision's, its class 0 is the background."""

    options: RcnnOptions

    def __init__(self, options: RcnnOptions, rcnn: FasterRCNN) -> None:
        super().__init__(options)
        self.rcnn = rcnn

    @property
    def backbone(self) -> nn.Module:
        """The trunk and its pyramid."""
        return cast(nn.Module, self.rcnn.backbone)

    @property
    def normed(self) -> nn.Module:
        """The trunk alone: the pyramid is new."""
        return cast(nn.Module, self.rcnn.backbone.body)

    def scale(self, height: int, width: int) -> float:
        """Model pixels per image pixel."""
        return float(self.rcnn.transform.scale(height, width))

    def loss_sums(
        self, pictures_model: Sequence[Tensor], truths_model: Sequence[Truth], share: Share = WHOLE
    ) -> LossSums:
        """Objectness and box of the proposals, class and box of the regions, and what else the heads give."""
        return self.sums_on(self.features(pictures_model, share), truths_model, share)

    def features(self, pictures_model: Sequence[Tensor], share: Share = WHOLE) -> Features:
        """The levels of the trunk."""
        return body_features(self.normed, self.rcnn.transform.batched(pictures_model, share.frame))

    def sums_on(self, features: Features, truths_model: Sequence[Truth], share: Share = WHOLE) -> LossSums:
        """Through the pyramid, the proposals and the heads."""
        batch = self._framed(features, truths_model, share)
        boxes, sums = proposal_sums(self.rcnn.rpn, batch)
        return {**sums, **region_sums(self.rcnn.roi_heads, batch, boxes)}

    def _framed(self, features: Features, truths_model: Sequence[Truth], share: Share) -> Framed:
        pictures, levels = without_pixels(features), backbones.above(self.backbone, features.levels)
        chance = [share.generator(at, pictures.tensors.device) for at in range(len(truths_model))]
        return Framed(pictures, levels, truths_model, chance)

    def lessons(self, picture_model: Tensor, truth_model: Truth, share: Share = WHOLE) -> tuple[Stage, ...]:
        """Anchors and regions, which of them are sampled, and mask targets where there are masks."""
        frame = self.rcnn.transform.batched([picture_model], share.frame)
        return rcnn_lessons(self.rcnn, self._framed(self.features([picture_model], share), [truth_model], share), frame)

    def detect(self, pictures: Sequence[Tensor]) -> list[Detected]:
        """Objects on each picture, best first."""
        return [self._detected(found) for found in self.rcnn([picture.float() / 255 for picture in pictures])]

    def settle(self, settings: Settings) -> bool:
        """Other numbers for both stages."""
        self.anchor_scale = settings.anchor_scale
        return settle_rcnn(self.rcnn, settings)

    def watch(self, picture: Tensor) -> RcnnWatched:
        """The same on one picture, watched."""
        with watching(self.rcnn, watched_names(self.rcnn)) as calls:
            found = self.detect([picture])[0]
        return RcnnWatched(self.rcnn, calls, (picture.shape[-2], picture.shape[-1]), found, self.own_points)

    def own_points(self, points: Tensor, _class_indices: Tensor) -> Tensor:
        """(N, P, 3) keypoints of detections as they are reported: not given where the class has no such point."""
        return points

    def portable(self, detector: str, class_names: Sequence[str]) -> Portable:
        """What sees pictures and each head as a part; proposals and regions are made of what they say outside."""
        return _torchvision_portable.rcnn(self.rcnn, detector, class_names)

    def _detected(self, found: Mapping[str, Tensor]) -> Detected:
        """One picture's results as torchvision names them."""
        return Detected(found["boxes"], found["scores"], found["labels"] - 1)


def rcnn(kind: type[FasterRCNN], options: RcnnOptions, n_outputs: int, **heads: nn.Module) -> FasterRCNN:
    """torchvision's network of this kind, `heads` beside those that all of them have; `n_outputs` with background."""
    channels = options.pyramid_channels
    anchors = _anchors(options)
    model = kind(
        backbones.pyramid(options.backbone, channels),
        rpn_anchor_generator=anchors,
        rpn_head=ProposalHead(channels, anchors.num_anchors_per_location()[0]),
        rpn_pre_nms_top_n_train=2 * options.proposals_train,
        rpn_post_nms_top_n_train=options.proposals_train,
        rpn_pre_nms_top_n_test=2 * options.proposals_detect,
        rpn_post_nms_top_n_test=options.proposals_detect,
        box_roi_pool=RegionPool(POOLED_LEVELS, 7),
        box_head=TwoMLPHead(channels * 49, options.head_channels),
        box_predictor=BoxPredictor(options.head_channels, n_outputs),
        box_score_thresh=options.score_threshold,
        box_nms_thresh=options.nms_iou,
        box_detections_per_img=options.detections_per_image,
        box_batch_size_per_image=options.regions_per_image,
        **heads,
    )
    model.transform = Fit(options.min_side, options.max_side)
    return model


def _anchors(options: RcnnOptions) -> Anchors:
    return Anchors(
        tuple((side,) for side in options.anchor_sides), (options.anchor_ratios,) * len(options.anchor_sides)
    )


OptionsT = TypeVar("OptionsT", bound=RcnnOptions)


class RcnnDetector(ABC, Generic[OptionsT]):
    """What the family's drop-ins have in common."""

    title: str
    options: type[OptionsT]
    has_masks = False

    def suggest(self, survey: Survey, device: torch.device, given: Mapping[str, Any]) -> Suggestion[OptionsT]:
        """Input size from the objects' sizes, anchors from their shapes, limits from their number."""
        size = _choices.input_size(survey, device, _WANTED_SIDE)
        options = convert({**size.chosen, **given}, self.options)
        shapes = _choices.shapes_model(survey, options.min_side, options.max_side)
        choices = (size, _choices.fitted_anchors(shapes), _limit(survey), *self._own_choices(survey))
        chosen = convert({**_choices.merged(choices), **given}, self.options)
        return Suggestion(chosen, _choices.reasons(choices, given))

    def covered(self, survey: Survey, options: OptionsT) -> Coverage:
        """How well the anchors cover the objects."""
        return _choices.covered(survey, options)

    def _own_choices(self, _survey: Survey) -> tuple[Choice, ...]:
        """What only this detector chooses."""
        return ()

    @abstractmethod
    def build(self, options: OptionsT, n_classes: int) -> RcnnNetwork:
        """A network with random weights."""

    def official(self, options: OptionsT) -> Official | None:
        """torchvision's ImageNet weights of the backbone."""
        return official(options)

    def adopt(self, network: Network, tensors: Mapping[str, Tensor]) -> tuple[WeightsReport, tuple[str, ...]]:
        """Take over an ImageNet classifier's layers, or all of another such network's that fit."""
        return adopted(network, tensors, "rcnn")


def _limit(survey: Survey) -> Choice:
    found = _choices.limit(survey)
    proposals = max(RcnnOptions().proposals_detect, 2 * found.chosen["detections_per_image"])
    return replace(found, chosen={**found.chosen, "proposals_detect": proposals})
