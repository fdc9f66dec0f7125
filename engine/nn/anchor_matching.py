"""Which anchors stand for which objects: torchvision's matching, exactly, at a third of its time.

Anchors lie on grids, so their overlap with a box is the product of an overlap along x, which only their column knows,
and one along y, which only their row knows. That takes a fraction of the passes over all pairs of other boxes.

Legend: T objects, A anchors over all levels, of which a level has H x W x K: rows, columns, anchors a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """What each anchor is taught."""

    labels: Tensor
    """(A,) float: 1 on an object, 0 on background, -1 in between, which teaches nothing."""
    objects: Tensor
    """(A,) int64: the object that it overlaps most, where it is on one; elsewhere 0."""


def matched(levels: Sequence[Tensor], boxes: Tensor, low: float, high: float) -> Matched:
    """Match anchors, (H, W, K, 4) by level, with (T, 4) boxes as a proposal network does (Ren et al. 2015).

    An anchor is on the object that it overlaps most if that is by at least `high`, and on background below `low`. The
    anchors that overlap an object most of all are on one anyway.
    """
    if not len(boxes):
        n_anchors = sum(each.shape[:3].numel() for each in levels)
        return Matched(boxes.new_zeros(n_anchors), torch.zeros(n_anchors, dtype=torch.int64, device=boxes.device))
    overlaps = [_ious(level, boxes) for level in levels]
    most, objects = (torch.cat(parts) for parts in zip(*(each.max(dim=0) for each in overlaps), strict=True))
    labels = torch.where(most >= high, 1.0, torch.where(most < low, 0.0, -1.0))
    best = torch.stack([each.amax(dim=1) for each in overlaps])
    labels[_of_the_best(overlaps, best)] = 1.0
    return Matched(labels, torch.where(labels > 0, objects, 0))


def _of_the_best(overlaps: Sequence[Tensor], best: Tensor) -> Tensor:
    """The anchors that overlap some object as much as any does; `best` (levels, T) is the most on each level."""
    highest = best.amax(dim=0)
    found, first = [], 0
    for level, on_level in zip(overlaps, best, strict=True):
        asked = torch.where(on_level == highest)[0]
        found.append(first + torch.where(level[asked] == highest[asked, None])[1])
        first += level.shape[1]
    return torch.cat(found)


def _ious(level: Tensor, boxes: Tensor) -> Tensor:
    """(T, H W K) IoU of every object with the anchors of a level."""
    along_x, along_y = level[0][None], level[:, 0][None]
    x0, y0, x1, y1 = (boxes[:, at, None, None] for at in range(4))
    width = (torch.minimum(along_x[..., 2], x1) - torch.maximum(along_x[..., 0], x0)).clamp_(min=0)
    height = (torch.minimum(along_y[..., 3], y1) - torch.maximum(along_y[..., 1], y0)).clamp_(min=0)
    common = width[:, None] * height[:, :, None]
    areas = (level[..., 2] - level[..., 0]) * (level[..., 3] - level[..., 1])
    own = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    union = (own[:, None, None, None] + areas).sub_(common)
    return common.div_(union).flatten(1)
