"""What every embedder provides: a network from face crops to vectors, and what its vectors must share to be compared.

Legend: N crops, D numbers of a vector. Crops are (N, 3, H, W) uint8 RGB tensors of any size.
"""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor, nn

from engine.embedders._preprocessing import Preprocessing
from engine.errors import UserError
from engine.gallery import Metric
from engine.nn.weights import Official, WeightsReport


@dataclass(frozen=True, slots=True)
class VectorKind:
    """What vectors of faces must share to be compared: who made them, out of what, and what their distance is."""

    embedder: str
    preprocessing_sha256: str
    weights_sha256: str
    metric: Metric
    dim: int

    def refuse_other(self, other: VectorKind) -> None:
        """Raise UserError where vectors of another kind cannot be compared with these, saying what is different."""
        if self == other:
            return
        different = next(
            words for name, words in _DIFFERENCES.items() if getattr(self, name) != getattr(other, name)
        )  # fmt: skip
        raise UserError(
            f"Vectors of {self.embedder!r} and of {other.embedder!r} cannot be compared: {different}.",
            "Embed the templates anew with one embedder.",
        )


_DIFFERENCES = {
    "embedder": "the embedders differ",
    "preprocessing_sha256": "the crops were prepared differently",
    "weights_sha256": "the weights differ",
    "metric": "their distances are measured differently",
    "dim": "they are of different lengths",
}


class EmbeddingNetwork(nn.Module, ABC):
    """An embedder built with its options: crops in, vectors out."""

    preprocessing: Preprocessing
    dim: int
    metric: Metric
    n_members: int = 1
    """How many networks it is made of whose vectors, of `dim / n_members` numbers and length 1 each, are joined."""

    def forward(self, crops: Tensor) -> Tensor:
        """(N, 3, H, W) uint8 crops to (N, D) float32 vectors, of length 1 where the metric is 'cosine'."""
        return self.vectors(self.preprocessing.shown(crops))

    def vectors(self, shown: Tensor) -> Tensor:
        """The vectors of pictures that `preprocessing.shown` gave; in train mode neither mirrored nor evened out."""
        joined = self.joined(shown)
        return joined if self.training else self.evened(joined)

    def joined(self, shown: Tensor) -> Tensor:
        """(N, D) what the members make of pictures, side by side."""
        members = [self.member_vectors(number, shown) for number in range(self.n_members)]
        return torch.cat(members, dim=1) / math.sqrt(self.n_members)

    def member_vectors(self, number: int, shown: Tensor) -> Tensor:
        """The (N, D / n_members) vectors of one member, of length 1 where the metric is 'cosine'."""
        pictures = self.preprocessing.normalised(shown)
        found = self._measured(self.member_features(number, pictures))
        if self.preprocessing.adds_mirror and not self.training:
            found = self._measured(found + self._measured(self.member_features(number, pictures.flip(-1))))
        return found

    def evened(self, joined: Tensor) -> Tensor:
        """What becomes of joined vectors in the end; they themselves, unless the network learned more of them."""
        return joined

    def learn_spread(self, joined: Tensor, person_of: Tensor) -> None:
        """Take in, at the end of a training, how its people's joined vectors spread; nothing, unless it is of use."""

    def member_features(self, number: int, pictures: Tensor) -> Tensor:
        """(N, C, h, w) normalised pictures to (N, D / n_members) numbers of any length, by one member."""
        return self.features(pictures)

    @abstractmethod
    def features(self, pictures: Tensor) -> Tensor:
        """(N, C, h, w) normalised pictures to (N, D) numbers of any length."""

    def weights_sha256(self) -> str:
        """The same for the same weights; of no weights, that of nothing."""
        digest = hashlib.sha256()
        for name, value in sorted(self.state_dict().items()):
            digest.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
            digest.update(value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
        return digest.hexdigest()

    def kind(self, embedder: str) -> VectorKind:
        """What its vectors are, as those of the embedder of that name."""
        return VectorKind(embedder, self.preprocessing.sha256, self.weights_sha256(), self.metric, self.dim)

    def _measured(self, vectors: Tensor) -> Tensor:
        return nn.functional.normalize(vectors, dim=1) if self.metric == "cosine" else vectors


OptionsT = TypeVar("OptionsT")


class Embedder(Protocol[OptionsT]):
    """One kind of embedder. Each module of the seam holds one as `EMBEDDER`."""

    title: str
    """What a user calls it, as 'Siamese network'."""
    options: type[OptionsT]
    """A frozen dataclass whose fields are made by `option`; its defaults suit a CPU."""
    is_trainable: bool
    """Whether it can learn from pairs of faces."""

    def build(self, options: OptionsT) -> EmbeddingNetwork:
        """A network with random weights, where it has any; raises UserError for options that cannot be followed."""
        ...

    def official(self, options: OptionsT) -> Official | None:
        """The pretrained weights that suit it, or None where there are none."""
        ...

    def adopt(self, network: EmbeddingNetwork, tensors: Mapping[str, Tensor]) -> WeightsReport:
        """Take over the pretrained tensors that fit, by name and shape; raises UserError where they are of another."""
        ...


@runtime_checkable
class Carried(Protocol):
    """An embedder whose weights are a file of a format of its own: kept as they are, with a card beside them."""

    def packed(self, options: Any) -> tuple[bytes, str]:
        """The file's bytes and its card as JSON; raises UserError where they are not to be had."""
        ...

    def unpacked(self, weights: bytes, card: str) -> EmbeddingNetwork:
        """The network of bytes and card, in eval mode; raises UserError where they are none."""
        ...
