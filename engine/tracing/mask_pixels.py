"""A mask head's logits as what they mean: probabilities of cells, and the pixels of the picture they make a mask of.

Legend: S cells a side. Cell (i, j) covers 1/S of the box across and down.
"""

from __future__ import annotations

import numpy as np

from engine.geometry import masks as many_masks
from engine.geometry.shapes import Mask
from engine.portable.regions import pasted
from engine.tracing.stages import Floats, Input, Masks


def probabilities(masks: Masks, row: int) -> Floats:
    """(S, S) how probable each cell is to belong to the object."""
    logits = masks.logits[row].astype(np.float64)
    return np.asarray(np.where(logits >= 0, 1, np.exp(np.minimum(logits, 0))) / (1 + np.exp(-np.abs(logits))), "f4")


def box_image(box_model: Floats, seen: Input) -> Floats:
    """(4,) in image pixels, in float32 as torchvision brings them back."""
    (height, width), (own_height, own_width) = seen.picture.shape[:2], seen.size
    x, y = np.float32(own_width) / np.float32(width), np.float32(own_height) / np.float32(height)
    return np.asarray(box_model.astype(np.float32) * np.array([x, y, x, y], dtype=np.float32))


def mask_at(masks: Masks, row: int, seen: Input, threshold: float = 0.5) -> Mask:
    """The pixels of the picture that are at least so probable; at 0.5 the mask that is reported. May be empty."""
    cells = probabilities(masks, row)
    if threshold != 0.5:  # probabilities between cells are weighted means of theirs, so that all can be moved alike
        cells = cells + np.float32(0.5 - threshold)
    return many_masks.from_bitmap(pasted(cells, box_image(masks.boxes[row], seen), *seen.size))
