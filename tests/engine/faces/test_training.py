"""An embedder is trained on faces that are drawn here: it learns, goes on exactly, stops, and tells a collapse."""

import pickle
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import pytest
import torch

from engine.embedders import EMBEDDERS, decode, embedded
from engine.embedders.siamese import SiameseOptions
from engine.errors import UserError
from engine.evaluation.verification import order
from engine.faces import learner, training
from engine.faces.events import (
    Collapsed,
    FacesCheckpoint,
    FacesEnded,
    FacesStarted,
    FacesStepDone,
    FacesTried,
)
from engine.faces.recipe import FaceRecipe
from engine.faces.training import Faces, Wish, train
from engine.faces.varying import varied
from tests.engine.faces.drawn_faces import drawn

SMALL = FaceRecipe(
    embedder_options={"dim": 16, "channels": 4, "height": 24, "width": 20, "dropout": 0.1},
    people=6, crops=3, n_warped=1, epochs=4, validation_share=0.3,
)  # fmt: skip
FACES = drawn(8, 4)


def ticks() -> Any:
    """A clock that goes on by a second whenever it is asked."""
    passed = count()
    return lambda: float(next(passed))


def events(recipe: FaceRecipe, faces: Faces = FACES, **others: Any) -> list[Any]:
    return list(train(recipe, faces, clock=ticks(), **others))


def of_kind(found: list[Any], kind: type) -> Iterator[Any]:
    return (each for each in found if isinstance(each, kind))


def checkpoint(found: list[Any]) -> FacesCheckpoint:
    return [each for each in found if isinstance(each, FacesCheckpoint)][-1]


