"""A network taken apart for use without torch: its parts as modules that ONNX can hold, and the card of the rest.

Legend: B pictures, R regions, C channels, K classes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from engine.portable.card import Card

Outputs = tuple[Tensor, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One module with tensors in and out, and how to call it."""

    module: nn.Module
    example: Tensor
    axes: Mapping[int, str]
    """The axes of its input that may have any size, and what each is called."""
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Portable:
    """A network in parts; the one called 'network' looks at pictures."""

    card: Card
    parts: Mapping[str, Part]


class Exportable(ABC):
    """What a Network may be able to do besides: be taken apart."""

    @abstractmethod
    def portable(self, detector: str, class_names: Sequence[str]) -> Portable:
        """The parts of this network, in eval mode, with the card of a detector of this name for these classes."""


class Called(nn.Module):
    """A function of tensors as a module, around the modules that it calls."""

    def __init__(self, call: Callable[[Tensor], Outputs], *modules: nn.Module) -> None:
        super().__init__()
        self._call = call
        self.inner = nn.ModuleList(modules)
        self.eval()

    def forward(self, values: Tensor) -> Outputs:
        """What the function says."""
        return self._call(values)


def on_pictures(module: nn.Module, outputs: Sequence[str]) -> Part:
    """The part that looks at pictures (B, 3, H, W); its sides are multiples of 32."""
    device = next(module.parameters()).device
    example = Tensor(1, 3, 128, 160).uniform_(0, 1).to(device)
    return Part(module, example, {0: "pictures", 2: "height", 3: "width"}, tuple(outputs))


def on_regions(module: nn.Module, channels: int, cells: int, outputs: Sequence[str]) -> Part:
    """A part that looks at features of regions (R, C, cells, cells)."""
    device = next(module.parameters()).device
    return Part(module, Tensor(3, channels, cells, cells).uniform_(0, 1).to(device), {0: "regions"}, tuple(outputs))
