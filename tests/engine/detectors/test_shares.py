"""However a batch is shared out, the sums of its shares are those of the whole batch, and so are the gradients."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.detectors import DETECTORS, Network
from engine.feeding.batches import Batch, plain
from engine.feeding.data import Example
from engine.nn import shares
from engine.nn.backbones import norms
from engine.nn.scaling import frame_size
from engine.nn.shares import LossSums, Share
from tests.engine.detectors.scenes import Scenes, example
from tests.engine.detectors.test_contract import build


@pytest.fixture(params=DETECTORS.names())
def network(request: pytest.FixtureRequest) -> Network:
    """With norms in eval mode, as where they are held."""
    made = build(request.param).train()
    for norm in norms(made):
        norm.eval()
    return made


def batch_of(network: Network) -> Batch:
    """Pictures of several sizes, one of them without objects."""
    several = [_cut(each, side) for each, side in zip(Scenes(3).train, (96, 96, 70), strict=True)]
    bare = example(9, np.full((40, 64, 3), 90, np.uint8), [])
    return plain([*several, bare], network)


def _cut(whole: Example, width: int) -> Example:
    inside = [each for each in whole.annotations if each.shape.bounds[2] < width]
    return example(whole.image_id, whole.picture[:, :width], inside)


def sums_of(network: Network, batch: Batch, at: Sequence[int]) -> LossSums:
    share = Share(frame_size(batch.pictures, (0, 0), 1), tuple(1000 + place for place in at))
    return network.loss_sums([batch.pictures[place] for place in at], [batch.truths[place] for place in at], share)


def gradient(network: Network, sums: LossSums, divisors: Tensor) -> Tensor:
    network.zero_grad()
    torch.stack(list(shares.means(sums, divisors).values())).sum().backward()
    return torch.cat([each.grad.flatten() for each in network.parameters() if each.grad is not None])


@pytest.mark.parametrize("split", [((0, 2), (1, 3)), ((3,), (2, 1, 0)), ((0,), (1,), (2,), (3,))])
def test_shares_add_up_to_the_whole_batch(network: Network, split: tuple[tuple[int, ...], ...]) -> None:
    batch = batch_of(network)
    whole = sums_of(network, batch, range(4))
    divisors = shares.counts(whole)
    whole_gradient = gradient(network, whole, divisors)
    parts = [sums_of(network, batch, at) for at in split]
    assert torch.equal(torch.stack([shares.counts(each) for each in parts]).sum(0), divisors)
    for name, term in whole.items():
        total = sum(float(each[name].total.detach()) for each in parts)
        assert total == pytest.approx(float(term.total.detach()), rel=1e-5, abs=1e-5)
    parts_gradient = torch.stack([gradient(network, each, divisors) for each in parts]).sum(0)
    assert (parts_gradient - whole_gradient).norm() < 1e-5 * whole_gradient.norm()


def test_a_loss_is_the_sum_divided_by_its_count(network: Network) -> None:
    batch = batch_of(network)
    sums, losses = network.loss_sums(batch.pictures, batch.truths), network.loss(batch.pictures, batch.truths)
    for name, each in sums.items():
        assert float(losses[name].detach()) == pytest.approx(float(each.total.detach()) / max(float(each.count), 1))
    assert list(sums) == list(losses)


def test_chance_depends_on_the_seed_of_a_picture_alone() -> None:
    device = torch.device("cpu")
    one, other = Share(seeds=(5, 7)), Share(seeds=(7,))
    drawn = [torch.rand(3, generator=chance) for chance in (one.generator(1, device), other.generator(0, device))]
    assert torch.equal(*drawn)
    assert not torch.equal(drawn[0], torch.rand(3, generator=one.generator(0, device)))
