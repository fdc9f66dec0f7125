"""What the R-CNN family shares beyond torchvision: scaling of pictures, and the training path of the region heads.

Legend: P sampled regions over all pictures, R of them on objects with a mask, K classes (0 is the background).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.keypoint_rcnn import KeypointRCNNPredictor
from torchvision.models.detection.mask_rcnn import MaskRCNNPredictor
from torchvision.models.detection.roi_heads import RoIHeads, fastrcnn_loss, keypointrcnn_loss
from torchvision.models.detection.rpn import RPNHead
from torchvision.models.detection.transform import GeneralizedRCNNTransform, resize_boxes, resize_keypoints

from engine.detectors._seam import Losses, Normalisation, Truth
from engine.nn import mask_cells
from engine.nn.scaling import model_size, resized

IMAGENET = Normalisation("RGB", 255.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
Sizes: TypeAlias = list[tuple[int, int]]


class Fit(GeneralizedRCNNTransform):  # type: ignore[misc]  # torchvision is untyped
    """Scale, normalise and batch pictures; masks of detections stay cells in their boxes instead of whole pictures."""

    def __init__(self, min_side: int, max_side: int) -> None:
        super().__init__(min_side, max_side, list(IMAGENET.mean), list(IMAGENET.deviation))

    def batched(self, pictures_model: Sequence[Tensor]) -> ImageList:
        """A batch of uint8 pictures that are in model space already."""
        ready = [self.normalize(picture.float() / 255) for picture in pictures_model]
        sizes: Sizes = [(each.shape[-2], each.shape[-1]) for each in ready]
        tensors = self.batch_images(ready, size_divisible=self.size_divisible)
        return ImageList(tensors.contiguous(memory_format=torch.channels_last), sizes)

    def resize(self, image: Tensor, target: dict[str, Tensor] | None = None) -> tuple[Tensor, dict[str, Tensor] | None]:
        """A whole picture in model space; a truth is never scaled here."""
        height, width = image.shape[-2:]
        return resized(image, model_size(height, width, self.scale(height, width))), target

    def scale(self, height: int, width: int) -> float:
        """Model pixels per image pixel: the shorter side as wanted, unless the longer one would be too long."""
        return float(min(self.min_size[-1] / min(height, width), self.max_size / max(height, width)))

    def postprocess(
        self, result: list[dict[str, Tensor]], image_shapes: Sizes, original_image_sizes: Sizes
    ) -> list[dict[str, Tensor]]:
        """Boxes and keypoints back in image pixels."""
        for found, size, image_size in zip(result, image_shapes, original_image_sizes, strict=True):
            found["boxes"] = resize_boxes(found["boxes"], size, image_size)
            if "keypoints" in found:
                found["keypoints"] = resize_keypoints(found["keypoints"], size, image_size)
        return result


class Anchors(AnchorGenerator):  # type: ignore[misc]  # torchvision is untyped
    """torchvision's anchors, in float32 whatever the features are: in bfloat16 a coordinate of 500 is off by two."""

    def set_cell_anchors(self, dtype: torch.dtype, device: torch.device) -> None:
        """Ignore the features' type."""
        super().set_cell_anchors(torch.float32, device)


