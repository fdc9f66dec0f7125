"""Strips that are known are found again, and never those of another mask."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import spans
from engine.geometry.masks import from_bitmap
from engine.geometry.shapes import Mask
from studio.canvas.strips import KnownStrips
from tests.engine.geometry.strategies import mask_shapes


@given(st.lists(mask_shapes(), max_size=30), st.lists(st.integers(0, 29), max_size=60))
def test_strips_are_those_of_the_mask(made: list[Mask], asked: list[int]) -> None:
    known = KnownStrips()
    for at in asked:
        if at < len(made):
            found, expected = known.of(made[at]), spans.of_mask(made[at])
            assert all((getattr(found, part) == getattr(expected, part)).all() for part in ("x", "y0", "y1"))


def test_the_last_few_are_kept_and_what_was_put_is_taken() -> None:
    known, masks = KnownStrips(), [from_bitmap(np.ones((3, 2 + n), bool)) for n in range(20)]
    first = known.of(masks[0])
    assert known.of(masks[0]) is first
    for mask in masks[1:]:
        known.of(mask)
    assert known.of(masks[0]) is not first
    strips = spans.of_mask(masks[5])
    known.put(masks[5], strips)
    assert known.of(masks[5]) is strips
