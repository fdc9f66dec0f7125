"""What a training is fed: batches made of its data as its recipe asks, and the reasons for what is not usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.detectors import Network, Survey, Warmable
from engine.feeding import sampling
from engine.feeding.batches import Batches
from engine.feeding.data import MUCH_SMALLER, Data, Example, Kept
from engine.feeding.needed_sizes import fitted, most_needed
from engine.feeding.room import Room
from engine.feeding.stillness import Stillness
from engine.hardware import Precision
from engine.training.recipe import Recipe


def fed(plain: Batches, recipe: Recipe, data: Data, still: Stillness | None) -> Batches:
    """The same batches of pictures that are kept, with rare classes shown more often."""
    examples = fitted(data.train, plain.network, plain.augmentation)
    return replace(plain, examples=examples, views=sampling.balanced(data.survey(), recipe.balance), still=still)


def stillness(network: Network, recipe: Recipe, precision: Precision) -> Stillness | None:
    """What is kept of a body that pretrained weights know; None where it never stands still."""
    if recipe.still_share <= 0 or not isinstance(network, Warmable):
        return None
    return Stillness(network, recipe.augmentation, precision, Room())


def reasons(data: Data, batches: Batches) -> tuple[str, ...]:
    """What a person may want to know about how pictures are shown, in sentences."""
    survey = data.survey()
    found = (
        _kept(data.train, survey, batches),
        sampling.reason(survey, batches.shown),
        _still(batches),
    )
    return tuple(each for each in found if each is not None)


def _kept(examples: Sequence[Example], survey: Survey, batches: Batches) -> str | None:
    """How many of the decoded pictures there is room for."""
    if not isinstance(examples, Kept):
        return None
    needed = [_bytes(batches, int(height), int(width)) for height, width in survey.sizes]
    room = examples.room
    if sum(needed) <= room.n_bytes:
        return f"Every picture is decoded once: all of them take {_megabytes(sum(needed))} of memory."
    share = room.n_bytes / sum(needed)
    return f"About {share:.0%} of the pictures are kept decoded: there is room for {_megabytes(room.n_bytes)}."


def _bytes(batches: Batches, height: int, width: int) -> int:
    """Memory that a decoded picture takes as it is kept."""
    ratio = most_needed(batches.network, batches.augmentation, height, width)
    return int(3 * height * width * (ratio**2 if ratio < MUCH_SMALLER else 1))


def _megabytes(n_bytes: float) -> str:
    return f"{n_bytes / 1e6:,.0f} MB"


def _still(batches: Batches) -> str | None:
    if batches.still is None:
        return None
    return "At first the pretrained body stands still, and the rest learns from features that are made once."
