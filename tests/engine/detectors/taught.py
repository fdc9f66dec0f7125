"""Networks that have learned for a few steps: their scores no longer tie, and they find something."""

from __future__ import annotations

from typing import Any

import msgspec
import torch

from engine.detectors import DETECTORS, Network
from engine.feeding.batches import plain
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import SMALL


def taught(name: str, options: dict[str, Any] | None = None, n_steps: int = 12, n_classes: int = 2) -> Network:
    """In eval mode; `options` besides those that make a network small, or None for these alone."""
    torch.manual_seed(0)
    detector = DETECTORS.get(name)
    network = detector.build(msgspec.convert(SMALL[name] | (options or {}), detector.options), n_classes)
    network.hold()  # untrained statistics of norms would be learned from four pictures
    network.train()
    batch = plain(Scenes().train, network)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    for _ in range(n_steps):
        optimizer.zero_grad()
        torch.stack(list(network.loss(batch.pictures, batch.truths).values())).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return network.eval().requires_grad_(False)
