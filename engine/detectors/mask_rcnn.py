"""Mask R-CNN (He et al. 2017) on torchvision's modules, with defaults for small pictures, few of them, and a CPU.

Legend: P proposals or sampled regions over all pictures, K classes; class 0 of the network is the background.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads
from torchvision.models.detection.transform import resize_boxes
from torchvision.ops import clip_boxes_to_image

from engine.detectors._rcnn import POOLED_LEVELS, RcnnDetector, RcnnNetwork, RcnnOptions, rcnn
from engine.detectors._rcnn_parts import mask_predictor
from engine.detectors._seam import Detected, Promptable, Seen
from engine.nn.region_pool import RegionPool


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(RcnnOptions):
    """What can be chosen about a Mask R-CNN."""


class MaskRcnn(RcnnNetwork, Promptable):
    """A Mask R-CNN for K classes."""

    def __init__(self, options: Options, n_classes: int) -> None:
        channels = options.pyramid_channels
        model = rcnn(
            MaskRCNN,
            options,
            n_classes + 1,
            mask_roi_pool=RegionPool(POOLED_LEVELS, 14),
            mask_head=MaskRCNNHeads(channels, [channels] * 4, 1),
            mask_predictor=mask_predictor(channels, n_classes + 1),
        )
        super().__init__(options, model)

    def _detected(self, found: Mapping[str, Tensor]) -> Detected:
        return Detected(found["boxes"], found["scores"], found["labels"] - 1, found["masks"][:, 0])

    def look(self, picture: Tensor) -> Seen:
        """The feature pyramid of a picture."""
        batch, _ = self.rcnn.transform([picture.float() / 255])
        height, width = picture.shape[-2:]
        return Seen(dict(self.rcnn.backbone(batch.tensors)), batch.image_sizes[0], (height, width))

    def masks_in(self, seen: Seen, boxes: Tensor, class_indices: Tensor) -> Detected:
        """The boxes as regions of interest: the box head names them, the mask head paints them."""
        boxes = clip_boxes_to_image(boxes, seen.size)
        regions = [resize_boxes(boxes, seen.size, seen.model_size)]
        shares = self._class_shares(seen, regions)
        classes = torch.where(class_indices < 0, shares[:, 1:].argmax(dim=1), class_indices)
        own = (torch.arange(len(boxes), device=boxes.device), classes + 1)
        return Detected(boxes, shares[own], classes, self._mask_logits(seen, regions)[own].sigmoid())

    def _class_shares(self, seen: Seen, regions: list[Tensor]) -> Tensor:
        """(N, K + 1) how probable each class is in each region, the background first."""
        heads = self.rcnn.roi_heads
        pooled = heads.box_roi_pool(seen.features, regions, [seen.model_size])
        logits, _ = heads.box_predictor(heads.box_head(pooled))
        return cast(Tensor, logits.softmax(dim=-1))

    def _mask_logits(self, seen: Seen, regions: list[Tensor]) -> Tensor:
        """(N, K + 1, M, M) of every class in each region."""
        heads = self.rcnn.roi_heads
        pooled = heads.mask_roi_pool(seen.features, regions, [seen.model_size])
        return cast(Tensor, heads.mask_predictor(heads.mask_head(pooled)))


class MaskRcnnDetector(RcnnDetector[Options]):
    """The drop-in."""

    title = "Mask R-CNN"
    options = Options
    has_masks = True

    def build(self, options: Options, n_classes: int) -> MaskRcnn:
        """A network with random weights."""
        return MaskRcnn(options, n_classes)


DETECTOR = MaskRcnnDetector()
