"""The first part of a fine-tune, in which the pretrained body of a network stands still and only the rest learns.

What the body makes of a picture is then always the same, so it is made once, of the picture and of its mirror images,
and kept while there is room. A step costs half, or less, of what it costs later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine import hardware
from engine.detectors import Features, Network, Truth, Warmable
from engine.feeding.augment import Augmentation, mirrored, scaled
from engine.feeding.data import Example
from engine.feeding.room import Room
from engine.feeding.varying import as_tensor
from engine.hardware import Precision


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a still body makes of a picture, and the picture's truth in model space."""

    features: Features
    truth: Truth

    @property
    def placeholder(self) -> Tensor:
        """(3, H, W) uint8 as large as the picture, without memory of its own."""
        return torch.zeros((), dtype=torch.uint8).expand(3, *self.features.sizes[0])

    @property
    def n_bytes(self) -> int:
        """Memory it takes."""
        return self.features.n_bytes + self.truth.masks.nbytes


class Stillness:
    """Makes and keeps what a still body makes of pictures; it is asked only while the body stands still."""

    def __init__(self, network: Network, how: Augmentation, precision: Precision, room: Room) -> None:
        if not isinstance(network, Warmable):
            raise TypeError(f"{type(network).__name__} does not learn in two parts")
        self._network = network
        self._flips = (how.flip_horizontal, how.flip_vertical)
        self._precision = precision
        self._room = room
        self._kept: dict[tuple[int, bool, bool], Seen] = {}

    def seen(self, examples: Sequence[Example], index: int, generator: torch.Generator) -> Seen:
        """One of the examples, mirrored as the generator has it."""
        draws = torch.rand(2, generator=generator)
        is_mirrored, is_upside_down = (bool(draws[at] < self._flips[at]) for at in range(2))
        key = (index, is_mirrored, is_upside_down)
        if key in self._kept:
            return self._kept[key]
        made = self._made(examples[index], is_mirrored=is_mirrored, is_upside_down=is_upside_down)
        if self._room.take(made.n_bytes):
            self._kept[key] = made
        return made

    def forget(self) -> None:
        """Give back what was kept: the body learns from now on."""
        self._kept.clear()

    @torch.no_grad()
    def _made(self, example: Example, *, is_mirrored: bool, is_upside_down: bool) -> Seen:
        picture = as_tensor(example)
        picture, truth = scaled(picture, example.truth, self._network.scale(*picture.shape[-2:]))
        for is_flipped, axis in ((is_mirrored, -1), (is_upside_down, -2)):
            if is_flipped:
                picture, truth = mirrored(picture, truth, axis)
        device = next(self._network.parameters()).device
        with hardware.autocast(device, self._precision):
            return Seen(self._network.features([picture.to(device)]), truth)
