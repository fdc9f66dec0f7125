"""Crops of any sizes to vectors, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.embedders._seam import EmbeddingNetwork

_AT_ONCE = 32


def embedded(network: EmbeddingNetwork, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """(N, D) vectors of N crops, each (H, W, 3) RGB of any size, by a network in eval mode."""
    if network.training:
        raise ValueError("a network in train mode gives other vectors for the same crop")
    parts = list(_parts(network, crops))
    return np.concatenate(parts) if parts else np.zeros((0, network.dim), dtype=np.float32)


@torch.inference_mode()
def _parts(network: EmbeddingNetwork, crops: Sequence[NDArray[np.uint8]]) -> Iterator[NDArray[np.float32]]:
    device = next((each.device for each in network.parameters()), torch.device("cpu"))
    for start in range(0, len(crops), _AT_ONCE):
        shown = [network.preprocessing.shown(crop_tensor(crop)) for crop in crops[start : start + _AT_ONCE]]
        yield network.vectors(torch.cat(shown).to(device)).cpu().numpy().astype(np.float32)


def crop_tensor(crop: NDArray[np.uint8]) -> Tensor:
    """One (H, W, 3) RGB crop as a batch of (1, 3, H, W), a copy."""
    return torch.from_numpy(np.array(crop, order="C")).permute(2, 0, 1)[None]
