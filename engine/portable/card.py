"""What has to be known besides the networks to detect with them: the card of an exported detector."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

FILE = "model.json"


@dataclass(frozen=True)
class Card:
    """An exported detector. Lengths are in pixels of the scaled picture, levels go from fine to coarse."""

    family: Literal["yolo", "ssd", "retinanet", "rcnn"]
    detector: str
    class_names: list[str]
    parts: list[str]
    """Names of the ONNX files, without the suffix."""
    channels: str
    """Order of a picture's colours, 'RGB' or 'BGR'."""
    divisor: float
    mean: list[float]
    deviation: list[float]
    """A value becomes (value / divisor - mean) / deviation."""
    min_side: int
    max_side: int
    """The shorter side is scaled to `min_side`, unless the longer one would exceed `max_side`."""
    frame_step: int
    """Sides of the frame around a picture are multiples of it."""
    frame_value: float
    strides: list[int]
    cell_boxes: list[list[list[float]]]
    """By level, the guessed boxes of a cell: x0, y0, x1, y1 around its corner; for YOLO width and height."""
    box_weights: list[float]
    """By which box terms are divided."""
    score_threshold: float
    nms_iou: float
    n_most: int
    """Detections on a picture."""
    n_candidates: int
    """Boxes that are compared with each other at most: of a level (RetinaNet), a class (SSD), or in all."""
    n_proposals: int = 0
    proposal_iou: float = 0.0
    proposal_min_side: float = 0.0
    n_keypoints: list[int] | None = None
    """By class, where the network finds any."""

    @classmethod
    def load(cls, folder: Path) -> Card:
        """The card in a folder."""
        found: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))["portable"]
        return cls(**{each.name: found[each.name] for each in fields(cls) if each.name in found})
