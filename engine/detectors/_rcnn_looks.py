"""The two looks of an R-CNN at one picture, as tensors of what was watched; which rows it kept.

torchvision does not say which rows its proposals and detections came from. They are found by the steps of its own
methods on the tensors that these were given; should that ever end elsewhere, by the values that the methods gave.

Legend: A anchors, T those of them that the top-k leaves, R regions, K classes without the background, M detections.
Boxes are in model pixels, cut to the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import RegionProposalNetwork
from torchvision.ops import batched_nms, clip_boxes_to_image, remove_small_boxes

from engine.detectors._picking import places
from engine.detectors._watching import Calls

LEAST_SIDE = 1e-2
"""torchvision's, of detections, in model pixels."""

Size: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class FirstLook:
    """What the proposal network says of every anchor."""

    logits: Tensor
    """(A,)"""
    scores: Tensor
    """(A,)"""
    terms: Tensor
    """(A, 4)"""
    boxes: Tensor
    """(A, 4)"""
    rank: Tensor
    """(A,) the order in which its top-k has them: equal ones as they were sorted."""
    candidates: Tensor
    """Rows that top-k and least side leave, in order."""
    kept: Tensor
    """(R,) rows of the proposals, in order."""


@dataclass(frozen=True, slots=True, eq=False)
class SecondLook:
    """What the box head says of every region."""

    regions: Tensor
    """(R, 4)"""
    logits: Tensor
    """(R, K + 1)"""
    scores: Tensor
    """(R, K)"""
    terms: Tensor
    """(R, K, 4)"""
    boxes: Tensor
    """(R, K, 4)"""

    @classmethod
    def of(cls, regions: Tensor, outputs: tuple[Tensor, Tensor], decoded: Tensor, size: Size) -> SecondLook:
        """From class logits and box deltas as the predictor gives them, and those decoded, for the background too."""
        logits, deltas = outputs
        each = (-1, logits.shape[1], 4)
        boxes = clip_boxes_to_image(decoded.reshape(each), size)
        return cls(regions, logits, logits.softmax(-1)[:, 1:], deltas.reshape(each)[:, 1:], boxes[:, 1:])

    def begin(self, n: int) -> SecondLook:
        """The first n regions."""
        return SecondLook(*(getattr(self, name)[:n] for name in self.__slots__))

    def followed_by(self, more: SecondLook) -> SecondLook:
        """The regions of both."""
        pairs = ((getattr(self, name), getattr(more, name)) for name in self.__slots__)
        return SecondLook(*(torch.cat(pair) for pair in pairs))


def first_look(rpn: RegionProposalNetwork, calls: Calls) -> FirstLook:
    """As the network itself computed it; scores beyond the top-k, which it never needs, by the same function."""
    decoded, objectness, (size,), counts = calls["rpn.filter_proposals"].args
    top = calls["rpn._get_top_n_idx"].given[0]
    logits = objectness.detach().flatten()
    scores = logits.sigmoid()
    scores[top] = logits[top].sigmoid()
    boxes = clip_boxes_to_image(decoded[0].detach(), size)
    candidates = top[remove_small_boxes(boxes[top], rpn.min_size)]
    certain = candidates[scores[candidates] >= rpn.score_thresh]
    levels = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts)).to(certain.device)
    kept = batched_nms(boxes[certain], scores[certain], levels[certain], rpn.nms_thresh)[: rpn.post_nms_top_n()]
    own = [each[0] for each in calls["rpn.filter_proposals"].given]
    rows = certain[places([boxes[certain], scores[certain]], kept, own)]
    terms = calls["rpn.box_coder.decode"].args[0].detach()
    return FirstLook(logits, scores, terms, boxes, _rank(logits, top), candidates, rows)


def _rank(logits: Tensor, top: Tensor) -> Tensor:
    """(A,) the places of the top ones, then of the others by falling logit."""
    rank = torch.empty_like(logits, dtype=torch.int64)
    rank[(-logits).argsort(stable=True)] = torch.arange(len(top), len(top) + len(logits), device=logits.device)
    rank[top] = torch.arange(len(top), device=logits.device)
    return rank


def second_look(calls: Calls) -> SecondLook:
    """As the network itself computed it."""
    logits, deltas, (regions,), (size,) = calls["roi_heads.postprocess_detections"].args
    decoded = calls["roi_heads.box_coder.decode"].given
    return SecondLook.of(regions.detach(), (logits.detach(), deltas.detach()), decoded.detach(), size)


def asked(coder: BoxCoder, regions: Tensor, outputs: tuple[Tensor, Tensor], size: Size) -> SecondLook:
    """Of regions that the network itself was not asked about."""
    return SecondLook.of(regions, outputs, coder.decode(outputs[1], [regions]), size)


def detected_rows(heads: RoIHeads, look: SecondLook, own: Sequence[Tensor]) -> Tensor:
    """(M,) the regions of the detections; `own` are boxes, scores and labels as torchvision gives them."""
    rows, classes = (look.scores > heads.score_thresh).nonzero(as_tuple=True)
    is_large = remove_small_boxes(look.boxes[rows, classes], LEAST_SIDE)
    rows, classes = rows[is_large], classes[is_large]
    boxes, scores, labels = look.boxes[rows, classes], look.scores[rows, classes], classes + 1
    kept = batched_nms(boxes, scores, labels, heads.nms_thresh)[: heads.detections_per_img]
    found: Tensor = rows[places([boxes, scores, labels], kept, own)]
    return found
