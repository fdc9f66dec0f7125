"""Vectors of faces that are asked about: made by the worker that recognises, a few faces at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from studio.asked_faces import Probe
from studio.probes import ProbeAsk, Probed
from studio.recognising import Recognising

T = TypeVar("T")
_AT_ONCE = 8
"""So many are asked about together, so that the first are there soon."""


class ProbeVectors:
    """What is asked of the worker, and has not been answered yet."""

    def __init__(self, recognising: Recognising) -> None:
        """Nothing is on its way."""
        self._recognising = recognising
        self.n_awaited = 0
        """New faces that are being cut out and embedded."""
        self._asked: set[tuple[int, int]] = set()
        """Number and embedder of vectors that are on their way."""
        self._round = 0

    def forget(self) -> None:
        """What is on its way is wanted no more."""
        self.n_awaited = 0
        self._asked.clear()
        self._round += 1

    def of_new(self, ask: ProbeAsk, then: Callable[[Probed], None]) -> None:
        """Of faces that are asked about for the first time."""
        n_faces = len(ask.files) + len(ask.pngs)
        self.n_awaited += n_faces

        def arrived(probed: Probed) -> None:
            self.n_awaited -= n_faces
            then(probed)

        self._ask(ask, arrived)

    def of_known(
        self, probes: Sequence[Probe], embedder_id: int, then: Callable[[Sequence[int], Probed], None]
    ) -> None:
        """Of those that this embedder has not seen yet; `then` hears their numbers with the answer."""
        lacking = [
            each
            for each in probes
            if each.face.png and embedder_id not in each.vectors and (each.number, embedder_id) not in self._asked
        ]
        for portion in portions(lacking):
            numbers = tuple(each.number for each in portion)
            self._asked |= {(each, embedder_id) for each in numbers}
            ask = ProbeAsk(embedder_id, pngs=tuple(each.face.png for each in portion))
            self._ask(ask, partial(self._arrived, numbers, then))

    def _arrived(self, numbers: Sequence[int], then: Callable[[Sequence[int], Probed], None], probed: Probed) -> None:
        self._asked -= {(each, probed.ask.embedder_id) for each in numbers}
        then(numbers, probed)

    def _ask(self, ask: ProbeAsk, then: Callable[[Probed], None]) -> None:
        asked_in = self._round
        self._recognising.ask_surely(ask, lambda probed: then(probed) if asked_in == self._round else None)


def portions(some: Sequence[T]) -> Iterator[tuple[T, ...]]:
    """A few at a time."""
    return (tuple(some[start : start + _AT_ONCE]) for start in range(0, len(some), _AT_ONCE))
