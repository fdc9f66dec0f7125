"""The five shapes an annotation or a detection can have: frozen values in image pixels (continuous coordinates)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

ShapeKind: TypeAlias = Literal["box", "rotated_box", "polygon", "mask", "keypoints"]
XY: TypeAlias = tuple[float, float]
Bounds: TypeAlias = tuple[float, float, float, float]
Ring: TypeAlias = NDArray[np.float64]
"""(N, 2) float64, read-only, N >= 3; open: the first point is not repeated at the end."""


def ring(points: ArrayLike) -> Ring:
    """A read-only (N, 2) float64 ring from any sequence of points; a repeated last point is dropped.

    Raises ValueError for fewer than three points or coordinates that are not finite.
    """
    array = np.array(points, dtype=np.float64).reshape(-1, 2)
    if len(array) > 1 and np.array_equal(array[0], array[-1]):
        array = array[:-1]
    if len(array) < 3:
        raise ValueError("a ring needs at least three points")
    if not np.isfinite(array).all():
        raise ValueError("a ring's coordinates must be finite")
    array.setflags(write=False)
    return array


def ring_area(points: Ring) -> float:
    """Signed area of a ring by the shoelace formula: positive when clockwise on screen (y points down)."""
    x, y = points[:, 0], points[:, 1]
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1] + x[-1] * y[0] - x[0] * y[-1]) / 2


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle from (x0, y0) to (x1, y1), with x0 <= x1 and y0 <= y1."""

    kind: ClassVar[ShapeKind] = "box"
    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def between(cls, a: XY, b: XY) -> Box:
        """The box with two opposite corners at `a` and `b`, in any order."""
        return cls(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def is_empty(self) -> bool:
        return not (self.x1 > self.x0 and self.y1 > self.y0)

    @property
    def bounds(self) -> Bounds:
        return (self.x0, self.y0, self.x1, self.y1)

    @property
    def corners(self) -> Ring:
        """The four corners, clockwise on screen from the top left."""
        return ring([(self.x0, self.y0), (self.x1, self.y0), (self.x1, self.y1), (self.x0, self.y1)])


@dataclass(frozen=True, slots=True)
class RotatedBox:
    """A rectangle about its centre; `angle` in degrees, clockwise on screen, 0 = upright."""

    kind: ClassVar[ShapeKind] = "rotated_box"
    cx: float
    cy: float
    width: float
    height: float
    angle: float

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def is_empty(self) -> bool:
        return not (self.width > 0 and self.height > 0)

    @property
    def corners(self) -> Ring:
        """The four corners, clockwise on screen from the one that is top left at angle 0."""
        cos, sin = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        local = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (self.width / 2, self.height / 2)
        return ring(local @ np.array([(cos, sin), (-sin, cos)]) + (self.cx, self.cy))

    @property
    def bounds(self) -> Bounds:
        (x0, y0), (x1, y1) = self.corners.min(axis=0), self.corners.max(axis=0)
        return (float(x0), float(y0), float(x1), float(y1))


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One piece of a polygon: an outer ring and the holes cut out of it."""

    outer: Ring
    holes: tuple[Ring, ...] = ()

    @property
    def rings(self) -> tuple[Ring, ...]:
        return (self.outer, *self.holes)

    @property
    def area(self) -> float:
        return abs(ring_area(self.outer)) - sum(abs(ring_area(hole)) for hole in self.holes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Part) or len(self.rings) != len(other.rings):
            return NotImplemented if not isinstance(other, Part) else False
        return all(np.array_equal(a, b) for a, b in zip(self.rings, other.rings, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(points.tobytes() for points in self.rings))


@dataclass(frozen=True, slots=True)
class Polygon:
    """One or more parts, each with its holes; parts do not overlap."""

    kind: ClassVar[ShapeKind] = "polygon"
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, outer: ArrayLike, *holes: ArrayLike) -> Polygon:
        """A polygon of one part from an outer ring and its holes; raises ValueError as `ring` does."""
        return cls((Part(ring(outer), tuple(ring(hole) for hole in holes)),))

    @property
    def rings(self) -> Iterable[Ring]:
        return (points for part in self.parts for points in part.rings)

    @property
    def n_vertices(self) -> int:
        return sum(len(points) for points in self.rings)

    @property
    def area(self) -> float:
        return sum(part.area for part in self.parts)

    @property
    def is_empty(self) -> bool:
        return not self.parts or self.area <= 0

    @property
    def bounds(self) -> Bounds:
        if not self.parts:
            return (0.0, 0.0, 0.0, 0.0)
        points = np.concatenate([part.outer for part in self.parts])
        (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
        return (float(x0), float(y0), float(x1), float(y1))


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """A bitmap of whole pixels as run lengths, cropped to its window on the image.

    `counts` (uint32, read-only) alternates runs of 0 and 1, starting with 0, column by column through the window of
    `width` x `height` pixels whose top left pixel is (`x`, `y`): COCO's order, without COCO's full-image extent.
    `engine.geometry.masks` makes and opens masks.
    """

    kind: ClassVar[ShapeKind] = "mask"
    x: int
    y: int
    width: int
    height: int
    counts: NDArray[np.uint32]

    @property
    def area(self) -> float:
        return float(self.counts[1::2].sum(dtype=np.int64))

    @property
    def is_empty(self) -> bool:
        return self.area == 0

    @property
    def bounds(self) -> Bounds:
        """The window's corners; `masks` always crops the window to the pixels that are set."""
        return (float(self.x), float(self.y), float(self.x + self.width), float(self.y + self.height))

    def _key(self) -> tuple[int, int, int, int, bytes]:
        return (self.x, self.y, self.width, self.height, self.counts.tobytes())

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, Mask) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())


@dataclass(frozen=True, slots=True)
class Keypoints:
    """Named points of one object, in the order of its class's skeleton: (x, y, visibility) each.

    Visibility as in COCO: 0 not given, 1 given but hidden, 2 visible.
    """

    kind: ClassVar[ShapeKind] = "keypoints"
    points: tuple[tuple[float, float, int], ...]

    @classmethod
    def of(cls, points: Sequence[Sequence[float]]) -> Keypoints:
        """Keypoints from rows of (x, y, visibility)."""
        return cls(tuple((float(x), float(y), int(v)) for x, y, v in points))

    @property
    def given(self) -> tuple[XY, ...]:
        return tuple((x, y) for x, y, visibility in self.points if visibility > 0)

    @property
    def area(self) -> float:
        x0, y0, x1, y1 = self.bounds
        return (x1 - x0) * (y1 - y0)

    @property
    def is_empty(self) -> bool:
        return not self.given

    @property
    def bounds(self) -> Bounds:
        if not self.given:
            return (0.0, 0.0, 0.0, 0.0)
        xs, ys = zip(*self.given, strict=True)
        return (min(xs), min(ys), max(xs), max(ys))


Shape: TypeAlias = Box | RotatedBox | Polygon | Mask | Keypoints
