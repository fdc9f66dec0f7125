"""What every rank but the first does in a training: it takes the steps that rank 0 tells, on its shares of batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.feeding.data import Data
from engine.training.ranks import Ranks
from engine.training.recipe import Recipe
from engine.training.sharing import Step
from engine.training.starting import Setup, resumed


@dataclass(frozen=True, slots=True, eq=False)
class Beginning:
    """What rank 0 tells the others before the first step."""

    recipe: Recipe
    data: Data
    checkpoint: bytes
    """The whole state, as when a training is resumed."""


def begin(data: Data, setup: Setup, ranks: Ranks) -> None:
    """Have the others set themselves up as rank 0 is; for rank 0."""
    if ranks.are_several:
        recipe = replace(setup.recipe, precision=setup.learner.precision)
        ranks.tell(Beginning(recipe, data, setup.checkpoint()))


def follow(ranks: Ranks, reopened: Callable[[Data], Data]) -> None:
    """Take part in a training until rank 0 ends it; `reopened` gives its data with pictures that can be read here.

    Raises UserError when rank 0 is gone, a picture cannot be read, or a loss is not a number.
    """
    beginning: Beginning = ranks.hear()
    setup = resumed(beginning.recipe, reopened(beginning.data), beginning.checkpoint, ranks)
    try:
        while (told := ranks.hear()) is not None:
            step: Step = told
            batch = setup.batches.batch(step.epoch, step.batch, step.phase)
            setup.learner.step(batch, step.number, step.rate)
    finally:
        setup.close()
