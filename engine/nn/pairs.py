"""Learning from pairs of faces: which pairs a batch has, the contrastive losses, and a logistic head on differences.

Legend: N vectors of D numbers, `person_of` (N,) whose faces they are, P pairs among them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn

Difference: TypeAlias = Literal["absolute", "chi-squared"]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of a batch, each once."""

    first: Tensor
    """(P,) int64 indices of vectors."""
    second: Tensor
    is_same: Tensor
    """(P,) bool: both are faces of one person."""

    def __len__(self) -> int:
        return len(self.first)


def all_pairs(person_of: Tensor) -> Pairs:
    """Every pair of a batch."""
    first, second = torch.triu_indices(len(person_of), len(person_of), offset=1, device=person_of.device)
    return Pairs(first, second, person_of[first] == person_of[second])


def distances(vectors: Tensor) -> Tensor:
    """(N, N) Euclidean distances; between equal vectors exactly 0, where the gradient is 0 too."""
    return torch.cdist(vectors, vectors, compute_mode="donot_use_mm_for_euclid_dist")


def contrastive(distance: Tensor, is_same: Tensor, margin: float) -> Tensor:
    """(P,) losses of pairs (Hadsell, Chopra, LeCun 2006): d^2 / 2 if same, else max(0, margin - d)^2 / 2."""
    apart = (margin - distance).clamp(min=0)
    return torch.where(is_same, distance, apart) ** 2 / 2


def contrastive_squared(distance: Tensor, is_same: Tensor, margin: float) -> Tensor:
    """(P,) losses of pairs in the form that is linear in squares: d^2 if same, else max(0, margin^2 - d^2).

    It pushes the nearest strangers apart less than the other form does, and those near the margin more.
    """
    square = distance**2
    return torch.where(is_same, square, (margin**2 - square).clamp(min=0))


def evenly(losses: Tensor, is_same: Tensor) -> Tensor:
    """The mean of (P,) losses in which same and different pairs, of which there are far more, weigh as much.

    Where there are none of one kind it is the other's mean; of no pairs at all, 0.
    """
    kinds = [losses[kind] for kind in (is_same, ~is_same) if bool(kind.any())]
    return torch.stack([each.mean() for each in kinds]).mean() if kinds else losses.sum()


def weighted_difference(first: Tensor, second: Tensor, weights: Tensor, difference: Difference) -> Tensor:
    """(P,) sums of what (P, D) vectors differ by in each number, weighted by (D,) `weights`."""
    apart = (first - second).abs()
    if difference == "chi-squared":
        apart = apart**2 / (first.abs() + second.abs()).clamp(min=_LEAST_SUM)
    return apart @ weights


class PairHead(nn.Module):
    """The probability that two faces are one person's: logistic regression on how their vectors differ.

    The difference of two numbers is |a - b|, or (a - b)^2 / (|a| + |b|), which is chi-squared where none is below 0
    (Taigman et al. 2014). The weights are softplus of what is learned, and so never below 0: more of any difference
    never makes two faces more alike, without which the head is no distance at all.
    """

    def __init__(self, dim: int, difference: Difference = "absolute") -> None:
        super().__init__()
        self.difference = difference
        self.raw_weights = nn.Parameter(torch.full((dim,), _RAW_OF_ONE))
        self.bias = nn.Parameter(torch.tensor(_FIRST_BIAS))

    @property
    def weights(self) -> Tensor:
        """(D,) what each number's difference counts, 0 or more."""
        return nn.functional.softplus(self.raw_weights)

    def distance(self, first: Tensor, second: Tensor) -> Tensor:
        """(P,) weighted differences of (P, D) and (P, D) vectors."""
        return weighted_difference(first, second, self.weights, self.difference)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """(P,) logits of being one person; their sigmoid is the probability."""
        return self.bias - self.distance(first, second)

    def losses(self, vectors: Tensor, pairs: Pairs) -> Tensor:
        """(P,) cross-entropies of the pairs."""
        logits = self(vectors[pairs.first], vectors[pairs.second])
        return nn.functional.binary_cross_entropy_with_logits(logits, pairs.is_same.to(logits), reduction="none")


_RAW_OF_ONE = math.log(math.e - 1)
_FIRST_BIAS = 4.0
"""About half the differences between vectors of length 1 that know nothing yet."""
_LEAST_SUM = 1e-6
