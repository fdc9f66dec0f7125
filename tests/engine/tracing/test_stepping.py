"""The turns of a suppression, against what the selection itself says and against going through it naively."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tracing.rules import LeastScore, Most, Nms, Rules, Suppression
from engine.tracing.selecting import Selected, overlaps, select
from engine.tracing.stages import Floats, Scores, Selection
from engine.tracing.stepping import Steps, steps
from tests.engine.tracing.traces import two_stages


def _scores(boxes: Floats, values: Floats) -> Scores:
    """One class per column; boxes that all classes share."""
    n = len(boxes)
    return Scores(
        name="regions", of="anchors", parent=np.arange(n), logits=values, scores=values, terms=boxes, boxes=boxes,
        level=np.zeros(n, dtype=np.int64), activation="sigmoid", coding="centre_size", weights=(1, 1, 1, 1),
    )  # fmt: skip


@st.composite
def _cases(draw: st.DrawFn) -> Scores:
    """Boxes on an integer grid, so that there are ties, two classes."""
    n = draw(st.integers(1, 25))
    numbers = np.random.default_rng(draw(st.integers(0, 10_000)))
    corners = numbers.integers(0, 12, (n, 2))
    boxes = np.concatenate([corners, corners + numbers.integers(1, 10, (n, 2))], axis=1).astype(np.float32)
    return _scores(boxes, (numbers.integers(1, 20, (n, 2)) / 20).astype(np.float32))


def _turns(selected: Selected) -> Steps:
    return steps(selected)


@settings(max_examples=80, deadline=None)
@given(_cases(), st.sampled_from((0.2, 0.5, 0.7)))
def test_greedy_turns_are_a_naive_walk(scores: Scores, iou: float) -> None:
    rules: Rules = (LeastScore(0.1), Nms(iou, "class"), Most(1000))
    selected = select(scores, rules)
    found = _turns(selected)
    assert [step.current for step in found.all] == selected.kept.tolist()
    for group in (0, 1):
        waiting = [each for each in found.entering.tolist() if found.groups[each] == group]
        for n in found.of_group(group).tolist():
            step = found.all[n]
            assert sorted([*found.waiting(n).tolist(), step.current]) == sorted(waiting)
            assert all(found.selected.scores[step.current] >= found.selected.scores[other] for other in waiting)
            waiting.remove(step.current)
            over = overlaps(selected.boxes[step.current][None], selected.boxes[waiting])[0].astype(float) > iou
            assert sorted(step.hit.tolist()) == sorted(np.array(waiting, dtype=int)[over].tolist())
            waiting = [each for each in waiting if each not in step.hit]
        assert waiting == []


@settings(max_examples=80, deadline=None)
@given(_cases(), st.sampled_from(("linear", "gaussian")))
def test_soft_turns_take_the_scores_to_where_the_selection_has_them(scores: Scores, method: Suppression) -> None:
    selected = select(scores, (LeastScore(0.1), Nms(0.3, "class", method, least_score=0.05), Most(1000)))
    found = _turns(selected)
    np.testing.assert_allclose(found.scores_at(len(found)), selected.scores, atol=1e-6)
    assert sorted(step.current for step in found.all) == sorted(selected.kept.tolist())
    gone = np.concatenate([np.empty(0, int), *(step.gone for step in found.all)])
    assert sorted(gone.tolist()) == sorted(np.flatnonzero(selected.cut == 1).tolist())
    for n, step in enumerate(found.all):
        assert (step.after <= step.before).all()
        np.testing.assert_array_equal(found.scores_at(n)[step.hit], step.before)


def test_scores_stay_where_suppression_is_outright() -> None:
    trace = two_stages()
    proposals = trace.first(Selection)
    selected = select(trace.scores_of(proposals), proposals.rules)
    found = steps(selected)
    assert (found.scores_at(len(found)) == selected.first_scores).all()


def test_every_candidate_has_one_lot_at_every_step() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [30, 0, 40, 10], [2, 0, 12, 10]], dtype=np.float32)
    selected = select(_scores(boxes, np.array([[0.9], [0.8], [0.7], [0.6]], np.float32)), (Nms(0.5, "class"),))
    found = steps(selected)
    at_first = [found.lot(each, 0) for each in range(4)]
    at_last = [found.lot(each, 1) for each in range(4)]
    assert at_first == ["current", "hit", "waiting", "hit"]
    assert at_last == ["kept", "gone", "current", "gone"]
    assert [found.step_of(each) for each in range(4)] == [0, 0, 1, 0]
    assert found.all[0].hit.tolist() == [1, 3], "most overlapping first"
    assert found.ious(0, np.array([1, 2, 3])) == pytest.approx([90 / 110, 0, 80 / 120])


def test_groups_have_their_own_turns() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10]], dtype=np.float32)
    scores = replace(_scores(boxes, np.array([[0.9], [0.8]], np.float32)), level=np.array([0, 3]))
    found = steps(select(scores, (Nms(0.5, "level"),)))
    assert found.of_group(None).tolist() == [0, 1]
    assert found.of_group(3).tolist() == [1]
    assert found.waiting(0).tolist() == []


def test_rules_without_suppression_have_no_steps() -> None:
    boxes = np.array([[0, 0, 10, 10]], dtype=np.float32)
    with pytest.raises(LookupError):
        steps(select(_scores(boxes, np.ones((1, 1), np.float32)), (LeastScore(0.1),)))
