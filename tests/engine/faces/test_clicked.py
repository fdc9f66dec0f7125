"""Pairs that a person clicked: what is learned from and what is kept back never share a face that was kept back."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.faces.clicked import MOST_AT_ONCE, ClickedPairs, FacePair, split
from engine.faces.recipe import FaceRecipe
from engine.nn.pairs import Pairs
from tests.engine.faces.test_learner import made

PAIRS = st.lists(st.builds(FacePair, st.integers(0, 5), st.integers(6, 11), st.booleans()), max_size=12)


@given(PAIRS, st.sets(st.integers(0, 11)), st.sets(st.integers(0, 11)), st.floats(0, 0.9), st.integers(0, 9))
def test_no_face_that_is_kept_back_is_learned(
    pairs: list[FacePair], tried: set[int], nobody: set[int], share: float, seed: int
) -> None:
    learned, kept_back = split(pairs, tried, nobody, share, seed)
    assert sorted(map(repr, (*learned, *kept_back))) == sorted(map(repr, pairs))
    assert not any({pair.first, pair.second} & tried for pair in learned)
    clicked = {row for pair in pairs for row in (pair.first, pair.second)} & nobody
    also_learned = {row for pair in learned for row in (pair.first, pair.second)} & clicked
    only_kept = clicked - tried - also_learned
    assert len(only_kept) >= round(share * len(clicked)) - len(clicked & tried)
    assert split(pairs, tried, nobody, share, seed) == (learned, kept_back)


def test_pairs_keep_their_faces_and_some_are_drawn() -> None:
    shown = torch.arange(30.0).reshape(30, 1, 1, 1)
    pairs = [FacePair(n, 29 - n, n % 2 == 0) for n in range(3, 14)] * 2
    found = ClickedPairs.of(shown, pairs)
    assert len(found.shown) == 22
    assert found.shown[found.pairs.first].flatten().tolist() == [pair.first for pair in pairs]
    assert found.shown[found.pairs.second].flatten().tolist() == [pair.second for pair in pairs]
    drawn = found.drawn(torch.Generator().manual_seed(1))
    assert len(drawn) == MOST_AT_ONCE
    for first, second, same in zip(drawn.pairs.first, drawn.pairs.second, drawn.pairs.is_same, strict=True):
        assert FacePair(int(drawn.shown[first]), int(drawn.shown[second]), bool(same)) in pairs
    assert len(ClickedPairs.of(shown, [])) == 0


def test_what_clicked_pairs_teach_beside_triplets_is_the_contrastive_loss() -> None:
    learner = made(FaceRecipe(people=4, crops=2, n_warped=1))
    vectors = torch.nn.functional.normalize(torch.randn(4, 8, generator=torch.Generator().manual_seed(2)), dim=1)
    pairs = Pairs(torch.tensor([0, 2]), torch.tensor([1, 3]), torch.tensor([True, False]))
    apart = [float((vectors[a] - vectors[b]).norm()) for a, b in ((0, 1), (2, 3))]
    wanted = np.mean([apart[0] ** 2 / 2, max(0.0, 1 - apart[1]) ** 2 / 2])
    assert np.isclose(float(learner.teaching.of_member(0).of_clicked(vectors, pairs)), wanted, atol=1e-6)
