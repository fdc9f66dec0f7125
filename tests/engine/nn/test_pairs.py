"""Losses of pairs beside loops over pairs, in value and gradient."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.nn.pairs import PairHead, all_pairs, contrastive, contrastive_squared, distances, evenly

FORMS = {"contrastive": contrastive, "contrastive_squared": contrastive_squared}


def batch(seed: int, n: int, n_people: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(n, 5, generator=generator, dtype=torch.float64)
    return torch.nn.functional.normalize(vectors, dim=1), torch.randint(0, n_people, (n,), generator=generator)


def length(first: Tensor, second: Tensor) -> Tensor:
    return torch.stack([(a - b) ** 2 for a, b in zip(first, second, strict=True)]).sum().sqrt()


def naive(form: str, distance: Tensor, is_same: bool, margin: float) -> Tensor:
    if form == "contrastive":
        return 0.5 * distance**2 if is_same else 0.5 * torch.clamp(margin - distance, min=0) ** 2
    return distance**2 if is_same else torch.clamp(margin**2 - distance**2, min=0)


def gradient(loss: Tensor, of: Tensor) -> Tensor:
    return torch.autograd.grad(loss, of, allow_unused=True)[0]


@pytest.mark.parametrize("form", FORMS)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 8), n_people=st.integers(1, 4), margin=st.floats(0.3, 1.9))
def test_contrastive_losses_are_those_of_a_loop(form: str, seed: int, n: int, n_people: int, margin: float) -> None:
    vectors, person_of = batch(seed, n, n_people)
    vectors.requires_grad_()
    wanted, kinds = [], []
    for i in range(n):
        for j in range(i + 1, n):
            kinds.append(bool(person_of[i] == person_of[j]))
            wanted.append(naive(form, length(vectors[i], vectors[j]), kinds[-1], margin))
    pairs = all_pairs(person_of)
    found = FORMS[form](distances(vectors)[pairs.first, pairs.second], pairs.is_same, margin)
    assert pairs.is_same.tolist() == kinds
    assert torch.allclose(found, torch.stack(wanted))
    assert torch.allclose(gradient(found.sum(), vectors), gradient(torch.stack(wanted).sum(), vectors))


def test_worked_examples() -> None:
    distance, is_same = torch.tensor([0.6, 0.6, 1.2]), torch.tensor([True, False, False])
    assert contrastive(distance, is_same, 1.0).tolist() == pytest.approx([0.18, 0.08, 0.0])
    assert contrastive_squared(distance, is_same, 1.0).tolist() == pytest.approx([0.36, 0.64, 0.0])


@pytest.mark.parametrize("form", FORMS)
def test_equal_vectors_have_a_gradient_that_is_a_number(form: str) -> None:
    vectors = torch.ones(3, 4, requires_grad=True)
    pairs = all_pairs(torch.tensor([0, 0, 1]))
    distance = distances(vectors)[pairs.first, pairs.second]
    assert distance.tolist() == [0, 0, 0]
    assert torch.equal(gradient(FORMS[form](distance, pairs.is_same, 1.0).sum(), vectors), torch.zeros(3, 4))


def test_equal_vectors_are_exactly_0_apart_in_batches_of_any_size() -> None:
    vectors = torch.nn.functional.normalize(torch.randn(40, 128, generator=torch.Generator().manual_seed(2)), dim=1)
    assert distances(vectors.repeat(2, 1))[:40, 40:].diagonal().tolist() == [0.0] * 40


def test_same_and_different_pairs_weigh_evenly() -> None:
    losses = torch.tensor([1.0, 3.0, 10.0])
    assert evenly(losses, torch.tensor([True, True, False])) == 6.0
    assert evenly(losses, torch.tensor([True, True, True])) == pytest.approx(14 / 3)
    assert evenly(losses, torch.tensor([False, False, False])) == pytest.approx(14 / 3)
    assert evenly(losses[:0], torch.zeros(0, dtype=torch.bool)) == 0


@pytest.mark.parametrize("difference", ["absolute", "chi-squared"])
@given(seed=st.integers(0, 10**6), n=st.integers(2, 7))
def test_the_pair_head_is_a_logistic_regression(difference: str, seed: int, n: int) -> None:
    vectors, person_of = batch(seed, n, 3)
    vectors.requires_grad_()
    torch.manual_seed(seed)
    head = PairHead(5, difference).double()
    with torch.no_grad():
        head.raw_weights.add_(torch.randn(5))
    pairs = all_pairs(person_of)
    found = head.losses(vectors, pairs)
    wanted = []
    for i in range(n):
        for j in range(i + 1, n):
            logit = head.bias + 0
            for k in range(5):
                a, b = vectors[i, k], vectors[j, k]
                weight = torch.log(1 + torch.exp(head.raw_weights[k]))
                apart = abs(a - b) if difference == "absolute" else (a - b) ** 2 / (abs(a) + abs(b))
                logit = logit - weight * apart
            chance = 1 / (1 + torch.exp(-logit))
            wanted.append(-torch.log(chance if person_of[i] == person_of[j] else 1 - chance))
    assert torch.allclose(found, torch.stack(wanted))
    for each in (vectors, head.raw_weights, head.bias):
        assert torch.allclose(gradient(head.losses(vectors, pairs).sum(), each), _again(wanted, each))


def _again(wanted: list[Tensor], of: Tensor) -> Tensor:
    return torch.autograd.grad(torch.stack(wanted).sum(), of, retain_graph=True)[0]


@given(st.lists(st.floats(-50, 50), min_size=5, max_size=5))
def test_more_of_a_difference_never_makes_faces_more_alike(raw: list[float]) -> None:
    head = PairHead(5)
    with torch.no_grad():
        head.raw_weights.copy_(torch.tensor(raw))
    assert bool((head.weights >= 0).all())
    near, far = torch.full((1, 5), 0.1), torch.full((1, 5), 0.2)
    assert head(torch.zeros(1, 5), near) >= head(torch.zeros(1, 5), far)


@pytest.mark.parametrize("difference", ["absolute", "chi-squared"])
def test_equal_faces_are_as_alike_as_faces_can_be(difference: str) -> None:
    head = PairHead(4, difference)
    face = torch.tensor([[0.5, 0.0, -0.5, 0.0]], requires_grad=True)
    logit = head(face, face.detach())
    assert float(logit.detach()) == pytest.approx(float(head.bias.detach()))
    assert bool(torch.isfinite(gradient(logit.sum(), face)).all())
    assert 1 / (1 + math.exp(-float(logit.detach()))) > 0.95
