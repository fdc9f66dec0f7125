"""Autopsies: every object that is not found has one loss, the right one, and its remedy undoes exactly that cut."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import boxes
from engine.tracing.autopsy import autopsy
from engine.tracing.rules import LeastScore, LeastSide, Most, Nms, Rules, TopK
from engine.tracing.selecting import KEPT, Selected, Selector
from engine.tracing.sought import taking_part
from engine.tracing.stages import Anchors, Floats, Scores, Selection
from engine.tracing.trace import Trace
from engine.tracing.verdicts import Asked, Others, Verdict, Wanted
from tests.engine.tracing.traces import Made, one_stage, two_stages

TRACES = {
    "two stages": two_stages(),
    "two stages, five classes": two_stages(Made(3, 5)),
    "one stage": one_stage(),
    "one stage, many classes": one_stage(Made(2, 20)),
}
BY_RULE = {TopK: "top_k", LeastSide: "side", LeastScore: "score", Nms: "nms", Most: "most"}


def selections(trace: Trace, changed: dict[str, Rules] | None = None) -> dict[str, Selected]:
    """What rules leave of a trace, the network's own but for those that are changed."""
    found: dict[str, Selected] = {}
    for stage in trace.all(Selection):
        rows = taking_part(trace, found) if found else None
        selector = Selector(trace.scores_of(stage), stage)
        found[stage.name] = selector.select((changed or {}).get(stage.name, stage.rules), rows)
    return found


def a_box(draw: st.DrawFn) -> Floats:
    x, y = draw(st.floats(0, 100)), draw(st.floats(0, 70))
    width, height = draw(st.floats(4, 50)), draw(st.floats(4, 50))
    return np.array([x, y, x + width, y + height], dtype=np.float32)


@st.composite
def wanted_in(draw: st.DrawFn) -> tuple[Trace, Wanted]:
    trace = TRACES[draw(st.sampled_from(sorted(TRACES)))]
    guess = trace.all(Scores)[0]
    near = draw(st.booleans())
    box = guess.boxes[draw(st.integers(0, len(guess.boxes) - 1))] if near else a_box(draw)
    return trace, Wanted(box, draw(st.integers(0, len(trace.origin.class_names) - 1)))


def boxes_for(scores: Scores, class_index: int) -> Floats:
    return scores.boxes[:, class_index] if scores.has_own_boxes else scores.boxes


def naive_cut(trace: Trace, wanted: Wanted, name: str, found: dict[str, Selected]) -> int | None:
    """The last cut that a row on the object fell to, by a loop over rows; None where no row is on it."""
    stage = trace.named(name)
    assert isinstance(stage, Selection)
    scores = trace.scores_of(stage)
    class_index = 0 if scores.name == "objectness" else wanted.class_index
    last: int | None = None
    rows = range(len(scores.scores)) if name == "proposals" else taking_part(trace, found).tolist()
    for row in rows:
        if boxes.iou_one(wanted.box_model, boxes_for(scores, class_index)[row][None].astype(np.float64))[0] < 0.5:
            continue
        candidate = found[name].keys.get((row, class_index))
        cut = 0 if candidate is None else int(found[name].cut[candidate])
        cut = len(stage.rules) if cut == KEPT else cut
        last = cut if last is None else max(last, cut)
    return last


@given(wanted_in())
def test_the_loss_is_the_last_cut_that_something_on_the_object_fell_to(asked: tuple[Trace, Wanted]) -> None:
    trace, wanted = asked
    found = selections(trace)
    verdict = autopsy(trace, wanted, found)
    names = [stage.name for stage in trace.all(Selection)]
    cut = naive_cut(trace, wanted, names[-1], found)
    if cut is not None:
        rules = found[names[-1]].rules
        if cut == len(rules):
            assert verdict.loss == "mask"
        elif isinstance(rules[cut], LeastScore):
            assert verdict.loss in ("background", "other_class", "score")
        else:
            assert verdict.loss == BY_RULE[type(rules[cut])]
        return
    cut = naive_cut(trace, wanted, names[0], found) if len(names) > 1 else None
    if verdict.loss == "other_class":
        return
    if cut is not None:
        rules = found[names[0]].rules
        expected = "refinement" if cut == len(rules) else f"proposals_{BY_RULE[type(rules[cut])]}"
        assert verdict.loss == expected
        return
    best = boxes.iou_one(wanted.box_model, trace.first(Anchors).boxes.astype(np.float64)).max()
    assert verdict.loss == ("guesses" if best >= 0.5 else "anchors")


