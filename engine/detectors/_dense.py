"""One-stage detectors on torchvision's modules: options, network and choices that SSD and RetinaNet share.

Every cell of every level guesses from each of its anchors at once; there are no proposals. Inference runs through
torchvision's own forward, so that every stage of it can be watched; training goes through the same modules.

Legend: B pictures, A anchors over all levels, K classes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar, cast

import torch
from msgspec import convert
from torch import Tensor, nn
from torchvision.ops import box_iou

from engine.detectors import _choices, _torchvision_portable
from engine.detectors._arrays import anchor_stage, input_stage
from engine.detectors._dense_tracing import MANNERS, WATCHED, DenseWatched
from engine.detectors._lessons import Lesson, Teaching, grids_of, taught_anchors
from engine.detectors._portable import Exportable, Portable
from engine.detectors._rcnn_parts import IMAGENET, Anchors, Fit, body_features, without_pixels
from engine.detectors._seam import Detected, Features, Network, Suggestion, Truth, Warmable
from engine.detectors._settling import Settable, settle_dense
from engine.detectors._survey import Survey
from engine.detectors._torchvision import TorchvisionNetwork, TorchvisionOptions, adopted, official
from engine.detectors._traceable import Traceable
from engine.detectors._watching import watching
from engine.nn import backbones
from engine.nn.priors import Coverage
from engine.nn.shares import WHOLE, LossSums, Share
from engine.nn.weights import Official, WeightsReport
from engine.options import option
from engine.tracing.stages import Stage
from engine.tracing.whatif import Settings

_WANTED_SIDE = 24.0
"""Model pixels a side that the smaller quarter of the objects shall have: three cells of the finest level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DenseOptions(TorchvisionOptions):
    """What can be chosen about every one-stage network."""

    anchor_sides: tuple[float, ...] = option(
        (24.0, 48.0, 96.0, 192.0, 384.0), "Sides of the boxes from which objects are guessed, one for each of 5 levels."
    )
    sizes_per_level: int = option(
        2, "Sizes of such boxes on each level, evenly between its side and the next one's; more fit better, slower."
    )

    @property
    def scales(self) -> tuple[float, ...]:
        """By how much the boxes of a level are larger than its side."""
        return tuple(2 ** (at / self.sizes_per_level) for at in range(self.sizes_per_level))


class LevelAnchors(Anchors):
    """Anchors whose distance is the stride of their level, however much a picture is padded."""

    def __init__(self, options: DenseOptions) -> None:
        sides = tuple(tuple(side * scale for scale in options.scales) for side in options.anchor_sides)
        super().__init__(sides, (options.anchor_ratios,) * len(sides))

    def grid_anchors(self, grid_sizes: list[list[int]], strides: list[list[Tensor]]) -> list[Tensor]:
        """By level, (cells x anchors per cell, 4); the strides that torchvision guesses from the grids are ignored."""
        fixed = [[torch.full_like(each, step) for each in pair] for pair, step in zip(strides, _STRIDES, strict=True)]
        return cast(list[Tensor], super().grid_anchors(grid_sizes, fixed))


_STRIDES = backbones.DENSE_STRIDES


class InFloat:
    """Makes a torchvision head give float32 whatever its features are: its results are compared and added to boxes."""

    def forward(self, levels: list[Tensor]) -> dict[str, Tensor]:
        """Class logits and box deltas of all anchors: 'cls_logits' (B, A, K or K + 1), 'bbox_regression' (B, A, 4)."""
        found: Mapping[str, Tensor] = super().forward(levels)  # type: ignore[misc]
        return {name: each.float() for name, each in found.items()}


def group_norm(channels: int) -> nn.GroupNorm:
    """A norm that does not mind batches of one picture and levels of one cell."""
    return nn.GroupNorm(8, channels)


class Dense(Protocol):
    """What torchvision's one-stage networks have in common."""

    backbone: nn.Module
    head: nn.Module
    anchor_generator: nn.Module
    proposal_matcher: Callable[[Tensor], Tensor]
    transform: Fit

    def __call__(self, pictures: list[Tensor]) -> list[dict[str, Tensor]]:
        """Boxes, scores and labels of each picture."""
        ...


