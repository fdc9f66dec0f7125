"""What all detectors on torchvision's modules share: the options that each has, norms that are held, and weights."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from torch import Tensor, nn

from engine.detectors._rcnn_parts import IMAGENET
from engine.detectors._seam import Network
from engine.nn import backbones
from engine.nn.weights import Naming, Official, WeightsReport, adopt
from engine.options import option


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchvisionOptions:
    """What can be chosen about every network."""

    backbone: Literal["mobilenet_v2", "mobilenet_v3", "resnet18", "resnet50", "resnet101"] = option(
        "mobilenet_v2", "The pretrained image network below: MobileNets train on a CPU, large ResNets want a GPU."
    )
    min_side: int = option(
        512, "Pictures are scaled so that their shorter side has this many pixels; more sees smaller objects, slower."
    )
    max_side: int = option(1024, "Limit of the longer side after scaling.")
    detections_per_image: int = option(300, "The most objects reported on one picture.")
    score_threshold: float = option(0.05, "Detections less certain than this are dropped.")
    nms_iou: float = option(0.5, "Of two detections that overlap more than this, the less certain one is dropped.")
    anchor_sides: tuple[float, ...] = option(
        (16.0, 32.0, 64.0, 128.0, 256.0), "Sides of the boxes from which objects are guessed, one per pyramid level."
    )
    anchor_ratios: tuple[float, ...] = option((0.5, 1.0, 2.0), "Height to width ratios of those boxes.")


class TorchvisionNetwork(Network):
    """A network with a pretrained backbone, whose norms can be held."""

    normalisation = IMAGENET

    def __init__(self, options: TorchvisionOptions) -> None:
        super().__init__()
        self.options = options
        self._is_held = False

    @property
    @abstractmethod
    def backbone(self) -> nn.Module:
        """The pretrained trunk with what makes levels of its features."""

    @property
    def normed(self) -> nn.Module:
        """Where the norms are that are held."""
        return self.backbone

    def hold(self) -> None:
        """Keep the pretrained stem and the statistics and scales of the norms as they are."""
        backbones.hold(self.backbone, self.options.backbone)
        self._is_held = True
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """As torch's, except that held norms stay in eval mode."""
        super().train(mode)
        if self._is_held:
            for norm in backbones.norms(self.normed):
                norm.eval()
        return self


def official(options: TorchvisionOptions) -> Official | None:
    """torchvision's ImageNet weights of the backbone."""
    return backbones.official(options.backbone)


def adopted(network: Network, tensors: Mapping[str, Tensor], model: str) -> tuple[WeightsReport, tuple[str, ...]]:
    """Take over an ImageNet classifier's layers, or all of another such network's that fit; `model` names the model."""
    name = network.options.backbone if isinstance(network, TorchvisionNetwork) else ""
    return adopt(network, tensors, (Naming(backbones.trunk(name).prefix, f"{model}.backbone.body."), Naming("", "")))
