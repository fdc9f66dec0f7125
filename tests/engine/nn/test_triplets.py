"""Miners and the triplet loss beside loops over triplets, in value and gradient; and beside pytorch-metric-learning."""

from importlib import import_module
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.nn.pairs import all_pairs, contrastive_squared, distances
from engine.nn.triplets import MINERS, Triplets, triplet_losses

BATCHES = {"seed": st.integers(0, 10**6), "n": st.integers(1, 9), "n_people": st.integers(1, 4)}


def batch(seed: int, n: int, n_people: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(n, 4, generator=generator, dtype=torch.float64)
    return torch.nn.functional.normalize(vectors, dim=1), torch.randint(0, n_people, (n,), generator=generator)


def naive(mining: str, distance: Tensor, person_of: Tensor, margin: float) -> set[tuple[int, int, int]]:
    """The triplets that a miner has to choose."""
    found = set()
    for a in range(len(person_of)):
        positives = [p for p in range(len(person_of)) if p != a and person_of[p] == person_of[a]]
        negatives = [n for n in range(len(person_of)) if person_of[n] != person_of[a]]
        if mining == "batch-hard":
            if positives and negatives:
                far, near = max(positives, key=lambda p: distance[a, p]), min(negatives, key=lambda n: distance[a, n])
                found.add((a, far, near))
            continue
        for p in positives:
            for n in negatives:
                gap = float(distance[a, n] - distance[a, p])
                if gap < margin and (mining == "all" or gap > 0):
                    found.add((a, p, n))
    return found


def as_set(triplets: Triplets) -> set[tuple[int, int, int]]:
    rows = zip(triplets.anchor.tolist(), triplets.positive.tolist(), triplets.negative.tolist(), strict=True)
    return set(rows)


@pytest.mark.parametrize("mining", MINERS)
@given(**BATCHES, margin=st.floats(0.05, 1.0))
def test_miners_choose_what_a_loop_chooses(mining, seed: int, n: int, n_people: int, margin: float) -> None:
    vectors, person_of = batch(seed, n, n_people)
    distance = distances(vectors)
    found = MINERS[mining](distance, person_of, margin)
    assert as_set(found) == naive(mining, distance, person_of, margin)
    assert len(found) == len(as_set(found))


@pytest.mark.parametrize("mining", MINERS)
@pytest.mark.parametrize("margin", [0.3, None])
@given(**BATCHES)
def test_losses_and_gradients_are_those_of_a_loop(mining, margin, seed: int, n: int, n_people: int) -> None:
    vectors, person_of = batch(seed, n, n_people)
    vectors.requires_grad_()
    distance = distances(vectors)
    triplets = MINERS[mining](distance, person_of, 0.3)
    found = triplet_losses(distance, triplets, margin)
    total = torch.zeros((), dtype=torch.float64)
    for row, (a, p, other) in enumerate(zip(triplets.anchor, triplets.positive, triplets.negative, strict=True)):
        closer = torch.linalg.norm(vectors[a] - vectors[p]) - torch.linalg.norm(vectors[a] - vectors[other])
        loss = torch.log(1 + torch.exp(closer)) if margin is None else torch.clamp(closer + margin, min=0)
        assert torch.allclose(found[row], loss)
        total = total + loss
    if len(triplets):
        wanted = torch.autograd.grad(total, vectors)[0]
        assert torch.allclose(torch.autograd.grad(found.sum(), vectors)[0], wanted)


def test_a_worked_example() -> None:
    distance = torch.tensor([[0.0, 0.5, 0.6], [0.5, 0.0, 0.9], [0.6, 0.9, 0.0]])
    person_of = torch.tensor([0, 0, 1])
    assert as_set(MINERS["batch-hard"](distance, person_of, 0.3)) == {(0, 1, 2), (1, 0, 2)}
    found = MINERS["semi-hard"](distance, person_of, 0.3)
    assert as_set(found) == {(0, 1, 2)}
    assert triplet_losses(distance, found, 0.3).tolist() == pytest.approx([0.2])


def test_every_triplet_that_all_chooses_loses_something_and_no_other_does() -> None:
    vectors, person_of = batch(5, 8, 3)
    distance = distances(vectors)
    chosen = MINERS["all"](distance, person_of, 0.4)
    every = MINERS["all"](distance, person_of, 9.0)
    losses = triplet_losses(distance, every, 0.4)
    assert int((losses > 0).sum()) == len(chosen) < len(every)
    assert torch.allclose(triplet_losses(distance, chosen, 0.4).sum(), losses.sum())


@pytest.mark.parametrize("mining", MINERS)
def test_people_with_one_face_and_batches_of_one_person_teach_nothing(mining) -> None:
    vectors, _ = batch(0, 4, 1)
    for person_of in (torch.arange(4), torch.zeros(4, dtype=torch.int64)):
        assert len(MINERS[mining](distances(vectors), person_of, 9.0)) == 0


def theirs(module: str) -> Any:
    """A module of pytorch-metric-learning, for tests only: it brings scikit-learn and scipy."""
    return import_module(f"pytorch_metric_learning.{module}")


@pytest.mark.parametrize("mining", MINERS)
def test_pytorch_metric_learning_agrees_about_triplets(mining) -> None:
    euclidean = theirs("distances").LpDistance(normalize_embeddings=False)
    miners = theirs("miners")
    miner = {
        "batch-hard": miners.BatchHardMiner(distance=euclidean),
        "semi-hard": miners.TripletMarginMiner(0.3, type_of_triplets="semihard", distance=euclidean),
        "all": miners.TripletMarginMiner(0.3, type_of_triplets="all", distance=euclidean),
    }[mining]
    mean = theirs("reducers").MeanReducer()
    loss = theirs("losses").TripletMarginLoss(0.3, distance=euclidean, reducer=mean)
    for seed in range(20):
        vectors, person_of = batch(seed, 12, 4)
        vectors.requires_grad_()
        distance = distances(vectors)
        found = MINERS[mining](distance, person_of, 0.3)
        mined = miner(vectors, person_of)
        assert as_set(found) == as_set(Triplets(*mined))
        ours, other = triplet_losses(distance, found, 0.3).mean(), loss(vectors, person_of, mined)
        assert torch.allclose(ours, other)
        gradients = [torch.autograd.grad(each, vectors)[0] for each in (ours, other)]
        assert torch.allclose(*gradients, atol=1e-7)


def test_pytorch_metric_learning_agrees_about_pairs() -> None:
    squares = theirs("distances").LpDistance(normalize_embeddings=False, power=2)
    mean = theirs("reducers").MeanReducer()
    loss = theirs("losses").ContrastiveLoss(0.0, 1.44, distance=squares, reducer=mean)
    for seed in range(20):
        vectors, person_of = batch(seed, 12, 3)
        vectors.requires_grad_()
        pairs = all_pairs(person_of)
        each = contrastive_squared(distances(vectors)[pairs.first, pairs.second], pairs.is_same, 1.2)
        ours, other = each[pairs.is_same].mean() + each[~pairs.is_same].mean(), loss(vectors, person_of)
        assert torch.allclose(ours, other)
        gradients = [torch.autograd.grad(one, vectors)[0] for one in (ours, other)]
        assert torch.allclose(*gradients, atol=1e-7)
