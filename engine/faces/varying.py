"""Faces shown in other ways than they were taken: turned, moved, lit and covered; and people made up by warps.

Legend: N faces of C channels and h x w pixels, values 0..1. Grids are `grid_sample`'s: -1..1 over
the picture. All chance comes from a generator that is given.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_COARSE = (5, 4)
"""Points of a warp, down and across: few, so that a face stays a face."""
_TURN, _SIZE, _WIDTH, _MOVE, _SHEAR = 0.14, 0.10, 0.06, 0.10, 0.08
_GAMMA, _SIDE_LIGHT, _TOP_LIGHT, _NOISE = 0.4, 0.25, 0.20, 0.02
_COVERED_SHARE = 0.4
_LEAST_COVER, _MOST_COVER = 1 / 7, 1 / 3


def warps(n_people: int, n_warped: int, amplitude: float, generator: torch.Generator) -> Tensor:
    """(n_people * (1 + n_warped), 2, 5, 4) moves of coarse points; the first of everyone is none."""
    moves = (2 * torch.rand(n_people, 1 + n_warped, 2, *_COARSE, generator=generator) - 1) * amplitude
    moves[:, 0] = 0
    return moves.flatten(0, 1)


def varied(faces: Tensor, moves: Tensor, variation: float, generator: torch.Generator) -> Tensor:
    """(N, C, h, w) faces of people whose warps are `moves` (N, 2, 5, 4), each shown in a way of its own."""
    chance = _Chance(len(faces), variation, generator)
    seen = functional.grid_sample(faces, _grid(faces, moves, chance), align_corners=False, padding_mode="border")
    return _covered(_lit(seen, chance), chance)


class _Chance:
    """Random numbers for N faces, as wide as the variation says."""

    def __init__(self, n_faces: int, variation: float, generator: torch.Generator) -> None:
        self.n_faces, self.variation, self.generator = n_faces, variation, generator

    def around_zero(self, width: float) -> Tensor:
        """(N,) numbers between -width and width."""
        return (2 * self.share() - 1) * width * self.variation

    def share(self) -> Tensor:
        """(N,) numbers from 0 to 1."""
        return torch.rand(self.n_faces, generator=self.generator)

    def within(self, probability: float) -> Tensor:
        """(N,) bool, true with a probability that the variation scales."""
        return self.share() < min(probability * self.variation, 1.0)


def _grid(faces: Tensor, moves: Tensor, chance: _Chance) -> Tensor:
    """(N, h, w, 2): where each pixel is taken from; the person's warp belongs to the face, and turns with it."""
    grid = functional.affine_grid(_placed(chance), list(faces.shape), align_corners=False)
    height, width = faces.shape[2:]
    field = functional.interpolate(moves, (height, width), mode="bicubic", align_corners=True)
    moved = functional.grid_sample(field, grid, align_corners=False, padding_mode="border")
    return grid + moved.permute(0, 2, 3, 1)


def _placed(chance: _Chance) -> Tensor:
    """(N, 2, 3) turns, sizes, places, shears and mirrors."""
    angle, size = chance.around_zero(_TURN), 1 + chance.around_zero(_SIZE)
    width, shear = 1 + chance.around_zero(_WIDTH), chance.around_zero(_SHEAR)
    x, y = chance.around_zero(_MOVE), chance.around_zero(_MOVE)
    mirror = torch.where(chance.within(0.5), -1.0, 1.0)
    cosine, sine = torch.cos(angle) * size, torch.sin(angle) * size
    across = torch.stack([cosine * width * mirror, shear - sine, x], dim=1)
    down = torch.stack([sine * mirror, cosine, y], dim=1)
    return torch.stack([across, down], dim=1)


def _lit(faces: Tensor, chance: _Chance) -> Tensor:
    """Other exposures, and light that comes from a side or from above."""
    height, width = faces.shape[2:]
    gamma, side, top = (_spread(chance.around_zero(each)) for each in (_GAMMA, _SIDE_LIGHT, _TOP_LIGHT))
    x, y = torch.linspace(-1, 1, width), torch.linspace(-1, 1, height)[:, None]
    lit = faces.clamp(1e-3, 1) ** torch.exp(gamma) * (1 + side * x) * (1 + top * y)
    return lit + _NOISE * chance.variation * torch.randn(faces.shape, generator=chance.generator)


def _covered(faces: Tensor, chance: _Chance) -> Tensor:
    """Some faces with a rectangle of their mean colour over them, as by a hand or a scarf."""
    down, across = (_span(side, chance) for side in faces.shape[2:])
    is_under = _spread(chance.within(_COVERED_SHARE)) & down[:, None, :, None] & across[:, None, None, :]
    return torch.where(is_under, faces.mean(dim=(1, 2, 3), keepdim=True), faces)


def _span(side: int, chance: _Chance) -> Tensor:
    """(N, side) bool: a stretch of the side for each face."""
    length = side * (_LEAST_COVER + (_MOST_COVER - _LEAST_COVER) * chance.share())
    start = (side - length) * chance.share()
    place = torch.arange(side) + 0.5
    return (place >= start[:, None]) & (place < (start + length)[:, None])


def _spread(values: Tensor) -> Tensor:
    return values[:, None, None, None]
