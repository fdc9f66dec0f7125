"""Keypoint R-CNN (He et al. 2017, section 5) on torchvision's modules: boxes, and in each the points of its class.

Every class has points of its own; the network has as many outputs as the class that has most, and what a class does not
have is neither learned nor reported. Objects without any given point teach boxes only; where no class has points, there
is no head for them, and it is a Faster R-CNN.

Legend: N detections, P outputs for points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN, KeypointRCNN
from torchvision.models.detection.keypoint_rcnn import KeypointRCNNHeads

from engine.detectors import _torchvision_portable
from engine.detectors._choices import Choice
from engine.detectors._portable import Portable
from engine.detectors._rcnn import POOLED_LEVELS, RcnnDetector, RcnnNetwork, RcnnOptions, rcnn
from engine.detectors._rcnn_parts import KeypointPredictor
from engine.detectors._seam import Detected
from engine.detectors._survey import Survey
from engine.nn.region_pool import RegionPool
from engine.options import option

_VISIBLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(RcnnOptions):
    """What can be chosen about a Keypoint R-CNN."""

    n_keypoints: tuple[int, ...] = option(
        (), "How many keypoints each class has, in the order of the classes; taken from the project."
    )
    keypoint_layers: int = option(4, "Convolutions that look for the keypoints in a box; 8 for large data sets.")


class KeypointRcnn(RcnnNetwork):
    """A Keypoint R-CNN for K classes."""

    def __init__(self, options: Options, n_classes: int) -> None:
        has_any = any(options.n_keypoints)
        kind, heads = (KeypointRCNN, _heads(options)) if has_any else (FasterRCNN, {})
        super().__init__(options, rcnn(kind, options, n_classes + 1, **heads))
        counts = (options.n_keypoints + (0,) * n_classes)[:n_classes]
        self._counts = torch.tensor(counts)

    def _detected(self, found: Mapping[str, Tensor]) -> Detected:
        classes = found["labels"] - 1
        points = found.get("keypoints")
        own = None if points is None else self.own_points(points, classes)
        return Detected(found["boxes"], found["scores"], classes, keypoints=own)

    def portable(self, detector: str, class_names: Sequence[str]) -> Portable:
        """As all of the family, with how many points each class has."""
        return _torchvision_portable.rcnn(self.rcnn, detector, class_names, self._counts.tolist())

    def own_points(self, points: Tensor, class_indices: Tensor) -> Tensor:
        """(N, P, 3) the points that each detection's class has, visible; the others not given."""
        counts = self._counts.to(class_indices.device)[class_indices]
        is_own = torch.arange(points.shape[1], device=class_indices.device) < counts[:, None]
        given = torch.cat([points[..., :2], torch.full_like(points[..., 2:], _VISIBLE)], dim=-1)
        return given * is_own[..., None]


def _heads(options: Options) -> dict[str, nn.Module]:
    """What finds the points in a box, by torchvision's names."""
    channels = options.pyramid_channels
    return {
        "keypoint_roi_pool": RegionPool(POOLED_LEVELS, 14),
        "keypoint_head": KeypointRCNNHeads(channels, (channels,) * options.keypoint_layers),
        "keypoint_predictor": KeypointPredictor(channels, max(options.n_keypoints)),
    }


class KeypointRcnnDetector(RcnnDetector[Options]):
    """The drop-in."""

    title = "Keypoint R-CNN"
    options = Options

    def _own_choices(self, survey: Survey) -> tuple[Choice, ...]:
        most = max(survey.n_keypoints, default=0)
        n_with = sum(count > 0 for count in survey.n_keypoints)
        known = f"Up to {most} keypoints an object: {n_with} of {survey.n_classes} classes have any."
        none = "Only boxes are learned: no class has keypoints."
        return (Choice({"n_keypoints": survey.n_keypoints}, known if most else none),)

    def build(self, options: Options, n_classes: int) -> KeypointRcnn:
        """A network with random weights."""
        return KeypointRcnn(options, n_classes)


DETECTOR = KeypointRcnnDetector()
