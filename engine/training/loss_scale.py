"""Scaler: losses made larger for float16, whose range is too small for many gradients; its state is kept as tensors.

In float32 and bfloat16 it does nothing. A step whose gradients are then too large is left out and the scale halved.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from engine.hardware import Precision


class Scaler:
    """Scales losses and gradients of a network that computes in float16."""

    def __init__(self, device: torch.device, precision: Precision) -> None:
        self._scaler = torch.amp.GradScaler(device.type, enabled=precision == "float16")

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of a loss, scaled."""
        self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]

    def unscale(self, optimizer: torch.optim.Optimizer) -> None:
        """Bring the gradients to their true size; called once in a step, before it."""
        self._scaler.unscale_(optimizer)

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """Take the optimizer's step, if the gradients are finite, and choose the scale of the next one."""
        self._scaler.step(optimizer)
        self._scaler.update()

    def state(self) -> dict[str, Tensor]:
        """Scale, and steps since it changed; nothing where it is not used."""
        held = self._scaler.state_dict()
        return {name: torch.tensor(float(held[key]), dtype=torch.float64) for name, key in _KEPT.items() if held}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Take up a state that `state` gave."""
        if state and self._scaler.is_enabled():
            kept = {"scale": float(state["scale"]), "_growth_tracker": int(state["growth"])}
            self._scaler.load_state_dict(self._scaler.state_dict() | kept)


_KEPT = {"scale": "scale", "growth": "_growth_tracker"}
