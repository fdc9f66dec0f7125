"""Learner: a network being trained, its optimizer and its average; one step at a time, and its whole state as tensors.

Every step seeds torch's generators from the recipe's seed and the step's number. So nothing random has to be saved, and
whatever happens between two steps (a validation, a resume) changes nothing in the steps after it.

Where a step does not fit into memory, its pictures are taken in parts whose gradients add up. What the loss terms are
divided by is then counted over all parts first, so that the step is the same one but for rounding, and for norms where
those are trained. Steps after it are taken in parts of that size from the start.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from engine import hardware
from engine.checkpoints import AVERAGE, under
from engine.detectors import Network
from engine.errors import UserError
from engine.feeding.batches import Batch, mixed
from engine.hardware import Precision
from engine.nn import shares
from engine.nn.scaling import frame_size
from engine.nn.shares import LossSums, Share
from engine.training.averaging import Average
from engine.training.loss_scale import Scaler
from engine.training.recipe import Recipe

_LONGEST_GRADIENT = 10.0
_NETWORK, _OPTIMIZER, _SCALER = "network.", "optimizer.", "scaler."


class Learner:
    """Takes steps on batches."""

    def __init__(self, network: Network, recipe: Recipe, device: torch.device, adopted: frozenset[str]) -> None:
        """`adopted` names the tensors that came from pretrained weights and move more slowly."""
        self.network = network.to(device).to(memory_format=torch.channels_last).train()
        self.recipe = recipe
        self.device = device
        self.precision: Precision = hardware.precision(recipe.precision, device)
        self.average = Average(network, recipe.averaging)
        rate = recipe.learning_rate * math.sqrt(recipe.batch_on(device.type))
        self.optimizer = torch.optim.AdamW(_groups(network, recipe, rate, adopted), lr=rate, fused=True)
        self._trained = {name: each for name, each in network.named_parameters() if each.requires_grad}
        self._statistics = Statistics(network)
        self.scaler = Scaler(device, self.precision)
        self.n_at_once: int | None = None
        """Pictures of a step that are taken together; None is all."""
        self.lack = ""
        """What memory was asked for when it last ran out."""

    def step(self, batch: Batch, number: int, rate: float) -> dict[str, float]:
        """One step at `rate` times the learning rates; returns the loss terms, means over the batch.

        Raises UserError naming the pictures when a loss is not a number, and when there is not enough memory for a
        single one; weights and norms are then as before.
        """
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["full_rate"]
        values = self._learned(batch, number)
        self.scaler.unscale(self.optimizer)
        torch.nn.utils.clip_grad_norm_(self._trained.values(), _LONGEST_GRADIENT)
        self.scaler.step(self.optimizer)
        self.optimizer.zero_grad()
        self.average.follow(self.network, number + 1)
        return values

    def _learned(self, batch: Batch, number: int) -> dict[str, float]:
        """Add up the gradients of a batch, in parts as large as fit into memory; returns the loss terms."""
        self._statistics.keep()
        while True:
            try:
                return self._added_up(batch, number)
            except (RuntimeError, MemoryError) as error:
                lack = hardware.out_of_memory(error)
                if lack is None:
                    raise
            except UserError:
                self._take_back()
                raise
            self._take_back()  # here, as the error holds on to what the step had in memory
            self._halve(batch, number, lack)

    def _added_up(self, batch: Batch, number: int) -> dict[str, float]:
        parts = list(_parts(batch, self.n_at_once))
        frame = frame_size(batch.pictures, (0, 0), 1)
        divisors = self._counted(parts, frame, number) if len(parts) > 1 else None
        torch.manual_seed(mixed(self.recipe.seed, number))
        values: dict[str, float] = {}
        for part in parts:
            sums = self._sums_of(part, frame, number)
            losses = shares.means(sums, shares.counts(sums) if divisors is None else divisors)
            self.scaler.backward(torch.stack(list(losses.values())).sum())
            for name, value in losses.items():
                values[name] = values.get(name, 0.0) + float(value.detach())
            refuse_nan(values, part, number)
        return values

    @torch.no_grad()
    def _counted(self, parts: Sequence[Batch], frame: tuple[int, int], number: int) -> Tensor:
        """What each loss term of a whole batch is divided by."""
        torch.manual_seed(mixed(self.recipe.seed, number))
        counts = [shares.counts(self._sums_of(part, frame, number)) for part in parts]
        self._statistics.put_back()
        return torch.stack(counts).sum(dim=0)

    def _sums_of(self, part: Batch, frame: tuple[int, int], number: int) -> LossSums:
        """The loss terms of a part of a batch whose largest picture fills `frame` (height, width), as sums."""
        there = part.to(self.device)
        share = replace(self._share(part, number), frame=frame)
        with hardware.autocast(self.device, self.precision):
            return there.loss_sums(self.network, share)

    def _take_back(self) -> None:
        """Undo what a step did before it failed."""
        self.optimizer.zero_grad()
        self._statistics.put_back()

    def _halve(self, batch: Batch, number: int, lack: str) -> None:
        n_at_once = min(self.n_at_once or len(batch.names), len(batch.names))
        if n_at_once == 1:
            raise UserError(
                f"There is not enough memory for a single picture (step {number}, {', '.join(batch.names)}): {lack}",
                "Close other programs, give the detector smaller pictures, or train with --device cpu.",
            )
        self.n_at_once, self.lack = -(-n_at_once // 2), lack
        hardware.free_memory(self.device)

    @property
    def rate(self) -> float:
        """The learning rate of the last step, of what was not adopted."""
        return float(max(group["lr"] for group in self.optimizer.param_groups))

    def _share(self, batch: Batch, number: int) -> Share:
        """What is sampled on a picture depends on the step and on its place in it, whoever learns from it."""
        return Share(seeds=tuple(mixed(self.recipe.seed, number, place) for place in batch.places))

    def state(self) -> dict[str, Tensor]:
        """Everything that is needed to go on exactly: weights, average, moments of the optimizer, scale of losses."""
        weights = {_NETWORK + name: value for name, value in self.network.state_dict().items()}
        average = {AVERAGE + name: value for name, value in self.average.network.state_dict().items()}
        moments = {
            f"{_OPTIMIZER}{key}.{name}": value
            for name, parameter in self._trained.items()
            for key, value in self.optimizer.state.get(parameter, {}).items()
        }
        scale = {_SCALER + name: value for name, value in self.scaler.state().items()}
        return {
            name: value.detach().cpu().contiguous() for name, value in (weights | average | moments | scale).items()
        }

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take up a state that `state` gave."""
        self.network.load_state_dict(dict(under(state, _NETWORK)))
        self.average.network.load_state_dict(dict(under(state, AVERAGE)))
        for key in ("exp_avg", "exp_avg_sq", "step"):
            for name, value in under(state, f"{_OPTIMIZER}{key}."):
                parameter = self._trained[name]
                like = parameter if key != "step" else value
                kept = torch.empty_like(like, dtype=value.dtype, device=self.device).copy_(value)
                self.optimizer.state[parameter][key] = kept
        self.scaler.restore(dict(under(state, _SCALER)))


