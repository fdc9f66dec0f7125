"""What the R-CNN family learns from: the training path of its proposals and of its region heads.

torchvision's modules and its matching, with losses as sums (engine.nn.shares) and samples that depend on their own
picture alone, so that a batch may be shared by several processes. The losses are those of torchvision.

Legend: B pictures, A anchors of a picture over all levels, S sampled regions over all pictures, R of them on objects
that have what is learned there (a mask, keypoints), P keypoints, K classes (0 is the background).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, smooth_l1_loss
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import RoIHeads, keypoints_to_heatmap
from torchvision.models.detection.rpn import RegionProposalNetwork, concat_box_prediction_layers

from engine.detectors._rcnn_parts import Sizes
from engine.detectors._seam import Truth
from engine.nn import mask_cells
from engine.nn.anchor_matching import Matched, matched
from engine.nn.region_sampling import sampled
from engine.nn.shares import LossSum, LossSums

_BETA = 1 / 9
"""Where the distance of boxes turns from squares to a straight line."""


@dataclass(frozen=True, slots=True, eq=False)
class Framed:
    """A batch as the proposal network and the region heads look at it."""

    pictures: ImageList
    features: dict[str, Tensor]
    truths: Sequence[Truth]
    chance: Sequence[torch.Generator]
    """By picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """What a region head looks at: features of a batch, its frame for every picture, boxes on each."""

    features: dict[str, Tensor]
    sizes: Sizes
    boxes: list[Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Boxes of one picture, proposals and its objects' own, and what they are compared with."""

    boxes: Tensor
    matched: Tensor
    """The object of each; where there is none, anything."""
    classes: Tensor
    """0 is the background, -1 teaches nothing."""
    rows: Tensor
    """(S,) those that are sampled."""


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """The regions that the heads learn from; lists are by picture, an entry for each of its regions."""

    regions: list[Tensor]
    matched: list[Tensor]
    """The object that each region is compared with; where there is none, anything."""
    classes: list[Tensor]
    """0 is the background."""
    box_targets: list[Tensor]

    every: list[Matches]
    """What they were sampled from."""

    def on_objects(self, truths: Sequence[Truth], useful: Sequence[Tensor]) -> tuple[list[Tensor], list[Truth]]:
        """The regions that lie on an object that is useful, (N,) bool by picture, and the object of each of them."""
        boxes, objects = [], []
        for at, truth in enumerate(truths):
            on_object = torch.where(self.classes[at] > 0)[0]
            chosen = on_object[useful[at][self.matched[at][on_object]]]
            boxes.append(self.regions[at][chosen])
            objects.append(truth.pick(self.matched[at][chosen]))
        return boxes, objects


@dataclass(frozen=True, slots=True, eq=False)
class Proposed:
    """What the proposal network says of a batch."""

    boxes: list[Tensor]
    """By picture."""
    grids: list[Tensor]
    """(H, W, K, 4) anchors by level, the same for every picture."""
    guessed: Tensor
    """(B A, 5) objectness and box deltas of every anchor."""


@dataclass(frozen=True, slots=True, eq=False)
class AnchorLessons:
    """What the anchors of a batch are taught; by picture."""

    matched: list[Matched]
    chosen: list[Tensor]
    """(S,) the anchors that are sampled."""


def proposal_sums(rpn: RegionProposalNetwork, batch: Framed) -> tuple[list[Tensor], LossSums]:
    """The boxes that are proposed on each picture; losses of a sample of the anchors, whether and where objects are."""
    found = proposed(rpn, batch)
    return found.boxes, _anchor_sums(rpn, batch, found)


def proposed(rpn: RegionProposalNetwork, batch: Framed) -> Proposed:
    """The boxes that are proposed on each picture, and what they were made of."""
    levels = list(batch.features.values())
    by_level, deltas_by_level = rpn.head(levels)
    anchors = rpn.anchor_generator(batch.pictures, levels)
    n_per_level = [each[0].numel() for each in by_level]
    objectness, deltas = concat_box_prediction_layers(by_level, deltas_by_level)
    guessed = rpn.box_coder.decode(deltas.detach(), anchors).view(len(anchors), -1, 4)
    boxes, _ = rpn.filter_proposals(guessed, objectness, batch.pictures.image_sizes, n_per_level)
    return Proposed(boxes, _grids(anchors[0], levels), torch.cat([objectness, deltas], dim=1))


def _grids(anchors: Tensor, levels: Sequence[Tensor]) -> list[Tensor]:
    """(H, W, K, 4) by level of the (A, 4) anchors that every picture of a batch has."""
    cells = [(each.shape[-2], each.shape[-1]) for each in levels]
    n_per_cell = len(anchors) // sum(height * width for height, width in cells)
    sizes = [height * width * n_per_cell for height, width in cells]
    parts: Sequence[Tensor] = anchors.split(sizes)  # type: ignore[no-untyped-call]
    return [part.view(*size, n_per_cell, 4) for part, size in zip(parts, cells, strict=True)]


def anchor_lessons(rpn: RegionProposalNetwork, batch: Framed, grids: list[Tensor]) -> AnchorLessons:
    """Which anchors stand for which objects, and which of them are sampled."""
    matcher = rpn.proposal_matcher
    found = [matched(grids, each.boxes, matcher.low_threshold, matcher.high_threshold) for each in batch.truths]
    return AnchorLessons(found, _sample(rpn.fg_bg_sampler, [each.labels for each in found], batch.chance))


def _anchor_sums(rpn: RegionProposalNetwork, batch: Framed, told_of: Proposed) -> LossSums:
    anchors = torch.cat([each.view(-1, 4) for each in told_of.grids])
    known = [each.boxes if len(each) else each.boxes.new_zeros((1, 4)) for each in batch.truths]
    lessons = anchor_lessons(rpn, batch, told_of.grids)
    found, chosen = lessons.matched, lessons.chosen
    rows = torch.cat([at * len(anchors) + picked for at, picked in enumerate(chosen)])
    label = torch.cat([each.labels[picked] for each, picked in zip(found, chosen, strict=True)])
    own = [boxes[each.objects[picked]] for boxes, each, picked in zip(known, found, chosen, strict=True)]
    wanted = torch.cat(rpn.box_coder.encode(own, [anchors[picked] for picked in chosen]))
    is_object = label >= 1
    told = told_of.guessed[rows]
    entropy = binary_cross_entropy_with_logits(told[:, 0], label, reduction="sum")
    distance = smooth_l1_loss(told[is_object, 1:], wanted[is_object], beta=_BETA, reduction="sum")
    return {"loss_objectness": LossSum(entropy, len(rows)), "loss_rpn_box_reg": LossSum(distance, len(rows))}


def _sample(sampler: nn.Module, labels: Sequence[Tensor], chance: Sequence[torch.Generator]) -> list[Tensor]:
    """By picture, what torchvision's sampler is set to choose; it would draw from one source for all pictures."""
    n_wanted, positive_share = cast(int, sampler.batch_size_per_image), cast(float, sampler.positive_fraction)
    return [sampled(each, n_wanted, positive_share, drawn) for each, drawn in zip(labels, chance, strict=True)]


def region_sums(heads: RoIHeads, batch: Framed, proposed: list[Tensor]) -> LossSums:
    """Losses of class and box over a sample of the proposals, and of masks and keypoints where there are such heads."""
    chosen = region_lessons(heads, batch, proposed)
    # The frame, not the pictures: a level's scale is found by comparing its size with this.
    frame = (batch.pictures.tensors.shape[-2], batch.pictures.tensors.shape[-1])
    regions = Regions(batch.features, [frame] * len(proposed), chosen.regions)
    sums = _box_sums(heads, regions, chosen)
    if heads.has_mask():
        boxes, objects = chosen.on_objects(batch.truths, [each.has_mask for each in batch.truths])
        sums["loss_mask"] = _mask_sum(heads, replace(regions, boxes=boxes), objects)
    if heads.has_keypoint():
        has_any = [(each.keypoints[..., 2] > 0).any(dim=1) for each in batch.truths]
        boxes, objects = chosen.on_objects(batch.truths, has_any)
        sums["loss_keypoint"] = _keypoint_sum(heads, replace(regions, boxes=boxes), objects)
    return sums


def region_lessons(heads: RoIHeads, batch: Framed, proposed: list[Tensor]) -> Sampled:
    """Which of the proposals and the objects' own boxes are sampled, and what each of them is compared with."""
    objects = [each.boxes for each in batch.truths]
    regions = heads.add_gt_proposals(proposed, objects)
    labels = [each.class_indices + 1 for each in batch.truths]
    matched, classes = heads.assign_targets_to_proposals(regions, objects, labels)
    rows = _sample(heads.fg_bg_sampler, classes, batch.chance)
    every = [Matches(*each) for each in zip(regions, matched, classes, rows, strict=True)]
    regions, matched, classes = (
        [each[picked] for each, picked in zip(values, rows, strict=True)] for values in (regions, matched, classes)
    )
    # On a picture without objects every region is background, and is compared with a box that stands for nothing.
    known = [each if len(each) else each.new_zeros((1, 4)) for each in objects]
    own = [each[picked] for each, picked in zip(known, matched, strict=True)]
    return Sampled(regions, matched, classes, list(heads.box_coder.encode(own, regions)), every)


def _box_sums(heads: RoIHeads, regions: Regions, chosen: Sampled) -> dict[str, LossSum]:
    """Cross-entropy of each region's class, and the distance of its box for that class where it is on an object."""
    pooled = heads.box_head(heads.box_roi_pool(regions.features, regions.boxes, regions.sizes))
    logits, deltas = heads.box_predictor(pooled)
    classes, wanted = torch.cat(chosen.classes), torch.cat(chosen.box_targets)
    on_object = torch.where(classes > 0)[0]
    own = deltas.view(len(classes), -1, 4)[on_object, classes[on_object]]
    entropy = cross_entropy(logits, classes, reduction="sum")
    distance = smooth_l1_loss(own, wanted[on_object], beta=_BETA, reduction="sum")
    return {"loss_class": LossSum(entropy, len(classes)), "loss_box": LossSum(distance, len(classes))}


def _mask_sum(heads: RoIHeads, regions: Regions, objects: Sequence[Truth]) -> LossSum:
    """Binary cross-entropy of each region's mask of its own class; `objects` has one object for every box."""
    pooled = heads.mask_roi_pool(regions.features, regions.boxes, regions.sizes)
    logits = heads.mask_predictor(heads.mask_head(pooled))
    if not len(logits):
        return LossSum(logits.sum() * 0, 0)
    classes = torch.cat([each.class_indices for each in objects]) + 1
    own = logits[torch.arange(len(logits), device=logits.device), classes].float()
    wanted = mask_lessons(objects, regions.boxes, own.shape[-1])
    return LossSum(binary_cross_entropy_with_logits(own, torch.cat(wanted), reduction="sum"), own.numel())


def mask_lessons(objects: Sequence[Truth], boxes: Sequence[Tensor], side: int) -> list[Tensor]:
    """(M, side, side) coverage by picture, which is taught in each of its boxes; one object for every box."""
    pairs = zip(objects, boxes, strict=True)
    return [mask_cells.targets(each.masks, each.mask_frames, own, side) for each, own in pairs]


def _keypoint_sum(heads: RoIHeads, regions: Regions, objects: Sequence[Truth]) -> LossSum:
    """Cross-entropy of each given keypoint over the cells of its region; `objects` has one object for every box."""
    pooled = heads.keypoint_roi_pool(regions.features, regions.boxes, regions.sizes)
    logits = heads.keypoint_predictor(heads.keypoint_head(pooled))
    pairs = zip(objects, regions.boxes, strict=True)
    found = [
        keypoints_to_heatmap(points_of(each.keypoints, logits.shape[1]), boxes, logits.shape[-1])
        for each, boxes in pairs
    ]
    is_on = torch.cat([each.flatten() for _, each in found]) > 0
    cells = torch.cat([each.flatten() for each, _ in found])
    entropy = cross_entropy(logits.flatten(0, 1).flatten(1)[is_on], cells[is_on], reduction="sum")
    return LossSum(entropy, is_on.sum())


def points_of(keypoints: Tensor, n_points: int) -> Tensor:
    """(N, n_points, 3) keypoints, as many of each object as a network knows; what is lacking is not given."""
    lacking = max(n_points - keypoints.shape[1], 0)
    return nn.functional.pad(keypoints[:, :n_points], (0, 0, 0, lacking))
