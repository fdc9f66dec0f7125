"""Splits by person, and batches in which people weigh evenly."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.embedders import Preprocessing
from engine.errors import UserError
from engine.faces.face_set import BalancedBatches, FaceSet
from tests.engine.faces.drawn_faces import drawn

GREY = Preprocessing(height=8, width=6, channels="grey")


def numbered(counts: list[int]) -> FaceSet:
    """So many faces of each of some people, shuffled; identity ids are 10, 20, ..."""
    ids = [10 * (person + 1) for person, count in enumerate(counts) for _ in range(count)]
    shuffled = np.random.default_rng(0).permutation(ids).tolist()
    crops = [np.full((8, 6, 3), row % 256, dtype=np.uint8) for row in range(len(ids))]
    return FaceSet.of(crops, shuffled, GREY)


def test_faces_know_whose_they_are_and_which_they_were() -> None:
    faces = drawn(3, 2)
    found = FaceSet.of(faces.crops[::-1], faces.identity_ids[::-1], GREY)
    assert found.identity_ids == (100, 101, 102)
    assert found.person_of.tolist() == [2, 2, 1, 1, 0, 0]
    assert found.shown.shape == (6, 1, 8, 6)
    some = found.of_people([2, 0])
    assert some.identity_ids == (102, 100)
    assert some.person_of.tolist() == [0, 0, 1, 1]
    assert some.rows == (0, 1, 4, 5)
    assert torch.equal(some.shown[2], found.shown[4])


def test_crops_and_people_have_to_be_as_many() -> None:
    with pytest.raises(ValueError, match="2 crops are not of 1 people"):
        FaceSet.of(drawn(1, 2).crops, [1], GREY)


@given(st.lists(st.integers(1, 5), min_size=2, max_size=12), st.floats(0, 0.9), st.integers(0, 99))
def test_nobody_is_on_both_sides_of_a_split(counts: list[int], share: float, seed: int) -> None:
    faces = numbered(counts)
    if max(counts) < 2:
        with pytest.raises(UserError, match="two faces or more"):
            faces.split(share, seed)
        return
    learned, others = faces.split(share, seed)
    assert not set(learned.identity_ids) & set(others.identity_ids)
    assert sorted(learned.identity_ids + others.identity_ids) == sorted(faces.identity_ids)
    assert sorted(learned.rows + others.rows) == list(range(len(faces)))
    assert learned.n_people >= 2
    assert others.n_people == 0 or (others.n_people >= 2 and torch.bincount(others.person_of).min() >= 2)
    for part in (learned, others):
        for row, person, shown in zip(part.rows, part.person_of.tolist(), part.shown, strict=True):
            assert torch.equal(shown, faces.shown[row])
            assert part.identity_ids[person] == faces.identity_ids[int(faces.person_of[row])]


def test_a_split_is_the_same_for_the_same_seed_and_another_for_others() -> None:
    faces = numbered([3] * 20)
    tried = [faces.split(0.2, seed)[1].identity_ids for seed in (0, 0, 1, 2)]
    assert tried[0] == tried[1]
    assert len({*tried}) == 3
    assert len(tried[0]) == 4
    assert faces.split(0.0, 0)[1].n_people == 0


def test_one_person_alone_teaches_nothing() -> None:
    with pytest.raises(UserError, match="two people or more"):
        numbered([5]).split(0.2, 0)


@given(
    st.lists(st.integers(1, 6), min_size=2, max_size=6),
    st.integers(1, 3),
    st.integers(2, 8),
    st.integers(2, 5),
    st.integers(0, 99),
)
def test_everyone_in_a_batch_has_as_many_faces(
    counts: list[int], n_appearances: int, people: int, crops: int, seed: int
) -> None:
    person_of = numbered(counts).person_of
    batches = BalancedBatches(person_of, n_appearances, people, crops)
    batch = batches.drawn(torch.Generator().manual_seed(seed))
    n_people = min(people, n_appearances * len(counts))
    numbers, each = torch.unique(batch.person_of, return_counts=True)
    assert len(numbers) == n_people
    assert each.tolist() == [crops] * n_people
    assert (person_of[batch.faces] == batch.person_of // n_appearances).all()
    for number in numbers.tolist():
        seen = batch.faces[batch.person_of == number].tolist()
        own = counts[number // n_appearances]
        assert len(set(seen)) == min(crops, own)
    again = batches.drawn(torch.Generator().manual_seed(seed))
    assert torch.equal(again.faces, batch.faces)


def test_over_many_batches_everyone_comes_as_often() -> None:
    batches = BalancedBatches(numbered([1, 9, 4]).person_of, 1, 2, 2)
    generator = torch.Generator().manual_seed(0)
    seen = torch.cat([batches.drawn(generator).person_of for _ in range(600)])
    assert np.allclose(torch.bincount(seen) / len(seen), 1 / 3, atol=0.04)
