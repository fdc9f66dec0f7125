"""Suppression step by step: whose turn it is, whom that suppresses and at which IoU, who still waits.

Read off a `Selected`, which says who suppressed whom: nothing is decided a second time. A turn is that of a candidate
that no earlier one suppressed; it drops those of its group that overlap it by more than the threshold, or, in
soft-NMS, takes score from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from engine.tracing.rules import Nms, Per
from engine.tracing.selecting import KEPT, Selected, overlaps
from engine.tracing.stages import Bools, Floats, Ints

Lot: TypeAlias = Literal["current", "hit", "kept", "gone", "waiting"]
"""What a candidate is at a step: its own turn; hit by the turn; had its turn; gone before; still to come."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """The turn of one candidate."""

    current: int
    hit: Ints
    """The candidates that it suppresses, or takes score from, most overlapping first."""
    ious: Floats
    before: Floats
    """The scores of those hit."""
    after: Floats
    """What this turn leaves of them; 0 for what is suppressed outright."""
    gone: Ints
    """Those hit that are out from now on."""


@dataclass(frozen=True, eq=False)
class Steps:
    """All turns of one suppression, in the order in which results are: by falling score over all groups."""

    selected: Selected
    rule: Nms
    at: int
    """The rule's place among the rules."""
    all: tuple[Step, ...]
    entering: Ints
    """The candidates that earlier cuts left, by falling score."""
    groups: Ints
    """(C,) level or class of every candidate; all 0 where they are not parted."""
    turn: Ints = field(repr=False)
    """(C,) the step in which it has its turn; -1 where it has none."""
    gone_at: Ints = field(repr=False)
    """(C,) the step in which it goes; -1 where it does not."""

    def __len__(self) -> int:
        return len(self.all)

    def of_group(self, group: int | None) -> Ints:
        """The steps of one group; None: all."""
        own = [n for n, step in enumerate(self.all) if group is None or self.groups[step.current] == group]
        return np.array(own, dtype=np.int64)

    def step_of(self, candidate: int) -> int:
        """The step in which a candidate has its turn, else in which it goes; -1 where it never came so far."""
        return int(max(self.turn[candidate], self.gone_at[candidate]))

    def lot(self, candidate: int, n: int) -> Lot:
        """What a candidate is at a step."""
        if self.turn[candidate] == n:
            return "current"
        if candidate in self.all[n].hit:
            return "hit"
        if self.step_of(candidate) < 0 or 0 <= self.gone_at[candidate] < n:
            return "gone"
        return "kept" if 0 <= self.turn[candidate] < n else "waiting"

    def waiting(self, n: int) -> Ints:
        """The candidates of the same group that this turn is compared with, by falling score."""
        current = self.all[n].current
        is_there = (self.turn > n) | (self.gone_at >= n)
        return np.asarray(self.entering[(is_there & (self.groups == self.groups[current]))[self.entering]])

    def ious(self, n: int, others: Ints) -> Floats:
        """Of the current candidate with others, as it is written beside them."""
        boxes = self.selected.boxes
        found = np.nan_to_num(overlaps(boxes[self.all[n].current][None], boxes[others])[0])
        places = dict(zip(self.all[n].hit.tolist(), self.all[n].ious, strict=True))
        return np.array([places.get(other, iou) for other, iou in zip(others.tolist(), found, strict=True)], np.float32)

    def scores_at(self, n: int) -> Floats:
        """(C,) every candidate's score before a step: in soft-NMS they fall from turn to turn."""
        scores = self.selected.first_scores.copy()
        if self.rule.method != "greedy":
            for step in self.all[:n]:
                scores[step.hit] = step.after
        return scores


