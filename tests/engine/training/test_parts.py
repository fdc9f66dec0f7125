"""The moving average, the order of batches, threads and devices."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine import hardware
from engine.errors import UserError
from engine.feeding.augment import Augmentation
from engine.feeding.batches import Batches, mixed
from engine.training.averaging import Average
from tests.engine.detectors.scenes import Scenes
from tests.engine.detectors.test_contract import build


def test_the_average_follows_quickly_at_first_and_slowly_later() -> None:
    network = build("mask_rcnn")
    average = Average(network, 0.9)
    start = [each.clone() for each in average.network.parameters()]
    with torch.no_grad():
        for each in network.parameters():
            each.add_(1)
    network.eval()
    for n_steps, share in ((1, 1 - 2 / 11), (1000, 0.1)):
        before = [each.clone() for each in average.network.parameters()]
        average.follow(network, n_steps)
        for ours, was, first in zip(average.network.parameters(), before, start, strict=True):
            assert torch.allclose(ours, was + share * (first + 1 - was), atol=1e-5)


def test_the_average_leaves_held_parameters_and_copies_buffers() -> None:
    network = build("mask_rcnn")
    network.hold()
    average = Average(network, 0.9)
    with torch.no_grad():
        for each in (*network.parameters(), *(each for each in network.buffers() if each.is_floating_point())):
            each.add_(1)
    before = copy.deepcopy(average.network.state_dict())
    average.follow(network, 5)
    after = average.network.state_dict()
    for name, parameter in network.named_parameters():
        assert torch.equal(after[name], before[name]) != parameter.requires_grad
    for name, buffer in network.named_buffers():
        assert torch.equal(after[name], buffer)


def batches(size: int = 3, seed: int = 5) -> Batches:
    return Batches(Scenes(7).train, build("mask_rcnn"), Augmentation(), size, seed)


def test_every_picture_comes_once_an_epoch_in_another_order_each_time() -> None:
    orders = [tuple(name for batch in batches().epoch(epoch) for name in batch.names) for epoch in (0, 1)]
    assert len(batches()) == 3
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(each.name for each in Scenes(7).train)
    assert orders[0] != orders[1]


def test_batches_from_the_middle_of_an_epoch_are_those_that_would_have_come() -> None:
    torch.manual_seed(1)
    whole = list(batches().epoch(4))
    torch.manual_seed(2)
    rest = list(batches().epoch(4, first=1))
    assert [each.names for each in rest] == [each.names for each in whole[1:]]
    for one, other in zip(rest, whole[1:], strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one.pictures, other.pictures, strict=True))
        assert all(torch.equal(a.boxes, b.boxes) for a, b in zip(one.truths, other.truths, strict=True))


def test_preparing_batches_leaves_the_random_numbers_of_others_alone() -> None:
    prepared = batches()
    torch.manual_seed(3)
    before = torch.get_rng_state()
    list(prepared.epoch(0))
    assert torch.equal(torch.get_rng_state(), before)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=3), st.integers(0, 2))
def test_neighbouring_seeds_are_far_apart(numbers: list[int], at: int) -> None:
    changed = list(numbers)
    changed[at % len(numbers)] += 1
    assert 0 <= mixed(*numbers) < 2**63
    assert bin(mixed(*numbers) ^ mixed(*changed)).count("1") > 8


@pytest.mark.parametrize(
    ("seconds", "chosen"),
    [({1: 1.0, 2: 0.5, 4: 0.3}, 4), ({1: 1.0, 2: 30.0, 4: 0.1}, 1), ({1: 1.0, 2: 0.6, 4: 0.59}, 2)],
)
def test_threads_are_added_while_they_save_time(seconds: dict[int, float], chosen: int) -> None:
    before = torch.get_num_threads()
    try:
        assert hardware.fastest_threads(4, seconds.__getitem__) == chosen
        assert torch.get_num_threads() == chosen
        assert hardware.fastest_threads(1) == 1
    finally:
        torch.set_num_threads(before)


def test_devices() -> None:
    assert hardware.device("cpu").type == "cpu"
    assert hardware.precision("float32", torch.device("cpu")) == "float32"
    with pytest.raises(UserError, match="toaster"):
        hardware.device("toaster")
    if not torch.cuda.is_available():
        assert hardware.device("auto").type == "cpu"
        with pytest.raises(UserError, match="--device cpu"):
            hardware.device("cuda")
