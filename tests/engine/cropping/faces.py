"""Faces for the tests: landmarks as people have them, and a picture that is a formula, drawn exactly in any pose."""

import numpy as np

from engine.cropping import MARKS, Landmarks
from engine.geometry.spaces import Affine

FACE = tuple((100 * x, 100 * y) for x, y in MARKS)
"""An upright face in a crop of 100 x 100."""


def landmarks(affine=None):
    """The face's own landmarks, moved."""
    points = FACE if affine is None else [tuple(map(float, each)) for each in affine.apply(FACE)]
    return Landmarks(*points)


def similarity_of(degrees, scale, x=0.0, y=0.0):
    return Affine.translate(x, y) @ Affine.scale(scale) @ Affine.rotate(degrees)


def drawn(affine, width, height):
    """The formula's picture as it looks after `affine`; waves are no shorter than 12 units of the face's hundred."""
    back = affine.inverse()
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    points = back.apply(np.stack([x.ravel(), y.ravel()], axis=1))
    u, v = points[:, 0], points[:, 1]
    channels = [
        128 + 60 * np.sin(2 * np.pi * u / 31) + 50 * np.cos(2 * np.pi * v / 23),
        128 + 60 * np.sin(2 * np.pi * (u + v) / 40) + 50 * np.cos(2 * np.pi * (u - 2 * v) / 27),
        128 + 100 * np.sin(2 * np.pi * (u * 0.3 - v) / 12),
    ]
    return np.stack(channels, axis=1).round().clip(0, 255).astype(np.uint8).reshape(height, width, 3)
