"""Faces shown in other ways, and people made up by warps."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.faces.varying import varied, warps


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def faces(n: int = 3, channels: int = 1) -> torch.Tensor:
    coarse = torch.rand(n, channels, 6, 5, generator=generator(9))
    return torch.nn.functional.interpolate(coarse, (28, 24), mode="bilinear").clamp(0.05, 0.95)


def test_without_variation_and_warp_faces_are_shown_as_they_are() -> None:
    still = torch.zeros(3, 2, 5, 4)
    assert torch.allclose(varied(faces(), still, 0.0, generator()), faces(), atol=1e-5)


@given(st.integers(0, 999), st.sampled_from([1, 3]), st.floats(0.1, 1.5))
def test_a_face_is_shown_otherwise_each_time_but_the_same_for_the_same_chance(
    seed: int, channels: int, variation: float
) -> None:
    given_faces, still = faces(3, channels), torch.zeros(3, 2, 5, 4)
    first, again, other = (varied(given_faces, still, variation, generator(each)) for each in (seed, seed, seed + 1))
    assert first.shape == given_faces.shape
    assert torch.isfinite(first).all()
    assert torch.equal(first, again)
    assert not torch.allclose(first, other, atol=1e-3)


def test_the_first_appearance_of_everyone_is_their_own() -> None:
    moves = warps(4, 3, 0.12, generator())
    assert moves.shape == (16, 2, 5, 4)
    assert torch.equal(moves[::4], torch.zeros(4, 2, 5, 4))
    others = moves.view(4, 4, -1)[:, 1:].flatten(0, 1)
    assert (others.abs() <= 0.12).all()
    assert len(torch.unique(others, dim=0)) == 12


def test_a_warp_moves_what_is_seen_and_turns_with_the_face() -> None:
    to_the_left = torch.zeros(1, 2, 5, 4)
    to_the_left[:, 0] = 2 * 3 / 24  # three pixels of 24, where a picture is 2 wide
    shown = varied(faces(1), to_the_left, 0.0, generator())
    assert torch.allclose(shown[..., :-3], faces(1)[..., 3:], atol=1e-4)


def test_covered_faces_have_a_rectangle_of_one_colour() -> None:
    from engine.faces.varying import _Chance, _covered

    given_faces = faces(400)
    shown = _covered(given_faces, _Chance(400, 1.0, generator()))
    changed = (shown != given_faces)[:, 0]
    n_covered = 0
    for face, under, was in zip(shown[:, 0], changed, given_faces, strict=True):
        if not under.any():
            continue
        n_covered += 1
        rows, columns = torch.nonzero(under.any(1))[:, 0], torch.nonzero(under.any(0))[:, 0]
        inside = face[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert torch.allclose(inside, was.mean().expand_as(inside))
        assert len(rows) <= 28 / 3 + 1
        assert len(columns) <= 24 / 3 + 1
    assert 0.3 < n_covered / 400 < 0.5
