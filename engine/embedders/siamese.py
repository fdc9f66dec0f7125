"""A small network of our own that learns how alike faces are: 128 numbers of length one, trained in the project.

Both pictures of a pair go through the same network (Bromley et al. 1993), hence its name. Grey crops of 56 x 48 pixels
make a step quick enough for a CPU; three residual blocks (He et al. 2016) end on 7 x 6 cells, whose places a linear
layer keeps apart, as aligned crops have eyes and mouths in the same cells.

It is an ensemble of a few such networks, its members, whose vectors are joined. Taught side by side from other random
starts, each comes to err in ways of its own, and for the same time of training they know together what none of them
knows alone (Hansen and Salamon 1990): with few people, more training of one network teaches it these people by heart.
In the end their joined vectors are evened out by how the training's people spread (engine.nn.spread).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engine.embedders._preprocessing import MOST_SIDE, Preprocessing
from engine.embedders._seam import EmbeddingNetwork
from engine.errors import UserError
from engine.gallery import Metric
from engine.nn import weights
from engine.nn.spread import evening_out
from engine.nn.weights import Naming, Official, WeightsReport
from engine.options import option


@dataclass(frozen=True, slots=True)
class SiameseOptions:
    """What can be chosen."""

    dim: int = option(128, "Numbers in a vector, shared out among the members.")
    members: int = option(
        4, "Networks side by side, each taught for itself; they err in other ways, so that together they err less."
    )
    channels: int = option(24, "Channels of the first layer; later ones have two and four times as many.")
    height: int = option(56, "Height in pixels that crops are brought to.")
    width: int = option(48, "Width in pixels that crops are brought to.")
    dropout: float = option(0.3, "Share of the last features that is left out at random while training.")

    def __post_init__(self) -> None:
        """Raises UserError for numbers that no network can be built with."""
        if min(self.dim, self.members, self.channels, self.height, self.width) < 1:
            raise UserError("A siamese network needs at least one number, one member, one channel and one pixel.")
        if max(self.height, self.width) > MOST_SIDE or self.members > _MOST_MEMBERS:
            raise UserError(f"A siamese network has at most {_MOST_MEMBERS} members and {MOST_SIDE} pixels a side.")
        if self.dim % self.members:
            raise UserError(f"{self.dim} numbers cannot be shared out among {self.members} members.")
        if not 0 <= self.dropout < 1:
            raise UserError("Dropout is a share from 0 to below 1.")


_STRIDE = 8
_MOST_MEMBERS = 256


class _Block(nn.Module):
    """Two convolutions beside a shortcut."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.path = nn.Sequential(*_normed(n_in, n_out, 3, stride), nn.ReLU(), *_normed(n_out, n_out, 3, 1))
        is_same = stride == 1 and n_in == n_out
        self.shortcut = nn.Identity() if is_same else nn.Sequential(*_normed(n_in, n_out, 1, stride))

    def forward(self, features: Tensor) -> Tensor:
        return nn.functional.relu(self.path(features) + self.shortcut(features))


def _normed(n_in: int, n_out: int, size: int, stride: int) -> tuple[nn.Module, nn.Module]:
    convolution = nn.Conv2d(n_in, n_out, size, stride, padding=size // 2, bias=False)
    return convolution, nn.BatchNorm2d(n_out)


class _Member(nn.Sequential):
    """Stem, three residual blocks, one linear layer over all cells."""

    def __init__(self, options: SiameseOptions) -> None:
        n, dim = options.channels, options.dim // options.members
        n_cells = math.ceil(options.height / _STRIDE) * math.ceil(options.width / _STRIDE)
        stem = (*_normed(1, n, 5, 2), nn.ReLU())
        blocks = (_Block(n, 2 * n, 2), _Block(2 * n, 4 * n, 2), _Block(4 * n, 4 * n, 1))
        linear = nn.Linear(4 * n * n_cells, dim, bias=False)
        super().__init__(*stem, *blocks, nn.Flatten(), nn.Dropout(options.dropout), linear, nn.BatchNorm1d(dim))


class _Siamese(EmbeddingNetwork):
    """A few members side by side."""

    metric: Metric = "cosine"

    def __init__(self, options: SiameseOptions) -> None:
        super().__init__()
        self.dim, self.n_members = options.dim, options.members
        self.preprocessing = Preprocessing(
            height=options.height, width=options.width, channels="grey", is_standardised=True, adds_mirror=True
        )
        self.members = nn.ModuleList(_Member(options) for _ in range(options.members))
        self.register_buffer("centre", torch.zeros(options.dim))
        self.register_buffer("evening", torch.eye(options.dim))

    def features(self, pictures: Tensor) -> Tensor:
        return torch.cat([member(pictures) for member in self.members], dim=1)

    def evened(self, joined: Tensor) -> Tensor:
        centred = joined - self.get_buffer("centre")
        return nn.functional.normalize(centred @ self.get_buffer("evening"), dim=1)

    def learn_spread(self, joined: Tensor, person_of: Tensor) -> None:
        centre, evening = evening_out(joined, person_of)
        self.get_buffer("centre").copy_(centre)
        self.get_buffer("evening").copy_(evening)

    def member_features(self, number: int, pictures: Tensor) -> Tensor:
        found: Tensor = self.members[number](pictures)
        return found


class _SiameseEmbedder:
    """The network that is trained in the project."""

    title = "Siamese network"
    options = SiameseOptions
    is_trainable = True

    def build(self, options: SiameseOptions) -> EmbeddingNetwork:
        return _Siamese(options)

    def official(self, options: SiameseOptions) -> Official | None:
        return None

    def adopt(self, network: EmbeddingNetwork, tensors: Mapping[str, Tensor]) -> WeightsReport:
        return weights.adopt(network, tensors, (Naming(),))[0]


EMBEDDER = _SiameseEmbedder()
