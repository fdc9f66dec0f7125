"""Which pictures make up which batch, and how each is varied: a function of seed, epoch and place, and of nothing else.

So a training that was interrupted goes on with exactly the batches it would have seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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
    places: tuple[int, ...]
    """Of each picture in the whole batch, where several processes share it."""
    epoch: int = 0
    number: int = 0
    """Of the batch in its epoch."""
    n_whole: int = 0
    """Pictures of the whole batch."""

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        pictures, truths = [each.to(device) for each in self.pictures], [each.to(device) for each in self.truths]
        return replace(self, pictures=pictures, truths=truths)


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """The batches of a training, epoch by epoch."""

    examples: Sequence[Example]
    network: Network
    augmentation: Augmentation
    size: int
    seed: int
    rank: int = 0
    """Of the `n_ranks` processes that share each batch, the one these are for: it gets every `n_ranks`-th picture."""
    n_ranks: int = 1

    def __len__(self) -> int:
        """Batches in an epoch; the last one may be smaller."""
        return math.ceil(len(self.examples) / self.size)

    def epoch(self, epoch: int, first: int = 0) -> Iterator[Batch]:
        """The batches of one epoch from the `first` on."""
        order = self.order(epoch)
        return (self._batch(order, epoch, number) for number in range(first, len(self)))

    def batch(self, epoch: int, number: int) -> Batch:
        """One batch of an epoch; a share of it may have no picture."""
        return self._batch(self.order(epoch), epoch, number)

    def order(self, epoch: int) -> Tensor:
        """The indices of the examples in the order in which an epoch sees them."""
        return torch.randperm(len(self.examples), generator=generator(self.seed, epoch))

    def _batch(self, order: Tensor, epoch: int, number: int) -> Batch:
        whole = order[number * self.size : (number + 1) * self.size].tolist()
        places = tuple(range(self.rank, len(whole), self.n_ranks))
        varied = [self._varied(whole[place], epoch) for place in places]
        names = tuple(self.examples[whole[place]].name for place in places)
        pictures, truths = [picture for picture, _ in varied], [truth for _, truth in varied]
        return Batch(pictures, truths, names, places, epoch, number, len(whole))

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
    return Batch([picture for picture, _ in ready], [truth for _, truth in ready], names, tuple(range(len(names))))


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
