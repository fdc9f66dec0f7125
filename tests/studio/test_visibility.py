"""What is hidden, alone or locked, against a plain account of what was asked for."""

from hypothesis import given
from hypothesis import strategies as st

from studio.visibility import Visibility

KEYS = st.sets(st.integers(-6, 12).filter(bool), max_size=6)
CLASSES = st.integers(1, 3)
ITEMS = [(key, 1 + key % 3) for key in range(-6, 13) if key]


def hidden(seen: Visibility) -> set[int]:
    return {key for key, class_id in ITEMS if seen.hides(key, class_id)}


@given(KEYS, KEYS)
def test_hiding_and_showing_undo_each_other(first: set[int], second: set[int]) -> None:
    seen = Visibility().hiding(first).hiding(second)
    assert hidden(seen) == {key for key, _ in ITEMS if key in first | second}
    assert hidden(seen.showing(first)) == hidden(Visibility().hiding(second - first))
    assert seen.showing_all() == Visibility()


@given(KEYS, KEYS, KEYS)
def test_only_what_is_isolated_is_seen_and_what_is_drawn_then(before: set[int], alone: set[int], new: set[int]) -> None:
    seen = Visibility().hiding(before).isolating(alone)
    assert hidden(seen) == {key for key, _ in ITEMS if key not in alone}
    assert hidden(seen.showing(new)) == {key for key, _ in ITEMS if key not in alone | new}
    assert hidden(seen.together()) == hidden(Visibility().hiding(before - alone))


@given(CLASSES, CLASSES, KEYS)
def test_classes_are_hidden_and_isolated(a: int, b: int, keys: set[int]) -> None:
    assert hidden(Visibility().hiding_class(a).hiding_class(b)) == {key for key, id_ in ITEMS if id_ in (a, b)}
    assert hidden(Visibility().hiding_class(a).showing_class(a)) == set()
    alone = Visibility().hiding_class(b).isolating_class(a).showing(keys)
    expected = {key for key, id_ in ITEMS if id_ != a and (key not in keys or id_ == b)}
    assert hidden(alone) == expected


@given(KEYS, KEYS)
def test_locks_outlive_what_is_hidden(locked: set[int], others: set[int]) -> None:
    seen = Visibility().locking(locked).hiding(others).showing_all()
    assert seen.locked == frozenset(locked)
    assert seen.unlocking(others).locked == locked - others
    assert seen.unlocking() == Visibility()
