"""Pairs of faces of which a person said whether they are of one person: some to learn from, others to be tried on.

A face whose pairs a network is tried on is in no pair that it learns from, and neither is a person's whom it is tried
on. Legend: M faces of C channels and h x w pixels, P pairs of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.nn.pairs import Pairs

MOST_AT_ONCE = 16
"""Pairs of a step."""


@dataclass(frozen=True, slots=True)
class FacePair:
    """What a person said of two faces."""

    first: int
    """Which of the crops that the training is given."""
    second: int
    is_same: bool


@dataclass(frozen=True, slots=True, eq=False)
class ClickedPairs:
    """Such pairs with their faces as a network is shown them."""

    shown: Tensor
    """(M, C, h, w) float32."""
    pairs: Pairs
    """P pairs of the M faces."""

    def __len__(self) -> int:
        return len(self.pairs)

    @classmethod
    def of(cls, shown: Tensor, pairs: Sequence[FacePair]) -> ClickedPairs:
        """Pairs among all the faces that are shown; only those that are in a pair are kept."""
        rows = sorted({row for pair in pairs for row in (pair.first, pair.second)})
        place = {row: at for at, row in enumerate(rows)}
        first, second = (_whole([place[row] for row in ends]) for ends in _ends(pairs))
        return cls(shown[rows], Pairs(first, second, torch.tensor([pair.is_same for pair in pairs], dtype=torch.bool)))

    def drawn(self, generator: torch.Generator) -> ClickedPairs:
        """Some of the pairs at random, each with two faces of its own."""
        chosen = torch.randperm(len(self), generator=generator)[:MOST_AT_ONCE]
        faces = torch.cat([self.pairs.first[chosen], self.pairs.second[chosen]])
        n, at = len(chosen), torch.arange(len(chosen))
        return ClickedPairs(self.shown[faces], Pairs(at, at + n, self.pairs.is_same[chosen]))


def split(
    pairs: Sequence[FacePair], tried_rows: Collection[int], nobody_rows: Collection[int], share: float, seed: int
) -> tuple[tuple[FacePair, ...], tuple[FacePair, ...]]:
    """The pairs to learn from, and those to be tried on.

    Faces of people that the network is tried on are in the latter, as is a share, drawn by the seed, of the faces that
    are nobody's yet.
    """
    clicked = sorted({row for pair in pairs for row in (pair.first, pair.second)} & set(nobody_rows))
    order = np.random.default_rng(seed).permutation(len(clicked))
    kept_back = {clicked[at] for at in order[: round(share * len(clicked))]} | set(tried_rows)
    is_tried = [bool({pair.first, pair.second} & kept_back) for pair in pairs]
    learned = tuple(pair for pair, tried in zip(pairs, is_tried, strict=True) if not tried)
    return learned, tuple(pair for pair, tried in zip(pairs, is_tried, strict=True) if tried)


def _ends(pairs: Sequence[FacePair]) -> tuple[list[int], list[int]]:
    return [pair.first for pair in pairs], [pair.second for pair in pairs]


def _whole(numbers: Sequence[int]) -> Tensor:
    return torch.tensor(numbers, dtype=torch.int64)
