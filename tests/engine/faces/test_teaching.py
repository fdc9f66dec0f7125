"""What a batch of vectors is taught, put together from the losses."""

from typing import Any

import pytest
import torch

from engine.faces.recipe import FaceRecipe
from engine.faces.teaching import Teaching, apart
from engine.nn.pairs import all_pairs, contrastive, contrastive_squared, distances, evenly
from engine.nn.triplets import MINERS, triplet_losses

VECTORS = torch.nn.functional.normalize(torch.randn(9, 6, generator=torch.Generator().manual_seed(4)), dim=1)
PERSON_OF = torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 2])
DISTANCE = distances(VECTORS)


def wanted(teaching: Teaching, recipe: FaceRecipe) -> torch.Tensor:
    """What the recipe's pairs or triplets lose."""
    pairs = all_pairs(PERSON_OF)
    between = DISTANCE[pairs.first, pairs.second]
    if recipe.loss == "triplet":
        return triplet_losses(DISTANCE, MINERS[recipe.mining](DISTANCE, PERSON_OF, 0.7), 0.7).mean()
    if recipe.loss == "contrastive":
        return evenly(contrastive(between, pairs.is_same, 0.7), pairs.is_same)
    if recipe.loss == "contrastive-squared":
        return evenly(contrastive_squared(between, pairs.is_same, 0.7), pairs.is_same)
    assert teaching.head.difference == ("absolute" if recipe.loss == "pair" else "chi-squared")
    return evenly(teaching.head.losses(VECTORS, pairs), pairs.is_same)


@pytest.mark.parametrize("loss", ["triplet", "contrastive", "contrastive-squared", "pair", "pair-chi-squared"])
@pytest.mark.parametrize("mining", ["batch-hard", "semi-hard", "all"])
def test_people_are_told_apart_first_and_then_pairs_or_triplets_count(loss: Any, mining: Any) -> None:
    recipe = FaceRecipe(loss=loss, mining=mining, margin=0.7, loss_weight=3.0, classify_first=0.5)
    teaching = Teaching(3, 6, recipe)
    angles = teaching.angles.losses(VECTORS, PERSON_OF).mean()
    before, after = teaching(VECTORS, PERSON_OF, 0.49), teaching(VECTORS, PERSON_OF, 0.5)
    assert torch.equal(before.loss, angles)
    assert set(before.told) == {"angles", "apart"}
    assert torch.allclose(after.loss, angles + 3 * wanted(teaching, recipe))
    assert after.told[loss] == pytest.approx(float(wanted(teaching, recipe).detach()))
    assert after.told["angles"] == pytest.approx(float(angles.detach()))


def test_how_far_strangers_are_apart() -> None:
    found = [float(DISTANCE[i, j]) for i in range(9) for j in range(9) if PERSON_OF[i] != PERSON_OF[j]]
    assert apart(DISTANCE, PERSON_OF) == pytest.approx(sum(found) / len(found))
    assert apart(DISTANCE, torch.zeros(9)) == 0


def test_where_no_triplet_loses_anything_there_is_nothing_to_learn_but_no_error() -> None:
    apart_people = torch.eye(4).repeat_interleave(2, dim=0).requires_grad_()
    recipe = FaceRecipe(mining="all", classify_first=0.0, margin=0.1)
    taught = Teaching(4, 4, recipe)(apart_people, torch.arange(4).repeat_interleave(2), 1.0)
    assert taught.told["triplet"] == 0
    taught.loss.backward()
    assert torch.isfinite(apart_people.grad).all()