class ProposalHead(RPNHead):  # type: ignore[misc]
    """torchvision's, its results in float32: they are sorted, compared and added to coordinates."""

    def forward(self, levels: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Objectness and box deltas by level."""
        objectness, deltas = super().forward(levels)
        return [each.float() for each in objectness], [each.float() for each in deltas]


class BoxPredictor(FastRCNNPredictor):  # type: ignore[misc]
    """torchvision's, its results in float32 for the same reason."""

    def forward(self, regions: Tensor) -> tuple[Tensor, Tensor]:
        """Class logits and box deltas."""
        logits, deltas = super().forward(regions)
        return logits.float(), deltas.float()


class Doubling(nn.ConvTranspose2d):
    """A 2 x 2 transposed convolution of stride 2 as what it is, one matrix for every cell: twice as fast on a CPU."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, 2, 2)

    def forward(self, cells: Tensor, output_size: list[int] | None = None) -> Tensor:
        """(N, C, 2H, 2W) of (N, C, H, W)."""
        n, channels, height, width = cells.shape
        vectors = cells.permute(0, 2, 3, 1).reshape(n * height * width, channels)
        fours = vectors @ self.weight.permute(0, 2, 3, 1).reshape(channels, 4 * channels)
        doubled = fours.view(n, height, width, 2, 2, channels).permute(0, 1, 3, 2, 4, 5)
        bias = torch.zeros(()) if self.bias is None else self.bias
        return (doubled.reshape(n, 2 * height, 2 * width, channels) + bias).permute(0, 3, 1, 2)


class KeypointPredictor(KeypointRCNNPredictor):  # type: ignore[misc]
    """torchvision's, its results in float32: the best cell of a keypoint is found by comparing them."""

    def forward(self, regions: Tensor) -> Tensor:
        """(R, P, 56, 56) logits of each keypoint in each cell."""
        return cast(Tensor, super().forward(regions).float().contiguous())


def mask_predictor(channels: int, n_outputs: int) -> MaskRCNNPredictor:
    """torchvision's, with the quicker doubling."""
    predictor = MaskRCNNPredictor(channels, channels, n_outputs)
    predictor.conv5_mask = Doubling(channels)
    return predictor


def rpn_truths(truths: Sequence[Truth]) -> list[dict[str, Tensor]]:
    """Truths as torchvision's proposal network and samplers want them; class 0 is the background there."""
    return [{"boxes": truth.boxes, "labels": truth.class_indices + 1} for truth in truths]


@dataclass(frozen=True, slots=True, eq=False)
class Proposed:
    """What the region heads look at: features of a batch, its model sizes, boxes proposed on each picture."""

    features: dict[str, Tensor]
    sizes: Sizes
    boxes: list[Tensor]


@dataclass(frozen=True, slots=True, eq=False)
class Sampled:
    """The regions that the heads learn from; lists are by picture, an entry for each of its regions."""

    regions: list[Tensor]
    matched: list[Tensor]
    """The object that each region is compared with; where there is none, anything."""
    classes: list[Tensor]
    """0 is the background."""
    box_targets: list[Tensor]

    def on_objects(self, truths: Sequence[Truth], useful: Sequence[Tensor]) -> tuple[list[Tensor], list[Truth]]:
        """The regions that lie on an object that is useful, (N,) bool by picture, and the object of each of them."""
        boxes, objects = [], []
        for at, truth in enumerate(truths):
            on_object = torch.where(self.classes[at] > 0)[0]
            chosen = on_object[useful[at][self.matched[at][on_object]]]
            boxes.append(self.regions[at][chosen])
            objects.append(truth.pick(self.matched[at][chosen]))
        return boxes, objects


def region_losses(heads: RoIHeads, proposed: Proposed, truths: Sequence[Truth]) -> Losses:
    """Losses of class and box over a sample of the proposals, and of masks and keypoints where there are such heads."""
    sampled = _sampled(heads, proposed, truths)
    pooled = heads.box_head(heads.box_roi_pool(proposed.features, sampled.regions, proposed.sizes))
    class_logits, box_deltas = heads.box_predictor(pooled)
    class_loss, box_loss = fastrcnn_loss(class_logits, box_deltas, sampled.classes, sampled.box_targets)
    losses = {"loss_class": class_loss, "loss_box": box_loss}
    if heads.has_mask():
        boxes, objects = sampled.on_objects(truths, [each.has_mask for each in truths])
        losses["loss_mask"] = _mask_loss(heads, replace(proposed, boxes=boxes), objects)
    if heads.has_keypoint():
        boxes, objects = sampled.on_objects(truths, [(each.keypoints[..., 2] > 0).any(dim=1) for each in truths])
        losses["loss_keypoint"] = _keypoint_loss(heads, replace(proposed, boxes=boxes), objects)
    return losses


def _sampled(heads: RoIHeads, proposed: Proposed, truths: Sequence[Truth]) -> Sampled:
    targets = [each | {"masks": each["boxes"]} for each in rpn_truths(truths)]  # torchvision asks that the key be there
    regions, matched, classes, box_targets = heads.select_training_samples(proposed.boxes, targets)
    return Sampled(regions, matched, classes, box_targets)


def _mask_loss(heads: RoIHeads, proposed: Proposed, objects: Sequence[Truth]) -> Tensor:
    """Binary cross-entropy of each region's mask of its own class; `objects` has one object for every box."""
    pooled = heads.mask_roi_pool(proposed.features, proposed.boxes, proposed.sizes)
    logits = heads.mask_predictor(heads.mask_head(pooled))
    if not len(logits):
        return cast(Tensor, logits.sum() * 0)
    classes = torch.cat([each.class_indices for each in objects]) + 1
    own = logits[torch.arange(len(logits), device=logits.device), classes].float()
    pairs = zip(objects, proposed.boxes, strict=True)
    wanted = [mask_cells.targets(each.masks, each.mask_frames, boxes, own.shape[-1]) for each, boxes in pairs]
    return binary_cross_entropy_with_logits(own, torch.cat(wanted))


def _keypoint_loss(heads: RoIHeads, proposed: Proposed, objects: Sequence[Truth]) -> Tensor:
    """Cross-entropy of each given keypoint over the cells of its region; `objects` has one object for every box."""
    pooled = heads.keypoint_roi_pool(proposed.features, proposed.boxes, proposed.sizes)
    logits = heads.keypoint_predictor(heads.keypoint_head(pooled))
    if not len(logits):
        return cast(Tensor, logits.sum() * 0)
    points = [points_of(each.keypoints, logits.shape[1]) for each in objects]
    own = [torch.arange(len(each), device=logits.device) for each in points]
    return cast(Tensor, keypointrcnn_loss(logits, proposed.boxes, points, own))


def points_of(keypoints: Tensor, n_points: int) -> Tensor:
    """(N, n_points, 3) keypoints, as many of each object as a network knows; what is lacking is not given."""
    lacking = max(n_points - keypoints.shape[1], 0)
    return nn.functional.pad(keypoints[:, :n_points], (0, 0, 0, lacking))
