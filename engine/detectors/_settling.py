"""What a network may be able to do besides: detect with other settings than those it was built with.

Numbers that the network's own code goes by are set on it; what it has no number for (soft suppression, thresholds by
class) is for whoever stands around it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, TypeVar

from torch import nn

from engine.tracing.rules import Cut, LeastScore, LeastSide, Most, Nms, Rules, TopK
from engine.tracing.whatif import Settings

CutT = TypeVar("CutT", bound=Cut)


class Settable(ABC):
    """A Network that can be given settings, once; those of a trace of it fit."""

    anchor_scale: float = 1.0
    """How many times as long as built its anchors' sides are."""

    @abstractmethod
    def settle(self, settings: Settings) -> bool:
        """Go by these numbers from now on; whether it then does all of it by itself."""


def is_plain(settings: Settings) -> bool:
    """Whether numbers are all that is asked for: no soft suppression, and no thresholds by class."""
    cuts = [cut for rules in settings.rules.values() for cut in rules]
    soft = any(isinstance(cut, Nms) and cut.method != "greedy" for cut in cuts)
    return not soft and not any(isinstance(cut, Nms | LeastScore) and cut.by_class for cut in cuts)


def number_of(rules: Rules, kind: type[CutT]) -> CutT:
    """The cut of a kind; raises LookupError where the rules have none, or several."""
    found = [cut for cut in rules if isinstance(cut, kind)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} of {kind.__name__} among the settings")
    return found[0]


def settle_rcnn(rcnn: Any, settings: Settings) -> bool:
    """On torchvision's network of two stages."""
    proposals, detections = settings.rules["proposals"], settings.rules["detections"]
    rpn, heads = rcnn.rpn, rcnn.roi_heads
    rpn._pre_nms_top_n = {**rpn._pre_nms_top_n, "testing": number_of(proposals, TopK).n}
    rpn._post_nms_top_n = {**rpn._post_nms_top_n, "testing": number_of(proposals, Most).n}
    rpn.min_size = number_of(proposals, LeastSide).value
    rpn.score_thresh = number_of(proposals, LeastScore).value
    rpn.nms_thresh = number_of(proposals, Nms).iou
    heads.score_thresh = number_of(detections, LeastScore).value
    heads.nms_thresh = number_of(detections, Nms).iou
    heads.detections_per_img = number_of(detections, Most).n
    _scale(rpn.anchor_generator, settings.anchor_scale)
    return is_plain(settings)


def settle_dense(model: Any, settings: Settings) -> bool:
    """On torchvision's networks of one stage."""
    rules = settings.rules["detections"]
    model.score_thresh = number_of(rules, LeastScore).value
    model.topk_candidates = number_of(rules, TopK).n
    model.nms_thresh = number_of(rules, Nms).iou
    model.detections_per_img = number_of(rules, Most).n
    _scale(model.anchor_generator, settings.anchor_scale)
    return is_plain(settings)


def _scale(generator: nn.Module, scale: float) -> None:
    generator.cell_anchors = [each * scale for each in generator.cell_anchors]  # type: ignore[union-attr, assignment]
