"""Vectors in which everyone spreads alike, against plain loops."""

import numpy as np
import pytest
import torch

from engine.nn.spread import evening_out

GENERATOR = torch.Generator().manual_seed(8)
PERSON_OF = torch.tensor([4, 4, 4, 1, 1, 1, 1, 9])
VECTORS = torch.randn(8, 5, generator=GENERATOR) * torch.tensor([3.0, 1.0, 1.0, 0.5, 0.2])


def within(vectors: np.ndarray) -> np.ndarray:
    """The mean outer product of what faces differ from their person's mean by, one by one."""
    found = np.zeros((vectors.shape[1],) * 2)
    for person in (4, 1, 9):
        own = vectors[PERSON_OF.numpy() == person].astype(np.float64)
        for each in own:
            found += np.outer(each - own.mean(axis=0), each - own.mean(axis=0))
    return found / len(vectors)


def test_unshrunk_everyone_spreads_alike_in_all_directions() -> None:
    many = torch.randn(80, 5, generator=GENERATOR) @ torch.randn(5, 5, generator=GENERATOR)
    people = torch.arange(8).repeat_interleave(10)
    centre, matrix = evening_out(many, people, shrinkage=0.0)
    assert torch.allclose(centre, many.mean(dim=0), atol=1e-5)
    evened = (many - centre) @ matrix
    _, again = evening_out(evened, people, shrinkage=0.0)
    assert torch.allclose(again, torch.eye(5), atol=1e-3)


def test_the_matrix_is_the_inverse_root_of_the_shrunk_spread() -> None:
    _, matrix = evening_out(VECTORS, PERSON_OF, shrinkage=0.3)
    found = within(VECTORS.numpy())
    even = np.trace(found) / 5
    mixed = 0.7 * found + 0.3 * even * np.eye(5)
    assert np.allclose(matrix.double().numpy() @ mixed @ matrix.double().numpy() / even, np.eye(5), atol=1e-5)


@pytest.mark.parametrize("person_of", [torch.arange(8), torch.zeros(8, dtype=torch.int64)])
def test_without_any_spread_within_a_person_nothing_changes(person_of: torch.Tensor) -> None:
    vectors = VECTORS if person_of[-1] else VECTORS[:1].expand(8, -1)
    _, matrix = evening_out(vectors, person_of)
    assert torch.equal(matrix, torch.eye(5))
