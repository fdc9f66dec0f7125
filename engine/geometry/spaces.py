"""Affine: points and shapes from one space into another (image, view, model). Sizes are (width, height)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.geometry.outlines import to_polygon
from engine.geometry.scanline import of_polygon
from engine.geometry.shapes import XY, Box, Keypoints, Mask, Part, Polygon, Ring, RotatedBox, Shape, ring

Size: TypeAlias = tuple[float, float]
Anchor: TypeAlias = Literal["top_left", "centre"]

_SQUARE = 1e-9
"""The largest cosine between two sides that still count as perpendicular."""


@dataclass(frozen=True, slots=True)
class Affine:
    """x' = xx x + xy y + dx and y' = yx x + yy y + dy."""

    xx: float = 1.0
    xy: float = 0.0
    dx: float = 0.0
    yx: float = 0.0
    yy: float = 1.0
    dy: float = 0.0

    @classmethod
    def identity(cls) -> Affine:
        return cls()

    @classmethod
    def scale(cls, x: float, y: float | None = None) -> Affine:
        """About the origin; one factor serves both axes."""
        return cls(xx=x, yy=x if y is None else y)

    @classmethod
    def translate(cls, dx: float, dy: float) -> Affine:
        return cls(dx=dx, dy=dy)

    @classmethod
    def rotate(cls, degrees: float, about: XY = (0.0, 0.0)) -> Affine:
        """Clockwise on screen; exact at multiples of 90 degrees."""
        cos, sin = _cos_sin(degrees)
        return cls.translate(*about) @ cls(xx=cos, xy=-sin, yx=sin, yy=cos) @ cls.translate(-about[0], -about[1])

    @classmethod
    def fit(cls, size: Size, into: Size) -> Affine:
        """Show a picture of `size` whole, as large as it can be and centred, as a view does."""
        scale = min(into[0] / size[0], into[1] / size[1])
        return cls(xx=scale, dx=(into[0] - scale * size[0]) / 2, yy=scale, dy=(into[1] - scale * size[1]) / 2)

    @classmethod
    def resize(cls, size: Size, to: Size) -> Affine:
        """Stretch a picture of one size to another, each axis by its own factor."""
        return cls.scale(to[0] / size[0], to[1] / size[1])

    @classmethod
    def letterbox(cls, size: Size, into: Size, at: Anchor = "top_left") -> Affine:
        """Image pixels to those of a network's input: resized to `letterbox_size`, the rest being padding."""
        width, height = letterbox_size(size, into)
        resized = cls.resize(size, (width, height))
        if at == "top_left":
            return resized
        return cls.translate((into[0] - width) // 2, (into[1] - height) // 2) @ resized

    @classmethod
    def crop(cls, window: Box) -> Affine:
        """Image pixels to those of the piece that is cut out at `window`."""
        return cls.translate(-window.x0, -window.y0)

    @classmethod
    def flip_horizontal(cls, width: float) -> Affine:
        return cls(xx=-1.0, dx=width)

    @classmethod
    def flip_vertical(cls, height: float) -> Affine:
        return cls(yy=-1.0, dy=height)

    @classmethod
    def exif(cls, orientation: int, width: float, height: float) -> Affine:
        """Stored pixels (`width` x `height` as stored) to upright ones; an orientation not in 1 to 8 changes nothing.

        The eight orientations of the tag 0x0112, EXIF 2.32.
        """
        return {
            2: cls(xx=-1, dx=width),
            3: cls(xx=-1, dx=width, yy=-1, dy=height),
            4: cls(yy=-1, dy=height),
            5: cls(xx=0, xy=1, yx=1, yy=0),
            6: cls(xx=0, xy=-1, dx=height, yx=1, yy=0),
            7: cls(xx=0, xy=-1, dx=height, yx=-1, yy=0, dy=width),
            8: cls(xx=0, xy=1, yx=-1, yy=0, dy=width),
        }.get(orientation, cls())

    @property
    def determinant(self) -> float:
        """By how much areas grow; negative where left and right are swapped."""
        return self.xx * self.yy - self.xy * self.yx

    @property
    def keeps_upright(self) -> bool:
        """Whether upright rectangles stay upright rectangles."""
        return (self.xy == 0 and self.yx == 0) or (self.xx == 0 and self.yy == 0)

    def apply(self, points: ArrayLike) -> NDArray[np.float64]:
        """(N, 2) points moved into the other space; one point (x, y) gives (1, 2)."""
        array = np.asarray(points, dtype=np.float64).reshape(-1, 2)
        return np.asarray(array @ np.array([[self.xx, self.yx], [self.xy, self.yy]]) + (self.dx, self.dy))

    def apply_one(self, xy: XY) -> XY:
        """One point moved into the other space."""
        x, y = xy
        return (self.xx * x + self.xy * y + self.dx, self.yx * x + self.yy * y + self.dy)

    def inverse(self) -> Affine:
        """The way back; raises ValueError where there is none."""
        area = self.determinant
        if area == 0 or not math.isfinite(area):
            raise ValueError("this affine has no inverse")
        xx, xy, yx, yy = self.yy / area, -self.xy / area, -self.yx / area, self.xx / area
        return Affine(xx, xy, -(xx * self.dx + xy * self.dy), yx, yy, -(yx * self.dx + yy * self.dy))

    def __matmul__(self, first: Affine) -> Affine:
        """First the other, then this one."""
        dx, dy = self.apply_one((first.dx, first.dy))
        return Affine(
            self.xx * first.xx + self.xy * first.yx, self.xx * first.xy + self.xy * first.yy, dx,
            self.yx * first.xx + self.yy * first.yx, self.yx * first.xy + self.yy * first.yy, dy,
        )  # fmt: skip


def letterbox_size(size: Size, into: Size) -> tuple[int, int]:
    """The whole pixels that a picture of `size` takes when it is shrunk or grown, undistorted, to lie in `into`."""
    scale = min(into[0] / size[0], into[1] / size[1])
    # A hair is added before rounding down, lest 320 * (416 / 320) be 415.
    return max(1, int(size[0] * scale + 1e-6)), max(1, int(size[1] * scale + 1e-6))


def transform(shape: Shape, affine: Affine) -> Shape:
    """The shape in the other space, of the same kind where that can hold it, else its outline as a polygon.

    Masks are moved by their outline and drawn anew by the pixel-centre rule: exact where pixels fall on pixels
    (EXIF orientations, flips, whole steps). Outer rings stay clockwise on screen when left and right are swapped.
    """
    match shape:
        case Box():
            return _transform_box(shape, affine)
        case RotatedBox():
            return _transform_rotated(shape, affine)
        case Polygon(parts):
            return Polygon(tuple(_transform_part(part, affine) for part in parts))
        case Mask():
            return _transform_mask(shape, affine)
        case Keypoints(points):
            return Keypoints(tuple((*affine.apply_one((x, y)), v) if v > 0 else (x, y, v) for x, y, v in points))


def _transform_box(box: Box, affine: Affine) -> Box | Polygon:
    if affine.keeps_upright:
        return Box.between(affine.apply_one((box.x0, box.y0)), affine.apply_one((box.x1, box.y1)))
    return Polygon((_transform_part(Part(box.corners), affine),))


def _transform_rotated(box: RotatedBox, affine: Affine) -> RotatedBox | Polygon:
    cos, sin = _cos_sin(box.angle)
    along = (affine.xx * cos + affine.xy * sin, affine.yx * cos + affine.yy * sin)
    across = (affine.xy * cos - affine.xx * sin, affine.yy * cos - affine.yx * sin)
    width, height = math.hypot(*along), math.hypot(*across)
    if abs(along[0] * across[0] + along[1] * across[1]) > _SQUARE * width * height:
        return Polygon((_transform_part(Part(box.corners), affine),))
    cx, cy = affine.apply_one((box.cx, box.cy))
    return RotatedBox(cx, cy, box.width * width, box.height * height, math.degrees(math.atan2(along[1], along[0])))


def _transform_part(part: Part, affine: Affine) -> Part:
    return Part(_transform_ring(part.outer, affine), tuple(_transform_ring(hole, affine) for hole in part.holes))


def _transform_ring(points: Ring, affine: Affine) -> Ring:
    moved = affine.apply(points)
    return ring(moved if affine.determinant >= 0 else moved[::-1])


def _transform_mask(mask: Mask, affine: Affine) -> Mask:
    step = (affine.dx, affine.dy)
    if affine == Affine.translate(*step) and all(float(value).is_integer() for value in step):
        return mask if mask.is_empty else replace(mask, x=mask.x + int(affine.dx), y=mask.y + int(affine.dy))
    return of_polygon(Polygon(tuple(_transform_part(part, affine) for part in to_polygon(mask).parts)))


def _cos_sin(degrees: float) -> XY:
    """Exact at multiples of 90 degrees, where the library's are off by 1e-16 and upright would be lost."""
    quarters, rest = divmod(degrees, 90)
    if rest == 0:
        return ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarters) % 4]
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
