"""A training of made-up scenes in as many processes as torchrun starts; prints each step's losses as JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec

from engine.training.events import CheckpointReady, StepDone
from engine.training.following import follow
from engine.training.loop import stopping, train
from engine.training.ranks import Ranks, joined
from engine.training.recipe import Recipe
from tests.engine.detectors.scenes import Scenes


class Told(msgspec.Struct):
    """What to train."""

    recipe: dict[str, Any]
    n_pictures: int
    n_steps: int
    """Of a longer training, that is stopped then."""
    out: str
    """The file that the losses go into."""
    resume: str | None = None
    keep: str | None = None
    """The file that the last checkpoint goes into."""


class Ticks:
    """A clock of which each look takes a second, so that every step is told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def lead(told: Told, ranks: Ranks) -> None:
    resume = None if told.resume is None else Path(told.resume).read_bytes()
    recipe, data = msgspec.convert(told.recipe, Recipe), Scenes(told.n_pictures, 1)
    steps: list[dict[str, float]] = []
    training = train(recipe, data, resume=resume, clock=Ticks(), ranks=ranks)
    while len(steps) < told.n_steps:
        event = next(training)
        if isinstance(event, StepDone):
            steps.append(dict(event.losses))
    for event in stopping(training):
        if isinstance(event, CheckpointReady) and told.keep is not None:
            Path(told.keep).write_bytes(event.weights)
    Path(told.out).write_bytes(msgspec.json.encode(steps))


def main(told: Told) -> None:
    with joined("cpu") as ranks:
        if ranks.leads:
            lead(told, ranks)
        else:
            follow(ranks, lambda data: data)


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Told))
