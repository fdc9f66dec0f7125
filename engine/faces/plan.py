"""What the training of an embedder is going to be, told before it begins. Plain values, for a window to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.training.plan import Choosable


@dataclass(frozen=True, slots=True)
class FacePlanRequest:
    """What is decided already about a training."""

    recipe: Mapping[str, Any] = field(default_factory=dict)
    """Of the FaceRecipe, by name."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the network, by name."""


@dataclass(frozen=True, slots=True)
class FacePlan:
    """Everything that is chosen, and why."""

    title: str
    """Of the network."""
    n_faces: int
    n_people: int
    n_tried_people: int
    """Those of them that it is tried on and never learns from."""
    n_pairs: int
    """Of which a person said whether they are one person's."""
    minutes: float
    reasons: tuple[str, ...]
    """Sentences, that for the loss first."""
    options: tuple[Choosable, ...]
    """Of the network."""
    recipe: tuple[Choosable, ...]