@given(wanted_in())
def test_a_remedy_undoes_the_cut_that_it_is_for(asked: tuple[Trace, Wanted]) -> None:
    trace, wanted = asked
    verdict = autopsy(trace, wanted, selections(trace))
    for remedy in verdict.remedies:
        if remedy.selection is None:
            continue
        again = remedied(trace, verdict)[remedy.selection]
        class_index = 0 if remedy.selection == "proposals" else wanted.class_index
        cut = again.cut[again.keys[verdict.row, class_index]]
        assert cut == KEPT or cut > remedy.at


@given(wanted_in())
def test_with_the_remedy_the_object_comes_back_or_a_later_cut_takes_it(asked: tuple[Trace, Wanted]) -> None:
    trace, wanted = asked
    verdict = autopsy(trace, wanted, selections(trace))
    if not verdict.remedies or verdict.remedies[0].rule is None:
        return
    second = autopsy(trace, wanted, remedied(trace, verdict))
    assert reached(trace, second) > reached(trace, verdict)


def remedied(trace: Trace, verdict: Verdict) -> dict[str, Selected]:
    remedy = verdict.remedies[0]
    assert remedy.selection is not None and remedy.rule is not None
    stage = trace.named(remedy.selection)
    assert isinstance(stage, Selection)
    changed = (*stage.rules[: remedy.at], remedy.rule, *stage.rules[remedy.at + 1 :])
    return selections(trace, {stage.name: changed})


def reached(trace: Trace, verdict: Verdict) -> tuple[int, int]:
    """How far an object came: which selection, and which of its cuts."""
    names = [stage.name for stage in trace.all(Selection)]
    if verdict.loss in ("mask", None):
        return len(names), 0
    if verdict.loss == "unasked":
        return 0, 99
    at = verdict.remedies[0].at if verdict.remedies else 98
    return names.index(verdict.stage), at


def case(trace: Trace, rules: Rules, box: Floats, class_index: int = 0) -> Verdict:
    """An object under other rules of the last selection."""
    name = trace.all(Selection)[-1].name
    return autopsy(trace, Wanted(box, class_index), selections(trace, {name: rules}))


def best_box(trace: Trace, class_index: int = 0) -> Floats:
    """The box of the most certain detection of a class."""
    own = trace.all(Selection)[-1]
    has_area = (own.kept_boxes[:, 2:] > own.kept_boxes[:, :2] + 1).all(axis=1)
    found: Floats = own.kept_boxes[np.flatnonzero(has_area & (own.kept_classes == class_index))[0]]
    return found


def test_each_kind_of_cut_has_its_loss() -> None:
    trace = one_stage()
    box = best_box(trace)
    losses = [
        case(trace, rules, box).loss
        for rules in (
            (LeastScore(0.999999),),
            (LeastScore(0.05), LeastSide(500.0)),
            (LeastScore(0.05), TopK(0, "all")),
            (LeastScore(0.05), Most(0)),
        )
    ]
    assert losses == ["score", "side", "top_k", "most"]


def test_what_is_suppressed_names_by_whom_and_on_what() -> None:
    trace = one_stage(Made(1))
    found = selections(trace)["detections"]
    at = int(np.flatnonzero((found.suppressor >= 0) & (found.cut == 2))[0])
    by = int(found.suppressor[at])
    box, theirs = found.boxes[at], found.boxes[by]
    others = Others(theirs[None], np.array([7]))
    wanted = Wanted(box, int(found.classes[at]), others=others)
    verdict = autopsy(trace, wanted, {"detections": found}, Asked(iou=0.999))
    assert (verdict.loss, verdict.suppressor, verdict.other) == ("nms", by, 0)
    numbers = {each.name: each.value for each in verdict.numbers}
    assert numbers["IoU with the suppressor"] == pytest.approx(float(found.iou[at]))
    assert "another annotated object" in verdict.words
    assert "no annotated object" in autopsy(trace, replace(wanted, others=Others()), {"detections": found},
                                            Asked(iou=0.999)).words  # fmt: skip


