"""Which pictures make up which batch, and how each is varied: a function of seed, epoch and place, and of nothing else.

So a training that was interrupted goes on with exactly the batches it would have seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from engine.detectors import Features, Network, Truth, Warmable
from engine.feeding.augment import Augmentation, scaled
from engine.feeding.data import Example
from engine.feeding.sampling import Views
from engine.feeding.stillness import Stillness
from engine.feeding.varying import Phase, Varying, as_tensor
from engine.nn.shares import WHOLE, LossSums, Share


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
    phase: Phase = "varied"
    features: list[Features] = field(default_factory=list)
    """What a still body makes of each picture; the pictures are then as large as they would be, and empty."""

    def loss_sums(self, network: Network, share: Share = WHOLE) -> LossSums:
        """What a network loses on the batch, which is on its device."""
        if self.features and isinstance(network, Warmable):
            return network.sums_on(Features.joined(self.features, share.frame), self.truths, share)
        return network.loss_sums(self.pictures, self.truths, share)

    def part(self, chosen: slice) -> Batch:
        """Some of its pictures."""
        kept = {name: getattr(self, name)[chosen] for name in ("pictures", "truths", "names", "places", "features")}
        return replace(self, **kept)

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device; features are where their network is already."""
        pictures = [each.to(device, non_blocking=device.type == "cuda") for each in self.pictures]
        truths = [each.to(device) for each in self.truths]
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
    views: Views | None = None
    """How often an epoch shows each picture; None is once."""
    still: Stillness | None = None
    """What shows pictures to a still body, where there is one."""

    @property
    def shown(self) -> Views:
        """How often an epoch shows each picture."""
        return Views.even(len(self.examples)) if self.views is None else self.views

    def __len__(self) -> int:
        """Batches in an epoch; the last one may be smaller."""
        return math.ceil(len(self.shown) / self.size)

    def epoch(
        self, epoch: int, first: int = 0, phase: Callable[[int], Phase] = lambda number: "varied"
    ) -> Iterator[Batch]:
        """The batches of one epoch from the `first` on; `phase` says of each by its number how far the training is."""
        order = self.order(epoch)
        return (self._batch(order, epoch, number, phase(number)) for number in range(first, len(self)))

    def batch(self, epoch: int, number: int, phase: Phase = "varied") -> Batch:
        """One batch of an epoch; a share of it may have no picture."""
        return self._batch(self.order(epoch), epoch, number, phase)

    def order(self, epoch: int) -> list[int]:
        """The indices of the examples in the order in which an epoch sees them."""
        return self.shown.order(generator(self.seed, epoch))

    def _batch(self, order: Sequence[int], epoch: int, number: int, phase: Phase) -> Batch:
        first = number * self.size
        whole = order[first : first + self.size]
        places = tuple(range(self.rank, len(whole), self.n_ranks))
        phase = "varied" if phase == "still" and self.still is None else phase
        at = Batch([], [], (), places, epoch, number, len(whole), phase)
        seeds = [mixed(self.seed, epoch, first + place) for place in places]
        chosen = [(whole[place], seed) for place, seed in zip(places, seeds, strict=True)]
        if phase == "still" and self.still is not None:
            return self._seen(at, self.still, chosen)
        if self.still is not None:
            self.still.forget()
        varying = Varying(self.examples, self.network, self.augmentation)
        variants = [varying.variant(index, seed, phase) for index, seed in chosen]
        pictures, truths = [each.picture for each in variants], [each.truth for each in variants]
        return replace(at, pictures=pictures, truths=truths, names=tuple(each.name for each in variants))

    def _seen(self, at: Batch, still: Stillness, chosen: Sequence[tuple[int, int]]) -> Batch:
        """A batch as a still body sees it."""
        seen = [still.seen(self.examples, index, generator(seed)) for index, seed in chosen]
        return replace(
            at,
            pictures=[each.placeholder for each in seen],
            truths=[each.truth for each in seen],
            features=[each.features for each in seen],
            names=tuple(self.examples[index].name for index, _ in chosen),
        )


def plain(examples: Sequence[Example], network: Network) -> Batch:
    """Pictures as they are, in model space."""
    ready = [scaled(picture := as_tensor(each), each.truth, network.scale(*picture.shape[-2:])) for each in examples]
    names = tuple(each.name for each in examples)
    return Batch([picture for picture, _ in ready], [truth for _, truth in ready], names, tuple(range(len(names))))


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
