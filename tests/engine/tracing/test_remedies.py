"""Remedies: of any rules, whatever a cut dropped passes it with the remedy; and anchors that would fit do fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry import boxes
from engine.tracing.remedies import Table, anchor_fit, setting_name, undone, value_of
from engine.tracing.rules import Cut, LeastScore, LeastSide, Most, Nms, Rules, TopK
from engine.tracing.selecting import KEPT, Selected, select
from engine.tracing.stages import Anchors, Selection
from engine.tracing.standings import Standing, standing
from engine.tracing.trace import Trace
from tests.engine.tracing.traces import Made, one_stage, two_stages

TRACES = {"proposals": two_stages(), "detections": one_stage(Made(1, 3))}
RULES: dict[str, Rules] = {
    "score": (LeastScore(0.3),),
    "score of a class": (LeastScore(0.1, by_class={0: 0.4, 1: 0.2}),),
    "score, inclusive": (LeastScore(0.3, is_inclusive=True),),
    "side": (LeastSide(20.0),),
    "top-k": (TopK(7, "level"),),
    "top-k of all": (LeastScore(0.01), TopK(7, "all")),
    "nms": (LeastScore(0.05), Nms(0.2, "class"), Most(50)),
    "nms of a class": (LeastScore(0.05), Nms(0.6, "class", by_class={0: 0.1}), Most(50)),
    "nms of levels": (TopK(60, "level"), Nms(0.1, "level")),
    "linear": (LeastScore(0.05), Nms(0.3, "class", "linear", least_score=0.05)),
    "gaussian": (LeastScore(0.05), Nms(0.3, "class", "gaussian", least_score=0.1)),
    "most": (LeastScore(0.05), Nms(0.5, "class"), Most(3)),
}


def table_of(trace: Trace, rules: Rules) -> Table:
    own = trace.all(Selection)[0]
    scores = trace.scores_of(own)
    return Table(replace(own, rules=rules), scores, select(scores, rules, None, own))


def again(table: Table, at: int, rule: Cut) -> Selected:
    rules = (*table.selected.rules[:at], rule, *table.selected.rules[at + 1 :])
    return select(table.scores, rules, None, table.own)


def dropped(selected: Selected) -> list[int]:
    """Some that each cut dropped."""
    parts = [np.flatnonzero(selected.cut == at) for at in range(len(selected.rules))]
    return [int(each) for part in parts for each in part[:: max(len(part) // 10, 1)]]


@pytest.mark.parametrize("name", [name for name in RULES if "score" not in name])  # those below are not listed
@pytest.mark.parametrize("kind", TRACES)
def test_with_the_remedy_what_was_dropped_passes(kind: str, name: str) -> None:
    table = table_of(TRACES[kind], RULES[name])
    assert len(dropped(table.selected)) > 3
    for candidate in dropped(table.selected):
        row, class_index = int(table.selected.rows[candidate]), int(table.selected.classes[candidate])
        at = int(table.selected.cut[candidate])
        rule = undone(table, row, class_index, standing(table.scores, table.selected, candidate, at))
        assert rule is not None and type(rule) is type(RULES[name][at])
        found = again(table, at, rule)
        cut = found.cut[found.keys[row, class_index]]
        assert cut == KEPT or cut > at
        if isinstance(rule, TopK | Most):
            less = again(table, at, replace(rule, n=rule.n - 1))
            assert less.cut[less.keys[row, class_index]] == at
        if isinstance(rule, Nms) and rule.method == "greedy":
            assert value_of(rule, class_index) > value_of(RULES[name][at], class_index)


@pytest.mark.parametrize("name", ["score", "score of a class", "score, inclusive"])
def test_below_a_threshold_the_remedy_lists_it(name: str) -> None:
    trace = TRACES["detections"]
    table, rule = table_of(trace, RULES[name]), RULES[name][0]
    for row in range(0, len(table.scores.scores), 37):
        for class_index in range(3):
            score = float(table.scores.scores[row, class_index])
            if (row, class_index) in table.selected.keys:
                continue
            changed = undone(table, row, class_index, Standing(0, rule, False, 0, 0, score, score, 9.0))
            assert changed is not None
            assert (row, class_index) in again(table, 0, changed).keys
            assert value_of(changed, class_index) <= score


@given(st.floats(0, 1, width=32))
def test_a_threshold_just_below_a_score_is_passed_by_it(score: float) -> None:
    table = table_of(TRACES["detections"], RULES["score"])
    for rule in (LeastScore(0.5), LeastScore(0.5, is_inclusive=True)):
        changed = undone(table, 0, 0, Standing(0, rule, False, 0, 0, score, score, 9.0))
        if changed is None:
            assert score == 0 and not rule.is_inclusive
            continue
        assert isinstance(changed, LeastScore)
        least = np.float32(changed.value)
        assert np.float32(score) >= least if rule.is_inclusive else np.float32(score) > least


def test_a_threshold_is_told_in_two_digits() -> None:
    table = table_of(TRACES["detections"], RULES["score"])
    changed = undone(table, 0, 0, Standing(0, LeastScore(0.5), False, 0, 0, 0.04387, 0.04387, 9.0))
    assert changed is not None and value_of(changed, 0) == 0.043


def test_every_cut_has_a_name_on_either_side() -> None:
    cuts: tuple[Cut, ...] = (LeastScore(0.1), LeastSide(1.0), TopK(1, "all"), Nms(0.5, "all"), Most(1))
    names = {setting_name(cut, is_of_proposals=early) for cut in cuts for early in (True, False)}
    assert len(names) == 10


@settings(max_examples=15)
@given(st.integers(0, 500), st.floats(3, 60), st.floats(3, 60))
def test_the_anchor_that_fits_best_is_what_a_loop_finds(at: int, width: float, height: float) -> None:
    anchors = TRACES["proposals"].first(Anchors)
    x, y = anchors.boxes[at % len(anchors.boxes), :2]
    box = np.array([x, y, x + width, y + height], dtype=np.float32)
    fit = anchor_fit(anchors, box, 0.5)
    ious = [float(boxes.iou_one(box, each[None].astype(np.float64))[0]) for each in anchors.boxes]
    assert fit.iou == max(ious) and ious[fit.anchor] == fit.iou
    assert fit.n_near == sum(each >= 0.5 for each in ious)
    sides = box[2:] - box[:2]
    shaped = []
    for each in anchors.boxes:
        centre = (each[:2] + each[2:]) / 2
        own = np.concatenate([centre - sides / 2, centre + sides / 2]).astype(np.float64)
        shaped.append(float(boxes.iou_one(box, own[None])[0]))
    assert fit.best_iou == pytest.approx(max(shaped), abs=1e-4)
    assert fit.side**2 == pytest.approx(float(sides.prod()), rel=1e-4)
