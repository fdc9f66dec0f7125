"""The convolutional body of a one-stage detector: CSP trunk, pyramid with a path down and up, decoupled head.

Trunk after YOLOv4/YOLOX, pyramid after PANet (Liu et al. 2018), head after YOLOX (Ge et al. 2021, section 2.1).

Legend: B pictures, K classes, k priors a cell, levels at strides 8, 16, 32 with h x w cells; A = sum of k h w over the
levels: the rows of all priors, level by level, prior by prior, cells row by row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from engine.nn.csp import Convolution, CrossStage, PooledPyramid, folded, mixing

STRIDES = (8, 16, 32)
"""Model pixels per cell of each level."""
FIRST_LOGIT = -math.log(99)
"""What objectness and classes begin with, a score of 0.01: nearly all is background (Lin et al. 2017, section 3.3)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How deep and wide a body is."""

    depth: float
    width: float
    is_separable: bool

    def channels(self, full: int) -> int:
        """Of a layer that has `full` channels at width 1."""
        return int(full * self.width)

    def blocks(self, full: int) -> int:
        """Residual blocks of a stage that has `full` of them at depth 1."""
        return max(round(full * self.depth), 1)


SHAPES = {
    "nano": Shape(0.33, 0.25, is_separable=True),
    "tiny": Shape(0.33, 0.375, is_separable=False),
    "small": Shape(0.33, 0.5, is_separable=False),
}
"""As YOLOX names and measures them."""


class Stage(nn.Module):
    """Half the resolution, twice the channels, and a cross-stage block."""

    def __init__(self, shape: Shape, full_channels: int, full_blocks: int, *, is_last: bool = False) -> None:
        super().__init__()
        channels, separable = shape.channels(full_channels), shape.is_separable
        self.down = mixing(channels // 2, channels, 2, is_separable=separable)
        self.pooling = PooledPyramid(channels) if is_last else nn.Identity()
        n_blocks = shape.blocks(full_blocks)
        self.cross = CrossStage(channels, channels, n_blocks, is_separable=separable, is_added=not is_last)

    def forward(self, cells: Tensor) -> Tensor:
        """The next coarser level."""
        coarser: Tensor = self.cross(self.pooling(self.down(cells)))
        return coarser


class Trunk(nn.Module):
    """Pictures to features at strides 8, 16, 32."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.stem = Convolution(12, shape.channels(64), 3)
        plan = ((128, 3), (256, 9), (512, 9))
        stages = [Stage(shape, channels, blocks) for channels, blocks in plan]
        self.stages = nn.ModuleList([*stages, Stage(shape, 1024, 3, is_last=True)])

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """The three levels, finest first, of (B, 3, H, W) with sides that 32 divides."""
        levels = [self.stem(folded(pictures))]
        for stage in self.stages:
            levels.append(stage(levels[-1]))
        return levels[2:]


class PathPyramid(nn.Module):
    """What is known at coarse levels goes down to the fine ones, then what is seen there goes up again."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        fine, middle, coarse = (shape.channels(full) for full in (256, 512, 1024))

        def block(channels_in: int, channels_out: int) -> CrossStage:
            n_blocks = shape.blocks(3)
            return CrossStage(channels_in, channels_out, n_blocks, is_separable=shape.is_separable, is_added=False)

        self.laterals = nn.ModuleList([Convolution(coarse, middle, 1), Convolution(middle, fine, 1)])
        self.downward = nn.ModuleList([block(2 * middle, middle), block(2 * fine, fine)])
        self.shrinks = nn.ModuleList(
            mixing(channels, channels, 2, is_separable=shape.is_separable) for channels in (fine, middle)
        )
        self.upward = nn.ModuleList([block(2 * fine, middle), block(2 * middle, coarse)])

    def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:
        """Three levels with the same cells and channels as they came in."""
        fine, middle, coarse = levels
        coarse_lateral = self.laterals[0](coarse)
        middle = self.downward[0](torch.cat([_doubled(coarse_lateral), middle], dim=1))
        middle_lateral = self.laterals[1](middle)
        fine = self.downward[1](torch.cat([_doubled(middle_lateral), fine], dim=1))
        middle = self.upward[0](torch.cat([self.shrinks[0](fine), middle_lateral], dim=1))
        coarse = self.upward[1](torch.cat([self.shrinks[1](middle), coarse_lateral], dim=1))
        return [fine, middle, coarse]


def _doubled(cells: Tensor) -> Tensor:
    return interpolate(cells, scale_factor=2.0, mode="nearest")


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What the head says of every prior, in float32."""

    boxes: Tensor
    """(B, A, 4) t_x, t_y, t_w, t_h."""
    objectness: Tensor
    """(B, A) logits: is there an object."""
    classes: Tensor
    """(B, A, K) logits: which, if there is one."""
    sizes: tuple[tuple[int, int], ...]
    """Height and width in cells of each level."""


