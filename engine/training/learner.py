"""Learner: a network being trained, its optimizer and its average; one step at a time, and its whole state as tensors.

Every step seeds torch's generators from the recipe's seed and the step's number. So nothing random has to be saved, and
whatever happens between two steps (a validation, a resume) changes nothing in the steps after it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from engine.detectors import Losses, Network
from engine.errors import UserError
from engine.training import hardware
from engine.training.averaging import Average
from engine.training.batches import Batch, mixed
from engine.training.hardware import Precision
from engine.training.recipe import Recipe

_LONGEST_GRADIENT = 10.0
_NETWORK, _AVERAGE, _OPTIMIZER = "network.", "average.", "optimizer."


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

    def step(self, batch: Batch, number: int, rate: float) -> dict[str, float]:
        """One step at `rate` times the learning rates; returns the loss terms.

        Raises UserError naming the batch when the loss is not a number; the weights are then as before.
        """
        torch.manual_seed(mixed(self.recipe.seed, number))
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["full_rate"]
        losses = self._losses(batch)
        _backward(losses)
        values = {name: float(value.detach()) for name, value in losses.items()}
        self._refuse_nan(values, batch, number)
        torch.nn.utils.clip_grad_norm_(self._trained.values(), _LONGEST_GRADIENT)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.average.follow(self.network, number + 1)
        return values

    @property
    def rate(self) -> float:
        """The learning rate of the last step, of what was not adopted."""
        return float(max(group["lr"] for group in self.optimizer.param_groups))

    def _losses(self, batch: Batch) -> Losses:
        on_device = batch.to(self.device)
        with hardware.autocast(self.device, self.precision):
            losses: Losses = self.network.loss(on_device.pictures, on_device.truths)
            return losses

    def _refuse_nan(self, losses: Mapping[str, float], batch: Batch, number: int) -> None:
        wrong = [name for name, value in losses.items() if not math.isfinite(value)]
        if wrong:
            self.optimizer.zero_grad()
            names = ", ".join(batch.names)
            raise UserError(
                f"Step {number} on {names} gave a loss that is not a number ({', '.join(wrong)}).",
                "Check the annotations of these pictures, or train with a lower learning rate.",
            )

    def state(self) -> dict[str, Tensor]:
        """Everything that is needed to go on exactly: weights, average, moments of the optimizer."""
        weights = {_NETWORK + name: value for name, value in self.network.state_dict().items()}
        average = {_AVERAGE + name: value for name, value in self.average.network.state_dict().items()}
        moments = {
            f"{_OPTIMIZER}{key}.{name}": value
            for name, parameter in self._trained.items()
            for key, value in self.optimizer.state.get(parameter, {}).items()
        }
        return {name: value.detach().cpu().contiguous() for name, value in (weights | average | moments).items()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take up a state that `state` gave."""
        self.network.load_state_dict(dict(part(state, _NETWORK)))
        self.average.network.load_state_dict(dict(part(state, _AVERAGE)))
        for key in ("exp_avg", "exp_avg_sq", "step"):
            for name, value in part(state, f"{_OPTIMIZER}{key}."):
                parameter = self._trained[name]
                like = parameter if key != "step" else value
                kept = torch.empty_like(like, dtype=value.dtype, device=self.device).copy_(value)
                self.optimizer.state[parameter][key] = kept


def _backward(losses: Losses) -> None:
    torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]


def averaged(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The averaged weights in a state."""
    return dict(part(state, _AVERAGE))


def part(state: Mapping[str, Tensor], prefix: str) -> Iterator[tuple[str, Tensor]]:
    """The tensors under a prefix, without it."""
    return ((name.removeprefix(prefix), value) for name, value in state.items() if name.startswith(prefix))


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
