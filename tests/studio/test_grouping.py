"""Groups are selected whole, and left out whole."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from studio.grouping import whole


@dataclass(frozen=True)
class One:
    group_id: int | None


GROUPS = {1: One(7), 2: One(7), 3: One(8), 4: One(8), 5: One(None), 6: One(None)}


def chosen(ids: set[int], before: set[int] | None = None, *, takes_out: bool = False) -> set[int]:
    return set(whole(frozenset(ids), frozenset(before or ()), GROUPS, takes_out=takes_out))


def test_one_of_a_group_brings_all_of_it() -> None:
    assert chosen({1}) == {1, 2}
    assert chosen({1, 5}) == {1, 2, 5}
    assert chosen({5}) == {5}
    assert chosen({99}) == {99}


def test_leaving_one_out_leaves_out_its_group() -> None:
    assert chosen({2, 5}, {1, 2, 5}, takes_out=True) == {5}
    assert chosen({2}, {1, 2}, takes_out=True) == set()
    assert chosen({1, 2, 3}, {1, 2, 3, 4}, takes_out=True) == {1, 2}
    assert chosen({1, 2}, {1, 2, 5}, takes_out=True) == {1, 2}


def test_a_click_on_one_that_is_selected_keeps_its_group() -> None:
    assert chosen({1}, {1, 2}) == {1, 2}
    assert chosen({1}, {1, 2, 3, 4, 5}) == {1, 2}


@given(st.sets(st.sampled_from(sorted(GROUPS))), st.sets(st.sampled_from(sorted(GROUPS))), st.booleans())
def test_no_group_is_ever_selected_in_part(ids: set[int], before: set[int], takes_out: bool) -> None:
    before = chosen(before)
    found = chosen(ids, before, takes_out=takes_out)
    for group in (7, 8):
        members = {id_ for id_, one in GROUPS.items() if one.group_id == group}
        assert members <= found or not members & found
    assert {id_ for id_ in found if GROUPS[id_].group_id is None} == ids & {5, 6}
    assert found <= {*ids, 1, 2, 3, 4}
