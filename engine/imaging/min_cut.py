"""The cheapest border on a grid of pixels: a minimum cut, found as the dual of a maximum flow.

Every pixel costs `costs` where it is inside, and every pair of neighbours on different sides costs the weight between
them. The relaxation to values in [0, 1] has the same minimum as the cut, whatever level it is cut at; primal-dual steps
(Chambolle and Pock 2011) on whole arrays find it, the flow between neighbours being the dual. What any flow proves is
a bound from below, so that it is known how near a cut is to the best one, and when to stop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.imaging.patch import Bitmap

T = TypeVar("T", bound=np.generic)
Grid: TypeAlias = NDArray[np.float32]
"""(height, width)."""
Edges: TypeAlias = tuple[Grid, ...]
"""One array a way of `WAYS`: the pixel that an entry stands for and the one that lies this way from it."""

WAYS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Rows and columns to the neighbours that edges lead to."""
_STEP = 0.25
"""1 / sqrt of the most that the edges' operator stretches: 16 with eight neighbours (Gershgorin)."""
_LOOK_EVERY = 25


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A border and the flow that proves how good it is; given again, the flow saves most of the next search."""

    inside: Grid
    """(height, width) in [0, 1]; inside from 0.5 on."""
    flow: Edges
    gap: float
    """The best cut costs at most this much less."""

    @property
    def bitmap(self) -> Bitmap:
        return np.asarray(self.inside >= 0.5)


def minimum_cut(
    costs: Grid, weights: Edges, *, rounds: int = 1000, within: float = 0.0, start: Cut | None = None
) -> Cut:
    """The cheapest cut, or one that is proven to cost at most `within` more, or the best seen after `rounds`."""
    inside, flow = _begun(costs, weights, start)
    ahead, gap = inside.copy(), np.inf
    for done in range(1, rounds + 1):
        for edges, weight, way in zip(flow, weights, WAYS, strict=True):
            first, second = edge_ends(ahead, way)
            np.clip(edges + np.float32(_STEP) * (second - first), -weight, weight, out=edges)
        pressed = _pressed(costs, flow)
        before, inside = inside, np.clip(inside - _STEP * pressed, 0, 1)
        ahead = 2 * inside - before
        if done % _LOOK_EVERY == 0 or done == rounds:
            gap = cost_of(inside >= 0.5, costs, weights) - float(np.minimum(pressed, 0).sum(dtype=np.float64))
            if gap <= within + 1e-4:
                break
    return Cut(inside, flow, max(gap, 0.0))


def cost_of(bitmap: Bitmap, costs: Grid, weights: Edges) -> float:
    """What a border costs."""
    total = float(costs[bitmap].sum(dtype=np.float64))
    for weight, way in zip(weights, WAYS, strict=True):
        first, second = edge_ends(bitmap, way)
        total += float(weight[first != second].sum(dtype=np.float64))
    return total


def _begun(costs: Grid, weights: Edges, start: Cut | None) -> tuple[Grid, Edges]:
    """Where the search begins, as arrays of its own."""
    if start is None:
        return (costs < 0).astype(np.float32), tuple(np.zeros_like(weight) for weight in weights)
    held = (np.clip(edges, -weight, weight) for edges, weight in zip(start.flow, weights, strict=True))
    return start.inside.copy(), tuple(held)


def edge_shape(height: int, width: int, way: tuple[int, int]) -> tuple[int, int]:
    """The shape of the array of edges this way on a grid."""
    return height - way[0], width - abs(way[1])


def edge_ends(grid: NDArray[T], way: tuple[int, int]) -> tuple[NDArray[T], NDArray[T]]:
    """Both ends of all edges this way, as views."""
    down, right = way
    height, width = grid.shape[:2]
    columns = slice(max(-right, 0), width - max(right, 0))
    beyond = slice(max(right, 0), width - max(-right, 0))
    return grid[: height - down, columns], grid[down:, beyond]


def _pressed(costs: Grid, flow: Edges) -> Grid:
    """What each pixel costs inside, the flow to and from its neighbours taken into account."""
    pressed = costs.copy()
    for edges, way in zip(flow, WAYS, strict=True):
        first, second = edge_ends(pressed, way)
        first -= edges
        second += edges
    return pressed
