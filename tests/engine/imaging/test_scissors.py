"""The wire against Dijkstra's algorithm as everyone writes it, and on a disc."""

import heapq
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.imaging import scissors
from engine.imaging.patch import Patch

COSTS = st.builds(
    lambda seed, height, width, most: np.random.default_rng(seed).integers(1, most + 1, (height, width), np.int32),
    st.integers(0, 9999), st.integers(1, 12), st.integers(1, 12), st.integers(1, 60),
)  # fmt: skip


def dijkstra(costs, cell):
    height, width = costs.shape
    totals = {cell: 0}
    heap = [(0, cell)]
    while heap:
        total, (y, x) = heapq.heappop(heap)
        if total > totals[y, x]:
            continue
        for down, right in ((a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b):
            to = (y + down, x + right)
            if 0 <= to[0] < height and 0 <= to[1] < width:
                length = scissors.DIAGONAL if down and right else scissors.STRAIGHT
                found = total + length * int(costs[to])
                if found < totals.get(to, math.inf):
                    totals[to] = found
                    heapq.heappush(heap, (found, to))
    return np.array([[totals[y, x] for x in range(width)] for y in range(height)])


@given(COSTS, st.integers(0, 11), st.integers(0, 11))
def test_costs_are_those_of_dijkstra(costs, row, column):
    cell = (row % costs.shape[0], column % costs.shape[1])
    patch = Patch(np.zeros((*costs.shape, 3), np.uint8))
    wire = scissors.tied(patch, (cell[1] + 0.5, cell[0] + 0.5), costs)
    assert np.array_equal(wire.totals, dijkstra(costs, cell))


@given(COSTS, st.integers(0, 11), st.integers(0, 11))
def test_the_way_costs_what_it_should(costs, row, column):
    height, width = costs.shape
    patch = Patch(np.zeros((height, width, 3), np.uint8), 10, 20, 2)
    wire = scissors.tied(patch, (10, 20), costs)
    y, x = row % height, column % width
    way = wire.to((10 + 2 * x + 1, 20 + 2 * y + 1))
    cells = [(round((b - 21) / 2), round((a - 11) / 2)) for a, b in way]
    assert cells[0] == (0, 0) and cells[-1] == (y, x)
    total = 0
    for before, after in pairwise(cells):
        down, right = after[0] - before[0], after[1] - before[1]
        assert max(abs(down), abs(right)) == 1
        total += (scissors.DIAGONAL if down and right else scissors.STRAIGHT) * int(costs[after])
    assert total == wire.totals[y, x]


def disc(radius: float, side: int = 200, noise: float = 6.0) -> Patch:
    y, x = np.mgrid[:side, :side] + 0.5
    inside = np.hypot(x - side / 2, y - side / 2) < radius
    values = np.where(inside, 150, 80)[..., None] + np.random.default_rng(0).normal(0, noise, (side, side, 3))
    return Patch(np.clip(values, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("degrees", [40, 90, 150])
def test_the_wire_follows_a_border(degrees):
    patch, radius = disc(60), 60
    wire = scissors.tied(patch, (100 + radius, 100))
    turn = math.radians(degrees)
    way = np.array(wire.to((100 + radius * math.cos(turn), 100 + radius * math.sin(turn))))
    off = np.abs(np.hypot(*(way - 100).T) - radius)
    assert np.mean(off) < 1.2 and off.max() < 4
    assert len(way) > 0.6 * radius * turn


def test_a_colour_of_equal_grey_has_a_border():
    pixels = np.zeros((20, 20, 3), np.uint8)
    pixels[:, :10], pixels[:, 10:] = (150, 60, 80), (80, 96, 80)
    costs = scissors.border_costs(Patch(pixels))
    assert costs[:, 9:11].min() == 1 and costs[:, :6].min() > 30
