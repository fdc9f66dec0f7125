"""Learning on features that were made before is learning on the pictures: the same losses, and a body left alone."""

from __future__ import annotations

import pytest
import torch

from engine.detectors import DETECTORS, Features, Network, Truth, Warmable
from engine.feeding.data import Example
from engine.feeding.varying import as_tensor
from engine.nn import shares
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import build


@pytest.fixture(params=DETECTORS.names())
def network(request: pytest.FixtureRequest) -> Network:
    torch.manual_seed(1)
    made = build(request.param)
    made.hold()
    return made.train()


def pictures(*examples: Example) -> tuple[list[torch.Tensor], list[Truth]]:
    return [as_tensor(each) for each in examples], [each.truth for each in examples]


def test_the_loss_on_features_is_the_loss_on_the_pictures(network: Network) -> None:
    assert isinstance(network, Warmable)
    shown, truths = pictures(*Scenes(2, 0).train)
    whole = network.loss_sums(shown, truths)
    with torch.no_grad():
        features = network.features(shown)
    above = network.sums_on(features, truths)
    assert above.keys() == whole.keys()
    for name, value in whole.items():
        assert torch.allclose(above[name].total, value.total, rtol=1e-5), name
        assert int(above[name].count) == int(value.count), name
    losses = shares.means(above, shares.counts(above))
    torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
    learned = {name for name, each in network.named_parameters() if each.grad is not None}
    assert learned
    assert not any("backbone.body." in name or "trunk." in name for name in learned)


def test_features_of_single_pictures_make_up_those_of_a_batch(network: Network) -> None:
    assert isinstance(network, Warmable)
    shown, _ = pictures(*Scenes(3, 0).train)
    with torch.no_grad():
        together = network.features(shown)
        apart = [network.features([each]) for each in shown]
    joined = Features.joined(apart)
    assert joined.sizes == together.sizes
    assert joined.frame == together.frame
    assert joined.n_bytes == sum(each.n_bytes for each in apart) == together.n_bytes
    for name, level in together.levels.items():
        assert torch.allclose(joined.levels[name], level, atol=1e-4), name


def test_features_of_pictures_of_different_sizes_are_filled_up(network: Network) -> None:
    assert isinstance(network, Warmable)
    (first, second), truths = pictures(*Scenes(2, 0).train)
    with torch.no_grad():
        apart = [network.features([each]) for each in (first, second[:, :64, :40])]
    joined = Features.joined(apart)
    assert joined.sizes == ((96, 96), (64, 40))
    assert joined.frame == (96, 96)
    for name, level in joined.levels.items():
        height, width = apart[1].levels[name].shape[-2:]
        assert torch.equal(level[1:, :, :height, :width], apart[1].levels[name])
        assert not level[1, :, height:].any()
    nothing = truths[1].pick(torch.tensor([], dtype=torch.int64))
    assert all(each.total.isfinite() for each in network.sums_on(joined, [truths[0], nothing]).values())
