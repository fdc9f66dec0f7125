"""What is of no use any more goes little by little, and never becomes very much."""

from hypothesis import given
from hypothesis import strategies as st

from studio.canvas import leftovers
from studio.canvas.leftovers import Leftovers


@given(st.lists(st.integers(0, 40)), st.integers(1, 50))
def test_every_lot_is_emptied_by_so_many_at_a_time(sizes: list[int], n: int) -> None:
    left, lots = Leftovers(), [dict.fromkeys(range(size)) for size in sizes]
    for lot in lots:
        left.add(lot)
    before = len(left)
    assert before == sum(sizes)
    turns = 0
    while left.shed(n):
        turns += 1
        assert len(left) == before - n * turns
    assert not any(lots) and not len(left)
    assert turns == max(0, -(-before // n) - 1)


def test_beyond_a_bound_the_oldest_goes_at_once() -> None:
    left = Leftovers()
    old, new = (dict.fromkeys(range(leftovers._MOST)) for _ in range(2))
    left.add(old)
    assert len(old) == leftovers._MOST
    left.add(new)
    assert not old
    assert len(new) == len(left) == leftovers._MOST
