"""A batch as one array of bytes, to go through a pipe at once; opened, its tensors are views of those bytes."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.detectors import Truth
from engine.feeding.batches import Batch

_ALIGNED = 16
"""Every tensor begins at a multiple of so many bytes."""
_FIELDS = tuple(each.name for each in fields(Truth))


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A batch as one array of bytes, and where each tensor is in it."""

    batch: Batch
    """Without its tensors."""
    values: NDArray[np.uint8]
    places: tuple[tuple[torch.dtype, tuple[int, ...], int], ...]
    """Of each tensor: its kind of number, its shape and its first byte; pictures, then the truths one by one."""

    @classmethod
    def of(cls, batch: Batch) -> Packed:
        """A batch, packed."""
        tensors = [*batch.pictures, *(getattr(truth, name) for truth in batch.truths for name in _FIELDS)]
        places: list[tuple[torch.dtype, tuple[int, ...], int]] = []
        n_bytes = 0
        for each in tensors:
            places.append((each.dtype, tuple(each.shape), n_bytes))
            n_bytes += -(-each.nbytes // _ALIGNED) * _ALIGNED
        values = np.empty(n_bytes, np.uint8)
        for each, (_, _, first) in zip(tensors, places, strict=True):
            values[first : first + each.nbytes] = each.contiguous().numpy().reshape(-1).view(np.uint8)
        return cls(replace(batch, pictures=[], truths=[]), values, tuple(places))

    def opened(self, values: Tensor) -> Batch:
        """The batch, its tensors being views of `values`, which are the packed bytes."""
        found = [_view(values, *place) for place in self.places]
        n_pictures = len(self.batch.names)
        rows = range(n_pictures, len(found), len(_FIELDS))
        truths = [Truth(*found[row : row + len(_FIELDS)]) for row in rows]
        return replace(self.batch, pictures=found[:n_pictures], truths=truths)


def _view(values: Tensor, kind: torch.dtype, shape: tuple[int, ...], first: int) -> Tensor:
    n_bytes = kind.itemsize * math.prod(shape)
    return values[first : first + n_bytes].view(kind).view(shape)
