"""Blocks of CSP networks (Wang et al. 2020): convolutions with norm and SiLU, residual blocks, pooled pyramids.

Legend: every block takes (B, C, H, W) and gives (B, C', H / stride, W / stride).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm

NORM_EPSILON = 1e-3
"""Part of what pretrained weights mean: with torch's own 1e-5 their scores change by up to 0.36."""
_NORM_MOMENTUM = 0.1
_POOLED_SIDES = (5, 9, 13)


class Norm(nn.BatchNorm2d):
    """torch's, except that the variance it keeps is the one it divided by.

    torch keeps n / (n - 1) of it, an eighth too much where one small picture has nine cells at the coarsest level; over
    sixty layers a network that has learned a picture then knows it no more.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, NORM_EPSILON, _NORM_MOMENTUM)

    def forward(self, cells: Tensor) -> Tensor:
        """Normalised by the batch in training, by what is kept in detecting."""
        mean, variance = self.running_mean, self.running_var
        if not self.training or mean is None or variance is None:
            return super().forward(cells)
        own_mean, own_variance = torch.zeros_like(mean), torch.zeros_like(variance)
        normalised = batch_norm(cells, own_mean, own_variance, self.weight, self.bias, True, 1.0, self.eps)
        n_values = cells.numel() / cells.shape[1]
        with torch.no_grad():
            mean.lerp_(own_mean, _NORM_MOMENTUM)
            variance.lerp_(own_variance * (1 - 1 / n_values), _NORM_MOMENTUM)
        return normalised


class Convolution(nn.Module):
    """A convolution, its norm, and SiLU."""

    def __init__(self, channels_in: int, channels_out: int, side: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, side, stride, side // 2, groups=groups, bias=False)
        self.norm = Norm(channels_out)
        self.activation = nn.SiLU(inplace=True)

    def forward(self, cells: Tensor) -> Tensor:
        """Convolved, normalised, activated."""
        activated: Tensor = self.activation(self.norm(self.conv(cells)))
        return activated


class Separable(nn.Module):
    """A convolution channel by channel, then one across the channels: an eighth of the multiplications."""

    def __init__(self, channels_in: int, channels_out: int, side: int, stride: int = 1) -> None:
        super().__init__()
        self.depth = Convolution(channels_in, channels_in, side, stride, groups=channels_in)
        self.point = Convolution(channels_in, channels_out, 1)

    def forward(self, cells: Tensor) -> Tensor:
        """Space first, channels second."""
        mixed: Tensor = self.point(self.depth(cells))
        return mixed


def mixing(channels_in: int, channels_out: int, stride: int, *, is_separable: bool) -> nn.Module:
    """A 3 x 3 convolution of the kind that a network is made of."""
    kind = Separable if is_separable else Convolution
    return kind(channels_in, channels_out, 3, stride)


class Residual(nn.Module):
    """A 1 x 1 and a 3 x 3 convolution, on top of what came in where `is_added`."""

    def __init__(self, channels: int, *, is_separable: bool, is_added: bool) -> None:
        super().__init__()
        self.squeeze = Convolution(channels, channels, 1)
        self.mix = mixing(channels, channels, 1, is_separable=is_separable)
        self.is_added = is_added

    def forward(self, cells: Tensor) -> Tensor:
        """What was learned, and the input with it."""
        mixed: Tensor = self.mix(self.squeeze(cells))
        return mixed + cells if self.is_added else mixed


class CrossStage(nn.Module):
    """Half of the channels goes through residual blocks, half around them (CSP)."""

    def __init__(
        self, channels_in: int, channels_out: int, n_blocks: int, *, is_separable: bool, is_added: bool
    ) -> None:
        super().__init__()
        half = channels_out // 2
        self.inner = Convolution(channels_in, half, 1)
        self.bypass = Convolution(channels_in, half, 1)
        self.merge = Convolution(2 * half, channels_out, 1)
        blocks = (Residual(half, is_separable=is_separable, is_added=is_added) for _ in range(n_blocks))
        self.blocks = nn.Sequential(*blocks)

    def forward(self, cells: Tensor) -> Tensor:
        """Both halves, merged."""
        merged: Tensor = self.merge(torch.cat([self.blocks(self.inner(cells)), self.bypass(cells)], dim=1))
        return merged


class PooledPyramid(nn.Module):
    """Maxima over neighbourhoods of several sides beside the cells themselves (SPP, He et al. 2014)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.squeeze = Convolution(channels, half, 1)
        self.pools = nn.ModuleList(nn.MaxPool2d(side, 1, side // 2) for side in _POOLED_SIDES)
        self.merge = Convolution(half * (1 + len(_POOLED_SIDES)), channels, 1)

    def forward(self, cells: Tensor) -> Tensor:
        """Near and far, merged."""
        squeezed = self.squeeze(cells)
        merged: Tensor = self.merge(torch.cat([squeezed, *(pool(squeezed) for pool in self.pools)], dim=1))
        return merged


def folded(pictures: Tensor) -> Tensor:
    """(B, 4 C, H / 2, W / 2) of (B, C, H, W): each 2 x 2 pixels become channels of one cell, column by column."""
    n, channels, height, width = pictures.shape
    pixels = pictures.reshape(n, channels, height // 2, 2, width // 2, 2)
    return pixels.permute(0, 5, 3, 1, 2, 4).reshape(n, 4 * channels, height // 2, width // 2)
