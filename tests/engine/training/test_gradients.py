"""Buckets of gradients: sums of all processes in their place, whatever the backward pass leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from torch import nn

from engine.training.gradients import Gradients


@pytest.fixture
def twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A group of one process, whose sums are as if another had the same."""
    dist.init_process_group("gloo", init_method=f"file://{tmp_path / 'store'}", rank=0, world_size=1)
    whole = dist.all_reduce

    def doubled(values: torch.Tensor, async_op: bool = False) -> dist.Work | None:
        values *= 2
        return whole(values, async_op=async_op)

    monkeypatch.setattr(dist, "all_reduce", doubled)
    yield
    dist.destroy_process_group()


def network() -> nn.Sequential:
    torch.manual_seed(0)
    made = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Conv2d(3, 4, 1), nn.Conv2d(4, 5, 1))
    made[0].bias.requires_grad_(False)
    return made.to(memory_format=torch.channels_last)


def gradients(of: nn.Module) -> list[torch.Tensor | None]:
    return [None if each.grad is None else each.grad.clone() for each in of.parameters()]


@pytest.mark.usefixtures("twice")
@pytest.mark.parametrize("bucket_bytes", [1, 100, 1 << 20])
@pytest.mark.parametrize("first", [0, 1])
def test_each_gradient_becomes_the_sum_and_what_rests_has_none(bucket_bytes: int, first: int) -> None:
    plain, shared = network(), network()
    summing = Gradients(shared.parameters(), bucket_bytes)
    for step in range(2):
        maps = torch.rand(2, (2, 3)[first], 5, 5)
        for each in (plain, shared):
            each.zero_grad()
            each[first:](maps).square().sum().backward()
        summing.settle()
        for own, summed in zip(gradients(plain), gradients(shared), strict=True):
            assert (own is None) == (summed is None)
            if own is not None and summed is not None:
                assert torch.equal(2 * own, summed), step
