"""Which pictures make up which batch, and how each is varied: a function of seed, epoch and place, and of nothing else.

So a training that was interrupted goes on with exactly the batches it would have seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.detectors import Network, Truth
from engine.training.augment import Augmentation, augmented, scaled
from engine.training.data import Example


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Pictures in model space with their truths, and their names for messages."""

    pictures: list[Tensor]
    truths: list[Truth]
    names: tuple[str, ...]

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        return Batch([each.to(device) for each in self.pictures], [each.to(device) for each in self.truths], self.names)


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """The batches of a training, epoch by epoch."""

    examples: Sequence[Example]
    network: Network
    augmentation: Augmentation
    size: int
    seed: int

    def __len__(self) -> int:
        """Batches in an epoch; the last one may be smaller."""
        return math.ceil(len(self.examples) / self.size)

    def epoch(self, epoch: int, first: int = 0) -> Iterator[Batch]:
        """The batches of one epoch from the `first` on."""
        order = torch.randperm(len(self.examples), generator=generator(self.seed, epoch)).tolist()
        for at in range(first, len(self)):
            chosen = order[at * self.size : (at + 1) * self.size]
            varied = [self._varied(index, epoch) for index in chosen]
            names = tuple(self.examples[index].name for index in chosen)
            yield Batch([picture for picture, _ in varied], [truth for _, truth in varied], names)

    def _varied(self, index: int, epoch: int) -> tuple[Tensor, Truth]:
        example = self.examples[index]
        picture = as_tensor(example)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(mixed(self.seed, epoch, index))
            return augmented(picture, example.truth, self.network.scale(*picture.shape[-2:]), self.augmentation)


def plain(examples: Sequence[Example], network: Network) -> Batch:
    """Pictures as they are, in model space."""
    ready = [scaled(picture := as_tensor(each), each.truth, network.scale(*picture.shape[-2:])) for each in examples]
    names = tuple(each.name for each in examples)
    return Batch([picture for picture, _ in ready], [truth for _, truth in ready], names)


def as_tensor(example: Example) -> Tensor:
    """(3, H, W) uint8."""
    return torch.from_numpy(example.picture).permute(2, 0, 1)


def generator(*numbers: int) -> torch.Generator:
    """A generator of random numbers of its own for these numbers."""
    made = torch.Generator()
    made.manual_seed(mixed(*numbers))
    return made


def mixed(*numbers: int) -> int:
    """One seed from several numbers, far apart for neighbours (splitmix64)."""
    state = 0
    for number in numbers:
        state = (state ^ number) + 0x9E3779B97F4A7C15 & _WORD
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _WORD
        state = (state ^ state >> 27) * 0x94D049BB133111EB & _WORD
        state ^= state >> 31
    return state >> 1


_WORD = (1 << 64) - 1
