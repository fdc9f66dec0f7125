"""The priors of a picture as one table, and boxes from what a network says of them.

A prior is a box at a cell: `xy = (c + t_xy) * stride`, `wh = prior * exp(t_wh)`. One of (stride, stride) a cell is
the anchor-free YOLOX; k of them, fitted to the boxes of a project, are the anchors of YOLOv2 and v3.

Legend: A priors over all levels, level by level, prior by prior, cells row by row; k priors a cell on each of L levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

_LARGEST_TERM = 10.0
"""exp of more is no size of anything, and its square no number."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Every prior of a picture, in model pixels."""

    cells: Tensor
    """(A, 2) column and row of each prior's cell."""
    strides: Tensor
    """(A,) model pixels per cell there."""
    shapes: Tensor
    """(A, 2) width and height."""

    @property
    def centres(self) -> Tensor:
        """(A, 2) the middle of each prior's cell."""
        return (self.cells + 0.5) * self.strides[:, None]

    def boxes(self, terms: Tensor) -> Tensor:
        """(..., A, 4) boxes from (..., A, 4) terms t_x, t_y, t_w, t_h."""
        centres = (self.cells + terms[..., :2]) * self.strides[:, None]
        halves = self.shapes * terms[..., 2:].clamp(max=_LARGEST_TERM).exp() / 2
        return torch.cat([centres - halves, centres + halves], dim=-1)


def grid(sizes: Sequence[tuple[int, int]], strides: Sequence[int], shapes: Tensor) -> Grid:
    """The priors of levels with `sizes` (height, width) in cells and `shapes` (L, k, 2) for each cell of them."""
    parts = [_level(size, stride, own) for size, stride, own in zip(sizes, strides, shapes, strict=True)]
    return Grid(*(torch.cat(columns) for columns in zip(*parts, strict=True)))


def _level(size: tuple[int, int], stride: int, shapes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    height, width = size
    rows, columns = (torch.arange(n, dtype=torch.float32, device=shapes.device) for n in size)
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    cells = torch.stack([x, y], dim=-1).view(-1, 2).repeat(len(shapes), 1)
    return (
        cells,
        torch.full((len(cells),), float(stride), device=cells.device),
        shapes.repeat_interleave(height * width, dim=0),
    )
