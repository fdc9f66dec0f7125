"""The cuts by which many scored boxes become few, in the order in which a network makes them.

The same rules replay what a network did and answer what it would have done with other numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Per: TypeAlias = Literal["all", "level", "class"]
Suppression: TypeAlias = Literal["greedy", "linear", "gaussian"]
"""'linear' and 'gaussian' are soft-NMS (Bodla et al. 2017): overlapping boxes lose score instead of being dropped."""


@dataclass(frozen=True, slots=True)
class LeastScore:
    """Rows less certain than this go."""

    value: float
    is_inclusive: bool = False
    """Whether a row of exactly this score stays."""
    by_class: Mapping[int, float] = field(default_factory=dict)
    """Other values for some classes."""


@dataclass(frozen=True, slots=True)
class TopK:
    """Only the most certain stay, of each group."""

    n: int
    per: Per


@dataclass(frozen=True, slots=True)
class LeastSide:
    """Boxes narrower or lower than this go; model pixels."""

    value: float


@dataclass(frozen=True, slots=True)
class Nms:
    """Of two in a group that overlap more than this, the less certain one goes (or loses score)."""

    iou: float
    per: Per
    method: Suppression = "greedy"
    sigma: float = 0.5
    """'gaussian' only: scores are multiplied by exp(-IoU^2 / sigma)."""
    least_score: float = 0.0
    """Soft-NMS only: rows whose score falls below this go."""
    by_class: Mapping[int, float] = field(default_factory=dict)
    """Other thresholds for some classes."""
    first_group: int = 0
    """The network's own number of class or level 0: 1 where the background is 0. `batched_nms` moves boxes by it."""


@dataclass(frozen=True, slots=True)
class Most:
    """Only so many of what is left stay, the most certain."""

    n: int


Cut: TypeAlias = LeastScore | TopK | LeastSide | Nms | Most
Rules: TypeAlias = tuple[Cut, ...]
