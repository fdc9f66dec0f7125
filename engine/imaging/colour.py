"""sRGB to CIE Lab (D65), where a distance of 2.3 is just seen and colours that look alike lie close together.

IEC 61966-2-1 for the linear values, CIE 015 for Lab. Powers and cube roots are looked up: off by 0.05 at most.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.imaging.patch import Pixels

Lab: TypeAlias = NDArray[np.float32]
"""(..., 3): L in [0, 100], a, b."""

_N_ROOTS = 1 << 16
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""Linear sRGB to XYZ; its rows' sums are the white point, by which they are divided before use."""
_FROM_ROOTS = np.array([[0, 500, 0], [116, -500, 200], [0, 0, -200]], dtype=np.float32)


def _linear() -> NDArray[np.float32]:
    value = np.arange(256) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _roots() -> NDArray[np.float32]:
    value = np.arange(_N_ROOTS) / (_N_ROOTS - 2)
    return np.where(value > (6 / 29) ** 3, np.cbrt(value), value / (3 * (6 / 29) ** 2) + 4 / 29).astype(np.float32)


_LINEAR, _ROOTS = _linear(), _roots()
_TO_ROOTS = (_TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True) * (_N_ROOTS - 2)).T.astype(np.float32)
"""To places in `_ROOTS`; white falls one short of the last, so that no rounding leads beyond."""


def to_lab(pixels: Pixels) -> Lab:
    """(..., 3) sRGB bytes as (..., 3) Lab."""
    xyz = _LINEAR[pixels.reshape(-1, 3)] @ _TO_ROOTS
    xyz += np.float32(0.5)
    lab: Lab = _ROOTS[xyz.astype(np.uint16)] @ _FROM_ROOTS
    lab[:, 0] -= 16
    return lab.reshape(pixels.shape)
