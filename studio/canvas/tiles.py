"""Tiles: squares of the view's own pixels at one zoom, counted from the picture's top left corner."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from engine.geometry.shapes import XY, Bounds
from studio.canvas.viewport import Viewport

SIDE = 256


class TilePlace(NamedTuple):
    """Which tile: a column and a row at a scale of so many view pixels per image pixel. A tuple, for quick look-up."""

    scale: float
    column: int
    row: int

    @property
    def corner(self) -> tuple[int, int]:
        """Top left, in view pixels from the picture's corner."""
        return (self.column * SIDE, self.row * SIDE)

    def reach(self, margin: float) -> Bounds:
        """The part of image space that shows on it, with `margin` view pixels around."""
        x, y = self.corner
        near, far = -margin / self.scale, (SIDE + margin) / self.scale
        return (x / self.scale + near, y / self.scale + near, x / self.scale + far, y / self.scale + far)

    def target(self, view: Viewport) -> tuple[int, int, int, int]:
        """Where it lies in a view of any scale: left, top, right, bottom; neighbours share their edges."""
        step, (dx, dy) = SIDE * view.scale / self.scale, view.origin
        return (
            dx + round(self.column * step),
            dy + round(self.row * step),
            dx + round((self.column + 1) * step),
            dy + round((self.row + 1) * step),
        )

    def distance_to(self, xy: XY) -> float:
        """From its middle, in view pixels from the picture's corner."""
        x, y = self.corner
        return math.hypot(x + SIDE / 2 - xy[0], y + SIDE / 2 - xy[1])


def places(view: Viewport, margin: int = 0, beyond: int = 64) -> list[TilePlace]:
    """The tiles in sight, `margin` more tiles around, as far as the picture and `beyond` view pixels around it go."""
    ranges = []
    for at, room, side in zip(view.origin, view.view, view.picture, strict=True):
        first = max(math.floor(-at / SIDE) - margin, math.floor(-beyond / SIDE))
        last = min(math.floor((room - 1 - at) / SIDE) + margin, math.floor((side * view.scale + beyond) / SIDE))
        ranges.append(range(first, last + 1))
    columns, rows = ranges
    return [TilePlace(view.scale, column, row) for row in rows for column in columns]


def meets_any(bounds: Bounds, areas: Iterable[Bounds]) -> bool:
    """Whether any of the areas touches the bounds."""
    x0, y0, x1, y1 = bounds
    return any(a[0] <= x1 and x0 <= a[2] and a[1] <= y1 and y0 <= a[3] for a in areas)