def test_a_training_says_what_it_does_in_order() -> None:
    found = events(SMALL)
    assert all(pickle.loads(pickle.dumps(each)) == each for each in found)
    started = found[0]
    assert isinstance(started, FacesStarted)
    assert (started.n_faces, started.n_people, started.n_tried_people) == (24, 6, 2)
    assert [type(each) for each in found[-3:]] == [FacesTried, FacesCheckpoint, FacesEnded]
    steps = list(of_kind(found, FacesStepDone))
    assert [each.step for each in steps] == list(range(1, 9))
    shares = [each.share for each in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert "triplet" not in steps[0].losses
    assert "triplet" in steps[-1].losses
    ended = found[-1]
    assert ended.reason == "done"
    assert set(ended.metrics) == {"val/rank1", "val/order", "val/apart"}


def test_the_checkpoint_is_an_embedder_that_knows_whom_it_learned_from() -> None:
    found = events(SMALL)
    network, card = decode(checkpoint(found).weights)
    assert card.embedder == "siamese"
    assert FaceRecipe.from_json(card.recipe) == SMALL
    assert len(card.identity_ids) == 6
    assert set(card.identity_ids) < set(FACES.identity_ids)
    assert card.metrics == found[-1].metrics
    assert embedded(network, FACES.crops[:2]).shape == (2, 16)


def test_it_is_tried_only_on_people_it_never_learns_from() -> None:
    found = events(SMALL)
    learned = set(decode(checkpoint(found).weights)[1].identity_ids)
    for each in of_kind(found, FacesTried):
        assert each.hardest
        shown = {FACES.identity_ids[row] for pair in each.hardest for row in (pair.first, pair.second)}
        assert not shown & learned
        for pair in each.hardest:
            assert pair.is_same == (FACES.identity_ids[pair.first] == FACES.identity_ids[pair.second])


def test_where_people_are_too_few_it_is_tried_on_its_own() -> None:
    found = events(SMALL, drawn(3, 3))
    assert found[0].n_tried_people == 0
    assert set(found[-1].metrics) == {"train/rank1", "train/order", "train/apart"}


@pytest.mark.parametrize("loss", ["triplet", "contrastive", "contrastive-squared", "pair", "pair-chi-squared"])
def test_every_loss_teaches(loss: Any) -> None:
    recipe = replace(SMALL, loss=loss, epochs=25, classify_first=0.0)
    losses = [each.losses[loss] for each in of_kind(events(recipe), FacesStepDone)]
    assert np.mean(losses[-5:]) < np.mean(losses[:5])


@pytest.mark.parametrize("mining", ["semi-hard", "all"])
def test_every_miner_can_be_used(mining: Any) -> None:
    found = events(replace(SMALL, mining=mining, epochs=2, classify_first=0.0))
    assert all(np.isfinite(list(each.losses.values())).all() for each in of_kind(found, FacesStepDone))


def test_the_same_seed_gives_the_same_network_and_another_another() -> None:
    first, again, other = (checkpoint(events(replace(SMALL, epochs=2, seed=seed))).weights for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_what_goes_on_from_a_checkpoint_is_the_training_that_was_not_interrupted() -> None:
    whole = checkpoint(events(SMALL))
    under_way = train(SMALL, FACES, clock=ticks())
    event = next(under_way)
    while not (isinstance(event, FacesStepDone) and event.step == 3):
        event = next(under_way)
    rest = [under_way.send(Wish.STOP), *under_way]
    assert rest[-1].reason == "stopped"
    assert rest[-1].step == 3
    went_on = events(SMALL, resume=checkpoint(rest).state)
    assert went_on[0].resumed_at_step == 3
    assert checkpoint(went_on).weights == whole.weights


def test_a_checkpoint_can_be_had_in_between_and_changes_nothing() -> None:
    whole = checkpoint(events(SMALL))
    under_way = train(SMALL, FACES, clock=ticks())
    found = [next(under_way)]
    while not isinstance(found[-1], FacesStepDone):
        found.append(next(under_way))
    given = under_way.send(Wish.CHECKPOINT)
    assert isinstance(given, FacesCheckpoint)
    assert given.step == 1
    assert checkpoint(list(under_way)).weights == whole.weights


def test_every_step_shows_every_member_other_faces_in_other_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[torch.Tensor] = []

    def watched(*given: Any) -> torch.Tensor:
        shown.append(varied(*given))
        return shown[-1]

    monkeypatch.setattr(learner, "varied", watched)
    events(SMALL)
    n = 8 * SiameseOptions().members
    assert len(shown) == n
    assert not any(torch.allclose(shown[i], shown[j]) for i in range(n) for j in range(i))


def test_minutes_end_a_training() -> None:
    found = events(replace(SMALL, epochs=None, minutes=0.5))
    assert found[-1].reason == "done"
    assert 30 <= found[-1].seconds < 50


def test_a_checkpoint_of_another_training_is_refused() -> None:
    state = checkpoint(events(replace(SMALL, epochs=1))).state
    with pytest.raises(UserError, match="another recipe"):
        events(replace(SMALL, loss="pair"), resume=state)
    with pytest.raises(UserError, match="other people"):
        events(SMALL, drawn(8, 4, first=50), resume=state)
    for wrong in (b"", b"nothing", state[:100], state[:-9]):
        with pytest.raises(UserError, match="no checkpoint of a training with faces"):
            events(SMALL, resume=wrong)
    assert events(replace(SMALL, epochs=2), resume=state)[-1].reason == "done"


def test_a_collapse_is_noticed_and_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "COLLAPSED_BELOW", 9.0)
    said = list(of_kind(events(SMALL), Collapsed))
    assert len(said) == 1
    assert "collapsed" in said[0].words
    monkeypatch.undo()
    assert not list(of_kind(events(SMALL), Collapsed))


def test_faces_of_one_colour_are_a_collapse() -> None:
    blank = Faces([np.full((32, 28, 3), 90, dtype=np.uint8)] * 8, [1, 1, 2, 2, 3, 3, 4, 4])
    recipe = replace(SMALL, variation=0.0, n_warped=0, embedder_options={**SMALL.embedder_options, "dropout": 0.0})
    assert list(of_kind(events(recipe, blank), Collapsed))


def test_a_loss_that_is_not_a_number_ends_it() -> None:
    with pytest.raises(UserError, match="not a number"):
        events(replace(SMALL, variation=float("nan")))


def test_what_cannot_be_trained_says_so() -> None:
    with pytest.raises(UserError, match="learns nothing"):
        events(replace(SMALL, embedder="pixels"))
    with pytest.raises(UserError, match="options of the network"):
        events(replace(SMALL, embedder_options={"dim": "wide"}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 1, "minutes": 1.0},
        {"epochs": 0},
        {"epochs": None, "minutes": 0.0},
        {"people": 1},
        {"crops": 1},
        {"n_warped": -1},
        {"validation_share": 1.0},
        {"classify_first": 1.5},
        {"margin": 0.0},
        {"learning_rate": float("nan")},
    ],
    ids=str,
)
def test_recipes_that_cannot_be_followed_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        replace(SMALL, **wrong)


def test_a_recipe_is_kept_as_json() -> None:
    assert FaceRecipe.from_json(SMALL.to_json()) == SMALL
    with pytest.raises(UserError, match="no recipe"):
        FaceRecipe.from_json("{]")
    assert [replace(SMALL, loss=loss).margin_used for loss in ("triplet", "contrastive", "pair")] == [0.3, 1.0, 0.0]


@pytest.mark.slow
def test_a_trained_network_tells_strangers_apart_better_than_an_untrained_one() -> None:
    recipe = replace(SMALL, epochs=60, validation_share=0.0)
    found = events(recipe, drawn(20, 5))
    strangers = drawn(10, 5, first=40)
    torch.manual_seed(0)
    untrained = EMBEDDERS.get("siamese").build(decode_options(recipe)).eval()
    results = [_order(network, strangers) for network in (untrained, decode(checkpoint(found).weights)[0])]
    assert results[1] > 0.9
    assert results[1] > results[0] + 0.03


def decode_options(recipe: FaceRecipe) -> Any:
    return EMBEDDERS.get("siamese").options(**recipe.embedder_options)


def _order(network: Any, faces: Faces) -> float:
    vectors = embedded(network, faces.crops)
    person_of = np.array(faces.identity_ids)
    distance = np.linalg.norm(vectors[:, None] - vectors, axis=2)
    upper = np.triu(np.ones_like(distance, dtype=bool), 1)
    is_same = person_of[:, None] == person_of
    return order(distance[upper & is_same], distance[upper & ~is_same]) or 0.0
