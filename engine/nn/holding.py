"""Train mode without learning: a network says what it loses, and keeps all it knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


@contextmanager
def held_in_training(network: nn.Module) -> Iterator[None]:
    """Train mode, but norms and dropout as in eval mode, which the network is in afterwards; without gradients."""
    network.train()
    for module in network.modules():
        if isinstance(module, _BatchNorm | nn.Dropout):
            module.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        network.eval()
