"""What is asked of the worker that watches networks, and what it answers. No Qt, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.orders import Failure


@dataclass(frozen=True, slots=True)
class LookAt:
    """An image that a run's network is to be watched on."""

    image_id: int
    run_id: int
    path: Path
    """Where the trace goes."""
    asks_more: bool = False
    """Whether its heads are asked about every proposal, where it has two stages; the image is not run again."""
    is_lesson: bool = False
    """What the image teaches the network is wanted, not what it finds there."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of it: a file at its path, or why there is none."""

    look: LookAt
    refusal: Failure | None = None
