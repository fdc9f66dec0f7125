"""Pretrained image networks as the trunk of a feature pyramid (FPN, Lin et al. 2017), or of levels without one.

Legend: a trunk gives features at strides 4, 8, 16 and 32; the pyramid adds stride 64 by pooling, so that five levels
named '0', '1', '2', '3', 'pool' come out, all with the same number of channels. Networks that guess at every cell leave
stride 4 out and go on to stride 128, by convolutions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor, nn
from torchvision.models import (
    MobileNet_V2_Weights,
    MobileNet_V3_Large_Weights,
    ResNet18_Weights,
    ResNet50_Weights,
    ResNet101_Weights,
    WeightsEnum,
    mobilenet_v2,
    mobilenet_v3_large,
    resnet18,
    resnet50,
    resnet101,
)
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.detection.backbone_utils import BackboneWithFPN
from torchvision.ops.feature_pyramid_network import LastLevelP6P7
from torchvision.ops.misc import Conv2dNormActivation

from engine.errors import UserError
from engine.nn.weights import Official

STRIDES = (4, 8, 16, 32, 64)
"""Model pixels per feature cell of each level of the pyramid."""
DENSE_STRIDES = (8, 16, 32, 64, 128)
"""The same of the levels that dense networks guess at."""


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


def _resnet(title: str, make: Callable[[], nn.Module], n_first: int, official: WeightsEnum) -> Trunk:
    """A ResNet; its four stages double their channels from `n_first` on."""
    return Trunk(
        title=title,
        make=make,
        prefix="",
        taps=("layer1", "layer2", "layer3", "layer4"),
        channels=(n_first, 2 * n_first, 4 * n_first, 8 * n_first),
        stem=("conv1", "bn1", "layer1"),
        official=official,
    )


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
    "mobilenet_v3": Trunk(
        title="MobileNetV3 large (small, quickest on a CPU)",
        make=lambda: mobilenet_v3_large().features[:16],
        prefix="features.",
        taps=("3", "6", "12", "15"),
        channels=(24, 40, 112, 160),
        stem=("0", "1", "2", "3"),
        official=MobileNet_V3_Large_Weights.IMAGENET1K_V2,
    ),
    "resnet18": _resnet("ResNet-18 (middling, plain)", resnet18, 64, ResNet18_Weights.IMAGENET1K_V1),
    "resnet50": _resnet("ResNet-50 (large, for a GPU)", resnet50, 256, ResNet50_Weights.IMAGENET1K_V2),
    "resnet101": _resnet("ResNet-101 (largest, for a GPU)", resnet101, 256, ResNet101_Weights.IMAGENET1K_V2),
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


def dense_pyramid(name: str, channels: int) -> BackboneWithFPN:
    """A trunk and its feature pyramid at DENSE_STRIDES."""
    chosen = trunk(name)
    taps = {tap: str(level) for level, tap in enumerate(chosen.taps[1:])}
    extra = LastLevelP6P7(channels, channels)
    return BackboneWithFPN(chosen.make(), taps, list(chosen.channels[1:]), channels, extra)


class Levels(nn.Module):
    """A trunk's own features at strides 8, 16 and 32 and two more halvings of the last: DENSE_STRIDES, no pyramid."""

    def __init__(self, name: str, n_extra: int, norm: Callable[[int], nn.Module]) -> None:
        """`n_extra` channels in each of the two levels on top."""
        super().__init__()
        chosen = trunk(name)
        self.body = IntermediateLayerGetter(chosen.make(), {tap: tap for tap in chosen.taps[1:]})
        below = (chosen.channels[-1], n_extra)
        self.extra = nn.ModuleList(_halving(channels, n_extra, norm) for channels in below)
        self.channels = [*chosen.channels[1:], n_extra, n_extra]

    def forward(self, pictures: Tensor) -> dict[str, Tensor]:
        """By level, finest first."""
        return self.above(self.body(pictures))

    def above(self, levels: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """All levels from those of the trunk."""
        found = list(levels.values())
        for layer in self.extra:
            found.append(layer(found[-1]))
        return {str(at): level for at, level in enumerate(found)}


def _halving(channels: int, n_out: int, norm: Callable[[int], nn.Module]) -> nn.Sequential:
    """Half the height and width, by a depthwise convolution between two of single cells."""
    middle = n_out // 2
    return nn.Sequential(
        Conv2dNormActivation(channels, middle, 1, norm_layer=norm),
        Conv2dNormActivation(middle, middle, 3, stride=2, groups=middle, norm_layer=norm),
        Conv2dNormActivation(middle, n_out, 1, norm_layer=norm),
    )


def above(backbone: nn.Module, levels: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """All levels of a backbone from those that its trunk (its `.body`) gives."""
    if isinstance(backbone, Levels):
        return backbone.above(levels)
    found: dict[str, Tensor] = backbone.get_submodule("fpn")(levels)
    return found


def official(name: str) -> Official:
    """torchvision's ImageNet weights of a trunk."""
    weights = trunk(name).official
    return Official(str(weights), weights.url)


def hold(backbone: nn.Module, name: str) -> None:
    """Stop training the stem of a network's trunk (its `.body`), and fix the statistics and scales of all its norms."""
    body = backbone.get_submodule("body")
    for layer in trunk(name).stem:
        body.get_submodule(layer).requires_grad_(False)
    for norm in norms(body):
        norm.requires_grad_(False)


def norms(module: nn.Module) -> list[nn.BatchNorm2d]:
    """The batch norms inside a module."""
    return [each for each in module.modules() if isinstance(each, nn.BatchNorm2d)]
