"""How long a training goes on and how its learning rate falls: warm-up by steps, then a cosine down to the end.

Also when it ends early, the clock that measures it, and means of what its steps gave.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.feeding.varying import Phase
from engine.training.recipe import Recipe

Clock: TypeAlias = Callable[[], float]
"""Seconds from any zero, never going back."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Epochs or minutes, whichever the recipe gives, with time kept back for a last validation."""

    recipe: Recipe
    steps_per_epoch: int

    def progress(self, step: int, seconds: float, reserve: float) -> float:
        """The spent share of the training, 1 when it is over.

        `seconds` since it began; `reserve` is what a last validation is going to take.
        """
        if self.recipe.epochs is not None:
            return min(step / (self.recipe.epochs * self.steps_per_epoch), 1.0)
        whole = 60 * self.recipe.budget_minutes
        return min(seconds / (whole - min(reserve, _MOST_RESERVED * whole)), 1.0)

    def phase(self, progress: float) -> Phase:
        """How pictures are shown when so much of the training is spent."""
        if progress < self.recipe.still_share:
            return "still"
        return "calm" if progress >= 1 - _CALM_SHARE else "varied"

    def rate(self, step: int, progress: float) -> float:
        """The learning rate's factor at a step."""
        warm = min(max((step + 1) / max(self.recipe.warmup_steps, 1), progress / _WARMUP_SHARE), 1.0)
        return warm * (_FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * progress)))


_CALM_SHARE = 0.15
"""Of the training its end goes without mosaics, so that it ends on pictures as they are."""
_FLOOR = 0.01
_MOST_RESERVED = 0.5
"""Of a budget that is short for its validation, half is still for training."""
_WARMUP_SHARE = 0.05
"""A short training does not spend more of itself than this on warming up."""


def is_settled(recipe: Recipe, n_no_better: int, progress: float) -> bool:
    """Whether so many validations without a better result are enough to end a training.

    Never in the first half: the learning rate is then still high, and its fall is what makes most of the difference.
    """
    return recipe.patience is not None and n_no_better >= recipe.patience and progress >= _LEAST_SHARE


BETTER_BY = 1e-3
"""A result counts as better when it is so much better, for the same network scores a little more or less by chance."""
_LEAST_SHARE = 0.5


def eta(seconds: float, progress: float) -> float:
    """Seconds to go, if all goes on as so far."""
    return seconds * (1 - progress) / progress if progress > 0 else math.inf


class Stopwatch:
    """Seconds of a training so far, those before a resume included."""

    def __init__(self, clock: Clock, before: float = 0.0) -> None:
        self._clock = clock
        self._zero = clock() - before

    @property
    def seconds(self) -> float:
        return self._clock() - self._zero


class RestingClock:
    """A clock that can be held for a while, as if no time passed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rested = 0.0
        self._held_at: float | None = None

    def __call__(self) -> float:
        return (self._clock() if self._held_at is None else self._held_at) - self._rested

    def hold(self) -> None:
        """Stand still."""
        if self._held_at is None:
            self._held_at = self._clock()

    def release(self) -> None:
        """Go on from where it was held."""
        if self._held_at is not None:
            self._rested += self._clock() - self._held_at
            self._held_at = None


@dataclass(slots=True)
class Means:
    """Means of loss terms over some steps, and how many pictures and seconds those took."""

    sums: dict[str, float] = field(default_factory=dict)
    n_steps: int = 0
    n_pictures: int = 0
    seconds: float = 0.0

    def add(self, losses: Mapping[str, float], n_pictures: int, seconds: float) -> None:
        """Count one step in."""
        for name, value in losses.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        self.n_steps += 1
        self.n_pictures += n_pictures
        self.seconds += seconds

    @property
    def losses(self) -> dict[str, float]:
        return {name: value / self.n_steps for name, value in self.sums.items()}

    @property
    def pictures_per_second(self) -> float:
        return self.n_pictures / self.seconds if self.seconds > 0 else 0.0


class Pace:
    """How long a picture takes to learn from, once the first steps have set everything up."""

    def __init__(self) -> None:
        self._warm = 2
        self._seconds = 0.0
        self._n_pictures = 0

    def add(self, n_pictures: int, seconds: float) -> None:
        """Count one step in."""
        if self._warm:
            self._warm -= 1
            return
        self._n_pictures += n_pictures
        self._seconds += seconds

    @property
    def seconds_per_picture(self) -> float:
        """0 while it is not known."""
        return self._seconds / self._n_pictures if self._n_pictures else 0.0