def steps(selected: Selected, at: int | None = None) -> Steps:
    """The turns of the suppression at this place among the rules, else of the first; LookupError: there is none."""
    at = _place(selected) if at is None else at
    rule = selected.rules[at]
    if not isinstance(rule, Nms):
        raise LookupError(f"rule {at} suppresses nothing")
    is_there = (selected.cut == KEPT) | (selected.cut >= at)
    entering = np.flatnonzero(is_there)
    entering = entering[np.argsort(-selected.first_scores[entering], kind="stable")]
    groups = _groups(selected, rule.per)
    softly = rule.method != "greedy"
    found = _softly(selected, rule, entering, groups) if softly else _greedily(selected, at, entering)
    turn, gone_at = (np.full(len(selected), -1, dtype=np.int64) for _ in range(2))
    for n, step in enumerate(found):
        turn[step.current] = n
        gone_at[step.gone] = n
    return Steps(selected, rule, at, found, entering, groups, turn, gone_at)


def _place(selected: Selected) -> int:
    return next((at for at, rule in enumerate(selected.rules) if isinstance(rule, Nms)), -1)


def _groups(selected: Selected, per: Per) -> Ints:
    if per == "all":
        return np.zeros(len(selected), dtype=np.int64)
    return selected.levels if per == "level" else selected.classes


def _left(selected: Selected, at: int, entering: Ints) -> Ints:
    """Those that the suppression leaves, by falling score at their turn."""
    left = entering[selected.cut[entering] != at]
    return np.asarray(left[np.argsort(-selected.scores[left], kind="stable")])


def _greedily(selected: Selected, at: int, entering: Ints) -> tuple[Step, ...]:
    lost = entering[selected.cut[entering] == at]
    order = np.lexsort((-selected.iou[lost], selected.suppressor[lost]))
    lost = lost[order]
    turns = _left(selected, at, entering)
    starts, ends = (np.searchsorted(selected.suppressor[lost], turns, side) for side in ("left", "right"))
    return tuple(
        _dropping(selected, current, lost[start:end])
        for current, start, end in zip(turns.tolist(), starts.tolist(), ends.tolist(), strict=True)
    )


def _dropping(selected: Selected, current: int, hit: Ints) -> Step:
    before = selected.first_scores[hit]
    return Step(current, hit, selected.iou[hit], before, np.zeros_like(before), hit)


def _softly(selected: Selected, rule: Nms, entering: Ints, groups: Ints) -> tuple[Step, ...]:
    found = [each for group in np.unique(groups[entering]) for each in _fading(selected, rule, entering, groups, group)]
    return tuple(sorted(found, key=lambda each: -selected.scores[each.current]))


def _fading(selected: Selected, rule: Nms, entering: Ints, groups: Ints, group: int) -> Iterator[Step]:
    """The turns of one group, in each of which scores fall as they did in the selection."""
    scores = selected.first_scores.copy()
    waiting = np.sort(entering[(groups[entering] == group) & (scores[entering] >= rule.least_score)])
    while len(waiting):
        current = int(waiting[scores[waiting].argmax()])
        waiting = waiting[waiting != current]
        ious = overlaps(selected.boxes[current][None], selected.boxes[waiting])[0]
        share = _share(ious, rule, int(selected.classes[current]))
        touched = share < 1
        hit, before = waiting[touched], scores[waiting[touched]]
        scores[waiting] *= share
        stays: Bools = scores[waiting] >= rule.least_score
        order = np.argsort(-ious[touched], kind="stable")
        after = scores[hit]
        yield Step(current, hit[order], ious[touched][order], before[order], after[order], waiting[~stays])
        waiting = waiting[stays]


def _share(ious: Floats, rule: Nms, class_index: int) -> Floats:
    """What is left of the scores of those that overlap so (Bodla et al. 2017, equations 3 and 4)."""
    if rule.method == "gaussian":
        return np.asarray(np.exp(-(ious**2) / rule.sigma), dtype=np.float32)
    threshold = rule.by_class.get(class_index, rule.iou)
    return np.where(ious.astype(np.float64) > threshold, 1 - ious, 1).astype(np.float32)
