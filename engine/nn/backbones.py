"""Pretrained image networks as the trunk of a feature pyramid (FPN, Lin et al. 2017).

Legend: a trunk gives features at strides 4, 8, 16 and 32; the pyramid adds stride 64 by pooling, so that five levels
named '0', '1', '2', '3', 'pool' come out, all with the same number of channels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import nn
from torchvision.models import (
    MobileNet_V2_Weights,
    ResNet50_Weights,
    WeightsEnum,
    mobilenet_v2,
    resnet50,
)
from torchvision.models.detection.backbone_utils import BackboneWithFPN

from engine.errors import UserError

STRIDES = (4, 8, 16, 32, 64)
"""Model pixels per feature cell of each level of the pyramid."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """An image network that torchvision has official weights for, and where its pyramid taps it."""

    title: str
    make: Callable[[], nn.Module]
    """The layers in order, as a module whose children are named as in `prefix`'s part of the official weights."""
    prefix: str
    """What the official weights put before the names of those layers."""
    taps: tuple[str, ...]
    """Names of the layers whose outputs have strides 4, 8, 16, 32."""
    channels: tuple[int, ...]
    stem: tuple[str, ...]
    """Layers that pretrained weights know best: edges and colours, worth no training on few pictures."""
    official: WeightsEnum


TRUNKS: Mapping[str, Trunk] = {
    "mobilenet_v2": Trunk(
        title="MobileNetV2 (small, quick on a CPU)",
        make=lambda: mobilenet_v2().features[:18],
        prefix="features.",
        taps=("3", "6", "13", "17"),
        channels=(24, 32, 96, 320),
        stem=("0", "1", "2", "3"),
        official=MobileNet_V2_Weights.IMAGENET1K_V2,
    ),
    "resnet50": Trunk(
        title="ResNet-50 (large, for a GPU)",
        make=resnet50,
        prefix="",
        taps=("layer1", "layer2", "layer3", "layer4"),
        channels=(256, 512, 1024, 2048),
        stem=("conv1", "bn1", "layer1"),
        official=ResNet50_Weights.IMAGENET1K_V2,
    ),
}


def trunk(name: str) -> Trunk:
    """The trunk called `name`; raises UserError with the known names when there is none."""
    if name not in TRUNKS:
        raise UserError(f"There is no backbone {name!r}.", f"Known: {', '.join(TRUNKS)}.")
    return TRUNKS[name]


def pyramid(name: str, channels: int) -> BackboneWithFPN:
    """A trunk with random weights (`.body`) and its feature pyramid (`.fpn`) of `channels` channels."""
    chosen = trunk(name)
    taps = {tap: str(level) for level, tap in enumerate(chosen.taps)}
    return BackboneWithFPN(chosen.make(), taps, list(chosen.channels), channels)


def hold(backbone: BackboneWithFPN, name: str) -> None:
    """Stop training the stem of a pyramid's trunk, and fix the statistics and scales of all its norms."""
    for layer in trunk(name).stem:
        backbone.body[layer].requires_grad_(False)
    for norm in norms(backbone.body):
        norm.requires_grad_(False)


def norms(module: nn.Module) -> list[nn.BatchNorm2d]:
    """The batch norms inside a module."""
    return [each for each in module.modules() if isinstance(each, nn.BatchNorm2d)]
