"""Masks as square cells in the frame of a box: what a mask head learns from, and its result as pixels.

Legend: N objects, R regions of interest, M cells a side (`CELLS` in a truth, 28 from the head), C channels. Cell
(i, j) of a mask in the frame (x0, y0, x1, y1) covers x0 + j w / M .. x0 + (j + 1) w / M, and so in y: coordinates are
continuous throughout, so that nothing shifts by half a pixel on the way from annotation to detection.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.ops import roi_align

from engine.geometry import masks
from engine.geometry.shapes import Mask

CELLS = 56
"""Two cells of a truth for every cell of the mask head."""


def cells_of(mask: Mask) -> NDArray[np.uint8]:
    """(CELLS, CELLS) coverage 0..255 of a mask that is not empty, in the frame of its own window."""
    bitmap = masks.to_bitmap(mask).astype(np.float32)
    rows, columns = _shares(mask.height, CELLS), _shares(mask.width, CELLS)
    return np.rint(255 * (rows @ bitmap @ columns.T)).astype(np.uint8)


def _shares(n_pixels: int, n_cells: int) -> NDArray[np.float32]:
    """(n_cells, n_pixels) the share of each cell that each pixel covers, along one axis."""
    edges = np.arange(n_cells + 1) * (n_pixels / n_cells)
    pixels = np.arange(n_pixels)
    overlap = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    return np.asarray(np.maximum(overlap, 0) * (n_cells / n_pixels), dtype=np.float32)


def targets(truth_cells: Tensor, frames: Tensor, rois: Tensor, size: int) -> Tensor:
    """(R, size, size) coverage 0..1 that the mask head shall give for each region, from its own object's cells.

    `truth_cells` (R, M, M) uint8 in `frames` (R, 4); `rois` (R, 4) in the same pixels. Outside the frame is 0.
    """
    n_cells = truth_cells.shape[-1]
    padded = torch.nn.functional.pad(truth_cells[:, None].float() / 255, (1, 1, 1, 1))
    origin, extent = frames[:, :2], (frames[:, 2:] - frames[:, :2]).clamp(min=1e-6)
    in_cells = (rois.reshape(-1, 2, 2) - origin[:, None]) / extent[:, None] * n_cells + 1
    rows = torch.arange(len(rois), device=rois.device, dtype=in_cells.dtype)[:, None]
    regions = torch.cat([rows, in_cells.reshape(-1, 4)], dim=1)
    wanted: Tensor = roi_align(padded, regions, (size, size), sampling_ratio=2, aligned=True)[:, 0]
    return wanted


def pasted(probabilities: Tensor, boxes: Tensor, height: int, width: int) -> list[Mask]:
    """The pixels of a (height, width) picture whose centre has a probability of at least a half, object by object.

    `probabilities` (N, M, M) in `boxes` (N, 4). Bilinear between the centres of cells; only the window of each box is
    ever painted.
    """
    cells = probabilities.detach().float().cpu().numpy()
    corners = boxes.detach().double().cpu().numpy()
    return [_paste(each, box, (height, width)) for each, box in zip(cells, corners, strict=True)]


def painted(truth_cells: Tensor, frames: Tensor, size: tuple[int, int]) -> Tensor:
    """(H, W) bool: the pixels of a picture of `size` that any of the masks covers by half.

    `truth_cells` (N, M, M) uint8 in `frames` (N, 4), which may reach beyond the picture.
    """
    canvas = np.zeros(size, dtype=np.bool_)
    for each, frame in zip(truth_cells.numpy(), frames.double().numpy(), strict=True):
        y0, rows = _weights(frame[1], frame[3], size[0], each.shape[0])
        x0, columns = _weights(frame[0], frame[2], size[1], each.shape[0])
        window = canvas[y0 : y0 + len(rows), x0 : x0 + len(columns)]
        window |= rows @ (each.astype(np.float32) / 255) @ columns.T >= 0.5
    return torch.from_numpy(canvas)


def _paste(cells: NDArray[np.float32], box: NDArray[np.float64], size: tuple[int, int]) -> Mask:
    y0, rows = _weights(box[1], box[3], size[0], cells.shape[0])
    x0, columns = _weights(box[0], box[2], size[1], cells.shape[1])
    return masks.from_bitmap(rows @ cells @ columns.T >= 0.5, x0, y0)


def _weights(low: float, high: float, limit: int, n_cells: int) -> tuple[int, NDArray[np.float32]]:
    """Along one axis: the first pixel, and (n_pixels, n_cells) how much each cell weighs at each pixel's centre.

    Pixels are those whose centres lie in [low, high) and on the picture; beyond the outermost cell centres the
    outermost cell's value holds.
    """
    first, last = max(int(np.ceil(low - 0.5)), 0), min(int(np.ceil(high - 0.5)), limit)
    at = (np.arange(first, max(last, first)) + 0.5 - low) / max(high - low, 1e-9) * n_cells - 0.5
    distance = np.abs(np.clip(at, 0, n_cells - 1)[:, None] - np.arange(n_cells))
    return first, np.asarray(np.maximum(1 - distance, 0), dtype=np.float32)
