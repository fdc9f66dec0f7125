"""The stages of a watched pass of SSD and RetinaNet.

Legend: A anchors over all levels, K classes, M detections.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor
from torchvision.ops import clip_boxes_to_image

from engine.detectors._arrays import Kept, anchor_stage, feature_stage, floats, input_stage, ints, selection_stage
from engine.detectors._picking import Limits, Picked, picked
from engine.detectors._rcnn_parts import IMAGENET
from engine.detectors._seam import Detected
from engine.detectors._traceable import Watched
from engine.detectors._watching import Calls
from engine.nn.backbones import DENSE_STRIDES
from engine.tracing.rules import LeastScore, Most, Nms, TopK
from engine.tracing.stages import Activation, Anchors, FeatureMaps, Input, Scores, Selection, Stage

WATCHED = ("transform", "backbone", "postprocess_detections")
"""What to watch of such a model while it detects."""


@dataclass(frozen=True, slots=True)
class Manners:
    """In what the families differ."""

    called: str
    """What the paper calls the boxes that cells guess from."""
    level_letter: str
    """C of levels as the trunk has them, P of those of a pyramid."""
    activation: Activation
    top_per: Literal["level", "class"]
    first_class: int
    """Columns of class logits that come before those of classes: 1 for a background."""


MANNERS = {
    "ssd": Manners("default boxes", "C", "softmax", "class", 1),
    "retinanet": Manners("anchors", "P", "sigmoid", "level", 0),
}


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What the head said of every anchor, and the anchors."""

    logits: Tensor
    """(A, K), (A, K + 1) with a background."""
    scores: Tensor
    """(A, K)"""
    terms: Tensor
    """(A, 4)"""
    anchors: Tensor
    boxes: Tensor
    """(A, 4) cut to the picture."""
    counts: tuple[int, ...]
    """Anchors of each level."""


@dataclass(eq=False)
class DenseWatched(Watched):
    """One pass of such a network on one picture; `model` is torchvision's."""

    model: Any
    manners: Manners
    calls: Calls
    size: tuple[int, int]
    """Height and width of the picture."""
    detected: Detected

    @torch.inference_mode()
    def stages(self) -> tuple[Stage, ...]:
        """All of them, in the order of the pass."""
        return (self.input, self.features, self.anchors, self.scores, self.detections)

    @property
    def input(self) -> Input:
        """The picture as it went in."""
        batch = self.calls["transform"].given[0]
        return input_stage(batch.tensors, self._model_size, self.size, IMAGENET)

    @property
    def features(self) -> FeatureMaps:
        """The levels on which the head works."""
        names = tuple(f"{self.manners.level_letter}{at + 3}" for at in range(len(self._levels)))
        return feature_stage(self._levels, DENSE_STRIDES, names)

    @cached_property
    def anchors(self) -> Anchors:
        """(A,) of all cells."""
        sizes = [(level.shape[2], level.shape[3]) for level in self._levels]
        grids = tuple((h, w, n // (h * w)) for (h, w), n in zip(sizes, self._told.counts, strict=True))
        return anchor_stage(self._told.anchors, grids, DENSE_STRIDES, self.manners.called)

    @property
    def scores(self) -> Scores:
        """What the head says of them."""
        told, rank = self._told, self._picked.rank
        return Scores(
            name="scores", of="anchors", parent=np.arange(len(told.boxes)), logits=floats(told.logits),
            scores=floats(told.scores), terms=floats(told.terms), boxes=floats(told.boxes), level=self.anchors.level,
            activation=self.manners.activation, coding="centre_size", weights=tuple(self.model.box_coder.weights),
            rank=None if rank is None else ints(rank),
        )  # fmt: skip

    @property
    def detections(self) -> Selection:
        """(M,) what the network keeps."""
        limits = self._limits
        rules = (
            LeastScore(limits.score), TopK(limits.n_candidates, self.manners.top_per),
            Nms(limits.iou, "class", first_group=limits.first_class), Most(limits.n_most),
        )  # fmt: skip
        return selection_stage("detections", "scores", rules, Kept(ints(self._picked.rows), *self._own))

    @property
    def _levels(self) -> list[Tensor]:
        return list(self.calls["backbone"].given.values())

    @property
    def _model_size(self) -> tuple[int, int]:
        height, width = self.calls["transform"].given[0].image_sizes[0]
        return (height, width)

    @property
    def _own(self) -> tuple[Tensor, Tensor, Tensor]:
        """Boxes, scores and classes of the detections, in model space."""
        found = self.calls["postprocess_detections"].given[0]
        return found["boxes"], found["scores"], found["labels"] - self.manners.first_class

    @property
    def _limits(self) -> Limits:
        model = self.model
        return Limits(
            model.score_thresh, model.topk_candidates, model.nms_thresh, model.detections_per_img,
            self.manners.first_class,
        )  # fmt: skip

    @cached_property
    def _told(self) -> Told:
        """As the network itself computed it: level by level where its steps are."""
        first, size, levels = self.manners.first_class, self._model_size, self._told_levels()
        scores = [_certain(logits, self.manners.activation)[:, first:] for logits, _, _ in levels]
        boxes = [self.model.box_coder.decode_single(terms, own) for _, terms, own in levels]
        logits, terms, own = (torch.cat(column) for column in zip(*levels, strict=True))
        cut = clip_boxes_to_image(torch.cat(boxes), size)
        return Told(logits, torch.cat(scores), terms, own, cut, self._counts())

    def _told_levels(self) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Class logits, box terms and anchors: by level from a RetinaNet, of all levels together from an SSD."""
        outputs, anchors, _ = self.calls["postprocess_detections"].args
        told = (outputs["cls_logits"], outputs["bbox_regression"])
        if self.manners.top_per == "class":
            return [(*(each[0] for each in told), anchors[0])]
        return list(zip(*([level[0] for level in each] for each in told), anchors[0], strict=True))

    def _counts(self) -> tuple[int, ...]:
        per_cell = self.model.anchor_generator.num_anchors_per_location()
        return tuple(level[0, 0].numel() * k for level, k in zip(self._levels, per_cell, strict=True))

    @cached_property
    def _picked(self) -> Picked:
        return picked(self._told.boxes, self._told.scores, self._groups(), self._limits, self._own)

    def _groups(self) -> list[slice]:
        """Keys of the pairs among which each top-k chooses."""
        n_rows, n_classes = self._told.scores.shape
        if self.manners.top_per == "class":
            return [slice(at, n_rows * n_classes, n_classes) for at in range(n_classes)]
        ends = np.cumsum(self._told.counts) * n_classes
        return [slice(int(end) - n * n_classes, int(end)) for end, n in zip(ends, self._told.counts, strict=True)]


def _certain(logits: Tensor, activation: Activation) -> Tensor:
    return logits.softmax(-1) if activation == "softmax" else logits.sigmoid()
