"""One image in two people's files: everything is accounted for, and what is struck out is struck out once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formats import Item
from engine.geometry.shapes import Box, Polygon
from engine.interchange.comparing import Comparison, Known, Other, compare, other_of
from engine.interchange.merging import Ours, fingerprint
from engine.project.records import Annotation

SPOTS = st.sets(st.integers(0, 8))
"""Places so far apart that boxes at different ones never overlap."""


def item(spot: int, nudge: float = 0.0, class_name: str = "cell") -> Item:
    return Item(class_name, Box(20.0 * spot + nudge, 0, 20.0 * spot + 10 + nudge, 10))


def mine(id_: int, now: Item, came_in: Item | None = None) -> Ours:
    return Ours(id_, now, fingerprint(now), None if came_in is None else fingerprint(came_in))


def theirs(*items: Item) -> list[Other]:
    return [other_of(Annotation(n, 1, 1, one.shape), one) for n, one in enumerate(items, 1)]


def counts(found: Comparison) -> dict[str, int]:
    all_of = {
        "identical": found.identical,
        "only_ours": found.only_ours,
        "only_theirs": len(found.only_theirs),
        "newer": len(found.newer),
        "kept": found.kept,
        "conflicts": len(found.conflicts),
        "known": found.known_conflicts,
    }
    return {name: n for name, n in all_of.items() if n}


@given(ours=SPOTS, others=SPOTS, moved=SPOTS, retyped=SPOTS)
def test_files_that_never_met(ours: set[int], others: set[int], moved: set[int], retyped: set[int]) -> None:
    drawn = [mine(spot, item(spot)) for spot in sorted(ours)]
    other = [item(s, 1.0 if s in moved else 0.0, "dirt" if s in retyped else "cell") for s in sorted(others)]
    found = compare(drawn, theirs(*other), Known())
    differing = ours & others & (moved | retyped)
    assert found.identical == len((ours & others) - differing)
    assert found.only_ours == len(ours - others)
    assert {int(one.item.shape.bounds[0] // 20) for one in found.only_theirs} == others - ours
    assert {one.ours.annotation_id for one in found.conflicts} == differing
    assert not found.newer
    assert all(one.iou == (9 / 11 if one.ours.annotation_id in moved else 1) for one in found.conflicts)


@given(common=SPOTS, edited=SPOTS, deleted=SPOTS, newer=SPOTS, gone=SPOTS)
def test_files_with_a_common_past(
    common: set[int], edited: set[int], deleted: set[int], newer: set[int], gone: set[int]
) -> None:
    ours = [mine(s, item(s, 2.0 if s in edited else 0.0), item(s)) for s in sorted(common - deleted)]
    removed = tuple(fingerprint(item(s)) for s in sorted(common & deleted))
    other = [item(s, 1.0 if s in newer else 0.0) for s in sorted(common - gone)]
    found = compare(ours, theirs(*other), Known(removed))
    both = common - deleted - gone
    assert found.identical == len(both - edited - newer)
    assert {one.ours.annotation_id for one in found.newer} == (both & newer) - edited
    assert {one.ours.annotation_id for one in found.conflicts} == both & newer & edited
    assert found.kept == len((both & edited) - newer) + len((common & deleted) - gone - newer)
    assert found.only_ours == len(common & gone - deleted)
    assert len(found.only_theirs) == len((common & deleted & newer) - gone)


def test_a_known_conflict_is_not_raised_again() -> None:
    ours, other = [mine(1, item(0)), mine(2, item(5))], theirs(item(0, 1.0), item(3))
    known = Known(conflicts=((1, other[0].fingerprint),))
    assert counts(compare(ours, other, known)) == {"known": 1, "only_ours": 1, "only_theirs": 1}
    changed = theirs(item(0, 2.0))
    assert counts(compare(ours[:1], changed, known)) == {"conflicts": 1}


@pytest.mark.parametrize(("alike", "name"), [(1.0, "conflicts"), (0.9, "conflicts"), (0.8, "identical")])
def test_shapes_may_be_alike_enough(alike: float, name: str) -> None:
    assert counts(compare([mine(1, item(0))], theirs(item(0, 1.0)), Known(), alike)) == {name: 1}
    retyped = theirs(item(0, 1.0, "dirt"))
    assert counts(compare([mine(1, item(0))], retyped, Known(), alike)) == {"conflicts": 1}
    marked = theirs(replace(item(0), attributes={"a": 1.0}))
    assert counts(compare([mine(1, item(0))], marked, Known(), alike)) == {"conflicts": 1}


def test_one_area_drawn_as_two_kinds_of_shape_is_the_same() -> None:
    outline = Item("cell", Polygon.of(Box(0, 0, 10, 10).corners))
    assert counts(compare([mine(1, item(0))], theirs(outline), Known())) == {"identical": 1}


def test_a_box_around_a_thing_is_not_the_thing() -> None:
    triangle = Item("cell", Polygon.of([(0, 0), (10, 0), (0, 10)]))
    assert counts(compare([mine(1, item(0))], theirs(triangle), Known())) == {"conflicts": 1}


def test_of_two_on_one_place_the_class_decides() -> None:
    ours = [mine(1, item(0)), mine(2, item(0, 0.5, "dirt"))]
    found = compare(ours, theirs(item(0, 0.25, "dirt"), item(0, 0.25)), Known())
    assert {(one.ours.item.class_name, one.theirs.item.class_name) for one in found.conflicts} == {
        ("cell", "cell"),
        ("dirt", "dirt"),
    }


def test_equal_ones_are_struck_out_one_against_one() -> None:
    assert counts(compare([mine(1, item(0))], theirs(item(0), item(0)), Known())) == {"identical": 1, "only_theirs": 1}
    both = [mine(1, item(0)), mine(2, item(0))]
    assert counts(compare(both, theirs(item(0)), Known())) == {"identical": 1, "only_ours": 1}
