"""Modules of the R-CNN family that are not torchvision's as they are: scaling of pictures, anchors, heads in float32.

Legend: R regions over all pictures, P keypoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, cast

import torch
from torch import Tensor, nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.keypoint_rcnn import KeypointRCNNPredictor
from torchvision.models.detection.mask_rcnn import MaskRCNNPredictor
from torchvision.models.detection.rpn import RPNHead
from torchvision.models.detection.transform import GeneralizedRCNNTransform, resize_boxes, resize_keypoints

from engine.detectors._seam import Features, Normalisation
from engine.nn.scaling import frame_size, model_size, resized

IMAGENET = Normalisation("RGB", 255.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
Sizes: TypeAlias = list[tuple[int, int]]


class Fit(GeneralizedRCNNTransform):  # type: ignore[misc]  # torchvision is untyped
    """Scale, normalise and batch pictures; masks of detections stay cells in their boxes instead of whole pictures."""

    def __init__(self, min_side: int, max_side: int) -> None:
        super().__init__(min_side, max_side, list(IMAGENET.mean), list(IMAGENET.deviation))

    def batched(self, pictures_model: Sequence[Tensor], least: tuple[int, int] = (0, 0)) -> ImageList:
        """A batch of uint8 pictures that are in model space already, in a frame of at least a height and width."""
        size = frame_size(pictures_model, least, self.size_divisible)
        tensors = pictures_model[0].new_zeros((len(pictures_model), 3, *size), dtype=torch.float32)
        for frame, picture in zip(tensors, pictures_model, strict=True):
            frame[:, : picture.shape[1], : picture.shape[2]] = self.normalize(picture.float() / 255)
        sizes: Sizes = [(each.shape[-2], each.shape[-1]) for each in pictures_model]
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


def body_features(body: nn.Module, batch: ImageList) -> Features:
    """What a trunk makes of a batch of pictures."""
    height, width = batch.tensors.shape[-2:]
    return Features(body(batch.tensors), tuple(batch.image_sizes), (height, width))


def without_pixels(features: Features) -> ImageList:
    """The batch that features were made of, as far as torchvision's modules still ask: its sizes, and no pixels."""
    finest = next(iter(features.levels.values()))
    nothing = finest.new_empty(()).expand(len(features.sizes), 3, *features.frame)
    return ImageList(nothing, list(features.sizes))


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
