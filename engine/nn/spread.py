"""How the vectors of one person spread, and vectors in which everyone spreads alike in all directions.

Within-class covariance normalisation (Hatch, Kajarekar and Stolcke 2006): what differs among faces of one person, light
or a smile, counts less, and what hardly ever differs within a person counts more.

Legend: N vectors of D numbers, `person_of` (N,) whose they are.
"""

from __future__ import annotations

import torch
from torch import Tensor

SHRINKAGE = 0.5
"""How much of the spread is taken to be the same in all directions: a few people show only some of it."""


def evening_out(vectors: Tensor, person_of: Tensor, shrinkage: float = SHRINKAGE) -> tuple[Tensor, Tensor]:
    """The mean (D,) of all vectors, and a matrix (D, D): less the one and times the other, everyone spreads alike.

    Where no two faces are of one person, or all of them are one point, the matrix changes nothing.
    """
    exact = vectors.double()
    people, row = torch.unique(person_of, return_inverse=True)
    sums = exact.new_zeros(len(people), exact.shape[1]).index_add_(0, row, exact)
    apart = exact - (sums / row.bincount()[:, None])[row]
    within = apart.T @ apart / len(exact)
    even = within.diagonal().mean()
    if not even > 0:
        return vectors.mean(dim=0), torch.eye(vectors.shape[1])
    mixed = (1 - shrinkage) * within + shrinkage * even * torch.eye(len(within), dtype=within.dtype)
    spread, directions = torch.linalg.eigh(mixed)
    matrix = directions @ torch.diag((even / spread).sqrt()) @ directions.T
    return exact.mean(dim=0).float(), matrix.float()
