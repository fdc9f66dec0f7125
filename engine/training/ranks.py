"""Several processes that train together, on one machine or many: who this one is, and what they tell each other.

`torchrun` starts the same command several times; each process has a rank. What one process would do, they do together:

- The batch is the same, in order and in size; each rank learns from its share of it, the pictures at places
  rank, rank + count, ... (`batches`). A rank for which a last, smaller batch has no picture looks at a blank one that
  counts for nothing, so that it takes part in every sum.
- A loss is a sum over the whole batch divided by a count over the whole batch: networks give sums and counts
  (engine.nn.shares), `total` adds up the counts before the backward pass. What is sampled on a picture depends on seed,
  step and the picture's place alone, and all are framed as the largest of the whole batch needs. Norms that train take
  their statistics from all ranks (engine.nn.shared_norm); held ones need nothing.
- Gradients are added up over the ranks while the backward pass is under way (`gradients`). That is what
  DistributedDataParallel is for, but it wants a forward pass through itself, the same parameters in each step, and
  takes means. A network here gives loss sums, which are divided only once the count is known, and parts of it may rest
  for a while; sums in buckets are fifty lines and leave the network as it is. Each rank then takes the same step.
- Rank 0 leads. It alone has the open project, chooses options, takes over weights, decides when to stop, validates,
  and writes; `loop` is written for it. It tells the others everything: first the recipe, what is learned from and the
  whole state as the bytes of a checkpoint, and then each step, number, rate and batch, until there are no more. They
  need no weights and no network, only a project file to read pictures from: the same, or a copy of it (`following`).
- A rank that fails ends the others: torchrun stops them, and whoever waits for a closed connection fails. The run is
  then marked failed, or interrupted where not even that was possible, and goes on from its last checkpoint, with any
  number of ranks. A loss that is no number is seen by all ranks at once, and each names it.

What waits for a decision (a pause, a validation, a download) waits on a channel of its own that has days of patience;
sums have the usual ten minutes, after which a hanging machine is taken for dead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor

from engine import hardware
from engine.errors import UserError

T = TypeVar("T")
_ENDED = "Another process of this training ended"
_PATIENCE, _DAYS = timedelta(minutes=10), timedelta(days=30)


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """The processes that train together, seen from one of them."""

    rank: int = 0
    count: int = 1
    local: int = 0
    """This process among those of its machine: the number of its GPU."""
    n_local: int = 1
    """How many are on this machine."""
    channel: Any = None
    """The group of processes that rank 0 speaks to; None where there is but one."""

    @property
    def leads(self) -> bool:
        return self.rank == 0

    @property
    def are_several(self) -> bool:
        return self.count > 1

    def device(self, wanted: torch.device) -> torch.device:
        """The device of this process: each has a GPU of its own."""
        if wanted.type != "cuda" or not self.are_several:
            return wanted
        return torch.device("cuda", self.local)

    def total(self, values: Tensor) -> Tensor:
        """The sum over all ranks, in each of them; gradients flow back to all."""
        return cast(Tensor, _Total.apply(values)) if self.are_several else values

    def largest(self, size: tuple[int, int]) -> tuple[int, int]:
        """The largest height and the largest width of all ranks."""
        if not self.are_several:
            return size
        values = torch.tensor(size)
        with _explained():
            dist.all_reduce(values, dist.ReduceOp.MAX, group=self.channel)
        height, width = values.tolist()
        return height, width

    def tell(self, value: object) -> None:
        """Say something to all others, who `hear` it; for rank 0."""
        if self.are_several:
            with _explained():
                dist.broadcast_object_list([value], 0, group=self.channel)

    def dismiss(self) -> None:
        """Tell the others that nothing more is to do, if they are still there."""
        with suppress(UserError):
            self.tell(None)

    def hear(self) -> Any:
        """What rank 0 says next; waits for days. For the others."""
        said: list[Any] = [None]
        with _explained():
            dist.broadcast_object_list(said, 0, group=self.channel)
        return said[0]

    def gathered(self, value: T) -> list[T]:
        """What each rank says here, in the order of ranks."""
        if not self.are_several:
            return [value]
        said: list[Any] = [None] * self.count
        with _explained():
            dist.all_gather_object(said, value, group=self.channel)
        return said


ALONE = Ranks()
"""A process that trains by itself."""


class _Total(torch.autograd.Function):
    """A sum over all processes, of which each gets the whole; so each gets the gradients of all."""

    @staticmethod
    def forward(_: Any, values: Tensor) -> Tensor:
        return _summed(values)

    @staticmethod
    def backward(_: Any, *gradients: Tensor) -> Tensor:
        return _summed(gradients[0])


def _summed(values: Tensor) -> Tensor:
    summed = values.clone(memory_format=torch.contiguous_format)
    with _explained():
        dist.all_reduce(summed)
    return summed


@contextmanager
def joined(device: str) -> Iterator[Ranks]:
    """The processes that torchrun started, of which this is one; ALONE where it is by itself.

    `device` is as in a recipe: 'auto', 'cpu' or 'cuda'. Raises UserError where they do not find each other.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield ALONE
        return
    local = int(os.environ.get("LOCAL_RANK", "0"))
    uses_gpu = hardware.device(device).type == "cuda"
    if uses_gpu:
        _take_gpu(local)
    with _explained("The processes did not find each other"):
        dist.init_process_group("cpu:gloo,cuda:nccl" if uses_gpu else "gloo", timeout=_PATIENCE)
        channel = dist.new_group(backend="gloo", timeout=_DAYS)
    try:
        n_local = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        yield Ranks(dist.get_rank(), dist.get_world_size(), local, n_local, channel)
    finally:
        dist.destroy_process_group()


def _take_gpu(local: int) -> None:
    if local >= torch.cuda.device_count():
        raise UserError(
            f"There is no GPU for process {local} of this machine: it has {torch.cuda.device_count()}.",
            "Start as many processes as there are GPUs, or train with --device cpu.",
        )
    torch.cuda.set_device(local)


@contextmanager
def _explained(what: str = _ENDED) -> Iterator[None]:
    """A connection that broke is the world's fault."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise gone(error, what) from error


def gone(error: Exception, what: str = _ENDED) -> UserError:
    """What a broken connection means; of torch's words those that say how, not where in its source."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[0].split("] ", 1)[-1].split(". ")[0]
    return UserError(f"{what}: {reason.rstrip('.')}.", "Its own messages say why; go on with --resume.")
