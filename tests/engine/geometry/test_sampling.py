"""Sampled masks, against asking at every point."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import masks
from engine.geometry.sampling import sampled


@given(
    st.integers(0, 999), st.floats(0, 1), st.tuples(st.floats(-9, 30), st.floats(-9, 30)),
    st.sampled_from([0.25, 1.0, 2.0, 3.7]), st.tuples(st.integers(1, 12), st.integers(1, 12)),
)  # fmt: skip
def test_every_point_is_what_the_mask_is_there(
    seed: int, share: float, origin: tuple[float, float], step: float, size: tuple[int, int]
) -> None:
    mask = masks.from_bitmap(np.random.default_rng(seed).random((14, 19)) < share, 3, 5)
    whole = masks.paint(mask, 200, 200)
    found = sampled(mask, origin, step, size)
    assert found.shape == size[::-1]
    for row, column in np.ndindex(found.shape):
        x, y = (int(np.floor(o + (at + 0.5) * step)) for o, at in zip(origin, (column, row), strict=True))
        assert found[row, column] == (0 <= x < 200 and 0 <= y < 200 and whole[y, x])
