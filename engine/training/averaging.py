"""A moving average of a network's weights (EMA): steadier than the last step, and what is validated and kept."""

from __future__ import annotations

import copy

import torch
from torch import Tensor

from engine.detectors import Network


class Average:
    """A copy of a network that follows it; young averages follow faster, so that the random start is soon forgotten."""

    def __init__(self, network: Network, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self._decay = decay

    @torch.no_grad()
    def follow(self, network: Network, n_steps: int) -> None:
        """Move towards `network` after its `n_steps`-th step: decay ramps up as (1 + n) / (10 + n)."""
        decay = min(self._decay, (1 + n_steps) / (10 + n_steps))
        moving: list[Tensor] = []
        still: list[Tensor] = []
        for ours, theirs in zip(self.network.parameters(), network.parameters(), strict=True):
            if theirs.requires_grad:
                moving.append(ours)
                still.append(theirs)
        torch._foreach_lerp_(moving, still, 1 - decay)
        for held, seen in zip(self.network.buffers(), network.buffers(), strict=True):
            held.copy_(seen)
