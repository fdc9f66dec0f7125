"""The baseline: the pixels themselves, each crop brought to the same mean and contrast. Nothing is learned.

Two such vectors are apart by the Euclidean distance of the standardised crops, over the root of their number of pixels,
so that distances lie between 0 and 2 at any size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from engine.embedders._preprocessing import Preprocessing
from engine.embedders._seam import EmbeddingNetwork
from engine.errors import UserError
from engine.gallery import Metric
from engine.nn.weights import Official, WeightsReport
from engine.options import option


@dataclass(frozen=True, slots=True)
class PixelsOptions:
    """What can be chosen."""

    height: int = option(56, "Height in pixels that crops are brought to.")
    width: int = option(48, "Width in pixels that crops are brought to.")

    def __post_init__(self) -> None:
        """Raises UserError for a crop without pixels."""
        if min(self.height, self.width) < 1:
            raise UserError("A crop needs at least one pixel.")


class _Pixels(EmbeddingNetwork):
    """Grey values in rows, one after the other."""

    metric: Metric = "euclidean"

    def __init__(self, options: PixelsOptions) -> None:
        super().__init__()
        self.preprocessing = Preprocessing(
            height=options.height, width=options.width, channels="grey", is_standardised=True
        )
        self.dim = options.height * options.width

    def features(self, pictures: Tensor) -> Tensor:
        return pictures.flatten(1) / math.sqrt(self.dim)


class _PixelsEmbedder:
    """Crops compared pixel by pixel."""

    title = "Pixels"
    options = PixelsOptions
    is_trainable = False

    def build(self, options: PixelsOptions) -> EmbeddingNetwork:
        return _Pixels(options)

    def official(self, options: PixelsOptions) -> Official | None:
        return None

    def adopt(self, network: EmbeddingNetwork, tensors: Mapping[str, Tensor]) -> WeightsReport:
        raise UserError("Pixels have no weights.", "Choose another embedder for these weights.")


EMBEDDER = _PixelsEmbedder()