class DecoupledHead(nn.Module):
    """Boxes and classes by branches of their own, on every level."""

    def __init__(self, shape: Shape, n_classes: int, n_priors: int) -> None:
        super().__init__()
        width = shape.channels(256)

        def branch() -> nn.Sequential:
            return nn.Sequential(*(mixing(width, width, 1, is_separable=shape.is_separable) for _ in range(2)))

        def outputs(n: int) -> nn.ModuleList:
            return nn.ModuleList(nn.Conv2d(width, n_priors * n, 1) for _ in STRIDES)

        self.stems = nn.ModuleList(Convolution(shape.channels(full), width, 1) for full in (256, 512, 1024))
        self.class_branches = nn.ModuleList(branch() for _ in STRIDES)
        self.box_branches = nn.ModuleList(branch() for _ in STRIDES)
        self.class_logits, self.box_terms, self.objectness = outputs(n_classes), outputs(4), outputs(1)
        self.n_classes = n_classes
        for layer in (*self.class_logits, *self.objectness):
            nn.init.constant_(layer.bias, FIRST_LOGIT)

    def forward(self, levels: Sequence[Tensor]) -> Terms:
        """The terms of all levels in one table."""
        boxes, objectness, classes = zip(*(self._level(at, cells) for at, cells in enumerate(levels)), strict=True)
        sizes = tuple((cells.shape[-2], cells.shape[-1]) for cells in levels)
        return Terms(torch.cat(boxes, 1), torch.cat(objectness, 1).squeeze(-1), torch.cat(classes, 1), sizes)

    def _level(self, at: int, cells: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        cells = self.stems[at](cells)
        classes, boxes = self.class_branches[at](cells), self.box_branches[at](cells)
        return (
            _table(self.box_terms[at](boxes), 4),
            _table(self.objectness[at](boxes), 1),
            _table(self.class_logits[at](classes), self.n_classes),
        )


def _table(cells: Tensor, n: int) -> Tensor:
    """(B, k h w, n) of (B, k n, h, w), in float32: coordinates are computed from it."""
    batch, channels, height, width = cells.shape
    table = cells.float().view(batch, channels // n, n, height, width)
    return table.permute(0, 1, 3, 4, 2).reshape(batch, -1, n)


class Body(nn.Module):
    """Trunk, pyramid and head."""

    def __init__(self, shape: Shape, n_classes: int, n_priors: int) -> None:
        super().__init__()
        self.trunk = Trunk(shape)
        self.neck = PathPyramid(shape)
        self.head = DecoupledHead(shape, n_classes, n_priors)

    def forward(self, pictures: Tensor) -> Terms:
        """What is said of every prior of (B, 3, H, W) pictures with sides that 32 divides."""
        return self.above(self.trunk(pictures))

    def above(self, levels: Sequence[Tensor]) -> Terms:
        """The same from the levels of the trunk."""
        terms: Terms = self.head(self.neck(levels))
        return terms
