"""Detections on pictures: a network's results as scored shapes in image pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from engine.detectors import Detected, Network
from engine.geometry.shapes import Box, Mask, Shape
from engine.nn import mask_cells
from engine.project.records import Detection


@torch.inference_mode()
def detect(network: Network, picture: NDArray[np.uint8], device: torch.device) -> Detected:
    """What a network in eval mode finds on one (H, W, 3) picture, on the CPU."""
    tensor = torch.from_numpy(picture).permute(2, 0, 1).to(device)
    return network.detect([tensor])[0].cpu()


def detections(found: Detected, image_id: int, class_ids: Sequence[int], size: tuple[int, int]) -> list[Detection]:
    """Scored shapes on a picture of `size` (height, width): masks where the network gives any, else boxes."""
    classes = [class_ids[index] for index in found.class_indices.tolist()]
    rows = zip(classes, found.scores.tolist(), shapes(found, size), strict=True)
    return [Detection(0, image_id, class_id, score, shape) for class_id, score, shape in rows]


def shapes(found: Detected, size: tuple[int, int]) -> list[Shape]:
    """The shape of each; a mask without a pixel is shown as its box."""
    boxes: list[Shape] = [Box(*row) for row in found.boxes.double().tolist()]
    if found.masks is None:
        return boxes
    pasted: list[Mask] = mask_cells.pasted(found.masks, found.boxes, *size)
    return [box if mask.is_empty else mask for box, mask in zip(boxes, pasted, strict=True)]
