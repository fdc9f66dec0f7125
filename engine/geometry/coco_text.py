"""COCO's run lengths as text: base 32 digits of the difference to the run two before, lowest digit first.

The format of `counts` in a COCO file whose segmentation is compressed: each character is 48 + 5 bits of a value + 32
when more digits follow; a value's last digit carries its sign in bit 4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_MAX_DIGITS = 8  # 40 bits: a run of 2^32 and its sign take 7
_MORE, _SIGN, _DIGIT = 0x20, 0x10, 0x1F


def decompress(text: str | bytes) -> list[int]:
    """The run lengths that a compressed text holds; raises ValueError where it is no such text."""
    raw = text.encode() if isinstance(text, str) else text
    digits = np.frombuffer(raw, dtype=np.uint8).astype(np.int64) - 48
    if not len(digits):
        return []
    if digits.min() < 0 or digits.max() >= 64 or digits[-1] & _MORE:
        raise ValueError("not a compressed mask: it holds characters that COCO never writes, or stops short")
    counts: list[int] = _summed(_values(digits)).tolist()
    return counts


def _values(digits: NDArray[np.int64]) -> NDArray[np.int64]:
    last = np.flatnonzero((digits & _MORE) == 0)
    first = np.concatenate([[0], last[:-1] + 1])
    n_digits = last - first + 1
    if n_digits.max() > _MAX_DIGITS:
        raise ValueError("not a compressed mask: a run is too long")
    shifts = 5 * (np.arange(len(digits)) - np.repeat(first, n_digits))
    values = np.add.reduceat((digits & _DIGIT) << shifts, first)
    return np.where(digits[last] & _SIGN, values - (1 << 5 * n_digits), values)


def _summed(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Undo the differences: from the fourth on, every value is relative to the run two before."""
    counts = values.copy()
    counts[1::2] = np.cumsum(values[1::2])
    counts[2::2] = np.cumsum(values[2::2])
    return counts


def compress(counts: ArrayLike) -> str:
    """The text that COCO writes for these run lengths."""
    values = np.array(counts, dtype=np.int64)
    values[3:] -= np.array(counts, dtype=np.int64)[1:-2]
    limits = 1 << (5 * np.arange(1, _MAX_DIGITS + 1) - 1)
    n_digits = 1 + np.searchsorted(limits, np.maximum(values, ~values), side="right")
    places = np.arange(_MAX_DIGITS)
    digits = (values[:, None] >> 5 * places) & _DIGIT
    digits += np.where(places < n_digits[:, None] - 1, _MORE, 0) + 48
    return digits[places < n_digits[:, None]].astype(np.uint8).tobytes().decode("ascii")
