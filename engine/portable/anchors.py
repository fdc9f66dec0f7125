"""The boxes from which a network guesses objects, in the order in which it speaks of them."""

from __future__ import annotations

import numpy as np

from engine.portable.arithmetic import Floats


def at_corners(size: tuple[int, int], stride: tuple[int, int], cell_boxes: list[list[float]]) -> Floats:
    """(cells x boxes of a cell, 4): cells row by row, each with its boxes around its corner.

    `size` is rows and columns of cells, `stride` the pixels of one, down and across.
    """
    y, x = np.meshgrid(np.arange(size[0]) * stride[0], np.arange(size[1]) * stride[1], indexing="ij")
    shifts = np.stack([x, y, x, y], axis=-1).reshape(-1, 1, 4).astype(np.float32)
    return (shifts + np.array(cell_boxes, dtype=np.float32)).reshape(-1, 4)


def boxes_in_cells(terms: Floats, size: tuple[int, int], stride: int, shapes: list[list[float]]) -> Floats:
    """(shapes x cells, 4) boxes from YOLO's terms: shape by shape, cells row by row."""
    y, x = np.meshgrid(np.arange(size[0]), np.arange(size[1]), indexing="ij")
    cells = np.tile(np.stack([x, y], axis=-1).reshape(-1, 2), (len(shapes), 1)).astype(np.float32)
    sides = np.repeat(np.array(shapes, dtype=np.float32), size[0] * size[1], axis=0)
    centres = (cells + terms[:, :2]) * np.float32(stride)
    halves = sides * np.exp(np.minimum(terms[:, 2:], np.float32(10))) / 2
    return np.concatenate([centres - halves, centres + halves], axis=1)
