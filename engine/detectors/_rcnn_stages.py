"""The stages of a watched pass of the R-CNN family, made of its two looks at the picture.

Legend: A anchors, R regions, M detections.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torchvision.models.detection import FasterRCNN

from engine.detectors._arrays import Kept, anchor_stage, feature_stage, floats, input_stage, ints, selection_stage
from engine.detectors._rcnn_looks import LEAST_SIDE, FirstLook, SecondLook, Size, detected_rows
from engine.detectors._rcnn_parts import IMAGENET
from engine.detectors._watching import Calls
from engine.nn.backbones import STRIDES
from engine.nn.region_pool import CANONICAL_LEVEL, CANONICAL_SIDE, SAMPLES
from engine.tracing.rules import LeastScore, LeastSide, Most, Nms, TopK
from engine.tracing.stages import Anchors, Ints, Pooling, Scores, Selection, Stage

_LEVEL_NAMES = ("P2", "P3", "P4", "P5", "P6")


@dataclass(eq=False)
class RcnnStages:
    """Of one pass; each is made when it is first asked for."""

    rcnn: FasterRCNN
    calls: Calls
    size: Size
    first: FirstLook

    def all(self, second: SecondLook, parent: Ints, last: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """In order; `second` is what was said of regions, the proposals first, and `last` comes after detections."""
        batch = self.calls["transform"].given[0]
        n_asked = len(self.proposals.kept_rows)
        return (
            input_stage(batch.tensors, self.model_size, self.size, IMAGENET),
            feature_stage(list(self.features.values()), STRIDES, _LEVEL_NAMES),
            self.anchors, self.objectness, self.proposals, self.pooling(second.regions),
            self.regions(second, parent, n_asked), self.detections(second, n_asked), *last,
        )  # fmt: skip

    @cached_property
    def features(self) -> dict[str, Tensor]:
        """By level, each (1, C, h, w), on the network's device."""
        return dict(self.calls["backbone"].given)

    @cached_property
    def model_size(self) -> Size:
        """Height and width of the scaled picture."""
        height, width = self.calls["transform"].given[0].image_sizes[0]
        return (height, width)

    @cached_property
    def anchors(self) -> Anchors:
        """(A,) of the proposal network."""
        counts = self.calls["rpn.filter_proposals"].args[3]
        shapes = [(level.shape[2], level.shape[3]) for level in self.features.values()]
        grids = tuple((h, w, n // (h * w)) for (h, w), n in zip(shapes, counts, strict=True))
        return anchor_stage(self.calls["rpn.box_coder.decode"].args[1][0], grids, STRIDES, "anchors")

    @cached_property
    def objectness(self) -> Scores:
        """What the proposal network says of them."""
        first = self.first
        return Scores(
            name="objectness", of="anchors", parent=np.arange(len(first.boxes)), logits=floats(first.logits)[:, None],
            scores=floats(first.scores)[:, None], terms=floats(first.terms), boxes=floats(first.boxes),
            level=self.anchors.level, activation="sigmoid", coding="centre_size",
            weights=self.rcnn.rpn.box_coder.weights, rank=ints(first.rank)[:, None],
        )  # fmt: skip

    @cached_property
    def proposals(self) -> Selection:
        """What it keeps."""
        rpn = self.rcnn.rpn
        rules = (
            TopK(rpn.pre_nms_top_n(), "level"), LeastSide(rpn.min_size),
            LeastScore(rpn.score_thresh, is_inclusive=True), Nms(rpn.nms_thresh, "level"), Most(rpn.post_nms_top_n()),
        )  # fmt: skip
        boxes, scores = (each[0] for each in self.calls["rpn.filter_proposals"].given)
        kept = Kept(ints(self.first.kept), boxes, scores, torch.zeros_like(self.first.kept))
        return selection_stage("proposals", "objectness", rules, kept)

    def pooling(self, boxes: Tensor) -> Pooling:
        """Of (R, 4) regions."""
        pool = self.rcnn.roi_heads.box_roi_pool
        return Pooling(
            name="pooling", of="regions", level=ints(pool.levels_of(self.features, [boxes], [self.model_size])),
            strides=pool.strides(self.features, [self.model_size]), size=pool.output_size[0], n_samples=SAMPLES,
            canonical_side=CANONICAL_SIDE, canonical_level=CANONICAL_LEVEL, boxes=floats(boxes),
        )  # fmt: skip

    def regions(self, second: SecondLook, parent: Ints, n_asked: int) -> Scores:
        """What the box head says of regions; the first `n_asked` are those that the network itself asked about."""
        is_asked = None if n_asked == len(parent) else np.arange(len(parent)) < n_asked
        return Scores(
            name="regions", of="objectness", parent=parent, logits=floats(second.logits), scores=floats(second.scores),
            terms=floats(second.terms), boxes=floats(second.boxes), level=self.anchors.level[parent],
            activation="softmax", coding="centre_size", weights=self.rcnn.roi_heads.box_coder.weights,
            is_asked=is_asked,
        )  # fmt: skip

    def detections(self, second: SecondLook, n_asked: int) -> Selection:
        """(M,) what the network keeps of its own regions."""
        heads = self.rcnn.roi_heads
        rules = (
            LeastScore(heads.score_thresh), LeastSide(LEAST_SIDE), Nms(heads.nms_thresh, "class", first_group=1),
            Most(heads.detections_per_img),
        )  # fmt: skip
        boxes, scores, labels = (each[0] for each in self.calls["roi_heads.postprocess_detections"].given)
        rows = detected_rows(heads, second.begin(n_asked), [boxes, scores, labels])
        return selection_stage("detections", "regions", rules, Kept(ints(rows), boxes, scores, labels - 1))
