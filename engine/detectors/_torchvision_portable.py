"""torchvision's detectors taken apart for use without torch; every number on the card is read from the network itself.

Legend: B pictures, R regions, A anchors over all levels, K classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, cast

from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN, RetinaNet
from torchvision.models.detection.ssd import SSD

from engine.detectors._portable import Called, Outputs, Part, Portable, on_pictures, on_regions
from engine.detectors._rcnn_parts import IMAGENET, Fit
from engine.nn import backbones
from engine.portable import two_stage
from engine.portable.card import Card


def dense(
    model: SSD | RetinaNet, family: Literal["ssd", "retinanet"], detector: str, class_names: Sequence[str]
) -> Portable:
    """A one-stage network: trunk, levels and head are one part."""

    def told(pictures: Tensor) -> Outputs:
        found = model.head(list(model.backbone(pictures).values()))
        return found["cls_logits"], found["bbox_regression"]

    part = on_pictures(Called(told, model.backbone, model.head), ("class_logits", "box_terms"))
    card = _card(
        model.transform, family=family, detector=detector, class_names=list(class_names), parts=["network"],
        strides=list(backbones.DENSE_STRIDES), cell_boxes=_cell_boxes(model.anchor_generator),
        box_weights=list(model.box_coder.weights), score_threshold=model.score_thresh, nms_iou=model.nms_thresh,
        n_most=model.detections_per_img, n_candidates=model.topk_candidates,
    )  # fmt: skip
    return Portable(card, {"network": part})


def rcnn(model: FasterRCNN, detector: str, class_names: Sequence[str], n_keypoints: Sequence[int] = ()) -> Portable:
    """A network of the R-CNN family: what sees pictures, and a part for each head."""
    parts = {"network": _proposing(model), **_heads(model)}
    heads, rpn = model.roi_heads, model.rpn
    card = _card(
        model.transform, family="rcnn", detector=detector, class_names=list(class_names), parts=list(parts),
        strides=list(backbones.STRIDES), cell_boxes=_cell_boxes(rpn.anchor_generator),
        box_weights=list(heads.box_coder.weights), score_threshold=heads.score_thresh, nms_iou=heads.nms_thresh,
        n_most=heads.detections_per_img, n_candidates=rpn._pre_nms_top_n["testing"],
        n_proposals=rpn._post_nms_top_n["testing"], proposal_iou=rpn.nms_thresh, proposal_min_side=rpn.min_size,
        n_keypoints=list(n_keypoints) or None,
    )  # fmt: skip
    return Portable(card, parts)


def _proposing(model: FasterRCNN) -> Part:
    """Features of the levels on which regions are looked up, then objectness and box terms of every level."""

    def told(pictures: Tensor) -> Outputs:
        levels = list(model.backbone(pictures).values())
        objectness, terms = model.rpn.head(levels)
        return (*levels[: two_stage.N_LEVELS - 1], *objectness, *terms)

    names = [f"level_{at}" for at in range(two_stage.N_LEVELS - 1)]
    names += [f"{what}_{at}" for what in ("objectness", "box_terms") for at in range(two_stage.N_LEVELS)]
    return on_pictures(Called(told, model.backbone, model.rpn.head), names)


def _heads(model: FasterRCNN) -> dict[str, Part]:
    heads, channels = model.roi_heads, cast(int, model.backbone.out_channels)

    def boxes(features: Tensor) -> Outputs:
        logits, terms = heads.box_predictor(heads.box_head(features))
        return logits, terms

    called = Called(boxes, heads.box_head, heads.box_predictor)
    parts = {"boxes": on_regions(called, channels, two_stage.BOX_CELLS, ("class_logits", "box_terms"))}
    if heads.has_mask():
        masks = _in_a_row(heads.mask_head, heads.mask_predictor)
        parts["masks"] = on_regions(masks, channels, two_stage.MASK_CELLS, ("mask_logits",))
    if heads.has_keypoint():
        points = _in_a_row(heads.keypoint_head, heads.keypoint_predictor)
        parts["keypoints"] = on_regions(points, channels, two_stage.MASK_CELLS, ("keypoint_maps",))
    return parts


def _in_a_row(head: nn.Module, predictor: nn.Module) -> Called:
    return Called(lambda features: (predictor(head(features)),), head, predictor)


def _card(fit: Fit, **rest: Any) -> Card:
    """The card of a network that looks at pictures as ImageNet's do."""
    return Card(
        channels=IMAGENET.channels, divisor=IMAGENET.divisor, mean=list(IMAGENET.mean),
        deviation=list(IMAGENET.deviation), min_side=fit.min_size[-1], max_side=fit.max_size,
        frame_step=fit.size_divisible, frame_value=0.0, **rest,
    )  # fmt: skip


def _cell_boxes(generator: Any) -> list[list[list[float]]]:
    """By level, the anchors around the corner of a cell."""
    return [level.tolist() for level in generator.cell_anchors]
