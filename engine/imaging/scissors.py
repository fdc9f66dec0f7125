"""Live wire: the way along borders from one point of a picture to any other.

Mortensen and Barrett 1995: pixels on strong, thin borders cost little, and the cheapest way is the wire. All cheapest
ways from one point are found once, by sweeps over whole rows: along a row a running minimum carries the costs on, from
row to row one step of three neighbours does. Sweeps down and up are repeated until nothing changes, which is when the
costs are those of Dijkstra. Afterwards the way to any pixel is read off at once: that is what follows a pointer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.geometry.shapes import XY
from engine.imaging.patch import Patch, Pixels

Costs: TypeAlias = NDArray[np.int32]
Values: TypeAlias = NDArray[np.float32]

STRAIGHT, DIAGONAL = 5, 7
"""Lengths of steps, near enough to 1 : square root of 2."""
_DEAREST = 60
"""What a pixel with no border costs; one on the best border costs 1."""
_STRONG = 0.98
"""The share of pixels of a window whose borders are weaker than what counts as a whole border."""
_OFF_RIDGE = 0.6
"""What a border counts beside its strongest pixels."""
_FAR = np.int32(1 << 30)


@dataclass(frozen=True, slots=True, eq=False)
class Wire:
    """All cheapest ways from one pixel of a patch."""

    patch: Patch
    cell: tuple[int, int]
    """Row and column it is tied to."""
    totals: Costs
    """(height, width) what the cheapest way to each pixel costs."""
    before: Costs
    """For every pixel, counted row by row, the one before it on its way; its own for the one tied."""

    def to(self, xy_image: XY) -> tuple[XY, ...]:
        """The way to the pixel at a point of the picture: the middles of its pixels, in image pixels.

        Begins where the wire is tied. Every next pixel is a neighbour of the last.
        """
        row, column = self.patch.cell(xy_image)
        at, way = row * self.patch.width + column, [row * self.patch.width + column]
        while (last := int(self.before[at])) != at:
            at = last
            way.append(at)
        rows, columns = np.divmod(way[::-1], self.patch.width)
        middles = self.patch.to_image.apply(np.stack([columns, rows], axis=1) + 0.5)
        return tuple(map(tuple, middles.tolist()))


_NEIGHBOURS = ((0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1))


def tied(patch: Patch, xy_image: XY, costs: Costs | None = None) -> Wire:
    """The wire from a point of a picture; `costs` are those of the patch where they are known."""
    cell = patch.cell(xy_image)
    costs = border_costs(patch) if costs is None else costs
    totals = _totals(costs, cell)
    return Wire(patch, cell, totals, _before(totals, costs))


def border_costs(patch: Patch) -> Costs:
    """(height, width) what a wire pays for a pixel: 1 on the strongest border, much where there is none."""
    strength, down, across = _borders(patch.pixels)
    whole = max(float(np.quantile(strength[::2, ::2], _STRONG)), 1.0)
    share = np.minimum(strength / whole, 1.0)
    share[~_is_ridge(strength, down, across)] *= _OFF_RIDGE
    return np.asarray(1 + np.rint((1 - share) ** 2 * (_DEAREST - 1)), dtype=np.int32)


def _borders(pixels: Pixels) -> tuple[Values, Values, Values]:
    """(height, width) how steep each pixel is, and the ways down and across, in the channel that changes most.

    So a border between colours of equal grey is one.
    """
    steepest, down, across = (np.full(pixels.shape[:2], -1 if at == 0 else 0, dtype=np.float32) for at in range(3))
    for channel in range(3):
        smooth = _smoothed(pixels[..., channel].astype(np.float32))
        ways = _slope(smooth), _slope(smooth.T).T
        strength = np.hypot(*ways)
        steeper = strength > steepest
        for kept, found in zip((steepest, down, across), (strength, *ways), strict=True):
            np.copyto(kept, found, where=steeper)
    return steepest, down, across


def _smoothed(values: Values) -> Values:
    """By 1 2 1 along both axes; borders repeat."""
    for _ in range(2):
        wide = np.pad(values, ((1, 1), (0, 0)), mode="edge")
        values = ((wide[:-2] + np.float32(2) * wide[1:-1] + wide[2:]) / np.float32(4)).T
    return values


def _slope(values: Values) -> Values:
    """Half the difference of the rows below and above."""
    wide = np.pad(values, ((1, 1), (0, 0)), mode="edge")
    return (wide[2:] - wide[:-2]) / np.float32(2)


def _is_ridge(strength: Values, down: Values, across: Values) -> NDArray[np.bool_]:
    """Whether a pixel's border is no weaker than on either side across it: wires keep to the middle of a border."""
    height, width = strength.shape
    wide = np.pad(strength, 1, mode="edge").reshape(-1)
    most = np.maximum(strength, 1e-6)
    steps = (np.rint(down / most) * (width + 2) + np.rint(across / most)).astype(np.int32)
    rows, columns = np.arange(1, height + 1, dtype=np.int32), np.arange(1, width + 1, dtype=np.int32)
    places = rows[:, None] * np.int32(width + 2) + columns
    return np.asarray((strength >= wide[places + steps]) & (strength >= wide[places - steps]))


