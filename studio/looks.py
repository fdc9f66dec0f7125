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
    boxes: bytes = b""
    """Boxes, float32 x0, y0, x1, y1 in model pixels, to ask the heads about; the image is not run again."""
    parents: bytes = b""
    """int64: the row of 'objectness' of each."""
    is_lesson: bool = False
    """What the image teaches the network is wanted, not what it finds there."""

    @property
    def is_more(self) -> bool:
        """Whether the network is only asked more of what it has seen."""
        return self.asks_more or bool(self.boxes)


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of it: a file at its path, or why there is none."""

    look: LookAt
    refusal: Failure | None = None
