"""What comes of undoing a cut: the object is found, or the next cut that takes it is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given

from engine.tracing.autopsy import autopsy
from engine.tracing.outlook import Prospects, in_words
from engine.tracing.paths import own_selections
from engine.tracing.rules import Most, Rules, TopK
from engine.tracing.selecting import is_own
from engine.tracing.stages import Scores, Selection
from engine.tracing.trace import Trace
from engine.tracing.verdicts import LOSSES, Asked, Others, Wanted
from tests.engine.tracing.test_autopsy import best_box, wanted_in
from tests.engine.tracing.traces import Made, one_stage, two_stages

ASKED = Asked()


def test_without_a_remedy_everything_is_the_networks_own() -> None:
    trace = two_stages()
    found = Prospects(trace).selections()
    assert all(is_own(found[own.name], own) for own in trace.all(Selection))


@given(wanted_in())
def test_the_outlook_is_what_the_next_autopsy_says(asked: tuple[Trace, Wanted]) -> None:
    trace, wanted = asked
    verdict = autopsy(trace, wanted, own_selections(trace), ASKED)
    prospects = Prospects(trace)
    outlook = prospects.outlook(wanted, verdict, ASKED)
    if outlook is None:
        assert verdict.loss in ("mask", "refinement", "guesses", "anchors", "other_class", "taken") or (
            verdict.stage == "proposals"  # whose regions this trace has not
        )
    elif outlook == "found":
        key = (verdict.row, wanted.class_index)
        after = prospects.selections(verdict.remedies[0])["detections"]
        assert verdict.stage != "detections" or after.keys[key] in after.kept
    else:
        assert outlook in LOSSES
        assert in_words(outlook).startswith("Then it would be lost again: ")


def test_what_two_cuts_would_take_comes_back_when_both_are_undone() -> None:
    trace = one_stage()
    stage = trace.all(Selection)[-1]
    rules = (stage.rules[0], TopK(0, "level"), *stage.rules[2:3], Most(0))
    strict = with_rules(trace, rules)
    wanted = Wanted(best_box(trace), 0)
    verdict = autopsy(strict, wanted, own_selections(strict))
    assert verdict.loss == "top_k"
    assert Prospects(strict).outlook(wanted, verdict, ASKED) == "most"
    later = with_rules(trace, (*rules[:1], TopK(100, "level"), *rules[2:]))
    verdict = autopsy(later, wanted, own_selections(later))
    assert verdict.loss == "most"
    assert Prospects(later).outlook(wanted, verdict, ASKED) == "found"


def with_rules(trace: Trace, rules: Rules) -> Trace:
    """As of a network with other rules, and what these keep."""
    *stages, last = trace.stages
    assert isinstance(last, Selection)
    strict = replace(last, rules=rules)
    found = own_selections(replace(trace, stages=(*stages, strict)))["detections"]
    kept = found.kept
    own = replace(
        strict, kept_rows=found.rows[kept], kept_classes=found.classes[kept],
        kept_boxes=found.boxes[kept], kept_scores=found.scores[kept],
    )  # fmt: skip
    return replace(trace, stages=(*stages, own))


def test_regions_that_nobody_asked_about_leave_it_open_and_asked_ones_tell() -> None:
    trace = two_stages(Made(5))
    objectness, regions = trace.named("objectness"), trace.named("regions")
    assert isinstance(objectness, Scores) and isinstance(regions, Scores)
    lost = np.setdiff1d(np.arange(len(objectness.boxes)), regions.parent)
    open_, known = 0, set()
    for row in lost[::7].tolist():
        wanted = Wanted(objectness.boxes[row], 0)
        verdict = autopsy(trace, wanted, own_selections(trace))
        if verdict.loss != "proposals_most":
            continue
        assert Prospects(trace).outlook(wanted, verdict, ASKED) is None
        open_ += 1
        wider = asked_more(trace, lost)
        assert autopsy(wider, wanted, own_selections(wider)).loss == "proposals_most"
        known.add(Prospects(wider).outlook(wanted, verdict, ASKED))
    assert open_ > 0 and None not in known


def asked_more(trace: Trace, parents: np.ndarray) -> Trace:
    """With made-up regions of other proposals, all of them of class 0."""
    regions, objectness = trace.named("regions"), trace.named("objectness")
    assert isinstance(regions, Scores) and isinstance(objectness, Scores)
    n = len(parents)
    scores = np.tile(np.array([0.9, 0.05], np.float32), (n, 1))
    boxes = np.repeat(objectness.boxes[parents][:, None], 2, axis=1)
    more = replace(
        regions, parent=np.concatenate([regions.parent, parents]),
        logits=np.concatenate([regions.logits, np.zeros((n, 3), np.float32)]),
        scores=np.concatenate([regions.scores, scores]), terms=np.concatenate([regions.terms, np.zeros_like(boxes)]),
        boxes=np.concatenate([regions.boxes, boxes]), level=objectness.level[np.concatenate([regions.parent, parents])],
        is_asked=np.arange(len(regions.parent) + n) < len(regions.parent),
    )  # fmt: skip
    return replace(trace, stages=tuple(more if each is regions else each for each in trace.stages))


def test_a_detection_of_a_poor_mask_is_not_taken_for_found() -> None:
    trace = one_stage()
    own, box = trace.all(Selection)[-1], best_box(trace)
    at = int(np.flatnonzero((own.kept_boxes == box).all(axis=1))[0])
    key = (int(own.kept_rows[at]), int(own.kept_classes[at]))
    wanted = Wanted(box, key[1], shape_ious={key: 0.3}, others=Others())
    verdict = autopsy(trace, wanted, own_selections(trace), Asked(0.9))
    assert verdict.loss == "mask" and "0.3" in verdict.words
    assert Prospects(trace).outlook(wanted, verdict, Asked(0.9)) is None
