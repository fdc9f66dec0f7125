"""The similarity (turn, scale, shift; never a reflection) that brings a face upright to its place in a crop.

Legend: points in the plane as complex numbers, so that a similarity is z -> a z + b.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from engine.cropping.landmarks import Landmarks
from engine.errors import UserError
from engine.geometry.shapes import XY, Box, RotatedBox
from engine.geometry.spaces import Affine

Place: TypeAlias = Landmarks | Box | RotatedBox
"""Where a face is, in image pixels."""

MARKS: tuple[XY, ...] = (
    ((56 - 17.62) / 112, 52.10 / 112), ((56 + 17.62) / 112, 52.10 / 112), (0.5, 72.24 / 112),
    ((56 - 14.59) / 112, 92.78 / 112), ((56 + 14.59) / 112, 92.78 / 112),
)  # fmt: skip
"""Where landmarks come to lie, as shares of the crop's side: the places that published face networks are trained with
(112 x 112 pixels, Deng et al. 2019), made symmetric, so that a mirrored picture gives the mirrored crop."""

_MARGIN = 0.1
"""Of a box, on each side: detectors' boxes end at the chin and the brow, aligned crops a little beyond."""
_LEAST_EXTENT = 1e-9
"""Of a box in image pixels; below it, and above its inverse, squares leave the range of numbers."""


def similarity(points: Sequence[XY], onto: Sequence[XY]) -> Affine:
    """The similarity that moves points as near as it can to others, by least squares; two points at least.

    Umeyama 1991. In the plane its singular value decomposition comes down to one division of complex numbers, which
    cannot reflect. Raises ValueError where all points lie in one.
    """
    here, there = (np.array([complex(x, y) for x, y in each]) for each in (points, onto))
    centred = here - here.mean()
    spread = float(np.sum(np.abs(centred) ** 2))
    if len(here) < 2 or not spread > 0:
        raise ValueError("a similarity needs two points that are apart")
    factor = complex(np.sum(np.conj(centred) * (there - there.mean())) / spread)
    shift = complex(there.mean() - factor * here.mean())
    return Affine(factor.real, -factor.imag, shift.real, factor.imag, factor.real, shift.imag)


def to_crop(place: Place, side: int) -> Affine:
    """Image pixels to those of a crop of `side` x `side` pixels; raises UserError for a place without any extent."""
    if isinstance(place, Landmarks):
        return _of_landmarks(place, side)
    cx, cy, longest, angle = square = _square(place)
    if not (all(map(math.isfinite, square)) and _LEAST_EXTENT <= longest <= 1 / _LEAST_EXTENT):
        raise UserError("This face has no extent.", "Draw its box anew.")
    scale = side / (longest * (1 + 2 * _MARGIN))
    centred = Affine.rotate(-angle) @ Affine.translate(-cx, -cy)
    return Affine.translate(side / 2, side / 2) @ Affine.scale(scale) @ centred


def _of_landmarks(landmarks: Landmarks, side: int) -> Affine:
    given = [(each, mark) for each, mark in zip(landmarks.points, MARKS, strict=True) if each is not None]
    try:
        found = similarity([each for each, _ in given], [(x * side, y * side) for _, (x, y) in given])
    except ValueError as error:
        raise UserError("The landmarks of this face lie in one point.", "Set them anew.") from error
    if not found.determinant > 0:
        raise UserError("The landmarks of this face are not those of a face.", "Set them anew.")
    return found


def _square(place: Box | RotatedBox) -> tuple[float, float, float, float]:
    """Centre, the longer side and the angle of a box."""
    if isinstance(place, RotatedBox):
        return place.cx, place.cy, max(place.width, place.height), place.angle
    return (place.x0 + place.x1) / 2, (place.y0 + place.y1) / 2, max(place.width, place.height), 0.0