def _parts(batch: Batch, n_at_once: int | None) -> Iterator[Batch]:
    """The pictures of a batch in their order, so many at once."""
    size = n_at_once or len(batch.names)
    for start in range(0, len(batch.names), size):
        yield batch.part(slice(start, start + size))


def refuse_nan(losses: Mapping[str, float], batch: Batch, number: int) -> None:
    """Raise UserError naming a batch where one of its losses is not a number."""
    wrong = [name for name, value in losses.items() if not math.isfinite(value)]
    if wrong:
        names = ", ".join(batch.names)
        raise UserError(
            f"Step {number} on {names} gave a loss that is not a number ({', '.join(wrong)}).",
            "Check the annotations of these pictures, or train with a lower learning rate.",
        )


class Statistics:
    """What a forward pass moves in a network's norms, so that it can be put back when a step fails."""

    def __init__(self, network: Network) -> None:
        norms = [each for each in network.modules() if isinstance(each, nn.modules.batchnorm._BatchNorm)]
        buffers = [buffer for each in norms for buffer in each.buffers(recurse=False)]
        self._by_type = [[each for each in buffers if each.dtype == kind] for kind in {each.dtype for each in buffers}]
        self._kept = [[each.clone() for each in held] for held in self._by_type]

    def keep(self) -> None:
        """Remember them as they are; all of a type at once, which takes a GPU no longer than one."""
        for held, kept in zip(self._by_type, self._kept, strict=True):
            torch._foreach_copy_(kept, held)

    def put_back(self) -> None:
        """Make them as they were remembered."""
        for held, kept in zip(self._by_type, self._kept, strict=True):
            torch._foreach_copy_(held, kept)


def _groups(network: Network, recipe: Recipe, full_rate: float, adopted: frozenset[str]) -> list[dict[str, object]]:
    """Parameters by rate and decay: adopted ones move more slowly; norms and biases are not decayed."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            rate = full_rate * (recipe.pretrained_rate if name in adopted else 1.0)
            decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
            groups.setdefault((rate, decay), []).append(parameter)
    return [
        {"params": parameters, "full_rate": rate, "weight_decay": decay} for (rate, decay), parameters in groups.items()
    ]
