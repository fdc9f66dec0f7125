"""Selections: equal to torchvision's operators bit by bit, ties and integer grids included, and to plain loops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torchvision.ops import batched_nms, nms, remove_small_boxes

from engine.tracing.overlapping import overlapping, overlaps
from engine.tracing.rules import Cut, LeastScore, LeastSide, Most, Nms, TopK
from engine.tracing.selecting import KEPT, Selector, select
from engine.tracing.stages import Floats, Ints, Selection
from tests.engine.tracing import naive
from tests.engine.tracing.naive import scores_of
from tests.engine.tracing.traces import one_stage, two_stages

N_CASES = 1_000


def _boxes(chance: np.random.Generator, n: int, is_grid: bool) -> Floats:
    """On a grid of whole pixels many overlap by exactly a half or a third; some have no area."""
    corners = chance.integers(0, 12, (n, 2)) if is_grid else chance.uniform(0, 200, (n, 2))
    sides = chance.integers(0, 9, (n, 2)) if is_grid else chance.uniform(0, 90, (n, 2))
    return np.concatenate([corners, corners + sides], axis=1).astype(np.float32)


def _values(chance: np.random.Generator, n: int) -> Floats:
    """Every other time from few values, so that many are equal."""
    values = chance.integers(1, 6, n) / 8 if chance.random() < 0.5 else chance.random(n)
    return values.astype(np.float32)


def _cases(seed: int, n_cases: int, most: int) -> Iterator[tuple[Floats, Floats, Ints, float]]:
    chance = np.random.default_rng(seed)
    for at in range(n_cases):
        n = int(chance.integers(0, most))
        threshold = float(chance.choice([0.1, 0.3, 1 / 3, 0.5, 0.6, 0.7, 0.9]))
        yield _boxes(chance, n, at % 2 == 0), _values(chance, n), chance.integers(0, 4, n), threshold


def test_a_thousand_cases_equal_torchvisions_nms() -> None:
    for boxes, values, _, threshold in _cases(1, N_CASES, 60):
        expected = nms(torch.from_numpy(boxes), torch.from_numpy(values), threshold)
        found = select(scores_of(boxes, values), (Nms(threshold, "all"),))
        assert found.kept.tolist() == expected.tolist()


@pytest.mark.parametrize("first_group", [0, 1])
def test_groups_equal_torchvisions_batched_nms(first_group: int) -> None:
    for boxes, values, groups, threshold in _cases(2 + first_group, N_CASES, 60):
        numbers = torch.from_numpy(groups + first_group)
        expected = batched_nms(torch.from_numpy(boxes), torch.from_numpy(values), numbers, threshold)
        rule = Nms(threshold, "level", first_group=first_group)
        assert select(scores_of(boxes, values, groups), (rule,)).kept.tolist() == expected.tolist()


def test_boxes_beyond_the_edge_meet_those_of_other_groups_as_torchvision_moves_them() -> None:
    boxes = np.array([[-100, -100, 0, 0], [0, 0, 100, 100], [1, 1, 100, 100]], dtype=np.float32)
    values, groups = np.array([0.5, 0.9, 0.7], np.float32), np.array([1, 0, 0])
    expected = batched_nms(torch.from_numpy(boxes), torch.from_numpy(values), torch.from_numpy(groups), 0.5)
    assert select(scores_of(boxes, values, groups), (Nms(0.5, "level"),)).kept.tolist() == expected.tolist() == [1]


def test_many_boxes_take_the_other_branch_in_the_networks_own_order() -> None:
    """Beyond 1,000 boxes torchvision goes group by group, and sorts what is left, equal ones in no certain order."""
    chance = np.random.default_rng(5)
    for n, is_grid in ((1_001, True), (1_500, False), (2_000, True)):
        boxes, values, groups = _boxes(chance, n, is_grid), _values(chance, n), chance.integers(0, 4, n)
        expected = batched_nms(*(torch.from_numpy(each) for each in (boxes, values, groups)), 0.5).numpy()
        scores = scores_of(boxes, values, groups)
        kept = {"kept_rows": expected, "kept_classes": expected * 0, "kept_boxes": boxes[expected]}
        like = Selection(name="kept", of="scores", rules=(Nms(0.5, "level"),), kept_scores=values[expected], **kept)
        assert select(scores, like.rules, like=like).kept.tolist() == expected.tolist()
        assert sorted(select(scores, like.rules).kept.tolist()) == sorted(expected.tolist())


def test_small_boxes_and_the_most_certain_equal_torchvisions() -> None:
    for boxes, values, _, _ in _cases(6, 200, 60):
        expected = remove_small_boxes(torch.from_numpy(boxes), 3.0)
        assert select(scores_of(boxes, values), (LeastSide(3.0),)).kept.tolist() == expected.tolist()
        n = min(len(values), 7)
        best = torch.from_numpy(values).topk(n)
        found = select(scores_of(boxes, values), (TopK(n, "all"),))
        assert found.scores[found.kept].tolist() == best.values.tolist()


@pytest.mark.parametrize("is_inclusive", [False, True])
def test_a_threshold_holds_for_each_class(is_inclusive: bool) -> None:
    scores = one_stage().named("scores")
    values = scores.scores  # type: ignore[attr-defined]
    exact = float(values[3, 1])
    found = select(scores, (LeastScore(0.2, is_inclusive, {1: exact, 7: 0.9}),))  # type: ignore[arg-type]
    for row in range(len(values)):
        assert ((row, 0) in found.keys) == (values[row, 0] > np.float32(0.2))
        assert ((row, 1) in found.keys) == (values[row, 1] >= exact if is_inclusive else values[row, 1] > exact)
    assert found.n_uncounted + len(found) == values.size


_COORDINATES = st.integers(0, 12).map(float)


@st.composite
def crowds(draw: st.DrawFn) -> tuple[Floats, Floats, Ints]:
    """Boxes on a small grid, in up to three groups, with many equal scores."""
    n = draw(st.integers(0, 14))
    corners = draw(arrays.arrays(np.float32, (n, 2), elements=st.integers(0, 10)))
    sides = draw(arrays.arrays(np.float32, (n, 2), elements=st.integers(0, 8)))
    values = draw(arrays.arrays(np.float32, n, elements=st.integers(1, 8).map(lambda at: at / 8)))
    groups = draw(arrays.arrays(np.int64, n, elements=st.integers(0, 2)))
    return np.concatenate([corners, corners + sides], axis=1), values, groups


@given(crowds(), st.sampled_from([0.0, 0.05, 1 / 3, 0.5, 0.8]))
def test_who_suppressed_whom_equals_a_plain_loop(crowd: tuple[Floats, Floats, Ints], threshold: float) -> None:
    boxes, values, groups = crowd
    found = select(scores_of(boxes, values, groups), (Nms(threshold, "level"),))
    moved = boxes + (groups * (boxes.max(initial=0) + 1)).astype(np.float32)[:, None]
    expected = naive.greedy(moved, values, groups, Nms(threshold, "level"))
    assert (found.cut == KEPT).tolist() == [fate.is_left for fate in expected]
    assert found.suppressor.tolist() == [fate.suppressor for fate in expected]
    assert found.iou.tolist() == [fate.iou for fate in expected]


@given(crowds(), st.sampled_from(["linear", "gaussian"]), st.sampled_from([0.0, 0.1, 0.3]))
def test_soft_suppression_equals_a_plain_loop(crowd: tuple[Floats, Floats, Ints], method: str, least: float) -> None:
    boxes, values, groups = crowd
    rule = replace(Nms(0.3, "level", least_score=least), method=method)  # type: ignore[arg-type]
    found = select(scores_of(boxes, values, groups), (rule,))
    moved = boxes + (groups * (boxes.max(initial=0) + 1)).astype(np.float32)[:, None]
    expected = naive.soft(moved, values, groups, rule)
    assert (found.cut == KEPT).tolist() == [fate.is_left for fate in expected]
    assert found.suppressor.tolist() == [fate.suppressor for fate in expected]
    assert found.scores == pytest.approx(np.array([fate.score for fate in expected]), rel=1e-6)
    assert (np.diff(found.scores[found.kept]) <= 0).all()


@given(crowds(), st.floats(0, 0.95))
def test_pairs_that_overlap_are_those_of_the_whole_matrix(crowd: tuple[Floats, Floats, Ints], floor: float) -> None:
    boxes, _, groups = crowd
    pairs = overlapping(boxes, groups, floor)
    found = {
        (min(pair), max(pair)): iou
        for *pair, iou in zip(pairs.one.tolist(), pairs.other.tolist(), pairs.ious, strict=True)
    }
    matrix = overlaps(boxes, boxes)
    expected = {
        (one, other): matrix[one, other]
        for other in range(len(boxes))
        for one in range(other)
        if groups[one] == groups[other] and matrix[one, other] >= max(np.float32(floor), np.float32(1e-6))
    }
    assert found == expected
    assert len(found) == len(pairs)


def test_iou_is_that_of_a_plain_loop() -> None:
    boxes = _boxes(np.random.default_rng(8), 40, is_grid=False)
    matrix = overlaps(boxes, boxes)
    for one, other in np.ndindex(40, 40):
        assert matrix[one, other] == naive.iou(boxes[one], boxes[other])


def test_other_thresholds_for_some_classes() -> None:
    """Each class alone, by its own threshold, is what all of them together are."""
    trace = two_stages()
    regions = trace.named("regions")
    together = select(regions, (LeastScore(0.05), Nms(0.5, "class", by_class={1: 0.2})))  # type: ignore[arg-type]
    for class_index, threshold in ((0, 0.5), (1, 0.2)):
        alone = select(regions, (LeastScore(0.05), Nms(threshold, "class")))  # type: ignore[arg-type]
        mine, theirs = (each.kept[each.classes[each.kept] == class_index] for each in (together, alone))
        assert together.rows[mine].tolist() == alone.rows[theirs].tolist()
    assert len(together.kept) < len(select(regions, (LeastScore(0.05), Nms(0.5, "class"))).kept)  # type: ignore[arg-type]


_NUMBERS = st.sampled_from([0.02, 0.05, 0.2, 0.5, 0.9])


@given(
    st.lists(st.tuples(_NUMBERS, _NUMBERS, st.sampled_from(["greedy", "linear", "gaussian"])), min_size=2, max_size=6)
)
def test_what_is_remembered_changes_nothing(asked: list[tuple[float, float, str]]) -> None:
    """A slider moved about: every answer is that of a selection made afresh."""
    scores = one_stage().named("scores")
    own = one_stage().first(Selection)
    again = Selector(scores, own)  # type: ignore[arg-type]
    for least, threshold, method in asked:
        cuts: tuple[Cut, ...] = (
            LeastScore(least),
            TopK(80, "level"),
            Nms(threshold, "class", method, least_score=least),
            Most(30),
        )  # type: ignore[arg-type]
        found, afresh = again.select(cuts), select(scores, cuts, like=own)  # type: ignore[arg-type]
        assert found.kept.tolist() == afresh.kept.tolist()
        assert found.suppressor.tolist() == afresh.suppressor.tolist()
        assert found.scores.tolist() == afresh.scores.tolist()
        assert found.cut.tolist() == afresh.cut.tolist()


def test_every_candidate_is_kept_or_cut_by_one_rule() -> None:
    for own in two_stages().all(Selection):
        scores = two_stages().scores_of(own)
        found = select(scores, own.rules)
        counts = [found.n_cut(at) for at in range(len(own.rules))]
        assert sum(counts) + len(found.kept) == scores.scores.size
        assert set(found.kept.tolist()) == set(np.flatnonzero(found.cut == KEPT).tolist())
