"""How many pictures a step takes on a GPU: as many as its memory holds, found by trying one and two.

What a step needs grows with its pictures by the same amount each, so that two trials tell of all sizes. They are made
on the largest training picture, forward and backward, and leave the network as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from engine import hardware
from engine.detectors import Network
from engine.feeding.batches import plain
from engine.feeding.data import Data
from engine.hardware import Precision
from engine.training.learner import Statistics

MOST = 16
_LEAST_STEPS = 16
"""Of an epoch: fewer pictures than this many batches of them make smaller batches, for steps are what teaches."""
_SHARE_OF_FREE = 0.8
"""What is used of free memory: pictures are varied, and some take more than the one that was tried."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Pictures in a step, None where nothing speaks for a number, and why."""

    batch: int | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """Memory of a step in bytes: `fixed`, and so much more for each of its pictures."""

    fixed: int
    each: int

    def fitting(self, free_bytes: int, most: int) -> int:
        """The largest power of two up to `most` whose step fits; at least 1."""
        n = int((_SHARE_OF_FREE * free_bytes - self.fixed) // self.each)
        return _power_of_two(min(max(n, 1), most))


def wanted(n_pictures: int) -> int:
    """Pictures in a step where memory does not matter."""
    return _power_of_two(min(max(n_pictures // _LEAST_STEPS, 1), MOST))


def _power_of_two(n: int) -> int:
    """The largest that is no larger than n >= 1."""
    return int(1 << (n.bit_length() - 1))


def need_of(tried: Callable[[int], int]) -> Need | None:
    """What steps need, from trials of one and two pictures; None where even those do not fit."""
    try:
        one, two = tried(1), tried(2)
    except (RuntimeError, MemoryError) as error:
        if hardware.out_of_memory(error) is None:
            raise
        return None
    each = max(two - one, 1)
    return Need(max(one - each, 0), each)


def fit(need: Need | None, free_bytes: int, n_pictures: int) -> Fit:
    """Pictures in a step for so much free memory, in words too."""
    if need is None:
        return Fit(1, ("A step takes a single picture: the GPU has no memory for two.",))
    most = wanted(n_pictures)
    batch = need.fitting(free_bytes, most)
    pictures = "picture" if batch == 1 else "pictures"
    takes = f"{need.each / 1e9:.1f} GB for each picture, of {free_bytes / 1e9:.0f} GB that are free on the GPU"
    if batch == most:
        return Fit(batch, (f"A step takes {batch} {pictures}, for which there is memory: {takes}.",))
    return Fit(batch, (f"A step takes {batch} {pictures}, as many as fit into memory: {takes}.",))


def fit_to_gpu(network: Network, data: Data, device: torch.device, precision: Precision) -> Fit:
    """Pictures in a step of this network, which is moved to the GPU, on these training pictures."""
    network.to(device).to(memory_format=torch.channels_last)
    trial = _Trial(network, data, device, precision)
    need = need_of(trial)
    hardware.free_memory(device)
    return fit(need, torch.cuda.mem_get_info(device)[0], len(data.train))


class _Trial:
    """Forward and backward on so many pictures: the memory it took at most, with what an optimizer will add."""

    def __init__(self, network: Network, data: Data, device: torch.device, precision: Precision) -> None:
        sizes = data.survey().sizes
        self._largest = data.train[int((sizes[:, 0] * sizes[:, 1]).argmax())]
        self._network, self._device, self._precision = network, device, precision
        self._statistics = Statistics(network)
        trained = sum(each.nbytes for each in network.parameters() if each.requires_grad)
        self._moments = 3 * trained  # two of Adam's and the average
        network.train()

    def __call__(self, n_pictures: int) -> int:
        before = torch.cuda.memory_allocated(self._device)
        torch.cuda.reset_peak_memory_stats(self._device)
        self._statistics.keep()
        try:
            self._step(n_pictures)
            return int(torch.cuda.max_memory_allocated(self._device)) - before + self._moments
        finally:
            self._statistics.put_back()
            self._network.zero_grad()

    def _step(self, n_pictures: int) -> None:
        batch = plain([self._largest] * n_pictures, self._network).to(self._device)
        with hardware.autocast(self._device, self._precision):
            losses = self._network.loss(batch.pictures, batch.truths)
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
