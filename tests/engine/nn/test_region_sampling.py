"""Which regions are sampled: as many as wanted, positive ones up to their share, none that is to be ignored."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.models.detection._utils import BalancedPositiveNegativeSampler

from engine.nn.region_sampling import sampled


def chance(seed: int) -> torch.Generator:
    made = torch.Generator()
    made.manual_seed(seed)
    return made


@given(st.lists(st.integers(-1, 3), max_size=60), st.integers(0, 40), st.floats(0, 1), st.integers(0, 9))
def test_as_many_of_each_kind_as_torchvision_samples(
    values: list[int], n_wanted: int, positive_share: float, seed: int
) -> None:
    labels = torch.tensor(values, dtype=torch.int64)
    chosen = sampled(labels, n_wanted, positive_share, chance(seed))
    positive, negative = BalancedPositiveNegativeSampler(n_wanted, positive_share)([labels])
    found = labels[chosen]
    assert (int((found >= 1).sum()), int((found == 0).sum())) == (int(positive[0].sum()), int(negative[0].sum()))
    assert len(chosen) == int((found >= 0).sum())
    assert chosen.tolist() == sorted(set(chosen.tolist()))
    assert torch.equal(chosen, sampled(labels, n_wanted, positive_share, chance(seed)))


def test_every_one_is_as_likely_as_any_other() -> None:
    labels = torch.tensor([0, 1, 0, 1, 0, 0])
    hits = torch.zeros(6)
    for seed in range(600):
        hits[sampled(labels, 3, 1 / 3, chance(seed))] += 1
    assert torch.allclose(hits / 600, torch.tensor([0.5] * 6), atol=0.08)
