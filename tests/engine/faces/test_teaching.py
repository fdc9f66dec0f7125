"""What a batch of vectors is taught, put together from the losses."""

from typing import Any

import pytest
import torch

from engine.embedders import EMBEDDERS, EmbeddingNetwork
from engine.embedders.siamese import SiameseOptions
from engine.faces.recipe import FaceRecipe
from engine.faces.teaching import MemberTeaching, Teaching, apart, together
from engine.nn.pairs import PairHead, all_pairs, contrastive, contrastive_squared, distances, evenly
from engine.nn.triplets import MINERS, triplet_losses

VECTORS = torch.nn.functional.normalize(torch.randn(9, 6, generator=torch.Generator().manual_seed(4)), dim=1)
PERSON_OF = torch.tensor([0, 0, 0, 1, 1, 1, 2, 2, 2])
DISTANCE = distances(VECTORS)


def wanted(teaching: MemberTeaching, recipe: FaceRecipe) -> torch.Tensor:
    """What the recipe's pairs or triplets lose."""
    pairs = all_pairs(PERSON_OF)
    between = DISTANCE[pairs.first, pairs.second]
    if recipe.loss == "triplet":
        return triplet_losses(DISTANCE, MINERS[recipe.mining](DISTANCE, PERSON_OF, 0.7), 0.7).mean()
    if recipe.loss == "contrastive":
        return evenly(contrastive(between, pairs.is_same, 0.7), pairs.is_same)
    if recipe.loss == "contrastive-squared":
        return evenly(contrastive_squared(between, pairs.is_same, 0.7), pairs.is_same)
    assert teaching.head is not None
    assert teaching.head.difference == ("absolute" if recipe.loss == "pair" else "chi-squared")
    return evenly(teaching.head.losses(VECTORS, pairs), pairs.is_same)


@pytest.mark.parametrize("loss", ["triplet", "contrastive", "contrastive-squared", "pair", "pair-chi-squared"])
@pytest.mark.parametrize("mining", ["batch-hard", "semi-hard", "all"])
def test_people_are_told_apart_first_and_then_pairs_or_triplets_count(loss: Any, mining: Any) -> None:
    recipe = FaceRecipe(loss=loss, mining=mining, margin=0.7, loss_weight=3.0, classify_first=0.5)
    teaching = MemberTeaching(3, 6, recipe)
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
    taught = MemberTeaching(4, 4, recipe)(apart_people, torch.arange(4).repeat_interleave(2), 1.0)
    assert taught.told["triplet"] == 0
    taught.loss.backward()
    assert torch.isfinite(apart_people.grad).all()


def members(n: int) -> EmbeddingNetwork:
    """A network that makes 6 numbers, or as many for each of some members."""
    return EMBEDDERS.get("siamese").build(SiameseOptions(dim=6 * n, members=n, channels=2, height=16, width=16))


@pytest.mark.parametrize("loss", ["triplet", "contrastive", "pair"])
def test_what_members_are_taught_is_added_up(loss: Any) -> None:
    teaching = Teaching(3, members(2), FaceRecipe(loss=loss, classify_first=0.0))
    parts = [VECTORS, torch.nn.functional.normalize(VECTORS.flip(0) ** 3, dim=1)]
    alone = [teaching.of_member(number)(part, PERSON_OF, 1.0) for number, part in enumerate(parts)]
    taught = together(alone)
    assert torch.allclose(taught.loss, alone[0].loss + alone[1].loss)
    assert taught.told[loss] == pytest.approx((alone[0].told[loss] + alone[1].told[loss]) / 2)
    assert taught.told["apart"] == min(each.told["apart"] for each in alone)


@pytest.mark.parametrize("loss", ["pair", "pair-chi-squared"])
def test_the_kept_head_of_joined_vectors_is_the_mean_of_the_members_heads(loss: Any) -> None:
    teaching = Teaching(3, members(2), FaceRecipe(loss=loss))
    heads = [teaching.of_member(number).head for number in range(2)]
    for number, head in enumerate(heads):
        assert head is not None
        torch.nn.init.normal_(head.raw_weights, generator=torch.Generator().manual_seed(number))
        torch.nn.init.constant_(head.bias, 1.0 + number)
    parts = [VECTORS, torch.nn.functional.normalize(VECTORS.flip(1), dim=1)]
    alone = [head.distance(part[:4], part[4:8]) for head, part in zip(heads, parts, strict=True) if head is not None]
    kept = teaching.kept_head()
    assert kept is not None
    assert kept.bias == 1.5
    joint = PairHead(12, kept.difference)
    weights = torch.tensor(kept.weights)
    joint.raw_weights.data = torch.log(torch.expm1(weights))
    joined = torch.cat(parts, dim=1) / 2**0.5
    assert torch.allclose(joint.distance(joined[:4], joined[4:8]), (alone[0] + alone[1]) / 2, rtol=1e-4)


def test_a_direction_begins_where_a_persons_faces_are() -> None:
    teaching = MemberTeaching(3, 6, FaceRecipe())
    with torch.no_grad():
        teaching.begin_from(1, VECTORS[3:6])
    mean = torch.nn.functional.normalize(VECTORS[3:6].mean(dim=0), dim=0)
    assert torch.allclose(teaching.angles.directions[1], mean)
