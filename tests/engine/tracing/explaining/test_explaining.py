"""What is said of stages: every printed sum comes out, and the numbers are those of the trace."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tracing.explaining import Example, Explanation, example_at, example_of, explained
from engine.tracing.explaining.boxes import Sides
from engine.tracing.explaining.example import example_of_anchor, example_of_row
from engine.tracing.explaining.wording import counted, listed, number, plain_number
from engine.tracing.rules import Nms, Rules
from engine.tracing.selecting import select
from engine.tracing.stages import Anchors, KeypointMaps, Pooling, Scores, Selection
from engine.tracing.trace import Trace
from tests.engine.tracing import traces
from tests.engine.tracing.explaining.arithmetic import holds, sides, value

MASKED = traces.two_stages(traces.Made(has_masks=True))


def yolo() -> Trace:
    """A synthetic one-stage trace whose rows are cells."""
    trace = traces.one_stage(traces.Made(seed=5, n_classes=3))
    anchors, scores = trace.first(Anchors), trace.first(Scores)
    stride = np.asarray(anchors.strides, np.float32)[anchors.level][:, None]
    middles = (anchors.cell + 0.5).astype(np.float32) * stride
    squares = np.concatenate([middles - stride / 2, middles + stride / 2], axis=1)
    rng = np.random.default_rng(1)
    objectness = rng.normal(0, 2, len(squares)).astype(np.float32)
    certain = 1 / (1 + np.exp(-objectness[:, None])) / (1 + np.exp(-scores.logits))
    centres = (anchors.cell + scores.terms[:, :2]) * stride
    halves = stride * np.exp(scores.terms[:, 2:]) / 2
    boxes = np.concatenate([centres - halves, centres + halves], axis=1).astype(np.float32)
    ours = replace(
        scores,
        activation="product",
        coding="cell",
        objectness=objectness,
        scores=certain.astype(np.float32),
        boxes=boxes,
    )
    changed = {"anchors": replace(anchors, boxes=squares, called="cells"), "scores": ours}
    return Trace(trace.origin, tuple(changed.get(each.name, each) for each in trace.stages))


def ssd() -> Trace:
    """A synthetic one-stage trace with a background class."""
    trace = traces.one_stage(traces.Made(seed=3))
    scores = trace.first(Scores)
    logits = np.concatenate([np.full((len(scores.logits), 1), 2.0, np.float32), scores.logits], axis=1)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    ours = replace(scores, logits=logits, scores=shares[:, 1:], activation="softmax", weights=(10.0, 10.0, 5.0, 5.0))
    called = replace(trace.first(Anchors), called="default boxes")
    changed = {"anchors": called, "scores": ours}
    return Trace(trace.origin, tuple(changed.get(each.name, each) for each in trace.stages))


ALL = {"two": MASKED, "one": traces.one_stage(), "yolo": yolo(), "ssd": ssd()}


def formula(found: Explanation, name: str) -> tuple[float, float]:
    """Both sides of the formula of this name."""
    return sides(next(each for each in found.formulas if each.name.startswith(name)))


@pytest.mark.parametrize(("of", "name"), [(of, stage.name) for of, trace in ALL.items() for stage in trace.stages])
def test_every_sum_comes_out(of: str, name: str) -> None:
    trace = ALL[of]
    for detection in range(3):
        found = explained(trace, name, example_of(trace, detection))
        assert found.title
        assert 3 <= found.text.count(". ") + 1 <= 9, "a short text"
        assert "  " not in found.text
        assert found.formulas
        wrong = [each for each in found.formulas if each.numbers and not holds(each)]
        assert not wrong


@settings(max_examples=60)
@given(st.integers(0, len(MASKED.first(Anchors).boxes) - 1), st.sampled_from(["anchors", "objectness", "proposals"]))
def test_of_any_anchor(anchor: int, name: str) -> None:
    example = example_of_anchor(MASKED, anchor)
    assert example.anchor == anchor
    assert all(holds(each) for each in explained(MASKED, name, example).formulas if each.numbers)


def test_the_numbers_are_those_of_the_detection() -> None:
    found, regions = MASKED.all(Selection)[-1], MASKED.all(Scores)[1]
    for place in range(len(found.kept_rows)):
        example = example_of(MASKED, place)
        row, class_index = found.kept_rows[place], found.kept_classes[place]
        assert (example.region, example.class_index, example.detection) == (row, class_index, place)
        told = explained(MASKED, "regions", example)
        assert formula(told, "Probability")[1] == pytest.approx(found.kept_scores[place], rel=1e-3)
        box = Sides.of(found.kept_boxes[place])
        height, width = MASKED.input.picture.shape[:2]
        corners = found.kept_boxes[place]
        if corners[0] > 0 and corners[2] < width:
            assert formula(told, "Middle, across")[1] == pytest.approx(box.x, rel=1e-3)
            assert formula(told, "Width")[1] == pytest.approx(box.w, rel=1e-3)
        if corners[1] > 0 and corners[3] < height:
            assert formula(told, "Height")[1] == pytest.approx(box.h, rel=1e-3)
        assert regions.parent[row] == example.anchor


def test_outputs_are_counted() -> None:
    n = len(MASKED.first(Anchors).boxes)
    assert formula(explained(MASKED, "anchors"), "In all") == (n, n)
    objectness = explained(MASKED, "objectness")
    assert formula(objectness, "Outputs") == (n, n)
    assert "6 and 12 here" in objectness.text
    assert f"{4 * n:,} offsets" in objectness.text
    assert "1 size times 3 ratios" in explained(MASKED, "anchors").text
    grids = ALL["yolo"].first(Anchors).grids
    told = explained(ALL["yolo"], "scores")
    assert formula(told, "Outputs")[0] == sum(a * b * c * (5 + 3) for a, b, c in grids)
    assert "12 × 16 × 3 × 8 and 6 × 8 × 3 × 8" in told.text


def test_cuts_are_counted_and_the_loser_is_shown() -> None:
    stage = MASKED.all(Selection)[0]
    found = explained(MASKED, "proposals")
    assert formula(found, "What is left") == (len(stage.kept_rows), len(stage.kept_rows))
    done = select(MASKED.scores_of(stage), stage.rules)
    loser = int(np.flatnonzero(done.suppressor >= 0)[0])
    told = explained(MASKED, "proposals", example_of_anchor(MASKED, int(done.rows[loser])), done)
    assert f"candidate {loser:,} " in told.of
    assert formula(told, "How far")[1] == pytest.approx(done.iou[loser], rel=1e-3)


@pytest.mark.parametrize("method", ["linear", "gaussian"])
def test_soft_suppression_says_its_factor(method: str) -> None:
    stage = MASKED.all(Selection)[-1]
    rules: Rules = tuple(
        replace(rule, method=method, iou=0.1) if isinstance(rule, Nms) else rule for rule in stage.rules
    )
    done = select(MASKED.scores_of(stage), rules)
    told = explained(MASKED, "detections", selected=done)
    assert "Soft-NMS" in told.text
    assert all(holds(each) for each in told.formulas if each.numbers)
    assert any(each.name == "Factor of its score" for each in told.formulas)


def test_the_level_of_a_region_is_the_formulas() -> None:
    pooling = replace(MASKED.first(Pooling), canonical_side=224.0, canonical_level=4)
    trace = Trace(MASKED.origin, tuple(pooling if each.name == "pooling" else each for each in MASKED.stages))
    for row in range(0, len(pooling.boxes), 7):
        told = explained(trace, "pooling", Example(region=row))
        left, right = formula(told, "Level")
        assert left == right


def test_masks_say_the_share_of_the_box() -> None:
    told = explained(MASKED, "masks", example_of(MASKED, 1))
    logits = MASKED.named("masks").logits[1]  # type: ignore[attr-defined]
    assert formula(told, "Share")[1] == pytest.approx((logits >= 0).mean(), rel=1e-3)


def test_keypoints_say_where_the_first_point_is() -> None:
    rng = np.random.default_rng(2)
    boxes = MASKED.all(Selection)[-1].kept_boxes
    logits = rng.normal(0, 2, (len(boxes), 5, 56, 56)).astype(np.float32)
    maps = KeypointMaps(name="keypoints", logits=logits, boxes=boxes, points=np.zeros((len(boxes), 5, 3), np.float32))
    trace = Trace(MASKED.origin, (*MASKED.stages, maps))
    told = explained(trace, "keypoints")
    assert all(holds(each) for each in told.formulas if each.numbers)
    column = int(logits[0, 0].argmax()) % 56
    expected = boxes[0, 0] + (column + 0.5) / 56 * (boxes[0, 2] - boxes[0, 0])
    assert formula(told, "Where")[1] == pytest.approx(expected, rel=1e-3)


def test_where_nothing_is_found_the_rule_is_said_alone() -> None:
    nothing = np.zeros(0, np.int64)
    none = replace(
        MASKED.all(Selection)[-1], kept_rows=nothing, kept_classes=nothing, kept_boxes=np.zeros((0, 4), np.float32),
        kept_scores=np.zeros(0, np.float32),
    )  # fmt: skip
    trace = Trace(MASKED.origin, tuple(none if each.name == "detections" else each for each in MASKED.stages))
    assert example_of(trace).detection is None
    assert example_of(trace).region is not None, "the most certain guess"
    masks = explained(trace, "masks", Example())
    assert not any(each.numbers for each in masks.formulas)
    for name in ("anchors", "objectness", "regions", "pooling"):
        assert explained(trace, name, Example()).formulas


def test_rows_of_scores_lead_to_what_they_became() -> None:
    found, regions = MASKED.all(Selection)[-1], MASKED.all(Scores)[1]
    row, class_index = int(found.kept_rows[2]), int(found.kept_classes[2])
    assert example_of_row(MASKED, regions, row, class_index) == example_of(MASKED, 2)
    objectness = MASKED.all(Scores)[0]
    assert example_of_row(MASKED, objectness, 5).anchor == 5


def test_picked_rows_of_every_stage_lead_there() -> None:
    found = MASKED.all(Selection)[-1]
    row, class_index = int(found.kept_rows[1]), int(found.kept_classes[1])
    wanted = example_of(MASKED, 1)
    assert wanted.anchor is not None
    assert example_at(MASKED, "regions", row, class_index) == wanted
    assert example_at(MASKED, "detections", row, class_index) == wanted
    assert example_at(MASKED, "masks", 1) == wanted
    assert example_at(MASKED, "pooling", row).region == row
    for name in ("anchors", "objectness", "proposals"):
        assert example_at(MASKED, name, wanted.anchor).anchor == wanted.anchor
    assert example_at(MASKED, "input", 0) == example_of(MASKED)


def test_no_stage_of_that_name() -> None:
    with pytest.raises(KeyError):
        explained(MASKED, "nowhere")


def test_how_numbers_are_written() -> None:
    assert [number(each) for each in (0, 3.0, -2.5, 1234567, 1410.3, 0.123456, 12.3456, 1e-7, -4e-5)] == [
        "0", "3", "−2.5", "1,234,567", "1,410", "0.1235", "12.35", "1.00 × 10^{−7}", "−4.00 × 10^{−5}",
    ]  # fmt: skip
    assert number(float("inf")) == "∞"
    assert (plain_number(1e-7), plain_number(0.25)) == ("1.0e−07", "0.25")
    assert value("1.00 × 10^{−7}") == pytest.approx(1e-7)
    assert (listed(["a", "b", "c"]), listed(["a"]), listed([])) == ("a, b and c", "a", "")
    assert (counted(1, "box", "boxes"), counted(2000, "box", "boxes")) == ("1 box", "2,000 boxes")
