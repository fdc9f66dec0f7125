"""A network tried on people it never learned from: how well distances tell faces apart, and the pairs that mislead it.

Legend: N faces, (N, N) distances between them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.embedders import EmbeddingNetwork, KeptHead
from engine.evaluation.verification import order
from engine.faces.clicked import ClickedPairs
from engine.faces.face_set import FaceSet
from engine.nn.pairs import Pairs, all_pairs, distances, weighted_difference

_AT_ONCE = 64
_LOOKED_THROUGH = 1000
"""Among so many hardest pairs those of different people are looked for."""
COLLAPSED_BELOW = 0.05
"""Vectors of length 1 that know nothing are about 1.4 apart: where strangers are no farther than this, all faces have
become one."""


@dataclass(frozen=True, slots=True)
class HardPair:
    """Two faces that the network is wrong about, or nearly so."""

    first: int
    """Which of the crops that the training was given."""
    second: int
    distance: float
    is_same: bool
    """One person's, yet far apart; else strangers, yet near."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How a network does on a set of faces."""

    rank1: float | None
    """Share of faces whose nearest other face is of the same person, of those who have another; None of no such."""
    order: float | None
    """How often two faces of one person are nearer than two of strangers, a tie counting half: the area under ROC."""
    apart: float
    """The mean distance between strangers; 0 where there are none."""
    hardest: tuple[HardPair, ...]
    """Of strangers the nearest, then of one person the farthest; first one of every two people, then further ones."""
    order_of_head: float | None = None
    """The same order by the distance of a head of pairs; None where there is no such head."""


@torch.inference_mode()
def tried(network: EmbeddingNetwork, faces: FaceSet, n_hardest: int = 6, head: KeptHead | None = None) -> Tried:
    """Try a network in eval mode on faces of at least two people, and the head of pairs that was trained with it."""
    vectors = _vectors(network, faces.shown)
    distance = distances(vectors)
    pairs = all_pairs(faces.person_of)
    each, is_same = distance[pairs.first, pairs.second].double().numpy(), pairs.is_same.numpy()
    apart = float(each[~is_same].mean()) if bool((~is_same).any()) else 0.0
    ends = np.stack([pairs.first.numpy(), pairs.second.numpy()], axis=1)
    return Tried(
        _rank1(distance.double().numpy(), faces.person_of.numpy()),
        order(each[is_same], each[~is_same]),
        apart,
        (*_hardest(faces, ends[~is_same], each[~is_same], n_hardest),
         *_hardest(faces, ends[is_same], each[is_same], n_hardest, is_same=True)),
        None if head is None else _order_of_head(head, vectors, pairs),
    )  # fmt: skip


def order_of_clicked(network: EmbeddingNetwork, clicked: ClickedPairs) -> float | None:
    """How often two faces that a person called one person's are nearer than two that they called strangers'."""
    with torch.inference_mode():
        vectors = _vectors(network, clicked.shown)
    ends, is_same = clicked.pairs, clicked.pairs.is_same.numpy()
    each = (vectors[ends.first] - vectors[ends.second]).norm(dim=1).double().numpy()
    return order(each[is_same], each[~is_same])


def _vectors(network: EmbeddingNetwork, shown: Tensor) -> Tensor:
    parts = [network.vectors(part) for part in shown.split(_AT_ONCE)]  # type: ignore[no-untyped-call]
    return torch.cat(parts)


def _order_of_head(head: KeptHead, vectors: Tensor, pairs: Pairs) -> float | None:
    weights = torch.tensor(head.weights)
    apart = weighted_difference(vectors[pairs.first], vectors[pairs.second], weights, head.difference)
    each = apart.double().numpy()
    is_same = pairs.is_same.numpy()
    return order(each[is_same], each[~is_same])


def _rank1(distance: NDArray[np.float64], person_of: NDArray[np.int64]) -> float | None:
    has_other = np.bincount(person_of)[person_of] > 1
    if not has_other.any():
        return None
    others = np.where(np.eye(len(distance), dtype=bool), np.inf, distance)
    return float(np.mean(person_of[others.argmin(axis=1)][has_other] == person_of[has_other]))


def _hardest(
    faces: FaceSet, ends: NDArray[np.int64], distance: NDArray[np.float64], n_most: int, *, is_same: bool = False
) -> list[HardPair]:
    """The nearest pairs, or of one person the farthest; other people's go before more of the same two."""
    ranked = np.argsort(-distance if is_same else distance, kind="stable")[:_LOOKED_THROUGH]
    chosen = _of_most_people(ranked, np.sort(faces.person_of.numpy()[ends], axis=1), n_most)
    rows = faces.rows
    return [HardPair(rows[ends[i, 0]], rows[ends[i, 1]], float(distance[i]), is_same) for i in chosen]


def _of_most_people(ranked: NDArray[np.int64], people: NDArray[np.int64], n_most: int) -> list[int]:
    """The first pair of every two people in the order of `ranked`, then second ones and so on, until there are enough.

    `people` (P, 2) are those of each pair, the lower number first.
    """
    n_before: Counter[tuple[int, int]] = Counter()
    turns = []
    for place, i in enumerate(ranked):
        whose = (int(people[i, 0]), int(people[i, 1]))
        turns.append((n_before[whose], place))
        n_before[whose] += 1
    return [int(ranked[place]) for _, place in sorted(turns)[:n_most]]
