"""What a classifier of things makes of a face before it decides: better than pixels, though nobody taught it faces.

The network is torchvision's, its last layer left out, so that a vector is the mean over the picture of what it saw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn
from torchvision.models import mobilenet_v2, resnet18, resnet50

from engine.embedders._preprocessing import MOST_SIDE, Preprocessing
from engine.embedders._seam import EmbeddingNetwork
from engine.errors import UserError
from engine.gallery import Metric
from engine.nn import backbones, weights
from engine.nn.weights import Naming, Official, WeightsReport
from engine.options import option


@dataclass(frozen=True, slots=True)
class _Kind:
    """A classifier, the name of its last layer, and how many features that layer decides by."""

    make: Callable[[], nn.Module]
    last: str
    dim: int


_KINDS: Mapping[str, _Kind] = {
    "mobilenet_v2": _Kind(mobilenet_v2, "classifier", 1280),
    "resnet18": _Kind(resnet18, "fc", 512),
    "resnet50": _Kind(resnet50, "fc", 2048),
}


@dataclass(frozen=True, slots=True)
class LatentOptions:
    """What can be chosen."""

    classifier: Literal["mobilenet_v2", "resnet18", "resnet50"] = option(
        "mobilenet_v2", "The image network whose features are used."
    )
    height: int = option(224, "Height in pixels that crops are brought to.")
    width: int = option(192, "Width in pixels that crops are brought to.")

    def __post_init__(self) -> None:
        """Raises UserError for crops that the network has no cell for."""
        if min(self.height, self.width) < _STRIDE:
            raise UserError(f"This network needs crops of at least {_STRIDE} x {_STRIDE} pixels.")
        if max(self.height, self.width) > MOST_SIDE:
            raise UserError(f"This network takes crops of at most {MOST_SIDE} x {MOST_SIDE} pixels.")


_STRIDE = 32


class _Latent(EmbeddingNetwork):
    """A classifier without its last layer."""

    metric: Metric = "cosine"

    def __init__(self, options: LatentOptions) -> None:
        super().__init__()
        kind = _KINDS[options.classifier]
        self.dim = kind.dim
        self.preprocessing = Preprocessing(
            height=options.height,
            width=options.width,
            mean=(0.485, 0.456, 0.406),  # of ImageNet, as the weights were trained with
            deviation=(0.229, 0.224, 0.225),
            adds_mirror=True,
        )
        self.body = kind.make()
        setattr(self.body, kind.last, nn.Identity())

    def features(self, pictures: Tensor) -> Tensor:
        found: Tensor = self.body(pictures)
        return found


class _LatentEmbedder:
    """Features of a torchvision classifier."""

    title = "Features of a classifier"
    options = LatentOptions
    is_trainable = False

    def build(self, options: LatentOptions) -> EmbeddingNetwork:
        return _Latent(options)

    def official(self, options: LatentOptions) -> Official | None:
        return backbones.official(options.classifier)

    def adopt(self, network: EmbeddingNetwork, tensors: Mapping[str, Tensor]) -> WeightsReport:
        return weights.adopt(network, tensors, (Naming("", "body."), Naming("features.", "body.features.")))[0]


EMBEDDER = _LatentEmbedder()
