"""Learning from triplets of faces: an anchor, another face of its person (positive) and one of a stranger (negative).

Legend: N vectors, `distance` (N, N) between them, `person_of` (N,) whose faces they are, T triplets among them. Miners
choose triplets from the distances; nothing flows back through the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
from torch import Tensor

Mining: TypeAlias = Literal["batch-hard", "semi-hard", "all"]


@dataclass(frozen=True, slots=True, eq=False)
class Triplets:
    """Chosen triplets, each (T,) int64 indices of vectors."""

    anchor: Tensor
    positive: Tensor
    negative: Tensor

    def __len__(self) -> int:
        return len(self.anchor)


Miner: TypeAlias = Callable[[Tensor, Tensor, float], Triplets]
"""From distance, person_of and margin."""


@torch.no_grad()
def batch_hard(distance: Tensor, person_of: Tensor, margin: float = 0.0) -> Triplets:
    """For every anchor its farthest positive and its nearest negative (Hermans et al. 2017), whatever the margin.

    Faces without a second one of their person, or without a stranger, are no anchors.
    """
    positives, negatives = _partners(person_of)
    anchor = torch.nonzero(positives.any(dim=1) & negatives.any(dim=1))[:, 0]
    far = distance.masked_fill(~positives, -torch.inf).argmax(dim=1)
    near = distance.masked_fill(~negatives, torch.inf).argmin(dim=1)
    return Triplets(anchor, far[anchor], near[anchor])


@torch.no_grad()
def semi_hard(distance: Tensor, person_of: Tensor, margin: float) -> Triplets:
    """All triplets whose negative is farther than the positive, but within the margin (Schroff et al. 2015)."""
    gap = _gaps(distance)
    return _chosen((gap > 0) & (gap < margin), person_of)


@torch.no_grad()
def violating(distance: Tensor, person_of: Tensor, margin: float) -> Triplets:
    """All triplets that lose anything: whose negative is not farther than the positive by the margin."""
    return _chosen(_gaps(distance) < margin, person_of)


MINERS: Mapping[Mining, Miner] = {"batch-hard": batch_hard, "semi-hard": semi_hard, "all": violating}


def triplet_losses(distance: Tensor, triplets: Triplets, margin: float | None) -> Tensor:
    """(T,) max(0, d(a, p) - d(a, n) + margin); without a margin log(1 + exp(d(a, p) - d(a, n))), which never rests."""
    closer = distance[triplets.anchor, triplets.positive] - distance[triplets.anchor, triplets.negative]
    return torch.nn.functional.softplus(closer) if margin is None else (closer + margin).clamp(min=0)


def _partners(person_of: Tensor) -> tuple[Tensor, Tensor]:
    """(N, N) bool: who is a positive of whom, and who a negative."""
    is_same = person_of[:, None] == person_of
    is_self = torch.eye(len(person_of), dtype=torch.bool, device=person_of.device)
    return is_same & ~is_self, ~is_same


def _gaps(distance: Tensor) -> Tensor:
    """(N, N, N) d(a, n) - d(a, p) by anchor, positive, negative."""
    return distance[:, None, :] - distance[:, :, None]


def _chosen(is_wanted: Tensor, person_of: Tensor) -> Triplets:
    """The triplets of (N, N, N) by anchor, positive, negative that are wanted and are triplets."""
    positives, negatives = _partners(person_of)
    return Triplets(*torch.nonzero(is_wanted & positives[:, :, None] & negatives[:, None, :]).T)
