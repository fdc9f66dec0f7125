"""A watched pass of the R-CNN family: its stages, and its heads asked about other boxes on the same features.

Legend: A anchors, R regions, K classes without the background, M detections.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.roi_heads import keypointrcnn_inference

from engine.detectors import _rcnn_looks
from engine.detectors._arrays import floats, ints
from engine.detectors._rcnn_looks import FirstLook, SecondLook, Size
from engine.detectors._rcnn_stages import RcnnStages
from engine.detectors._seam import Detected
from engine.detectors._traceable import Askable
from engine.detectors._watching import Calls
from engine.tracing.stages import Floats, Ints, KeypointMaps, Masks, Stage

OwnPoints: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""(M, P, 3) points and (M,) classes of detections -> the same points, visible where the class has them."""

_REGIONS_TOGETHER = 1000
"""Boxes asked about at once: more need much memory and are no quicker."""
_DETECTIONS_TOGETHER = 200


def watched_names(rcnn: FasterRCNN) -> tuple[str, ...]:
    """What to watch of a network while it detects."""
    heads = ("mask_predictor", "keypoint_predictor")
    return (
        "transform", "backbone", "rpn.box_coder.decode", "rpn._get_top_n_idx", "rpn.filter_proposals",
        "roi_heads", "roi_heads.box_coder.decode", "roi_heads.postprocess_detections",
        *(f"roi_heads.{name}" for name in heads if getattr(rcnn.roi_heads, name, None) is not None),
    )  # fmt: skip


@dataclass(eq=False)
class RcnnWatched(Askable):
    """One pass of such a network on one picture."""

    rcnn: FasterRCNN
    calls: Calls
    size: Size
    """Height and width of the picture."""
    detected: Detected
    own_points: OwnPoints

    @torch.inference_mode()
    def stages(self) -> tuple[Stage, ...]:
        """All of them, in the order of the pass."""
        return self._stages.all(self._second, self._stages.proposals.kept_rows, self._last())

    @torch.inference_mode()
    def asked_more(self) -> tuple[Stage, ...]:
        """The same, with the heads asked about the candidates that are no proposals too."""
        candidates, kept = self._first.candidates, self._first.kept
        others = candidates[~torch.isin(candidates, kept)]
        look = self._second.followed_by(self._asked(self._first.boxes[others]))
        return self._stages.all(look, ints(torch.cat([kept, others])), self._last())

    @torch.inference_mode()
    def asked_about(self, boxes: Floats, parent: Ints) -> tuple[Stage, ...]:
        """'pooling' and 'regions' of other boxes."""
        look = self._asked(self._tensor(boxes))
        return (self._stages.pooling(look.regions), self._stages.regions(look, parent, n_asked=0))

    @torch.inference_mode()
    def masks_of(self, boxes: Floats, class_indices: Ints) -> Masks | None:
        """What the mask head says of other boxes."""
        if not self.rcnn.roi_heads.has_mask():
            return None
        parts = zip(self._parts(boxes), self._parts(class_indices), strict=True)
        logits = torch.cat([_of_class(self._mask_logits(part), classes) for part, classes in parts])
        return Masks(name="masks", logits=floats(logits), boxes=boxes)

    @torch.inference_mode()
    def keypoints_of(self, boxes: Floats, class_indices: Ints) -> KeypointMaps | None:
        """What the keypoint head says of other boxes."""
        if not self.rcnn.roi_heads.has_keypoint():
            return None
        logits = torch.cat([self._keypoint_logits(part) for part in self._parts(boxes)])
        (points,), _ = keypointrcnn_inference(logits, [self._tensor(boxes)])
        own = self.own_points(points, self._tensor(class_indices))
        return KeypointMaps(name="keypoints", logits=floats(logits), boxes=boxes, points=floats(own))

    @cached_property
    def _first(self) -> FirstLook:
        return _rcnn_looks.first_look(self.rcnn.rpn, self.calls)

    @cached_property
    def _second(self) -> SecondLook:
        return _rcnn_looks.second_look(self.calls)

    @cached_property
    def _stages(self) -> RcnnStages:
        return RcnnStages(self.rcnn, self.calls, self.size, self._first)

    def _last(self) -> tuple[Stage, ...]:
        """What the heads for masks and keypoints said of the detections."""
        boxes, _, labels = (each[0] for each in self.calls["roi_heads.postprocess_detections"].given)
        found: list[Stage] = []
        if "roi_heads.mask_predictor" in self.calls:
            logits = _of_class(self.calls["roi_heads.mask_predictor"].given, labels - 1)
            found.append(Masks(name="masks", logits=floats(logits), boxes=floats(boxes)))
        if "roi_heads.keypoint_predictor" in self.calls:
            logits = self.calls["roi_heads.keypoint_predictor"].given
            points = self.own_points(self.calls["roi_heads"].given[0][0]["keypoints"], labels - 1)
            found.append(
                KeypointMaps(name="keypoints", logits=floats(logits), boxes=floats(boxes), points=floats(points))
            )
        return tuple(found)

    def _asked(self, boxes: Tensor) -> SecondLook:
        """The box head's answer on other boxes."""
        heads = self.rcnn.roi_heads
        outputs = []
        for part in torch.split(boxes, _REGIONS_TOGETHER):
            pooled = heads.box_roi_pool(self._stages.features, [part], [self._stages.model_size])
            outputs.append(heads.box_predictor(heads.box_head(pooled)))
        logits, deltas = (torch.cat(each) for each in zip(*outputs, strict=True))
        return _rcnn_looks.asked(heads.box_coder, boxes, (logits, deltas), self._stages.model_size)

    def _mask_logits(self, boxes: Tensor) -> Tensor:
        """(M, K + 1, S, S)"""
        heads = self.rcnn.roi_heads
        pooled = heads.mask_roi_pool(self._stages.features, [boxes], [self._stages.model_size])
        logits: Tensor = heads.mask_predictor(heads.mask_head(pooled))
        return logits

    def _keypoint_logits(self, boxes: Tensor) -> Tensor:
        """(M, P, S, S)"""
        heads = self.rcnn.roi_heads
        pooled = heads.keypoint_roi_pool(self._stages.features, [boxes], [self._stages.model_size])
        logits: Tensor = heads.keypoint_predictor(heads.keypoint_head(pooled))
        return logits

    def _tensor(self, values: Floats | Ints) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._first.boxes.device)

    def _parts(self, values: Floats | Ints) -> tuple[Tensor, ...]:
        return torch.split(self._tensor(values), _DETECTIONS_TOGETHER)


def _of_class(logits: Tensor, classes: Tensor) -> Tensor:
    """(M, S, S) of (M, K + 1, S, S): each detection's own."""
    return logits[torch.arange(len(classes), device=logits.device), classes + 1]
