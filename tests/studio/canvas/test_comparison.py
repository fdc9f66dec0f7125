"""Live IoU against the nearest shape of a layer: its word, what it counts at, and a layer in step with the image."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry.overlap import Overlap, OverlapIndex, boundary_distance, giou, iou, last
from engine.geometry.shapes import Box, Keypoints, Polygon, Shape
from engine.geometry.shaping import moved
from engine.project.records import Annotation, Detection
from studio.canvas.comparison import THRESHOLDS, Comparison, Layer, Moved, Together, Told
from studio.reference import Reference

A, B = Box(0, 0, 10, 10), Box(100, 100, 120, 110)


def annotated(shapes: Mapping[int, Shape], author_id: int | None = None) -> dict[int, Annotation]:
    return {id_: Annotation(id_, 1, 1, shape, author_id=author_id) for id_, shape in shapes.items()}


def layer(sources: dict[int, Annotation] | dict[int, Detection], reference: Reference, mine: int = 1) -> Layer:
    made = Layer()
    made.take(sources, reference.holds(mine), reference)
    return made


NEIGHBOURS = Reference("neighbours")


@pytest.mark.parametrize(
    ("iou", "word", "counts"),
    [(0.49, "poor", (False, False)), (0.5, "fair", (True, False)), (0.7, "good", (True, False)),
     (0.75, "good", (True, True)), (0.9, "excellent", (True, True))],
)  # fmt: skip
def test_words_and_counts(iou, word, counts):
    comparison = Comparison(Overlap(4, iou, -0.25, 1.25), A)
    assert comparison.word == word
    assert tuple(counted for _, counted in comparison.counts) == counts
    assert word in comparison.text and f"{iou:.2f}" in comparison.text
    assert comparison.finer == "GIoU −0.25   border 1.2 px"


def test_the_nearest_is_compared_with():
    found = last(layer(annotated({4: A, 9: B}), NEIGHBOURS).compared(Box(0, 0, 10, 8), partner="neighbour"))
    assert found == Comparison(Overlap(4, 0.8, 0.8, 2.0), A, "neighbour")
    assert found.text == "IoU 0.80 good; counts at 0.5, counts at 0.75"


def test_giou_and_border_are_those_of_the_engine():
    triangle = Polygon.of([(0, 0), (12, 0), (0, 12)])
    found = last(layer(annotated({4: A}), NEIGHBOURS).compared(triangle))
    assert found is not None
    assert found.overlap.giou == giou(triangle, A)
    assert found.overlap.boundary_distance == boundary_distance(triangle, A)


def test_nothing_to_compare():
    one = layer(annotated({4: A}), NEIGHBOURS)
    assert last(one.compared(Box(50, 50, 60, 60))) is None
    assert last(one.compared(Box(5, 5, 5, 9))) is None
    assert last(one.compared(Keypoints.of([(5, 5, 2)]))) is None
    assert last(one.compared(A, without={4})) is None
    assert last(layer({}, NEIGHBOURS).compared(A)) is None


def test_layers_are_told_apart():
    mixed = annotated({1: A}, author_id=1) | annotated({2: Box(0, 0, 10, 9)}, author_id=2)
    mixed |= annotated({3: Box(0, 0, 10, 8)}, author_id=3)
    ids = {
        kind: last(layer(mixed, Reference(kind, 3)).compared(A)).overlap.id
        for kind in ("neighbours", "others", "author")
    }
    assert ids == {"neighbours": 1, "others": 2, "author": 3}
    detected = {7: Detection(7, 1, 1, 0.9, A)}
    assert last(layer(detected, Reference()).compared(A)).overlap.id == 7


SHAPES = st.dictionaries(
    st.integers(1, 9),
    st.builds(lambda x, y, w: Box(x, y, x + w, y + 8), st.integers(0, 30), st.integers(0, 30), st.integers(1, 20)),
    max_size=9,
)


@given(st.lists(SHAPES, min_size=1, max_size=5), st.sets(st.integers(1, 9)))
def test_a_layer_in_step_answers_as_a_new_one_would(states, without):
    kept = Layer()
    for shapes in states:
        kept.take(annotated(shapes), NEIGHBOURS.holds(1), NEIGHBOURS)
        left = {id_: shape for id_, shape in shapes.items() if id_ not in without}
        found = last(kept.compared(Box(5, 5, 25, 20), without))
        assert (found.overlap if found else None) == OverlapIndex(left).best(Box(5, 5, 25, 20))


@settings(max_examples=40)
@given(SHAPES, st.sampled_from([0, 1, 9, 1000]), st.tuples(st.integers(-9, 9), st.integers(-9, 9)))
def test_those_that_move_together_are_told_in_sum(shapes, n, way):
    """Against every pair; all of a layer moves over another, as often as it takes to be many."""
    moving = annotated({id_: Box(id_ % 20, id_ % 7, id_ % 20 + 10, id_ % 7 + 9) for id_ in range(100, 101 + n)})
    made, without = layer(annotated(shapes), NEIGHBOURS), frozenset({3})
    told = list(made.together(Moved(frozenset(moving), moving, way), without))
    if not shapes.keys() - without or not moving:
        assert told == [None]
        return
    others = [shape for id_, shape in shapes.items() if id_ not in without]
    expected = [max((iou(moved(one.shape, *way), other) for other in others), default=0.0) for one in moving.values()]
    assert told[-1].n == len(expected) and told[-1].n_counted == tuple(
        sum(v >= at for v in expected) for at in THRESHOLDS
    )
    assert (told[-1].mean, told[-1].least) == pytest.approx((sum(expected) / len(expected), min(expected)))
    assert all(each.mean is None and each.n == len(expected) for each in told[:-1])
    assert (len(told) > 1) == (len(expected) > 1000)


def test_what_has_no_area_is_not_told_of():
    points = annotated({5: Keypoints.of([(5, 5, 2)])})
    assert list(layer(annotated({4: A}), NEIGHBOURS).together(Moved(frozenset({5}), points, (0, 0)), ())) == [None]


def test_words_of_many():
    single, both = Comparison(Overlap(4, 0.8, 0.8, 2.0), A), Together(1200, 0.614, 0.2, (800, 3))
    assert both.text == "All 1,200: mean IoU 0.61, least 0.20; 800 count at 0.5, 3 at 0.75"
    assert Told(single, both).text == f"{single.text}.  {both.text}"
    assert Together(12).text == "All 12: when the pointer rests"
    assert not Told() and Told(None, both) and Told().text == ""


def test_references_have_words_and_come_back_from_the_settings():
    for kind in ("suggestions", "neighbours", "others", "off"):
        assert Reference.of(kind) == Reference(kind)
        assert Reference(kind).title
    assert Reference.of("run") == Reference.of("nonsense") == Reference()
    assert Reference("run", 3).title == "Run 3, all detections"
    assert Reference("author", 2, "Ada").partner == "Ada"
