"""What a network has to know, and to give, so that several processes learn from one batch as a single one would.

A mean over a whole batch is no mean of means: the number of sampled regions differs from picture to picture. So a
network gives each loss term as a sum with what it is to be divided by, and whoever shares the batch adds both up first.
What else of a batch reaches into every picture of it is said in a Share: the frame that all are put in, and seeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Share:
    """The pictures of a batch that one process has, as parts of the whole."""

    frame: tuple[int, int] = (0, 0)
    """Height and width of the largest picture of the whole batch; a share's own pictures are framed at least so."""
    seeds: tuple[int, ...] = ()
    """By picture, of what is sampled on it; where there are none, of its place."""

    def generator(self, at: int, device: torch.device) -> torch.Generator:
        """Chance for the share's picture `at`, whatever else is in the batch and whoever has it."""
        made = torch.Generator(device)
        made.manual_seed(self.seeds[at] if self.seeds else at)
        return made


WHOLE = Share()
"""Of a batch that nobody else has a part of."""


@dataclass(frozen=True, slots=True, eq=False)
class LossSum:
    """A loss term added up over regions, priors or pictures."""

    total: Tensor
    """Scalar, with gradients."""
    count: Tensor | int
    """Over how many of them: the term is total / count; 0 counts as 1."""


LossSums: TypeAlias = Mapping[str, LossSum]


def counts(sums: LossSums) -> Tensor:
    """(terms,) float32 what each term is divided by, in the order of the terms."""
    device = next(iter(sums.values())).total.device
    return torch.stack([torch.as_tensor(each.count, dtype=torch.float32, device=device) for each in sums.values()])


def means(sums: LossSums, divisors: Tensor) -> dict[str, Tensor]:
    """Each term divided; `divisors` (terms,) as `counts` gives them, of this batch or of one that it is a share of."""
    return {name: each.total / n for (name, each), n in zip(sums.items(), divisors.clamp(min=1), strict=True)}
