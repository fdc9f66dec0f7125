"""What a network of the R-CNN family is taught about one picture, as stages.

Legend: A anchors, N proposals and objects' own boxes, M regions on objects that have masks.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.image_list import ImageList

from engine.detectors._arrays import anchor_stage, floats, input_stage, ints
from engine.detectors._lessons import Lesson, grids_of, matched_of, taught_anchors
from engine.detectors._rcnn_losses import Framed, Sampled, anchor_lessons, mask_lessons, proposed, region_lessons
from engine.detectors._rcnn_parts import IMAGENET
from engine.detectors._seam import Truth
from engine.nn.backbones import STRIDES
from engine.tracing.stages import MaskTargets, Stage

_MASK_SIDE = 28
"""Cells a side that the mask heads give."""


def rcnn_lessons(rcnn: FasterRCNN, batch: Framed, frame: ImageList) -> tuple[Stage, ...]:
    """Of a batch of one picture, in the order in which the loss looks at it: what is sampled is the same."""
    (truth,), levels = batch.truths, list(batch.features.values())
    found = proposed(rcnn.rpn, batch)
    anchors = torch.cat([each.view(-1, 4) for each in found.grids])
    lessons = anchor_lessons(rcnn.rpn, batch, found.grids)
    (own,), (rows,) = lessons.matched, lessons.chosen
    regions = region_lessons(rcnn.roi_heads, batch, found.boxes)
    size = frame.image_sizes[0]
    return (
        input_stage(frame.tensors, size, size, IMAGENET),
        anchor_stage(anchors, grids_of(levels, len(anchors)), STRIDES, "anchors"),
        taught_anchors(anchors, Lesson(matched_of(own.labels, own.objects), _among(rows, anchors), "IoU"), truth),
        *_region_stages(rcnn, regions, truth),
    )


def _region_stages(rcnn: FasterRCNN, regions: Sampled, truth: Truth) -> tuple[Stage, ...]:
    (every,) = regions.every
    lesson = Lesson(
        matched_of(every.classes, every.matched), _among(every.rows, every.boxes), "IoU", "taught_regions", "regions"
    )
    taught = taught_anchors(every.boxes, lesson, truth)
    return (taught, _mask_targets(regions, truth)) if rcnn.roi_heads.has_mask() else (taught,)


def _mask_targets(regions: Sampled, truth: Truth) -> MaskTargets:
    """(M,) what the mask head is taught in each region."""
    (boxes,), objects = regions.on_objects([truth], [truth.has_mask])
    on_object = torch.where(regions.classes[0] > 0)[0]
    rows = regions.matched[0][on_object]
    rows = rows[truth.has_mask[rows]]
    cells = mask_lessons(objects, [boxes], _MASK_SIDE)[0]
    return MaskTargets(
        name="mask_targets", cells=floats(cells), boxes=floats(boxes), truth=ints(rows),
        truth_classes=ints(truth.class_indices[rows]),
    )  # fmt: skip


def _among(rows: Tensor, boxes: Tensor) -> Tensor:
    """(N,) bool: whether each box is one of these rows."""
    is_among = torch.zeros(len(boxes), dtype=torch.bool, device=boxes.device)
    is_among[rows] = True
    return is_among
