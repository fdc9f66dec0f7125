"""Telling the people of a training apart by angle: a class vector for each, and softmax over cosines (CosFace).

Wang et al. 2018: the cosine to one's own class is made smaller by a margin, so that it has to win clearly.
Legend: N vectors of D numbers and length 1, C people.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class CosineSoftmax(nn.Module):
    """One direction for each person, learned along with the vectors and thrown away after the training."""

    def __init__(self, n_people: int, dim: int, scale: float = 16.0, margin: float = 0.2) -> None:
        super().__init__()
        self.directions = nn.Parameter(_FIRST_LENGTH * torch.randn(n_people, dim))
        self.scale = scale
        self.margin = margin

    def losses(self, vectors: Tensor, person_of: Tensor) -> Tensor:
        """(N,) cross-entropies of (N, D) vectors, whose people are numbered 0..C-1."""
        cosines = vectors @ nn.functional.normalize(self.directions, dim=1).T
        own = nn.functional.one_hot(person_of, len(self.directions))
        return nn.functional.cross_entropy(self.scale * (cosines - self.margin * own), person_of, reduction="none")


_FIRST_LENGTH = 0.1
"""Of each number of a direction: short ones turn quickly at first."""
