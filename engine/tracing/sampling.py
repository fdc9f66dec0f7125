"""RoIAlign from inside: where a region's square of features comes from, by the arithmetic of `engine.nn.region_pool`.

A region is parted into S x S bins, each with n x n sample points; a point takes its value from the four cells about it,
by its distance to them (He et al. 2017, section 3). Nothing is rounded; points are held at the border of the level, and
those beyond a cell outside take nothing. The value of cell i lies at i, not at i + 1/2: in model pixels, at i strides.

Legend: S bins a side, n sample points per bin and axis, C channels. Coordinates are cells of the region's level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.tracing.stages import Anchors, Bools, FeatureMaps, Floats, Ints, Pooling

_NUDGE = 1e-6
"""What torchvision adds before rounding down, so that a side of exactly 224 is on its own level."""


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """The sample points of one region along one axis."""

    at: Floats
    """(S n,) where they fall."""
    is_inside: Bools
    """(S n,) whether they take anything."""
    cells: Ints
    """(S n, 2) the cells before and after each."""
    weights: Floats
    """(S n, 2) how much of each is taken; they add up to 1, or to 0 outside."""


@dataclass(frozen=True, slots=True, eq=False)
class Sampling:
    """One region on its level."""

    level: int
    stride: float
    """Model pixels per cell."""
    across: Axis
    down: Axis
    x_edges: Floats
    """(S + 1,) the borders of the bins."""
    y_edges: Floats
    n_samples: int

    @property
    def points_model(self) -> NDArray[np.float64]:
        """(S n, S n, 2) the sample points in model pixels, row by row, as they fall."""
        x, y = np.meshgrid(self.across.at, self.down.at)
        return np.stack([x, y], axis=-1).astype(np.float64) * self.stride

    def share(self, column: int, row: int) -> dict[tuple[int, int], float]:
        """The cells (column, row) that a bin's value is made of, and how much of each; they add up to 1 inside."""
        n, found = self.n_samples, dict[tuple[int, int], float]()
        for y in range(row * n, (row + 1) * n):
            for x in range(column * n, (column + 1) * n):
                for (cell_x, weight_x), (cell_y, weight_y) in _pairs(self.across, x, self.down, y):
                    key = (cell_x, cell_y)
                    found[key] = found.get(key, 0.0) + weight_x * weight_y / n**2
        return {key: weight for key, weight in found.items() if weight > 0}


def sampling(pooling: Pooling, row: int, grid: tuple[int, int]) -> Sampling:
    """A region's sample points; `grid` has the rows and columns of cells of its level."""
    level = int(pooling.level[row])
    scaled = pooling.boxes[row].astype(np.float32) / np.float32(pooling.strides[level])
    x0, y0, x1, y1 = (np.float32(value) for value in scaled)
    across, down = (_side(low, high) for low, high in ((x0, x1), (y0, y1)))
    size, n_points = pooling.size, pooling.size * pooling.n_samples
    edges = np.arange(size + 1, dtype=np.float32) / np.float32(size)
    return Sampling(
        level, pooling.strides[level], _axis(x0, across, n_points, grid[1]), _axis(y0, down, n_points, grid[0]),
        x0 + across * edges, y0 + down * edges, pooling.n_samples,
    )  # fmt: skip


def grid_of(anchors: Anchors, level: int) -> tuple[int, int]:
    """Rows and columns of a level that regions are pooled from; such levels are the first of those with anchors."""
    return anchors.grids[level][:2]


def pooled(found: Sampling, features: FeatureMaps) -> Floats:
    """(C, S, S) what is passed on of the region, in float32."""
    cells, n = features.levels[found.level], found.n_samples
    part = cells[:, found.down.cells][:, :, :, found.across.cells]  # (C, S n, 2, S n, 2)
    points = np.einsum("cyixj,yi,xj->cyx", part, found.down.weights, found.across.weights)
    size = points.shape[1] // n
    return np.asarray(points.reshape(-1, size, n, size, n).mean(axis=(2, 4)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class LevelChoice:
    """Why a region is looked up on its level (Lin et al. 2017, equation 1)."""

    side: float
    """The square root of its area, model pixels."""
    exact: float
    """The formula before it is rounded down: canonical level + log2(side / canonical side)."""
    level: int
    """The number of the level in the pyramid, 2 for stride 4; held within those that there are."""


def level_choice(pooling: Pooling, row: int) -> LevelChoice:
    """The formula of levels with this region's numbers."""
    x0, y0, x1, y1 = (float(value) for value in pooling.boxes[row])
    side = math.sqrt(max(x1 - x0, 0.0) * max(y1 - y0, 0.0))
    exact = pooling.canonical_level + math.log2(side / pooling.canonical_side) if side > 0 else -math.inf
    finest = round(math.log2(pooling.strides[0]))
    coarsest = finest + len(pooling.strides) - 1
    wanted = finest if math.isinf(exact) else math.floor(exact + _NUDGE)
    return LevelChoice(side, exact, min(max(wanted, finest), coarsest))


def _side(low: np.float32, high: np.float32) -> np.float32:
    return max(np.float32(high - low), np.float32(1))


def _axis(low: np.float32, side: np.float32, n_points: int, limit: int) -> Axis:
    steps = (np.arange(n_points, dtype=np.float32) + np.float32(0.5)) / np.float32(n_points)
    at = np.asarray(low + side * steps, dtype=np.float32)
    is_inside = (at >= -1) & (at <= limit)
    held = np.clip(at, 0, np.float32(limit - 1))
    before = np.floor(held)
    cells = np.stack([before, np.minimum(before + 1, limit - 1)], axis=-1).astype(np.int64)
    weights = np.stack([1 - (held - before), held - before], axis=-1) * is_inside[:, None]
    return Axis(at, is_inside, cells, weights.astype(np.float32))


def _pairs(across: Axis, x: int, down: Axis, y: int) -> list[tuple[tuple[int, float], tuple[int, float]]]:
    """The four cells about a point: column and its weight, row and its weight."""
    columns = list(zip(across.cells[x].tolist(), across.weights[x].tolist(), strict=True))
    rows = list(zip(down.cells[y].tolist(), down.weights[y].tolist(), strict=True))
    return [(column, row) for row in rows for column in columns]
