"""Detections on pictures: a checkpoint's network put to work, its results as scored shapes in image pixels.

Networks are rebuilt for detecting in float32 whatever they were trained in, so that results are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from engine import checkpoints
from engine.checkpoints import Card
from engine.detecting.settled import settled
from engine.detectors import Detected, Network
from engine.geometry.shapes import Box, Keypoints, Mask, Shape
from engine.nn import mask_cells
from engine.nn.scaling import model_size
from engine.project.records import Detection
from engine.tracing.whatif import Settings

Picture: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) RGB."""

_FRAME_STEP = 32
"""Networks see pictures in frames whose sides this divides."""
_FRAME_PIXELS_CPU, _FRAME_PIXELS_GPU = 1 << 20, 1 << 23
"""Model pixels looked at together; more gain nothing on a CPU, and little on a GPU but need much memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Predictor:
    """A network that detects, and what its class indices mean."""

    network: Network
    card: Card
    device: torch.device

    @classmethod
    def load(cls, weights: bytes, device: torch.device, settings: Settings | None = None) -> Predictor:
        """From a 'best' or a 'last' checkpoint, to go by these settings; raises UserError when the bytes are none."""
        state, card = checkpoints.decode(weights)
        network = checkpoints.rebuild(card)
        network.load_state_dict(checkpoints.averaged(state) or state)
        return cls(settled(network.to(device).eval().requires_grad_(False), settings).eval(), card, device)

    def detections(self, picture: Picture, image_id: int = 0) -> list[Detection]:
        """What is found on one picture, best first."""
        return self.detections_on([picture], image_id=image_id)[0]

    def detections_on(
        self, pictures: Sequence[Picture], batch: int | None = None, image_id: int = 0
    ) -> list[list[Detection]]:
        """What is found on each picture, best first; `batch` of them at once, or as many as suit the device.

        Only pictures that fill the same frame go together, so that none changes what is found on another.
        """
        found: dict[int, list[Detection]] = {}
        for group in batches(self.network, [each.shape[:2] for each in pictures], self.device, batch):
            together = detect_together(self.network, [pictures[at] for at in group], self.device)
            for at, each in zip(group, together, strict=True):
                height, width = pictures[at].shape[:2]
                found[at] = detections(each, image_id, self.card.class_ids, (height, width))
        return [found[at] for at in range(len(pictures))]


def frame(network: Network, height: int, width: int) -> tuple[int, int]:
    """Height and width of the frame in which a network sees a picture of this size."""
    size = model_size(height, width, network.scale(height, width))
    return (-(-size[0] // _FRAME_STEP) * _FRAME_STEP, -(-size[1] // _FRAME_STEP) * _FRAME_STEP)


def batches(
    network: Network, sizes: Sequence[Sequence[int]], device: torch.device, batch: int | None = None
) -> Iterator[list[int]]:
    """Which pictures of these sizes (height, width) go together: of one frame, at most `batch`, or what suits."""
    by_frame: dict[tuple[int, int], list[int]] = {}
    for at, (height, width) in enumerate(sizes):
        by_frame.setdefault(frame(network, height, width), []).append(at)
    room = _FRAME_PIXELS_CPU if device.type == "cpu" else _FRAME_PIXELS_GPU
    for (height, width), places in by_frame.items():
        n_together = batch or max(room // (height * width), 1)
        yield from (places[at : at + n_together] for at in range(0, len(places), n_together))


def detect_together(network: Network, pictures: Sequence[Picture], device: torch.device) -> list[Detected]:
    """What a network in eval mode finds on pictures of one frame, on the CPU; in halves where memory does not do."""
    try:
        return _detect(network, pictures, device)
    except torch.OutOfMemoryError:
        if len(pictures) == 1:
            raise
    torch.cuda.empty_cache()
    middle = len(pictures) // 2
    halves = (pictures[:middle], pictures[middle:])
    return [found for half in halves for found in detect_together(network, half, device)]


@torch.inference_mode()
def _detect(network: Network, pictures: Sequence[Picture], device: torch.device) -> list[Detected]:
    tensors = [torch.from_numpy(np.ascontiguousarray(each)).permute(2, 0, 1).to(device) for each in pictures]
    return [found.cpu() for found in network.detect(tensors)]


def detect(network: Network, picture: Picture, device: torch.device) -> Detected:
    """What a network in eval mode finds on one picture, on the CPU."""
    return _detect(network, [picture], device)[0]


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
