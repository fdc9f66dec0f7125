"""Which result of a trace is the one that was seen elsewhere, as a detection that the project keeps."""

from __future__ import annotations

import numpy as np

from engine.geometry.boxes import iou_one
from engine.geometry.shapes import Bounds
from engine.tracing.stages import Selection
from engine.tracing.trace import Trace

LEAST_IOU = 0.5
"""Boxes that overlap less are of different detections."""


def nearest(trace: Trace, bounds_image: Bounds, class_id: int) -> tuple[str, int, int] | None:
    """The detection of this class of the project that overlaps a box most: its stage, row and class index.

    Among equals the more certain one. None where none overlaps it by LEAST_IOU.
    """
    stage = trace.all(Selection)[-1]
    is_of_class = np.array(trace.origin.class_ids)[stage.kept_classes] == class_id
    if not is_of_class.any():
        return None
    width, height = trace.input.scale_xy
    box_model = np.array(bounds_image) * [width, height, width, height]
    found = np.where(is_of_class, iou_one(box_model, stage.kept_boxes.astype(np.float64)), -1.0)
    at = int(found.argmax())
    return (stage.name, int(stage.kept_rows[at]), int(stage.kept_classes[at])) if found[at] >= LEAST_IOU else None
