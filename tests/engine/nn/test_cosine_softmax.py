"""Softmax over cosines beside a loop, in value and gradient."""

import math

import pytest
import torch

from engine.nn.cosine_softmax import CosineSoftmax


@pytest.mark.parametrize("margin", [0.0, 0.2])
def test_losses_and_gradients_are_those_of_a_loop(margin: float) -> None:
    torch.manual_seed(1)
    softmax = CosineSoftmax(4, 6, scale=16.0, margin=margin).double()
    vectors = torch.nn.functional.normalize(torch.randn(7, 6, dtype=torch.float64), dim=1).requires_grad_()
    person_of = torch.randint(0, 4, (7,))
    wanted = []
    for vector, person in zip(vectors, person_of.tolist(), strict=True):
        logits = []
        for other, direction in enumerate(softmax.directions):
            cosine = sum(vector * direction) / torch.sqrt(sum(direction**2))
            logits.append(16 * (cosine - (margin if other == person else 0)))
        wanted.append(-torch.log(torch.exp(logits[person]) / sum(torch.exp(each) for each in logits)))
    found = softmax.losses(vectors, person_of)
    assert torch.allclose(found, torch.stack(wanted))
    for each in (vectors, softmax.directions):
        mine, theirs = (torch.autograd.grad(sum(losses), each, retain_graph=True)[0] for losses in (found, wanted))
        assert torch.allclose(mine, theirs)


def test_who_knows_nothing_loses_as_a_guess_does() -> None:
    softmax = CosineSoftmax(5, 3, margin=0.0)
    with torch.no_grad():
        softmax.directions.copy_(torch.tensor([[0.0, 0.0, 1.0]]).expand(5, 3))
    assert softmax.losses(torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([2])).item() == pytest.approx(math.log(5))
