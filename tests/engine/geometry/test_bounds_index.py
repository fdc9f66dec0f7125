"""The index of bounds against looking at all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry.bounds_index import BoundsIndex
from engine.geometry.shapes import Bounds
from tests.engine.geometry.strategies import points

bounds = st.builds(lambda a, b: (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])), points, points)
edits = st.lists(st.tuples(st.integers(0, 100), st.none() | bounds), max_size=90)


def naive(bounds_by_id: dict[int, Bounds], wanted: Bounds) -> set[int]:
    x0, y0, x1, y1 = wanted
    return {at for at, b in bounds_by_id.items() if b[0] <= x1 and x0 <= b[2] and b[1] <= y1 and y0 <= b[3]}


@given(st.dictionaries(st.integers(0, 100), bounds, max_size=20), edits, st.lists(bounds, min_size=1, max_size=3))
def test_it_finds_what_meets_after_any_edits(
    start: dict[int, Bounds], edits: list[tuple[int, Bounds | None]], wanted: list[Bounds]
) -> None:
    index, expected = BoundsIndex(start), dict(start)
    for item_id, item_bounds in edits:
        if item_bounds is not None:
            index.put(item_id, item_bounds)
            expected[item_id] = item_bounds
        elif item_id in expected:
            index.drop(item_id)
            del expected[item_id]
    assert len(index) == len(expected)
    for place in wanted:
        found = index.meeting(place)
        assert len(found) == len(set(found)) and set(found) == naive(expected, place)


def test_more_edits_than_are_kept_aside() -> None:
    index = BoundsIndex({})
    for at in range(300):
        index.put(at, (at, 0, at + 0.5, 1))
    index.drop(7)
    assert sorted(index.meeting((5, 0, 9, 1))) == [5, 6, 8, 9]


def test_what_moved_is_found_once_and_only_where_it_is() -> None:
    index = BoundsIndex({1: (0, 0, 1, 1), 2: (5, 5, 6, 6)})
    index.put(1, (0, 0, 2, 2))
    assert index.meeting((0, 0, 9, 9)) in ([1, 2], [2, 1])
    index.put(1, (8, 8, 9, 9))
    assert index.meeting((0, 0, 3, 3)) == []


def test_what_is_not_there_cannot_be_dropped() -> None:
    with pytest.raises(KeyError):
        BoundsIndex({}).drop(3)


def test_what_comes_back_needs_no_new_tree() -> None:
    index = BoundsIndex({n: (n, 0, n + 1, 1) for n in range(300)})
    tree = index._tree
    for n in range(300):
        index.drop(n)
    assert index.meeting((0, 0, 300, 1)) == []
    index.put_all({n: (n, 0, n + 1, 1) for n in range(300)})
    assert sorted(index.meeting((0, 0, 300, 1))) == list(range(300))
    assert index._tree is tree
