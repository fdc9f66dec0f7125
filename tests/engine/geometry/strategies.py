"""Random shapes for the tests of geometry. Coordinates are eighths of pixels, which floats hold exactly."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask, Part, Polygon, RotatedBox, Shape, ring
from engine.geometry.spaces import Affine

eighths = st.integers(-400, 400).map(lambda n: n / 8)
sides = st.integers(1, 200).map(lambda n: n / 8)
points = st.tuples(eighths, eighths)


@st.composite
def bitmaps(draw: st.DrawFn, max_side: int = 12) -> NDArray[np.bool_]:
    """(height, width) bool, from nearly empty to nearly full."""
    size = draw(st.tuples(st.integers(1, max_side), st.integers(1, max_side)))
    return draw(arrays(np.bool_, size, elements=st.booleans()))


@st.composite
def mask_shapes(draw: st.DrawFn) -> Mask:
    return masks.from_bitmap(draw(bitmaps()), draw(st.integers(-20, 20)), draw(st.integers(-20, 20)))


@st.composite
def box_shapes(draw: st.DrawFn) -> Box:
    x, y = draw(points)
    return Box(x, y, x + draw(sides), y + draw(sides))


@st.composite
def rotated_shapes(draw: st.DrawFn) -> RotatedBox:
    angle = draw(st.one_of(st.sampled_from([0.0, 45.0, 90.0, 180.0, -90.0]), st.floats(-180, 180)))
    return RotatedBox(*draw(points), draw(sides), draw(sides), angle)


@st.composite
def star_parts(draw: st.DrawFn, centre: tuple[float, float]) -> Part:
    """A simple outline about its centre, clockwise on screen, perhaps with a hole in it; within 32 of the centre."""
    n = draw(st.integers(3, 9))
    angles = np.arange(n) * 2 * math.pi / n
    spokes = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    radii = np.array(draw(st.lists(st.integers(64, 256), min_size=n, max_size=n)))[:, None] / 8
    outer = np.round((spokes * radii) * 8) / 8 + centre
    hole = np.round((spokes * radii / 4) * 8)[::-1] / 8 + centre
    return Part(ring(outer), (ring(hole),) if draw(st.booleans()) else ())


@st.composite
def polygon_shapes(draw: st.DrawFn) -> Polygon:
    """Valid: one or two parts side by side."""
    x, y = draw(points)
    n_parts = draw(st.integers(1, 2))
    return Polygon(tuple(draw(star_parts((x + 70 * at, y))) for at in range(n_parts)))


@st.composite
def wild_polygons(draw: st.DrawFn) -> Polygon:
    """Any points in any order: crossing itself, folded, without area."""
    return Polygon.of(draw(st.lists(points, min_size=3, max_size=9).filter(lambda rows: len(set(rows)) > 2)))


@st.composite
def keypoint_shapes(draw: st.DrawFn) -> Keypoints:
    rows = st.tuples(eighths, eighths, st.integers(0, 2))
    return Keypoints.of(draw(st.lists(rows, min_size=1, max_size=6)))


def area_shapes() -> st.SearchStrategy[Shape]:
    """Every kind that has an area."""
    return st.one_of(box_shapes(), rotated_shapes(), polygon_shapes(), mask_shapes())


def shapes() -> st.SearchStrategy[Shape]:
    """Every kind."""
    return st.one_of(area_shapes(), keypoint_shapes())


@st.composite
def affines(draw: st.DrawFn) -> Affine:
    """Well conditioned: turned, scaled, perhaps mirrored, moved."""
    turned = Affine.rotate(draw(st.floats(-180, 180)))
    scaled = Affine.scale(draw(st.floats(0.25, 4)), draw(st.floats(0.25, 4)) * draw(st.sampled_from([-1, 1])))
    return Affine.translate(*draw(points)) @ turned @ scaled
