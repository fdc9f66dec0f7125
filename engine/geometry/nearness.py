"""How near a point is to a shape: its nearest vertex, its nearest edge, and whether it lies inside."""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.geometry.shapes import XY, Bounds, Box, Keypoints, Mask, Polygon, Ring, RotatedBox, Shape
from engine.geometry.shaping import Place

Near: TypeAlias = tuple[float, Place]
"""A distance in pixels, and the vertex, or the edge that begins there."""


class Nearness:
    """A shape asked again and again how near points are; what it needs for that is worked out when first asked.

    Masks have no vertices and edges, keypoints no edges and no inside. A box's edges count from its top, clockwise.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    @cached_property
    def bounds(self) -> Bounds:
        return self.shape.bounds

    @cached_property
    def area(self) -> float:
        return self.shape.area

    def vertex(self, xy: XY) -> Near | None:
        """The nearest vertex; None where the shape has none."""
        if not len(self._vertices):
            return None
        squares = _squares(self._vertices - np.array(xy))
        nearest = int(squares.argmin())
        return float(np.sqrt(squares[nearest])), self._places[nearest]

    def edge(self, xy: XY) -> Near | None:
        """The nearest edge; None where the shape has none."""
        if isinstance(self.shape, (Mask, Keypoints)) or not len(self._vertices):
            return None
        off, steps = np.array(xy) - self._vertices, self._steps
        along = np.minimum(np.maximum(_dots(off, steps) / self._square_lengths, 0), 1)
        squares = _squares(off - along[:, None] * steps)
        nearest = int(squares.argmin())
        return float(np.sqrt(squares[nearest])), self._places[nearest]

    def contains(self, xy: XY) -> bool:
        """Whether the point lies inside, by even-odd; on a mask, whether its pixel is set."""
        match self.shape:
            case Box(x0, y0, x1, y1):
                return x0 <= xy[0] < x1 and y0 <= xy[1] < y1
            case Mask():
                return self._is_set(int(np.floor(xy[0])) - self.shape.x, int(np.floor(xy[1])) - self.shape.y)
            case Keypoints():
                return False
        return self._crossings_right_of(xy) % 2 == 1

    def _is_set(self, column: int, row: int) -> bool:
        mask = self.shape
        if not isinstance(mask, Mask) or not (0 <= column < mask.width and 0 <= row < mask.height):
            return False
        return int(np.searchsorted(self._run_ends, column * mask.height + row, side="right")) % 2 == 1

    def _crossings_right_of(self, xy: XY) -> int:
        (x, y), starts, steps = xy, self._vertices, self._steps
        crossing = np.flatnonzero((starts[:, 1] > y) != (self._ends[:, 1] > y))
        along = (y - starts[crossing, 1]) / steps[crossing, 1]
        at = starts[crossing, 0] + along * steps[crossing, 0]
        return int(np.count_nonzero(at > x))

    @cached_property
    def _rings(self) -> list[tuple[Ring, Place]]:
        """Every ring with the place of its first vertex."""
        match self.shape:
            case Box() | RotatedBox():
                return [(self.shape.corners, Place(0))]
            case Polygon(parts):
                return [
                    (points, Place(0, at, n)) for n, part in enumerate(parts) for at, points in enumerate(part.rings)
                ]
        return []

    @cached_property
    def _places(self) -> list[Place]:
        """The place of every vertex, as `_vertices` has them."""
        if isinstance(self.shape, Keypoints):
            return [Place(at) for at, (_, _, visibility) in enumerate(self.shape.points) if visibility > 0]
        return [Place(at, first.ring, first.part) for points, first in self._rings for at in range(len(points))]

    @cached_property
    def _vertices(self) -> NDArray[np.float64]:
        if isinstance(self.shape, Keypoints):
            return np.array(self.shape.given, dtype=np.float64).reshape(-1, 2)
        return np.concatenate([np.empty((0, 2)), *(points for points, _ in self._rings)])

    @cached_property
    def _ends(self) -> NDArray[np.float64]:
        """For every vertex the next of its ring."""
        return np.concatenate([np.empty((0, 2)), *(np.roll(points, -1, axis=0) for points, _ in self._rings)])

    @cached_property
    def _steps(self) -> NDArray[np.float64]:
        return self._ends - self._vertices

    @cached_property
    def _square_lengths(self) -> NDArray[np.float64]:
        """Of every step; never 0, so that a step of no length can be divided by it."""
        return np.maximum(_squares(self._steps), np.finfo(np.float64).tiny)

    @cached_property
    def _run_ends(self) -> NDArray[np.int64]:
        return np.cumsum(self.shape.counts if isinstance(self.shape, Mask) else (), dtype=np.int64)


def _dots(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Products of rows; on a few points twice as quick as a sum over an axis."""
    return np.asarray(np.einsum("ij,ij->i", a, b))


def _squares(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return _dots(rows, rows)
