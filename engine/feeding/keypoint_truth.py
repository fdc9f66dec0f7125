"""Keypoints of annotations as a truth: every object has a row of the same length, and knows itself in a mirror.

Legend: N objects, P keypoints of the class that has most.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.geometry.mirrors import Mirror
from engine.geometry.shapes import Keypoints


def rows(points: Sequence[Keypoints | None], n_points: int) -> Tensor:
    """(N, P, 3) float32 x, y, visibility; what an object lacks is not given, what it has beyond is left out."""
    found = torch.zeros((len(points), n_points, 3))
    for row, each in zip(found, points, strict=True):
        given = () if each is None else each.points[:n_points]
        row[: len(given)] = torch.tensor(given, dtype=torch.float32).reshape(-1, 3)
    return found


def mirror_rows(mirrors: Sequence[Mirror], n_points: int) -> Tensor:
    """(N, P) int64 from the mirror of each object's class; points that the class has not stay themselves."""
    found = [(*each, *range(len(each), n_points)) for each in mirrors]
    return torch.tensor(found, dtype=torch.int64).reshape(len(mirrors), n_points)
