"""Batches made ahead by processes of their own: they read, decode and vary pictures while the network learns.

A batch is a function of seed, epoch and number (`batches`), whoever makes it: any number of loaders gives the same
training, bit for bit. Each loader is spawned, never forked, and opens the project file over a connection of its own
when it first reads a picture. It gets what is learned from, not the network: only how large pictures are shown, for
which the network's shape is enough. Batches travel as one array of bytes each, through a pipe, which needs no shared
memory and no open file for each tensor.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import TypeAlias

import torch

from engine import checkpoints
from engine.checkpoints import Card
from engine.errors import UserError
from engine.feeding.batches import Batch, Batches
from engine.feeding.data import Data, Kept
from engine.feeding.needed_sizes import fitted
from engine.feeding.packed import Packed
from engine.feeding.room import Room, room_bytes
from engine.feeding.varying import Phase

_AHEAD = 2
"""Batches under way for each loader."""

Key: TypeAlias = tuple[int, int, Phase]
"""Epoch, number and phase of a batch."""


@dataclass(frozen=True, slots=True)
class Crew:
    """How many loaders there are."""

    n_loaders: int
    """Of one training process."""
    n_sharing: int
    """Of all on this machine: they share its memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Making:
    """What a loader has to know to make batches."""

    data: Data
    card: Card
    batches: Batches
    """Without examples, network and what is kept of a still body: those stay where they are."""
    crew: Crew

    @classmethod
    def of(cls, batches: Batches, data: Data, card: Card, crew: Crew) -> Making:
        """What is needed to make these batches elsewhere."""
        with torch.device("meta"):
            shape = checkpoints.rebuild(card)
        return cls(data, card, replace(batches, examples=(), network=shape, still=None), crew)

    def opened(self) -> Batches:
        """The batches, here."""
        examples = fitted(self.data.train, self.batches.network, self.batches.augmentation)
        if isinstance(examples, Kept):
            examples.room = Room(room_bytes(self.crew.n_sharing))
        return replace(self.batches, examples=examples)


class Loaded:
    """The batches of a training, made ahead by loaders; those of a still body are made here, by the network itself."""

    def __init__(self, plain: Batches, making: Making, *, is_pinned: bool) -> None:
        """`is_pinned` is for a GPU, which then fetches pictures while it computes."""
        self._plain = plain
        self._is_pinned = is_pinned
        self._n_ahead = _AHEAD * making.crew.n_loaders
        self._under_way: deque[tuple[Key, Future[Packed]]] = deque()
        self._pool = ProcessPoolExecutor(making.crew.n_loaders, get_context("spawn"), _begin, (making,))

    def __len__(self) -> int:
        return len(self._plain)

    def epoch(
        self, epoch: int, first: int = 0, phase: Callable[[int], Phase] = lambda number: "varied"
    ) -> Iterator[Batch]:
        """As those it is made of."""
        return (self.batch(epoch, number, phase(number)) for number in range(first, len(self)))

    def batch(self, epoch: int, number: int, phase: Phase = "varied") -> Batch:
        """One batch; whoever asks for them in their order need hardly wait.

        Raises UserError when a picture cannot be read, or a loader ended.
        """
        if phase == "still" and self._plain.still is not None:
            return self._plain.batch(epoch, number, phase)
        if self._plain.still is not None:
            self._plain.still.forget()
        key = (epoch, number, phase)
        if not self._under_way or self._under_way[0][0] != key:
            self._start_at(key)
        _, made = self._under_way.popleft()
        self._order_more(key)
        return self._received(made)

    def close(self) -> None:
        """End the loaders."""
        self._drop()
        self._pool.shutdown(cancel_futures=True)

    def _start_at(self, key: Key) -> None:
        self._drop()
        self._order(key)

    def _drop(self) -> None:
        for _, made in self._under_way:
            made.cancel()
        self._under_way.clear()

    def _order_more(self, key: Key) -> None:
        """Those that come next, in the phase of the last one: where that changes, it is begun anew."""
        while len(self._under_way) < self._n_ahead:
            epoch, number, phase = self._under_way[-1][0] if self._under_way else key
            is_last = number + 1 == len(self)
            self._order((epoch + 1, 0, phase) if is_last else (epoch, number + 1, phase))

    def _order(self, key: Key) -> None:
        with _explained():
            self._under_way.append((key, self._pool.submit(_make, key)))

    def _received(self, made: Future[Packed]) -> Batch:
        with _explained():
            packed = made.result()
        whole = torch.from_numpy(packed.values)
        return packed.opened(whole.pin_memory() if self._is_pinned and len(whole) else whole)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool as error:
        raise UserError(
            "A process that reads pictures ended before its time.", "Where memory is short, train with --loaders 0."
        ) from error


class _Loader:
    """What a loader process makes batches with, set once when it begins: an executor leaves no other place for it."""

    batches: Batches


def _begin(making: Making) -> None:
    """Set a loader up: one thread, deaf to Ctrl-C, which its parent hears too, and gone as soon as that is."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    torch.set_num_threads(1)
    _Loader.batches = making.opened()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _make(key: Key) -> Packed:
    return Packed.of(_Loader.batches.batch(*key))
