"""What a batch of vectors is taught: to tell the training's people apart by angle, then what pairs or triplets say.

Legend: N vectors of D numbers and length 1, `person_of` (N,) whose they are, warped people counted as others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from engine.embedders import KeptHead
from engine.faces.recipe import FaceRecipe
from engine.nn.cosine_softmax import CosineSoftmax
from engine.nn.pairs import Difference, PairHead, Pairs, all_pairs, contrastive, contrastive_squared, distances, evenly
from engine.nn.triplets import MINERS, triplet_losses


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """The loss of a batch, and what is told of it."""

    loss: Tensor
    told: Mapping[str, float]
    """Loss terms by name; and 'apart', the mean distance between strangers, which goes to 0 in a collapse."""


class Teaching(nn.Module):
    """The losses of a recipe, with what they learn themselves."""

    def __init__(self, n_people: int, dim: int, recipe: FaceRecipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.angles = CosineSoftmax(n_people, dim)
        if recipe.loss in _DIFFERENCES:
            self.head = PairHead(dim, _DIFFERENCES[recipe.loss])

    def forward(self, vectors: Tensor, person_of: Tensor, progress: float) -> Taught:
        """What a batch teaches when so much (0 to 1) of the training is done."""
        angles = self.angles.losses(vectors, person_of).mean()
        distance = distances(vectors)
        told = {"angles": float(angles.detach()), "apart": apart(distance.detach(), person_of)}
        if progress < self.recipe.classify_first:
            return Taught(angles, told)
        taught = self._of_pairs_or_triplets(vectors, distance, person_of)
        told[self.recipe.loss] = float(taught.detach())
        return Taught(angles + self.recipe.loss_weight * taught, told)

    def of_clicked(self, vectors: Tensor, pairs: Pairs) -> Tensor:
        """What pairs teach of which a person said whether they are of one person: by the recipe's loss, where it is one
        of pairs, else by the contrastive one."""
        if self.recipe.loss in _DIFFERENCES:
            return evenly(self.head.losses(vectors, pairs), pairs.is_same)
        form = contrastive_squared if self.recipe.loss == "contrastive-squared" else contrastive
        margin = _PAIR_MARGIN if self.recipe.loss == "triplet" else self.recipe.margin_used
        apart = (vectors[pairs.first] - vectors[pairs.second]).square().sum(dim=1).clamp(min=_LEAST_SQUARE).sqrt()
        return evenly(form(apart, pairs.is_same, margin), pairs.is_same)

    def kept_head(self) -> KeptHead | None:
        """The head of pairs as it is kept with the weights; None where there is none."""
        if self.recipe.loss not in _DIFFERENCES:
            return None
        weights = tuple(float(each) for each in self.head.weights.detach())
        return KeptHead(self.head.difference, weights, float(self.head.bias.detach()))

    def _of_pairs_or_triplets(self, vectors: Tensor, distance: Tensor, person_of: Tensor) -> Tensor:
        margin = self.recipe.margin_used
        if self.recipe.loss == "triplet":
            triplets = MINERS[self.recipe.mining](distance, person_of, margin)
            losses = triplet_losses(distance, triplets, margin)
            return losses.mean() if len(losses) else losses.sum()
        pairs = all_pairs(person_of)
        if self.recipe.loss in _DIFFERENCES:
            return evenly(self.head.losses(vectors, pairs), pairs.is_same)
        form = contrastive if self.recipe.loss == "contrastive" else contrastive_squared
        return evenly(form(distance[pairs.first, pairs.second], pairs.is_same, margin), pairs.is_same)


_PAIR_MARGIN = 1.0
_LEAST_SQUARE = 1e-12
"""Keeps the gradient of a root finite."""
_DIFFERENCES: Mapping[str, Difference] = {"pair": "absolute", "pair-chi-squared": "chi-squared"}


def apart(distance: Tensor, person_of: Tensor) -> float:
    """The mean of (N, N) distances between different people; 0 where there is but one."""
    between = distance[person_of[:, None] != person_of]
    return float(between.mean()) if len(between) else 0.0