def _totals(costs: Costs, cell: tuple[int, int]) -> Costs:
    """(height, width) the cost of the cheapest way from a pixel to each."""
    totals = np.full(costs.shape, _FAR, dtype=np.int32)
    totals[cell] = 0
    along = np.cumsum(costs * STRAIGHT, axis=1, dtype=np.int32)
    _carry(totals[cell[0]], along[cell[0]], costs[cell[0]])
    # Rows that became cheaper since they were last carried on to the next row, downwards and upwards.
    open_rows = {1: {cell[0]}, -1: {cell[0]}}
    while open_rows[1] or open_rows[-1]:
        for way in (1, -1):
            _sweep(totals, (costs, along), way, open_rows)
    return totals


def _sweep(totals: Costs, given: tuple[Costs, Costs], way: int, open_rows: dict[int, set[int]]) -> None:
    """Carry costs on from row to row, down (way 1) or up (-1), as far as anything becomes cheaper."""
    costs, along = given
    todo, height = open_rows[way], len(costs)
    row = min(todo) if way == 1 and todo else max(todo, default=0)
    while todo:
        if row not in todo:
            row = min(todo) if way == 1 else max(todo)
        todo.discard(row)
        at = row + way
        if 0 <= at < height and _step(totals[at], totals[row], costs[at]):
            _carry(totals[at], along[at], costs[at])
            open_rows[1].add(at)
            open_rows[-1].add(at)
        row = at


def _step(here: Costs, last: Costs, costs: Costs) -> bool:
    """Into a row from the one beside it: straight and by both diagonals; whether anything became cheaper."""
    entered = last + STRAIGHT * costs
    slanted = DIAGONAL * costs
    np.minimum(entered[1:], last[:-1] + slanted[1:], out=entered[1:])
    np.minimum(entered[:-1], last[1:] + slanted[:-1], out=entered[:-1])
    if not (entered < here).any():
        return False
    np.minimum(here, entered, out=here)
    return True


def _carry(here: Costs, along: Costs, costs: Costs) -> None:
    """Along a row, both ways: a running minimum of what a way from the row's start would have saved."""
    np.minimum(here, np.minimum.accumulate(here - along) + along, out=here)
    # Leftwards a pixel's own cost is paid on entering it from the right.
    back = along - STRAIGHT * costs
    np.minimum(here, np.minimum.accumulate((here + back)[::-1])[::-1] - back, out=here)


def _before(totals: Costs, costs: Costs) -> Costs:
    """(height * width,) for every pixel the place of the one before it on its cheapest way."""
    height, width = totals.shape
    places = np.arange(height * width, dtype=np.int32).reshape(height, width)
    found = places.copy()
    beyond = np.pad(totals, 1, constant_values=_FAR)
    for down, right in _NEIGHBOURS:
        there = beyond[1 + down : 1 + down + height, 1 + right : 1 + right + width]
        length = DIAGONAL if down and right else STRAIGHT
        found = np.where(there + length * costs == totals, places + (down * width + right), found)
    return found.reshape(-1)
