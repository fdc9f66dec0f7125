"""What-if: at the network's own settings its own detections, at others what making all cuts again by hand gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.tracing.rules import LeastScore, Most, Nms, Rules, TopK
from engine.tracing.selecting import select
from engine.tracing.stages import Scores, Selection
from engine.tracing.trace import Trace
from engine.tracing.whatif import Found, Settings, Trial, own, what_if
from tests.engine.tracing.traces import Made, one_stage, two_stages

TRACES = [two_stages(), two_stages(Made(3, 5, has_masks=True)), one_stage(), one_stage(Made(2, 80))]


def with_rule(settings: Settings, name: str, rule: LeastScore | Nms | TopK | Most) -> Settings:
    """The settings with another rule of this kind in one selection."""
    rules: Rules = tuple(rule if type(each) is type(rule) else each for each in settings.rules[name])
    return replace(settings, rules={**settings.rules, name: rules})


def _last(trace: Trace) -> Selection:
    return trace.all(Selection)[-1]


@pytest.mark.parametrize("trace", TRACES)
def test_at_its_own_settings_it_is_what_the_network_found(trace: Trace) -> None:
    found, kept = what_if(trace, own(trace)).found, _last(trace)
    assert np.array_equal(found.boxes_model, kept.kept_boxes)
    assert np.array_equal(found.scores, kept.kept_scores)
    assert np.array_equal(found.class_indices, kept.kept_classes)
    assert np.array_equal(found.boxes_image, kept.kept_boxes * np.float32(2))


@pytest.mark.parametrize("trace", TRACES)
def test_the_cuts_made_again_give_the_same_without_the_networks_own_result(trace: Trace) -> None:
    """A setting that changes nothing is answered by the rules alone."""
    other = with_rule(own(trace), "detections", Most(19))
    found = what_if(trace, other).found
    assert np.array_equal(found.rows, _last(trace).kept_rows[:19])
    assert np.array_equal(found.scores, _last(trace).kept_scores[:19])


def test_other_thresholds_are_those_cuts_on_the_regions_of_the_proposals() -> None:
    trace = two_stages()
    rules = (LeastScore(0.2), Nms(0.3, "class", first_group=1), Most(9))
    outcome = what_if(trace, Settings({**own(trace).rules, "detections": rules}))
    regions = trace.named("regions")
    assert isinstance(regions, Scores)
    expected = select(regions, rules)
    assert outcome.found.rows.tolist() == expected.rows[expected.kept].tolist()
    assert outcome.n_unasked == 0


def test_fewer_proposals_leave_only_what_came_of_them() -> None:
    trace = two_stages()
    outcome = what_if(trace, with_rule(own(trace), "proposals", Most(10)))
    regions, proposals = trace.named("regions"), trace.all(Selection)[0]
    assert isinstance(regions, Scores)
    assert set(regions.parent[outcome.found.rows]) <= set(proposals.kept_rows[:10].tolist())
    assert len(outcome.selections["proposals"].kept) == 10


def test_proposals_that_nobody_asked_about_are_counted_and_named() -> None:
    trace = two_stages()
    outcome = what_if(trace, with_rule(own(trace), "proposals", Most(90)))
    kept = outcome.selections["proposals"].kept
    assert len(kept) > 60
    assert outcome.n_unasked == len(kept) - 60
    assert np.array_equal(outcome.unasked.parent, outcome.selections["proposals"].rows[kept[60:]])
    objectness = trace.named("objectness")
    assert isinstance(objectness, Scores)
    assert np.array_equal(outcome.unasked.boxes_model, objectness.boxes[outcome.unasked.parent])


def _equal(one: Found, other: Found) -> bool:
    columns = ("boxes_model", "boxes_image", "scores", "class_indices", "rows")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in columns)


@pytest.mark.parametrize("trace", TRACES)
def test_settings_tried_in_a_row_are_answered_as_if_each_came_first(trace: Trace) -> None:
    trial, settings = Trial(trace), own(trace)
    tried = [
        settings,
        with_rule(settings, "detections", LeastScore(0.3)),
        with_rule(settings, "detections", LeastScore(0.02)),
        replace(settings, anchor_scale=1.5),
        with_rule(settings, "detections", Nms(0.2, "class", "linear", least_score=0.05)),
        with_rule(settings, "proposals", Nms(0.5, "level")) if trace.has_proposals else settings,
        replace(settings, anchor_scale=0.5),
        settings,
    ]
    for each in tried:
        assert _equal(trial.outcome(each).found, what_if(trace, each).found)


def test_scaled_anchors_scale_the_boxes_of_one_stage_about_their_cells() -> None:
    trace = one_stage()
    settings = with_rule(own(trace), "detections", Nms(1.0, "class"))
    plain, half = what_if(trace, settings), what_if(trace, replace(settings, anchor_scale=0.5))
    assert half.found.rows.tolist() == plain.found.rows.tolist()
    sides = [each.found.boxes_model[:, 2:] - each.found.boxes_model[:, :2] for each in (plain, half)]
    boxes = plain.found.boxes_model
    is_inside = (boxes[:, :2] > 0).all(axis=1) & (boxes[:, 2] < 120) & (boxes[:, 3] < 90)
    assert is_inside.any()
    assert sides[1][is_inside] == pytest.approx(sides[0][is_inside] / 2, abs=1e-3)


def test_a_trace_of_scaled_anchors_is_scaled_from_there() -> None:
    """Its own settings say so, and others are measured by the anchors as they were built."""
    trace = one_stage()
    scaled = replace(trace, origin=replace(trace.origin, anchor_scale=2.0))
    assert own(scaled).anchor_scale == 2.0
    assert np.array_equal(what_if(scaled, own(scaled)).found.boxes_model, _last(trace).kept_boxes)
    half = what_if(scaled, replace(own(scaled), anchor_scale=1.0)).found
    assert _equal(half, what_if(trace, replace(own(trace), anchor_scale=0.5)).found)


def test_scaled_anchors_of_two_stages_ask_the_heads_first() -> None:
    trace = two_stages()
    settings = replace(own(trace), anchor_scale=1.2)
    outcome = what_if(trace, settings)
    assert len(outcome.found) == 0
    assert outcome.n_unasked == len(outcome.selections["proposals"].kept) > 10
    regions, n = trace.named("regions"), 12
    assert isinstance(regions, Scores)
    parts = {name: getattr(regions, name)[:n] for name in ("logits", "scores", "terms", "boxes", "level")}
    answered = what_if(trace, settings, replace(regions, parent=outcome.unasked.parent[:n], **parts))
    assert answered.n_unasked == outcome.n_unasked - n
    assert len(answered.found) > 0
    assert answered.found.rows.max() < n
