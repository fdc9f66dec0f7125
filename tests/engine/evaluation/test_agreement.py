"""Agreement between two annotators, compared with a naive count, and with numbers from a textbook."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.agreement import Marked, agreement
from engine.geometry.overlap import iou
from engine.geometry.shapes import Box

PLACES = st.integers(0, 5)
NAMES = st.sampled_from(["cat", "dog", "eel"])
MARKS = st.dictionaries(PLACES, st.tuples(NAMES, st.integers(0, 3)), max_size=5)
"""Marks by places so far apart that they never overlap: class and how far it is moved."""


def marked(marks: dict[int, tuple[str, int]]) -> list[Marked]:
    return [Marked(name, Box(100 * at + by, 0, 100 * at + by + 20, 20)) for at, (name, by) in marks.items()]


def naive_kappa(a: Sequence[object], b: Sequence[object]) -> float | None:
    n = len(a)
    if n == 0:
        return None
    observed = sum(x == y for x, y in zip(a, b, strict=True)) / n
    chance = sum((a.count(value) / n) * (b.count(value) / n) for value in set(a) | set(b))
    return None if abs(chance - 1) < 1e-12 else (observed - chance) / (1 - chance)


@given(images=st.lists(st.tuples(MARKS, MARKS), max_size=4))
def test_against_a_naive_count(images: list[tuple[dict[int, tuple[str, int]], dict[int, tuple[str, int]]]]) -> None:
    found = agreement((marked(a), marked(b)) for a, b in images)
    places = [(n, at) for n, (a, b) in enumerate(images) for at in sorted(a.keys() | b.keys())]
    a = [images[n][0].get(at, (None, 0)) for n, at in places]
    b = [images[n][1].get(at, (None, 0)) for n, at in places]
    names_a, names_b = [name for name, _ in a], [name for name, _ in b]
    both = [(x, y) for x, y in zip(a, b, strict=True) if x[0] and y[0]]
    ious = [iou(Box(x[1], 0, x[1] + 20, 20), Box(y[1], 0, y[1] + 20, 20)) for x, y in both]
    assert found.images == len(images)
    assert (found.paired, found.same_class) == (len(both), sum(x[0] == y[0] for x, y in both))
    assert (found.only_a, found.only_b) == (names_b.count(None), names_a.count(None))
    assert found.kappa == pytest.approx(naive_kappa(names_a, names_b))
    assert found.mean_iou == pytest.approx(sum(ious) / len(ious) if ious else None)
    assert [one.class_name for one in found.classes] == sorted({name for name in names_a + names_b if name})
    for one in found.classes:
        is_a, is_b = [name == one.class_name for name in names_a], [name == one.class_name for name in names_b]
        assert one.kappa == pytest.approx(naive_kappa(is_a, is_b))
        assert one.both == sum(x and y for x, y in zip(is_a, is_b, strict=True))
        assert one.only_a == sum(is_a) - one.both
        assert one.only_b == sum(is_b) - one.both
        own = [value for value, (x, y) in zip(ious, both, strict=True) if x[0] == y[0] == one.class_name]
        assert one.mean_iou == pytest.approx(sum(own) / len(own) if own else None)


def test_a_textbook_table() -> None:
    """Cohen's 2 x 2 table of 20, 5, 10 and 15: observed 0.7, by chance 0.5, kappa 0.4."""
    pairs = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    images = [([Marked(a, Box(0, 0, 9, 9))], [Marked(b, Box(0, 0, 9, 9))]) for a, b in pairs]
    found = agreement(images)
    assert found.kappa == pytest.approx(0.4)
    assert [one.kappa for one in found.classes] == [pytest.approx(0.4)] * 2
    assert found.mean_iou == 1


def test_full_agreement_about_two_classes_is_one_and_about_one_undefined() -> None:
    same = [Marked("cat", Box(0, 0, 9, 9)), Marked("dog", Box(20, 0, 29, 9))]
    assert agreement([(same, same)]).kappa == 1
    assert agreement([(same[:1], same[:1])]).kappa is None
    assert agreement([]).kappa is None
    assert agreement([(same, [])]).classes[0].mean_iou is None


def test_shapes_that_overlap_less_than_half_are_two_things() -> None:
    a, b = [Marked("cat", Box(0, 0, 10, 10))], [Marked("cat", Box(0, 6, 10, 16))]
    assert agreement([(a, b)]).paired == 0
    assert agreement([(a, b)], same=0.2).paired == 1


def test_the_own_class_is_paired_first() -> None:
    a = [Marked("cat", Box(0, 0, 10, 10)), Marked("dog", Box(0, 1, 10, 11))]
    b = [Marked("dog", Box(0, 0, 10, 10)), Marked("cat", Box(0, 1, 10, 11))]
    assert agreement([(a, b)]).same_class == 2
