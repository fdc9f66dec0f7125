"""What a training is fed: pictures no larger than they are needed, rare classes more often, and the reasons said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.detectors import Survey
from engine.training import feeding
from engine.training.augment import Augmentation
from engine.training.batches import Batches
from engine.training.data import Data, Kept
from engine.training.recipe import Recipe
from engine.training.room import Room
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
    return feeding.fed(plain, recipe, data, feeding.stillness(plain.network, recipe, "float32"))


@pytest.mark.parametrize("largest", [1.0, 1.33])
def test_pictures_are_as_large_as_they_are_ever_seen(largest: float) -> None:
    network = build("mask_rcnn")
    how = Augmentation(largest_scale=largest)
    scale = network.scale(4000, 3000)
    assert feeding.most_needed(network, how, 4000, 3000) == pytest.approx(scale * largest)
    assert feeding.most_needed(network, how, 10, 10) == 1


def test_the_reasons_say_what_is_kept() -> None:
    plenty = KeptScenes(Room(10**9))
    (all_kept,) = feeding.reasons(plenty, fed(plenty))
    assert "Every picture is decoded once" in all_kept
    little = KeptScenes(Room(2 * 3 * SIDE**2))
    (half_kept,) = feeding.reasons(little, fed(little))
    assert "About 50% of the pictures" in half_kept
    assert feeding.reasons(Scenes(), fed(Scenes())) == ()


def test_the_reasons_say_that_the_body_stands_still() -> None:
    scenes = Scenes()
    assert fed(scenes).still is None
    (why,) = feeding.reasons(scenes, fed(scenes, still_share=0.2))
    assert "stands still" in why


def test_rare_classes_are_shown_more_often() -> None:
    scenes = KeptScenes(Room(10**9))
    rare = replace(scenes.survey(), class_of=(np.arange(len(scenes.survey().boxes)) == 0).astype(np.int64))
    scenes.survey = lambda: rare  # type: ignore[method-assign]
    found = fed(scenes, balance=1.0)
    assert len(found) > 4
    assert any("rare classes" in each for each in feeding.reasons(scenes, found))
    assert len(fed(scenes, balance=0.0)) == 4
