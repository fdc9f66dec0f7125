"""What a training is fed as its recipe asks: rare classes more often, a still body, and the reasons said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.detectors import Survey
from engine.feeding.batches import Batches
from engine.feeding.data import Data, Kept
from engine.feeding.room import Room
from engine.training import asked_batches
from engine.training.recipe import Recipe
from tests.engine.detectors.scenes import SIDE, Scenes
from tests.engine.detectors.test_contract import build


class KeptScenes(Scenes):
    """Scenes as a project has them: kept as far as there is room."""

    def __init__(self, room: Room) -> None:
        super().__init__(4, 0)
        self.train = Kept(list(self.train).__getitem__, 4, room)

    def survey(self) -> Survey:
        return replace(super().survey(), class_of=np.concatenate([each.truth.class_indices for each in self.train]))


def fed(data: Data, **given: object) -> Batches:
    recipe = Recipe(**given)  # type: ignore[arg-type]
    plain = Batches(data.train, build("mask_rcnn"), recipe.augmentation, 1, 0)
    return asked_batches.fed(plain, recipe, data, asked_batches.stillness(plain.network, recipe, "float32"))


def test_the_reasons_say_what_is_kept() -> None:
    plenty = KeptScenes(Room(10**9))
    (all_kept,) = asked_batches.reasons(plenty, fed(plenty))
    assert "Every picture is decoded once" in all_kept
    little = KeptScenes(Room(2 * 3 * SIDE**2))
    (half_kept,) = asked_batches.reasons(little, fed(little))
    assert "About 50% of the pictures" in half_kept
    assert asked_batches.reasons(Scenes(), fed(Scenes())) == ()


def test_the_reasons_say_that_the_body_stands_still() -> None:
    scenes = Scenes()
    assert fed(scenes).still is None
    (why,) = asked_batches.reasons(scenes, fed(scenes, still_share=0.2))
    assert "stands still" in why


def test_rare_classes_are_shown_more_often() -> None:
    scenes = KeptScenes(Room(10**9))
    rare = replace(scenes.survey(), class_of=(np.arange(len(scenes.survey().boxes)) == 0).astype(np.int64))
    scenes.survey = lambda: rare  # type: ignore[method-assign]
    found = fed(scenes, balance=1.0)
    assert len(found) > 4
    assert any("rare classes" in each for each in asked_batches.reasons(scenes, found))
    assert len(fed(scenes, balance=0.0)) == 4
