"""A picture as tiles."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.detecting.manner import Manner
from engine.detecting.tiles import tiles
from engine.errors import UserError


@given(st.integers(1, 700), st.integers(1, 700), st.integers(32, 300), st.floats(0.05, 0.5))
def test_tiles_cover_every_pixel_and_neighbours_share_what_they_should(
    width: int, height: int, side: int, overlap: float
) -> None:
    plan = tiles(width, height, side, overlap)
    seen = np.zeros((height, width), np.int64)
    for tile in plan.all:
        assert 0 <= tile.x0 < tile.x1 <= width
        assert 0 <= tile.y0 < tile.y1 <= height
        assert (tile.x1 - tile.x0, tile.y1 - tile.y0) == (min(side, width), min(side, height))
        seen[tile.y0 : tile.y1, tile.x0 : tile.x1] += 1
    assert seen.min() >= 1
    starts = sorted({tile.x0 for tile in plan.all})
    assert all(one + side - other >= int(overlap * side) for one, other in pairwise(starts))


def test_what_touches_an_inner_border_is_cut_and_the_pictures_own_border_cuts_nothing() -> None:
    plan = tiles(200, 100, 100, 0.25)
    first, second = plan.all[0], plan.all[1]
    assert plan.is_whole((0, 0, 50, 100), first)
    assert not plan.is_whole((60, 0, 100, 10), first)
    assert not plan.is_whole((60, 0, 98.5, 10), first)
    assert not plan.is_whole((second.x0, 0, second.x0 + 5, 10), second)
    assert plan.is_whole((second.x0 + 3, 0, second.x0 + 9, 10), second)


@pytest.mark.parametrize("wrong", [{"tile_side": 3}, {"overlap": 0.0}, {"overlap": 0.9}])
def test_a_manner_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UserError):
        Manner(**wrong)
