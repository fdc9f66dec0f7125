"""Paths: every step is the row that the one after it came from, and a candidate's standings are what a loop counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tracing.paths import CutsStep, own_selections, path, path_of
from engine.tracing.rules import LeastScore, LeastSide, Most, Nms, TopK
from engine.tracing.selecting import KEPT, Selected, is_own, select
from engine.tracing.stages import Anchors, Pooling, Scores, Selection
from engine.tracing.standings import came_to, fates, standings
from engine.tracing.trace import Trace
from tests.engine.tracing.traces import Made, one_stage, two_stages

TRACES = {"two stages": two_stages(Made(3, 5)), "one stage": one_stage(), "many classes": one_stage(Made(2, 20))}


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_own_selections_are_the_networks(trace: Trace) -> None:
    own = own_selections(trace)
    assert all(is_own(own[stage.name], stage) for stage in trace.all(Selection))


@pytest.mark.parametrize("trace", TRACES.values(), ids=TRACES)
def test_a_detections_path_leads_from_its_anchor_to_its_place(trace: Trace) -> None:
    own, anchors = trace.all(Selection)[-1], trace.first(Anchors)
    selections = own_selections(trace)
    for place in range(len(own.kept_rows)):
        found = path(trace, "detections", place, selections)
        assert found.is_kept and found.result is not None and found.result.place == place
        assert np.array_equal(found.result.box_model, own.kept_boxes[place])
        assert found.result.score == own.kept_scores[place]
        assert all(each.has_passed for each in found.result.standings)
        at = found.anchor.anchor
        assert np.array_equal(found.anchor.box_model, anchors.boxes[at])
        assert (found.anchor.level, found.anchor.cell) == (anchors.level[at], tuple(anchors.cell[at]))
        assert found.guess.row == at and np.array_equal(found.guess.before_model, found.anchor.box_model)
        if not trace.has_proposals:
            assert (found.proposal, found.region, found.pool) == (None, None, None)
            assert np.array_equal(found.guess.box_model, own.kept_boxes[place])
            continue
        assert found.proposal is not None and found.region is not None and found.pool is not None
        proposals = trace.named("proposals")
        assert isinstance(proposals, Selection)
        assert proposals.kept_rows[found.proposal.place] == found.guess.row
        assert np.array_equal(found.region.before_model, found.guess.box_model)
        assert np.array_equal(found.pool.box_model, found.guess.box_model)
        assert np.array_equal(found.region.box_model, own.kept_boxes[place])
        assert found.pool.level == trace.first(Pooling).level[found.region.row]


def test_a_proposals_path_ends_among_the_proposals() -> None:
    found = path(TRACES["two stages"], "proposals", 3)
    assert found.is_kept and found.result is None and found.proposal is not None and found.proposal.place == 3


def test_a_dropped_candidates_path_ends_where_it_was_dropped() -> None:
    trace = TRACES["two stages"]
    found = own_selections(trace)["detections"]
    for at in np.flatnonzero(found.cut != KEPT)[:40].tolist():
        lost = path_of(trace, "detections", (int(found.rows[at]), int(found.classes[at])))
        assert not lost.is_kept and isinstance(lost.result, CutsStep)
        assert (lost.result.candidate, lost.result.place) == (at, -1)
        assert [each.has_passed for each in lost.result.standings] == [True] * int(found.cut[at]) + [False]


def test_what_the_first_threshold_cut_has_a_path_without_standings() -> None:
    trace = TRACES["two stages"]
    regions = trace.named("regions")
    assert isinstance(regions, Scores)
    row, class_index = (int(each) for each in np.unravel_index(regions.scores.argmin(), regions.scores.shape))
    found = path_of(trace, "detections", (row, class_index))
    assert found.result is not None
    assert (found.result.candidate, found.result.standings, found.is_kept) == (-1, (), False)
    assert found.result.score == regions.scores.min()


@given(st.integers(0, 40), st.sampled_from(sorted(TRACES)))
def test_standings_are_what_a_loop_counts(seed: int, name: str) -> None:
    trace = TRACES[name]
    stage = trace.all(Selection)[0]
    scores, selected = trace.scores_of(stage), own_selections(trace)[stage.name]
    candidate = int(np.random.default_rng(seed).integers(len(selected)))
    for stood in standings(scores, selected, candidate):
        assert stood.has_passed == (selected.cut[candidate] != stood.at)
        if isinstance(stood.rule, LeastScore | LeastSide):
            assert stood.place == 0
            continue
        place, n_group = naive_place(scores, selected, candidate, stood.at)
        assert (stood.place, stood.n_group) == (place, n_group)
        if isinstance(stood.rule, TopK | Most):
            assert stood.has_passed == (stood.place <= stood.rule.n)


def naive_place(scores: Scores, selected: Selected, candidate: int, at: int) -> tuple[int, int]:
    rule = selected.rules[at]
    assert isinstance(rule, TopK | Nms | Most)
    assert scores.rank is not None

    def order(each: int) -> tuple[float, int]:
        assert scores.rank is not None
        return -float(selected.first_scores[each]), int(scores.rank[selected.rows[each], selected.classes[each]])

    def group(each: int) -> int:
        per = "all" if isinstance(rule, Most) else rule.per
        return {"all": 0, "level": int(selected.levels[each]), "class": int(selected.classes[each])}[per]

    place, n_group = 1, 0
    for each in range(len(selected)):
        has_come = selected.cut[each] == KEPT or selected.cut[each] >= at
        if has_come and group(each) == group(candidate):
            n_group += 1
            place += order(each) < order(candidate)
    return place, n_group


def test_soft_suppression_tells_what_was_left() -> None:
    trace = one_stage()
    stage = trace.all(Selection)[-1]
    rules = (LeastScore(0.05), Nms(0.3, "class", "linear", least_score=0.05), Most(20))
    found = select(trace.scores_of(stage), rules)
    at = int(np.flatnonzero(found.cut == 1)[0])
    stood = standings(trace.scores_of(stage), found, at)[-1]
    assert stood.score == found.first_scores[at] and stood.left == found.scores[at] < 0.05
    assert (stood.suppressor, stood.has_passed) == (found.suppressor[at], False)


def test_fates_of_rows_that_are_not_listed_end_at_the_first_cut() -> None:
    trace = one_stage()
    stage = trace.all(Selection)[-1]
    found = own_selections(trace)[stage.name]
    rows = np.arange(len(trace.scores_of(stage).scores))
    every = fates(found, rows, 0)
    assert ((every.candidates < 0) == (trace.scores_of(stage).scores[:, 0] <= np.float32(0.05))).all()
    assert set(every.cuts[every.candidates < 0].tolist()) == {0}
    assert every.furthest == len(stage.rules)
    assert came_to(found, len(stage.rules)).sum() == len(stage.kept_rows)
