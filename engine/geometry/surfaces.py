"""Surfaces: shapes with what was worked out about their areas, and what two of them have in common."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from engine.geometry import masks, planar, spans
from engine.geometry.shapes import Bounds, Box, Mask, Shape
from engine.geometry.spans import Spans

_STAIRS = 0.75
"""Pixels; a diagonal's corners lie 0.71 off it."""


_LONG = 8000
"""Run lengths: the outline of a mask with more takes some hundredths of a second."""


class Surface:
    """A shape with what was worked out about its area, each when first asked for."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    @cached_property
    def geometry(self) -> shapely.Geometry:
        return planar.surface(self.shape)

    @cached_property
    def area(self) -> float:
        return self.shape.area if isinstance(self.shape, (Box, Mask)) else float(shapely.area(self.geometry))

    @cached_property
    def bounds(self) -> Bounds:
        return self.shape.bounds

    @cached_property
    def box(self) -> Box:
        return Box(*self.bounds)

    @cached_property
    def strips(self) -> Spans:
        return spans.of_mask(masks.of_shape(self.shape))

    @cached_property
    def convex(self) -> shapely.Geometry:
        points = _extremes(self.strips) if isinstance(self.shape, Mask) and not self.shape.is_empty else None
        return shapely.convex_hull(self.geometry if points is None else shapely.linestrings(points))

    @cached_property
    def outline(self) -> shapely.Geometry:
        """Prepared; the stairs of a mask are smoothed by `_STAIRS` pixels, which leaves a third of its vertices."""
        outline = shapely.boundary(self.geometry)
        if isinstance(self.shape, Mask):
            outline = shapely.simplify(outline, _STAIRS, preserve_topology=False)
        shapely.prepare(outline)
        return outline

    @cached_property
    def vertices(self) -> NDArray[np.float64]:
        """(N, 2), of the outline."""
        return np.asarray(shapely.get_coordinates(self.outline), dtype=np.float64)

    @property
    def is_long(self) -> bool:
        """Whether it is a mask whose outline takes long to be found."""
        return isinstance(self.shape, Mask) and len(self.shape.counts) > _LONG


def _extremes(strips: Spans) -> NDArray[np.float64]:
    """The corners of the first and the last pixel of every column."""
    first = np.flatnonzero(np.diff(strips.x, prepend=strips.x[0] - 1))
    last = np.append(first[1:], len(strips)) - 1
    x, y = strips.x[first], np.concatenate([strips.y0[first], strips.y1[last]])
    left = np.stack([np.tile(x, 2), y], axis=1)
    return np.concatenate([left, left + np.array([1, 0])]).astype(np.float64)


def common(a: Surface, b: Surface) -> float:
    """The area that both cover; masks by their runs, which is exact and quicker than by their outlines."""
    bounds_common = _common_of_boxes(a.box, b.box)
    if bounds_common == 0 or (isinstance(a.shape, Box) and isinstance(b.shape, Box)):
        return bounds_common
    if isinstance(a.shape, Mask) and isinstance(b.shape, Mask):
        return float(spans.common(a.strips, b.strips))
    return float(shapely.area(shapely.intersection(a.geometry, b.geometry)))


def _common_of_boxes(a: Box, b: Box) -> float:
    width, height = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    return width * height if width > 0 and height > 0 else 0.0


def iou(a: Surface, b: Surface) -> float:
    """Exact intersection over union; 0 where both have no area."""
    shared = common(a, b)
    return min(shared / (a.area + b.area - shared), 1.0) if shared else 0.0