class DenseNetwork(TorchvisionNetwork, Warmable, Exportable, Traceable, Teaching, Settable):
    """A one-stage network for K classes; `model` is torchvision's."""

    options: DenseOptions
    family: Literal["ssd", "retinanet"]
    first_class = 0
    """torchvision's number of the first class: 1 where 0 is the background."""

    def __init__(self, options: DenseOptions, model: nn.Module) -> None:
        super().__init__(options)
        self.model = model
        model.transform = Fit(options.min_side, options.max_side)

    @property
    def dense(self) -> Dense:
        """The same model, with what we know of it."""
        return cast(Dense, self.model)

    @property
    def backbone(self) -> nn.Module:
        """The trunk and its levels."""
        return self.dense.backbone

    def scale(self, height: int, width: int) -> float:
        """Model pixels per image pixel."""
        return self.dense.transform.scale(height, width)

    def loss_sums(
        self, pictures_model: Sequence[Tensor], truths_model: Sequence[Truth], share: Share = WHOLE
    ) -> LossSums:
        """Class and box of the anchors."""
        return self.sums_on(self.features(pictures_model, share), truths_model, share)

    def features(self, pictures_model: Sequence[Tensor], share: Share = WHOLE) -> Features:
        """The levels of the trunk."""
        batch = self.dense.transform.batched(pictures_model, share.frame)
        return body_features(self.backbone.get_submodule("body"), batch)

    def sums_on(self, features: Features, truths_model: Sequence[Truth], share: Share = WHOLE) -> LossSums:
        """Through the pyramid, or what else makes levels of them, and the head."""
        levels = list(backbones.above(self.backbone, features.levels).values())
        anchors = self.dense.anchor_generator(without_pixels(features), levels)
        return self.anchor_sums(self.dense.head(levels), anchors, truths_model)

    def matched(self, anchors: Tensor, truth: Truth) -> Tensor:
        """(A,) the object that each anchor stands for: -1 for the background, -2 in between, which teaches nothing."""
        if not len(truth):
            return torch.full((len(anchors),), -1, device=anchors.device)
        found: Tensor = self.dense.proposal_matcher(box_iou(truth.boxes, anchors))
        return found

    @abstractmethod
    def learned(self, outputs: Mapping[str, Tensor], truths: Sequence[Truth], matched: Sequence[Tensor]) -> Tensor:
        """(B, A) bool: the anchors whose classes teach; `matched` as above, by picture."""

    def lessons(self, picture_model: Tensor, truth_model: Truth, _share: Share = WHOLE) -> tuple[Stage, ...]:
        """Which anchors stand for which objects."""
        features = self.features([picture_model])
        levels = list(backbones.above(self.backbone, features.levels).values())
        (anchors,) = self.dense.anchor_generator(without_pixels(features), levels)
        matched = self.matched(anchors, truth_model)
        learned = self.learned(self.dense.head(levels), [truth_model], [matched])[0]
        batch = self.dense.transform.batched([picture_model])
        return (
            input_stage(batch.tensors, batch.image_sizes[0], batch.image_sizes[0], IMAGENET),
            anchor_stage(anchors, grids_of(levels, len(anchors)), backbones.DENSE_STRIDES, MANNERS[self.family].called),
            taught_anchors(anchors, Lesson(matched, learned, "IoU"), truth_model),
        )

    @abstractmethod
    def anchor_sums(self, outputs: Mapping[str, Tensor], anchors: list[Tensor], truths: Sequence[Truth]) -> LossSums:
        """From what the head gives, for anchors (A, 4) on each picture."""

    def detect(self, pictures: Sequence[Tensor]) -> list[Detected]:
        """Objects on each picture, best first."""
        found = self.dense([picture.float() / 255 for picture in pictures])
        return [Detected(each["boxes"], each["scores"], each["labels"] - self.first_class) for each in found]

    def settle(self, settings: Settings) -> bool:
        """Other numbers."""
        self.anchor_scale = settings.anchor_scale
        return settle_dense(self.model, settings)

    def watch(self, picture: Tensor) -> DenseWatched:
        """The same on one picture, watched."""
        with watching(self.model, WATCHED) as calls:
            found = self.detect([picture])[0]
        return DenseWatched(self.model, MANNERS[self.family], calls, (picture.shape[-2], picture.shape[-1]), found)

    def portable(self, detector: str, class_names: Sequence[str]) -> Portable:
        """Trunk, levels and head as one part; boxes are made of what it says outside."""
        return _torchvision_portable.dense(self.model, self.family, detector, class_names)


OptionsT = TypeVar("OptionsT", bound=DenseOptions)


class DenseDetector(ABC, Generic[OptionsT]):
    """What the one-stage drop-ins have in common."""

    title: str
    options: type[OptionsT]
    has_masks = False

    def suggest(self, survey: Survey, device: torch.device, given: Mapping[str, Any]) -> Suggestion[OptionsT]:
        """Input size from the objects' sizes, anchors from their shapes, limits from their number."""
        size = _choices.input_size(survey, device, _WANTED_SIDE)
        options = convert({**size.chosen, **given}, self.options)
        shapes = _choices.shapes_model(survey, options.min_side, options.max_side)
        choices = (size, _choices.fitted_anchors(shapes, options.scales), _choices.limit(survey))
        chosen = convert({**_choices.merged(choices), **given}, self.options)
        return Suggestion(chosen, _choices.reasons(choices, given))

    def covered(self, survey: Survey, options: OptionsT) -> Coverage:
        """How well the anchors cover the objects."""
        return _choices.covered(survey, options, options.scales)

    @abstractmethod
    def build(self, options: OptionsT, n_classes: int) -> DenseNetwork:
        """A network with random weights."""

    def official(self, options: OptionsT) -> Official | None:
        """torchvision's ImageNet weights of the backbone."""
        return official(options)

    def adopt(self, network: Network, tensors: Mapping[str, Tensor]) -> tuple[WeightsReport, tuple[str, ...]]:
        """Take over an ImageNet classifier's layers, or all of another such network's that fit."""
        return adopted(network, tensors, "model")
