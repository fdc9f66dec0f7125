"""Which pairs of a row and a class a one-stage network kept, found by its own steps on its own tensors.

None of these networks says which row a detection came from. The steps are repeated; should they ever end elsewhere, the
rows are found by the values that the network gave.

Legend: A rows, K classes, T pairs that the top-k leaves, M detections. A pair's key is row * K + class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.ops import batched_nms


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of a one-stage network's rules."""

    score: float
    n_candidates: int
    """The most pairs of each group that go on."""
    iou: float
    n_most: int
    first_class: int
    """The network's own number of class 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """What is left of all pairs."""

    rows: Tensor
    """(M,)"""
    rank: Tensor | None
    """(A, K) the order in which equal scores were sorted; None where they were sorted by their keys."""


def picked(boxes: Tensor, scores: Tensor, groups: Sequence[slice], limits: Limits, own: Sequence[Tensor]) -> Picked:
    """From (A, 4) boxes and (A, K) scores; `groups` are the keys among which each top-k chooses.

    `own` are the boxes, scores and classes (from 0) of the M that the network kept, in its pixels.
    """
    flat, n_classes = scores.flatten(), scores.shape[1]
    tops = [_top(flat, group, limits) for group in groups]
    keys = torch.cat([top for top, _ in tops])
    rows, classes = keys // n_classes, keys % n_classes
    values = [boxes[rows], flat[keys], classes]
    kept = batched_nms(values[0], values[1], classes + limits.first_class, limits.iou)[: limits.n_most]
    is_by_key = all(is_sorted for _, is_sorted in tops)
    return Picked(rows[places(values, kept, own)], None if is_by_key else _rank(keys, scores))


def _top(flat: Tensor, group: slice, limits: Limits) -> tuple[Tensor, bool]:
    """The keys that a group's top-k leaves, in its order; whether equal scores are in the order of their keys."""
    passed = (flat[group] > limits.score).nonzero().flatten() * (group.step or 1) + (group.start or 0)
    scores = flat[passed]
    n = min(limits.n_candidates, len(passed))
    order = scores.topk(n).indices
    by_key = scores.argsort(descending=True, stable=True)[:n]
    return passed[order], torch.equal(order, by_key)


def _rank(keys: Tensor, scores: Tensor) -> Tensor:
    """(A, K) the places of these keys, then of all others in order."""
    rank = torch.arange(len(keys), len(keys) + scores.numel(), device=keys.device)
    rank[keys] = torch.arange(len(keys), device=keys.device)
    return rank.view_as(scores)


def places(values: Sequence[Tensor], expected: Tensor, own: Sequence[Tensor]) -> Tensor:
    """(M,) where the `own` values of what was kept are among `values`: as expected, else the first that are equal."""
    pairs = list(zip(values, own, strict=True))
    if all(torch.equal(value[expected], each) for value, each in pairs):
        return expected
    is_same = [(each[:, None] == value[None]).flatten(2).all(2) if each.dim() > 1 else each[:, None] == value[None]
               for value, each in pairs]  # fmt: skip
    return torch.stack(is_same).all(0).int().argmax(dim=1)
