"""Gradients added up over all processes, bucket by bucket, while the backward pass is still under way.

Every process has gradients of the same parameters after a backward pass (engine.detectors: a network's terms are the
same each time), and buckets set out in the same order everywhere, each once it is full. What rests has no gradients and
is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import torch
import torch.distributed as dist
from torch import Tensor, nn

from engine.training.ranks import gone

_BUCKET_BYTES = 25 << 20
"""Large enough that a sum is worth its while, small enough that the first sets out early."""


@dataclass(slots=True, eq=False)
class _Bucket:
    """Parameters whose gradients travel together."""

    parameters: list[nn.Parameter] = field(default_factory=list)
    n_arrived: int = 0
    flat: Tensor | None = None
    under_way: dist.Work | None = None

    @property
    def with_gradients(self) -> list[Tensor]:
        return [each.grad for each in self.parameters if each.grad is not None]

    def send(self) -> None:
        """Begin to add up what there is; nothing where there is nothing."""
        gradients = self.with_gradients
        if gradients:
            self.flat = torch.cat([each.reshape(-1) for each in gradients])
            self.under_way = dist.all_reduce(self.flat, async_op=True)

    def settle(self) -> None:
        """Wait for the sums and put them in the place of the gradients."""
        if self.flat is not None and self.under_way is not None:
            self.under_way.wait()
            gradients = self.with_gradients
            parts = torch.split(self.flat, [each.numel() for each in gradients])
            shaped = [part.view(each.shape) for part, each in zip(parts, gradients, strict=True)]
            torch._foreach_copy_(gradients, shaped)
        self.n_arrived, self.flat, self.under_way = 0, None, None


class Gradients:
    """The gradients of some parameters; `settle` after each backward pass makes them the sums over all processes."""

    def __init__(self, parameters: Iterable[nn.Parameter], bucket_bytes: int = _BUCKET_BYTES) -> None:
        trained = [each for each in parameters if each.requires_grad]
        self._buckets = _buckets(trained[::-1], bucket_bytes)
        self._bucket_of = {each: bucket for bucket in self._buckets for each in bucket.parameters}
        self._n_sent = 0
        for each in trained:
            each.register_post_accumulate_grad_hook(self._arrived)  # type: ignore[no-untyped-call]

    def _arrived(self, parameter: Tensor) -> None:
        bucket = self._bucket_of[parameter]  # type: ignore[index]
        bucket.n_arrived += 1
        while self._n_sent < len(self._buckets) and _is_full(self._buckets[self._n_sent]):
            self._send()

    def _send(self) -> None:
        self._buckets[self._n_sent].send()
        self._n_sent += 1

    def settle(self) -> None:
        """Every gradient becomes the sum of those of all processes; raises UserError when one of them is gone."""
        try:
            while self._n_sent < len(self._buckets):
                self._send()
            for bucket in self._buckets:
                bucket.settle()
        except RuntimeError as error:
            raise gone(error) from error
        self._n_sent = 0


def _is_full(bucket: _Bucket) -> bool:
    return bucket.n_arrived == len(bucket.parameters)


def _buckets(parameters: Sequence[nn.Parameter], n_bytes: int) -> list[_Bucket]:
    """In this order, of one kind of number and device each, closed once they hold so many bytes."""
    made: list[_Bucket] = []
    room, kind = 0, None
    for each in parameters:
        if room <= 0 or kind != (each.dtype, each.device):
            made.append(_Bucket())
            room, kind = n_bytes, (each.dtype, each.device)
        made[-1].parameters.append(each)
        room -= each.numel() * each.element_size()
    return made
