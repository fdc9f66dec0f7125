"""RoIAlign over the levels of a pyramid, several times faster on a CPU than torchvision's and equal to it.

Every output cell is a weighted sum of feature vectors: 2 x 2 sample points with 4 neighbours each. With channels last,
the features of all levels are one table of vectors, so that all cells of all regions are a single embedding bag, which
reads and writes whole vectors where torchvision's kernel walks the picture once per channel.

Legend: R regions over all pictures, S cells a side, C channels, T vectors in the table, L levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag
from torchvision.ops import MultiScaleRoIAlign

SAMPLES = 2
"""Sample points per output cell and axis."""
CANONICAL_SIDE, CANONICAL_LEVEL = 224, 4
"""A region of this side is looked up at this level: stride 16 (Lin et al. 2017, equation 1)."""


class RegionPool(MultiScaleRoIAlign):  # type: ignore[misc]  # torchvision is untyped
    """A drop-in for torchvision's; on other devices than the CPU it is torchvision's."""

    def __init__(self, levels: list[str], size: int) -> None:
        super().__init__(levels, size, SAMPLES)

    def forward(self, features: dict[str, Tensor], boxes: list[Tensor], image_shapes: list[tuple[int, int]]) -> Tensor:
        """(R, C, S, S) float32 features of the boxes, which are in the pixels of `image_shapes`."""
        chosen = [features[name] for name in self.featmap_names]
        if chosen[0].device.type != "cpu":
            pooled: Tensor = super().forward(features, boxes, image_shapes)
            return pooled
        return pool(chosen, boxes, image_shapes, self.output_size[0])

    def levels_of(
        self, features: dict[str, Tensor], boxes: list[Tensor], image_shapes: list[tuple[int, int]]
    ) -> Tensor:
        """(R,) the index of the level that each box's features are taken from."""
        chosen = [features[name] for name in self.featmap_names]
        if chosen[0].device.type != "cpu" and self.map_levels is not None:
            found: Tensor = self.map_levels(boxes)
            return found
        return _level(torch.cat(boxes), _grids(chosen, image_shapes))

    def strides(self, features: dict[str, Tensor], image_shapes: list[tuple[int, int]]) -> tuple[float, ...]:
        """Of each level that regions are looked up on: model pixels per cell."""
        chosen = [features[name] for name in self.featmap_names]
        scales = self.scales if chosen[0].device.type != "cpu" and self.scales is not None else None
        return tuple(1 / float(each) for each in (scales or _grids(chosen, image_shapes).scale))


def pool(levels: list[Tensor], boxes: list[Tensor], image_shapes: list[tuple[int, int]], size: int) -> Tensor:
    """(R, C, S, S) float32: RoIAlign of each picture's boxes on the level that suits their size."""
    n_channels, n_regions = levels[0].shape[1], sum(len(each) for each in boxes)
    if n_regions == 0:
        return levels[0].new_zeros((0, n_channels, size, size), dtype=torch.float32)
    table = torch.cat([level.float().permute(0, 2, 3, 1).reshape(-1, n_channels) for level in levels])
    with torch.no_grad():
        rows, weights = _bags(_grids(levels, image_shapes), boxes, size)
    cells = embedding_bag(rows, table, mode="sum", per_sample_weights=weights)
    return cells.view(n_regions, size, size, n_channels).permute(0, 3, 1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class _Grids:
    """The levels of a pyramid as parts of one table; each an (L,) tensor."""

    height: Tensor
    width: Tensor
    scale: Tensor
    """Cells per model pixel."""
    first: Tensor
    """The table's row of each level's first cell."""


def _grids(levels: list[Tensor], image_shapes: list[tuple[int, int]]) -> _Grids:
    height = torch.tensor([level.shape[2] for level in levels])
    width = torch.tensor([level.shape[3] for level in levels])
    n_rows = torch.tensor([level.shape[0] for level in levels]) * height * width
    tallest = max(shape[0] for shape in image_shapes)
    scale = 2.0 ** (height / tallest).log2().round()
    return _Grids(height, width, scale, n_rows.cumsum(0) - n_rows)


def _bags(grids: _Grids, boxes: list[Tensor], size: int) -> tuple[Tensor, Tensor]:
    """(R S S, 16) rows of the table that make up every cell, and their weights."""
    regions = torch.cat(boxes)
    picture = torch.repeat_interleave(torch.arange(len(boxes)), torch.tensor([len(each) for each in boxes]))
    level = _level(regions, grids)
    height, width = grids.height[level], grids.width[level]
    scaled = regions * grids.scale[level][:, None]
    y, weight_y = _along(scaled[:, 1], scaled[:, 3], height, size)
    x, weight_x = _along(scaled[:, 0], scaled[:, 2], width, size)
    start = grids.first[level] + picture * height * width
    rows = start[:, None, None] + y * width[:, None, None]
    shape = (len(regions), size, size, -1)
    spread = (rows[:, :, None, :, None] + x[:, None, :, None, :]).reshape(shape)
    weights = (weight_y[:, :, None, :, None] * weight_x[:, None, :, None, :]).reshape(shape)
    return spread.flatten(0, 2), weights.flatten(0, 2)


def _level(regions: Tensor, grids: _Grids) -> Tensor:
    """(R,) the index of the level on which each region is looked up."""
    finest = -int(grids.scale[0].log2())
    side = (regions[:, 2:] - regions[:, :2]).prod(dim=1).sqrt()
    level = torch.floor(CANONICAL_LEVEL + torch.log2(side / CANONICAL_SIDE) + 1e-6)
    return (level - finest).clamp(0, len(grids.scale) - 1).long()


def _along(low: Tensor, high: Tensor, limit: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Along one axis: (R, S, 4) grid cells that each output cell draws on, and their weights.

    Bilinear between the two neighbours of a sample point, held at the border, nothing beyond a cell outside.
    """
    n_points = size * SAMPLES
    steps = (torch.arange(n_points) + 0.5) / n_points
    at = low[:, None] + (high - low).clamp(min=1.0)[:, None] * steps
    last = (limit - 1)[:, None]
    is_inside = (at >= -1) & (at <= limit[:, None])
    at = torch.minimum(at.clamp(min=0), last.float())
    before = at.floor()
    neighbours = torch.stack([before, torch.minimum(before + 1, last.float())], dim=-1).long()
    weights = torch.stack([1 - (at - before), at - before], dim=-1) * (is_inside / SAMPLES)[..., None]
    return neighbours.view(len(low), size, -1), weights.view(len(low), size, -1)
