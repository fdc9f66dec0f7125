"""The padlock under the pointer is the one that is painted there."""

from hypothesis import given
from hypothesis import strategies as st

from engine.geometry.shapes import Bounds
from studio.canvas.holding import Views
from studio.canvas.padlocks import SIDE, Padlocks, corner
from studio.canvas.sight import Seen

BOXES: dict[int, Bounds] = {
    1: (0.0, 0.0, 100.0, 100.0),
    2: (80.0, 0.0, 100.0, 20.0),
    -3: (50.0, 50.0, 150.0, 90.0),
    4: (0.0, 0.0, 101.0, 101.0),
}


@given(
    st.floats(-10, 160), st.floats(-10, 160), st.sampled_from([0.1, 0.5, 1.0, 3.0]), st.sets(st.sampled_from([*BOXES]))
)
def test_it_is_the_last_of_the_locked_ones_whose_mark_is_there(
    x: float, y: float, pixel: float, locked: set[int]
) -> None:
    found = None
    for key, bounds in BOXES.items():
        at = corner(bounds, pixel)
        is_there = at is not None and 0 <= x - at[0] <= SIDE * pixel and 0 <= y - at[1] <= SIDE * pixel
        found = key if key in locked and is_there else found
    padlocks, seen = Padlocks(), Seen(locked=frozenset(locked), views=Views(bounds=BOXES))
    assert padlocks.under(seen, (x, y), pixel) == found
    assert padlocks.under(seen, (x, y), pixel) == found, "also from what was kept"
    assert padlocks.under(Seen(), (x, y), pixel) is None
