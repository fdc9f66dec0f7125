"""How a network is judged on people it never learned from, beside loops over pairs."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from engine.embedders import EmbeddingNetwork, Preprocessing
from engine.evaluation.verification import order
from engine.faces.face_set import FaceSet
from engine.faces.trying import COLLAPSED_BELOW, tried

SIZE = Preprocessing(height=1, width=3, channels="grey")


class Plain(EmbeddingNetwork):
    """The pixels are the vector."""

    preprocessing, dim, metric = SIZE, 3, "euclidean"

    def features(self, pictures: Tensor) -> Tensor:
        return pictures.flatten(1)


def faces(vectors: Tensor, person_of: list[int]) -> FaceSet:
    rows = tuple(range(50, 50 + len(vectors)))
    ids = tuple(sorted(set(person_of)))
    return FaceSet(vectors[:, None, None, :].float(), torch.tensor([ids.index(each) for each in person_of]), ids, rows)


@given(st.integers(0, 10**6), st.integers(2, 9), st.integers(1, 4))
def test_numbers_are_those_of_loops(seed: int, n: int, n_people: int) -> None:
    rng = np.random.default_rng(seed)
    vectors, person_of = torch.from_numpy(rng.normal(size=(n, 3))), rng.integers(0, n_people, n).tolist()
    found = tried(Plain().eval(), faces(vectors, person_of), n_hardest=2)
    distance = torch.linalg.norm(vectors.float()[:, None] - vectors.float(), dim=2).tolist()
    pairs = [(i, j, distance[i][j]) for i in range(n) for j in range(i + 1, n)]
    same = [pair for pair in pairs if person_of[pair[0]] == person_of[pair[1]]]
    different = [pair for pair in pairs if person_of[pair[0]] != person_of[pair[1]]]
    hits = [
        person_of[min((j for j in range(n) if j != i), key=lambda j, i=i: distance[i][j])] == person_of[i]
        for i in range(n)
        if person_of.count(person_of[i]) > 1
    ]
    assert found.rank1 == (pytest.approx(sum(hits) / len(hits)) if hits else None)
    right = [one[2] < other[2] for one in same for other in different]
    assert found.order == (pytest.approx(sum(right) / len(right), abs=1e-3) if right else None)
    assert found.apart == pytest.approx(sum(pair[2] for pair in different) / max(len(different), 1), abs=1e-5)
    wanted = of_most_people(sorted(different, key=lambda pair: pair[2]), person_of)
    wanted += of_most_people(sorted(same, key=lambda pair: -pair[2]), person_of)
    assert [(pair.first - 50, pair.second - 50) for pair in found.hardest] == [pair[:2] for pair in wanted]
    assert [pair.is_same for pair in found.hardest] == [person_of[a] == person_of[b] for a, b, _ in wanted]


def of_most_people(pairs: list[tuple[int, int, float]], person_of: list[int]) -> list[tuple[int, int, float]]:
    """The first of each two people, in order; then of the others likewise; two of all."""
    left, found = list(pairs), []
    while left:
        whose = [frozenset((person_of[pair[0]], person_of[pair[1]])) for pair in left]
        firsts = [pair for at, pair in enumerate(left) if whose[at] not in whose[:at]]
        found += firsts
        left = [pair for pair in left if pair not in firsts]
    return found[:2]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=8), st.lists(st.integers(0, 4), min_size=1, max_size=8))
def test_ties_count_half(same: list[int], different: list[int]) -> None:
    wanted = np.mean([1.0 if a < b else 0.5 if a == b else 0.0 for a in same for b in different])
    assert order(np.array(same, float), np.array(different, float)) == pytest.approx(wanted)


def test_equal_vectors_are_a_collapse() -> None:
    assert tried(Plain().eval(), faces(torch.ones(4, 3), [0, 0, 1, 1])).apart < COLLAPSED_BELOW
    assert tried(Plain().eval(), faces(torch.eye(3), [0, 0, 1])).apart > COLLAPSED_BELOW
