"""One step of a training: the average that follows, the learning rate, and a state that is taken up."""

import math

import pytest
import torch

from engine.embedders import EMBEDDERS
from engine.errors import UserError
from engine.faces.face_set import FaceSet
from engine.faces.learner import FaceLearner
from engine.faces.recipe import FaceRecipe
from tests.engine.faces.drawn_faces import drawn

RECIPE = FaceRecipe(people=4, crops=2, n_warped=1, averaging=0.6, seed=3)


def made(recipe: FaceRecipe = RECIPE, n_people: int = 4) -> FaceLearner:
    siamese = EMBEDDERS.get("siamese")
    torch.manual_seed(0)
    network = siamese.build(siamese.options(dim=8, channels=2, height=16, width=16))
    faces = drawn(n_people, 3)
    return FaceLearner(network, FaceSet.of(faces.crops, faces.identity_ids, network.preprocessing), recipe)


def test_the_average_follows_young_faster_than_old() -> None:
    learner = made()
    wanted: dict[str, torch.Tensor] = {}
    for number in range(20):
        learner.step(number, number / 20)
        keep = 0.0 if number == 0 else min(0.6, (2 + number) / (11 + number))
        for name, value in learner.network.state_dict().items():
            kept = wanted.get(name, value)
            is_float = value.is_floating_point()
            wanted[name] = keep * kept + (1 - keep) * value if is_float else value.clone()
    found = learner.average.state_dict()
    assert all(torch.allclose(found[name], value, atol=1e-5) for name, value in wanted.items())
    moved = learner.network.state_dict()
    assert not torch.allclose(found["members.0.8.weight"], moved["members.0.8.weight"])
    assert not learner.average.training


@pytest.mark.parametrize("progress", [0.0, 0.02, 0.05, 0.3, 0.999])
def test_the_learning_rate_warms_up_and_falls_along_a_cosine(progress: float) -> None:
    learner = made()
    learner.step(0, progress)
    warm = min(1.0, progress / 0.05 + 1e-3)
    wanted = 2e-3 * warm * (5e-4 + (1 - 5e-4) * (1 + math.cos(math.pi * progress)) / 2)
    assert learner.optimizer.param_groups[0]["lr"] == pytest.approx(wanted)


def test_a_batch_is_never_larger_than_there_are_people() -> None:
    assert made().n_at_once == 8
    assert made(FaceRecipe(people=50, crops=2, n_warped=1)).n_at_once == 16


def test_a_state_that_is_taken_up_is_the_state_that_was_given() -> None:
    learner = made()
    for number in range(3):
        learner.step(number, 0.5)
    state = learner.state()
    other = made()
    other.restore(state)
    again = other.state()
    assert state.keys() == again.keys()
    assert all(torch.equal(value, again[name]) for name, value in state.items())
    assert other.step(3, 0.5) == learner.step(3, 0.5)


def test_a_state_of_more_people_is_refused() -> None:
    learner = made(n_people=5)
    learner.step(0, 0.5)
    with pytest.raises(UserError, match="another training"):
        made().restore(learner.state())