def test_what_is_counted_for_another_says_for_which_and_what_took_its_own() -> None:
    trace = one_stage()
    own, box = trace.all(Selection)[-1], best_box(trace)
    at = int(np.flatnonzero((own.kept_boxes == box).all(axis=1))[0])
    key = (int(own.kept_rows[at]), int(own.kept_classes[at]))
    others = Others(box[None], np.array([7]), {key: 0})
    verdict = autopsy(trace, Wanted(box, key[1], others=others), selections(trace), Asked(iou=0.9))
    assert (verdict.loss, verdict.other, verdict.row) == ("taken", 0, key[0])


def test_what_is_found_may_still_not_be_shown() -> None:
    trace = one_stage()
    own = trace.all(Selection)[-1]
    key = (int(own.kept_rows[3]), int(own.kept_classes[3]))
    wanted = Wanted(own.kept_boxes[3], key[1], found=key)
    assert autopsy(trace, wanted, selections(trace)).loss is None
    hidden = autopsy(trace, wanted, selections(trace), Asked(score=float(own.kept_scores[3]) + 0.01))
    assert hidden.loss == "shown"
    assert autopsy(trace, wanted, selections(trace), Asked(score=hidden.remedies[0].value)).loss is None


def test_a_class_that_the_network_does_not_know_is_said_so() -> None:
    trace = one_stage()
    assert autopsy(trace, Wanted(best_box(trace), -1), selections(trace)).loss == "unknown_class"


def test_of_another_class_is_what_a_likelier_class_or_a_detection_says() -> None:
    trace = one_stage(Made(0, 3))
    own = trace.all(Selection)[-1]
    seen_as, row = int(own.kept_classes[0]), int(own.kept_rows[0])
    scores = trace.scores_of(own)
    other = int(scores.scores[row].argmin())
    assert other != seen_as
    verdict = autopsy(trace, Wanted(own.kept_boxes[0], other), selections(trace), Asked(iou=0.95))
    assert verdict.loss == "other_class"
    assert f"class {seen_as}" in verdict.words


def test_an_anchor_that_would_fit_is_told() -> None:
    trace = two_stages()
    box = np.array([40, 40, 43, 49], dtype=np.float32)
    verdict = autopsy(trace, Wanted(box, 0), selections(trace))
    assert verdict.loss == "anchors"
    numbers = {each.name: each.value for each in verdict.numbers}
    assert numbers["Side that would fit"] == pytest.approx(27**0.5)
    assert numbers["Ratio that would fit"] == pytest.approx(3.0)


def test_far_anchors_ask_for_a_larger_picture() -> None:
    trace = two_stages()
    box = np.array([43, 43, 45, 45], dtype=np.float32)  # between the corners of cells
    verdict = autopsy(trace, Wanted(box, 0), selections(trace))
    assert (verdict.loss, verdict.remedies[0].setting) == ("anchors", "Smaller side of the picture")


def test_a_proposal_that_nobody_asked_about_is_told_so() -> None:
    trace = two_stages()
    changed = {"proposals": (Most(10_000),)}
    found = selections(trace, changed)
    scores = trace.scores_of(trace.all(Selection)[0])
    regions = trace.scores_of(trace.all(Selection)[-1])
    losses = Counter[str | None]()
    for row in np.setdiff1d(np.arange(len(scores.boxes)), regions.parent)[::40]:
        losses[autopsy(trace, Wanted(scores.boxes[row], 0), found).loss] += 1
    assert losses["unasked"] > 0


def test_an_empty_picture_of_rows_still_has_a_verdict() -> None:
    trace = two_stages()
    found = selections(trace, {"proposals": (LeastScore(2.0),)})
    assert len(found["proposals"].kept) == 0
    assert autopsy(trace, Wanted(best_box(trace), 0), found).loss == "proposals_score"
