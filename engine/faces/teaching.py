"""What a batch of vectors is taught: to tell the training's people apart by angle, then what pairs or triplets say.

Legend: N vectors of D numbers and length 1, `person_of` (N,) whose they are, warped people counted as others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.embedders import EmbeddingNetwork, KeptHead
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
    """What every member of a network is taught for itself, so that each comes to know faces in its own way."""

    def __init__(self, n_people: int, network: EmbeddingNetwork, recipe: FaceRecipe) -> None:
        super().__init__()
        dim = network.dim // network.n_members
        self.members = nn.ModuleList(MemberTeaching(n_people, dim, recipe) for _ in range(network.n_members))

    def of_member(self, number: int) -> MemberTeaching:
        """What one member is taught."""
        return self._all()[number]

    def kept_head(self) -> KeptHead | None:
        """The heads of pairs as one of joined vectors, whose distance is the mean of theirs; None without any."""
        heads = [member.head for member in self._all() if member.head is not None]
        if not heads:
            return None
        weights = torch.cat([head.weights.detach() for head in heads]) / math.sqrt(len(heads))
        bias = sum(float(head.bias.detach()) for head in heads) / len(heads)
        return KeptHead(heads[0].difference, tuple(weights.tolist()), bias)

    def _all(self) -> list[MemberTeaching]:
        return [member for member in self.members if isinstance(member, MemberTeaching)]


class MemberTeaching(nn.Module):
    """The losses of a recipe, with what they learn themselves."""

    def __init__(self, n_people: int, dim: int, recipe: FaceRecipe) -> None:
        super().__init__()
        self.recipe = recipe
        self.angles = CosineSoftmax(n_people, dim)
        self.head = PairHead(dim, _DIFFERENCES[recipe.loss]) if recipe.loss in _DIFFERENCES else None

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

    def begin_from(self, person: int, vectors: Tensor) -> None:
        """Point a person's direction to where their faces are already."""
        self.angles.directions[person] = nn.functional.normalize(vectors.mean(dim=0), dim=0)

    def of_clicked(self, vectors: Tensor, pairs: Pairs) -> Tensor:
        """What pairs teach of which a person said whether they are of one person: by the recipe's loss, where it is one
        of pairs, else by the contrastive one."""
        if self.head is not None:
            return evenly(self.head.losses(vectors, pairs), pairs.is_same)
        form = contrastive_squared if self.recipe.loss == "contrastive-squared" else contrastive
        margin = _PAIR_MARGIN if self.recipe.loss == "triplet" else self.recipe.margin_used
        apart = (vectors[pairs.first] - vectors[pairs.second]).square().sum(dim=1).clamp(min=_LEAST_SQUARE).sqrt()
        return evenly(form(apart, pairs.is_same, margin), pairs.is_same)

    def _of_pairs_or_triplets(self, vectors: Tensor, distance: Tensor, person_of: Tensor) -> Tensor:
        margin = self.recipe.margin_used
        if self.recipe.loss == "triplet":
            triplets = MINERS[self.recipe.mining](distance, person_of, margin)
            losses = triplet_losses(distance, triplets, margin)
            return losses.mean() if len(losses) else losses.sum()
        pairs = all_pairs(person_of)
        if self.head is not None:
            return evenly(self.head.losses(vectors, pairs), pairs.is_same)
        form = contrastive if self.recipe.loss == "contrastive" else contrastive_squared
        return evenly(form(distance[pairs.first, pairs.second], pairs.is_same, margin), pairs.is_same)


_PAIR_MARGIN = 1.0
_LEAST_SQUARE = 1e-12
"""Keeps the gradient of a root finite."""
_DIFFERENCES: Mapping[str, Difference] = {"pair": "absolute", "pair-chi-squared": "chi-squared"}


def together(each: Sequence[Taught]) -> Taught:
    """What all members are taught: the sum of the losses, the means of the terms; 'apart' is that of the worst."""
    told = {name: sum(taught.told[name] for taught in each) / len(each) for name in each[0].told}
    told["apart"] = min(taught.told["apart"] for taught in each)
    return Taught(torch.stack([taught.loss for taught in each]).sum(), told)


def apart(distance: Tensor, person_of: Tensor) -> float:
    """The mean of (N, N) distances between different people; 0 where there is but one."""
    between = distance[person_of[:, None] != person_of]
    return float(between.mean()) if len(between) else 0.0
