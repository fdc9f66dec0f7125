"""Batch normalisation whose statistics are those of a whole batch that several processes share.

torch's SyncBatchNorm is for GPUs only, and knows no process without pictures. This one needs nothing but a sum over the
processes, on any device. In eval mode, as where norms are held, it is the plain norm.

Legend: B pictures, C channels, n cells of the whole batch and of all processes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor, nn

from engine.nn import csp

Total: TypeAlias = Callable[[Tensor], Tensor]
"""The sum of a tensor over all processes, in each of them; gradients flow back to all."""


class SharedNorm(nn.BatchNorm2d):
    """A BatchNorm2d over the pictures of all processes; the parameters and buffers are those of the one it replaces."""

    def __init__(self, norm: nn.BatchNorm2d, total: Total) -> None:
        super().__init__(norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats)
        self.weight, self.bias = norm.weight, norm.bias
        self.running_mean, self.running_var = norm.running_mean, norm.running_var
        self.num_batches_tracked = norm.num_batches_tracked
        self.train(norm.training)
        self.total = total
        self._keeps_own_variance = isinstance(norm, csp.Norm)
        self.is_idle = False
        """Whether what this process sees is no part of the batch."""

    def forward(self, maps: Tensor) -> Tensor:
        """(B, C, H, W) normalised."""
        if not self.training:
            return super().forward(maps)
        with torch.autocast(maps.device.type, enabled=False):
            return self._normalised(maps.float()).to(maps.dtype)

    def _normalised(self, maps: Tensor) -> Tensor:
        counted = 0.0 if self.is_idle else 1.0
        n_own = maps.new_full((1,), counted * maps.numel() / maps.shape[1])
        sums = self.total(torch.cat([counted * maps.sum((0, 2, 3)), n_own]))
        n = sums[-1].detach().clamp(min=1)
        centred = maps - (sums[:-1] / n)[:, None, None]
        variance = self.total(counted * centred.square().sum((0, 2, 3))) / n
        kept = variance if self._keeps_own_variance else variance * n / (n - 1).clamp(min=1)
        self._remember(sums[:-1].detach() / n, kept.detach())
        scale = (variance + self.eps).rsqrt() * self.weight
        return centred * scale[:, None, None] + self.bias[:, None, None]

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        if self.running_mean is None or self.running_var is None or self.momentum is None:
            return
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)
        if self.num_batches_tracked is not None and not self._keeps_own_variance:
            self.num_batches_tracked += 1


def share_norms(module: nn.Module, total: Total) -> list[SharedNorm]:
    """Replace every batch norm in a module; returns those that replace them."""
    made: list[SharedNorm] = []
    for parent in list(module.modules()):
        for name, child in parent.named_children():
            if isinstance(child, nn.BatchNorm2d):
                made.append(SharedNorm(child, total))
                setattr(parent, name, made[-1])
    return made
