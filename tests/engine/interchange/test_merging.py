"""The three-way difference: nothing twice, nothing lost, and a conflict only where both sides changed."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from engine.formats import Item
from engine.geometry.shapes import Box
from engine.interchange.merging import Difference, Ours, Theirs, difference, fingerprint

SPOTS = st.integers(0, 8)
"""Places so far apart that boxes at different ones never overlap."""


def item(spot: int, nudge: float = 0.0, class_name: str = "cell") -> Item:
    return Item(class_name, Box(20.0 * spot + nudge, 0, 20.0 * spot + 10 + nudge, 10))


def mine(annotation_id: int, now: Item, imported: Item | None) -> Ours:
    return Ours(annotation_id, now, fingerprint(now), None if imported is None else fingerprint(imported))


def theirs(*items: Item) -> list[Theirs]:
    return [Theirs(one, fingerprint(one)) for one in items]


def counts(found: Difference) -> tuple[int, int, int, int, int]:
    return (found.same, found.ours, len(found.added), len(found.changed), len(found.conflicts))


@given(st.lists(SPOTS))
def test_importing_the_same_again_changes_nothing(spots: Sequence[int]) -> None:
    items = [item(spot) for spot in spots]
    ours = [mine(n, one, one) for n, one in enumerate(items)]
    assert counts(difference(ours, [], theirs(*items))) == (len(items), 0, 0, 0, 0)


@given(st.lists(SPOTS, unique=True))
def test_onto_an_empty_image_everything_is_added(spots: Sequence[int]) -> None:
    found = difference([], [], theirs(*(item(spot) for spot in spots)))
    assert counts(found) == (0, 0, len(spots), 0, 0)


@given(st.sets(SPOTS), st.sets(SPOTS), st.sets(SPOTS), st.sets(SPOTS))
def test_every_annotation_of_theirs_is_accounted_for_once(
    imported: set[int], edited: set[int], deleted: set[int], newer: set[int]
) -> None:
    ours = [mine(spot, item(spot, 2.0 if spot in edited else 0.0), item(spot)) for spot in sorted(imported - deleted)]
    removed = [fingerprint(item(spot)) for spot in sorted(imported & deleted)]
    file = [item(spot, 1.0 if spot in newer else 0.0) for spot in sorted(imported | newer)]
    found = difference(ours, removed, theirs(*file))
    assert sum(counts(found)) == len(file)
    assert found.ours == len((imported & (edited | deleted)) - newer)
    assert len(found.changed) == len((imported & newer) - edited - deleted)
    assert len(found.conflicts) == len((imported & newer & edited) - deleted)
    assert len(found.added) == len(newer - imported) + len(newer & imported & deleted)


def test_what_was_drawn_here_is_never_taken_for_theirs() -> None:
    drawn = mine(1, item(3), None)
    assert counts(difference([drawn], [], theirs(item(3, 1.0)))) == (0, 0, 0, 0, 1)
    assert counts(difference([drawn], [], theirs(item(5)))) == (0, 0, 1, 0, 0)


def test_equal_annotations_are_counted_not_merged() -> None:
    ours = [mine(1, item(0), item(0))]
    found = difference(ours, [], theirs(item(0), item(0)))
    assert counts(found) == (1, 0, 1, 0, 0)


def test_a_deleted_annotation_stays_deleted_once_for_each_deletion() -> None:
    removed = [fingerprint(item(0))]
    assert counts(difference([], removed, theirs(item(0), item(0)))) == (0, 1, 1, 0, 0)


def test_another_class_is_a_change_of_the_same_annotation() -> None:
    ours = [mine(1, item(0), item(0))]
    assert counts(difference(ours, [], theirs(item(0, class_name="nucleus")))) == (0, 0, 0, 1, 0)


@given(st.floats(-5, 5).filter(lambda nudge: str(nudge) != "-0.0"), st.booleans())
def test_fingerprints_differ_where_items_do(nudge: float, is_crowd: bool) -> None:
    one = item(0)
    other = Item("cell", Box(nudge, 0, 10 + nudge, 10), is_crowd=is_crowd)
    assert (fingerprint(one) == fingerprint(other)) == (nudge == 0 and not is_crowd)
