"""Detections on pictures: a checkpoint's network put to work, its results as scored shapes in image pixels.

Networks are rebuilt for detecting in float32 whatever they were trained in, so that results are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine.detectors import Detected, Network
from engine.geometry.shapes import Box, Keypoints, Mask, Shape
from engine.nn import mask_cells
from engine.project.records import Detection
from engine.training import checkpoints
from engine.training.checkpoints import Card
from engine.training.learner import averaged


@dataclass(frozen=True, slots=True, eq=False)
class Predictor:
    """A network that detects, and what its class indices mean."""

    network: Network
    card: Card
    device: torch.device

    @classmethod
    def load(cls, weights: bytes, device: torch.device) -> Predictor:
        """From a 'best' or a 'last' checkpoint; raises UserError when the bytes are none."""
        state, card = checkpoints.decode(weights)
        network = checkpoints.rebuild(card)
        network.load_state_dict(averaged(state) or state)
        return cls(network.to(device).eval().requires_grad_(False), card, device)

    def detections(self, picture: NDArray[np.uint8], image_id: int = 0) -> list[Detection]:
        """What is found on one (H, W, 3) picture, best first."""
        found = detect(self.network, picture, self.device)
        height, width = picture.shape[:2]
        return detections(found, image_id, self.card.class_ids, (height, width))


@torch.inference_mode()
def detect(network: Network, picture: NDArray[np.uint8], device: torch.device) -> Detected:
    """What a network in eval mode finds on one (H, W, 3) picture, on the CPU."""
    tensor = torch.from_numpy(picture).permute(2, 0, 1).to(device)
    return network.detect([tensor])[0].cpu()


def detections(found: Detected, image_id: int, class_ids: Sequence[int], size: tuple[int, int]) -> list[Detection]:
    """Scored shapes on a picture of `size` (height, width): masks where the network gives any, else boxes."""
    classes = [class_ids[index] for index in found.class_indices.tolist()]
    rows = zip(classes, found.scores.tolist(), shapes(found, size), keypoints(found), strict=True)
    return [Detection(0, image_id, class_id, score, shape, keypoints=points) for class_id, score, shape, points in rows]


def shapes(found: Detected, size: tuple[int, int]) -> list[Shape]:
    """The shape of each; a mask without a pixel is shown as its box."""
    boxes: list[Shape] = [Box(*row) for row in found.boxes.double().tolist()]
    if found.masks is None:
        return boxes
    pasted: list[Mask] = mask_cells.pasted(found.masks, found.boxes, *size)
    return [box if mask.is_empty else mask for box, mask in zip(boxes, pasted, strict=True)]


def keypoints(found: Detected) -> list[Keypoints | None]:
    """The keypoints beside each shape, as many as its class has; None where that is none."""
    if found.keypoints is None:
        return [None] * len(found.boxes)
    n_given = [int(row[:, 2].count_nonzero()) for row in found.keypoints]
    rows = zip(found.keypoints.double().tolist(), n_given, strict=True)
    return [Keypoints.of(row[:n]) if n else None for row, n in rows]
