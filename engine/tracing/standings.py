"""How a candidate stood at each cut that it came to: its place among those it competed with, and who suppressed it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.tracing.rules import Cut, LeastScore, LeastSide, Nms, Per, TopK
from engine.tracing.selecting import KEPT, Selected
from engine.tracing.stages import Bools, Floats, Ints, Scores

UNLISTED = -1
"""In place of a candidate: a row and class that the first threshold cut, which are not listed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A candidate at one cut."""

    at: int
    """The cut's place in the rules."""
    rule: Cut
    has_passed: bool
    place: int
    """1 for the most certain of its group; 0 where nobody competes, at thresholds."""
    n_group: int
    """Candidates that came to this cut: of its group where the cut has groups, else all."""
    score: float
    """With which it came."""
    left: float
    """What soft-NMS left of it, at this cut or before; else the same."""
    side: float
    """The shorter one of its box, model pixels."""
    suppressor: int = -1
    """The candidate that suppressed it here."""
    iou: float = 0.0
    """With its suppressor."""


@dataclass(frozen=True, slots=True, eq=False)
class Fates:
    """How far candidates of some rows came, as columns (F,)."""

    rows: Ints
    candidates: Ints
    """UNLISTED where there is none."""
    cuts: Ints
    """The place in the rules of the cut that dropped each; beyond the last one where none did."""

    @property
    def furthest(self) -> int:
        """The cut that the last of them fell to; raises ValueError where there are none."""
        return int(self.cuts.max())

    def pick(self, chosen: Bools) -> Fates:
        """Some of them."""
        return Fates(self.rows[chosen], self.candidates[chosen], self.cuts[chosen])


def fates(selected: Selected, rows: Ints, class_index: int) -> Fates:
    """What became of rows as objects of a class."""
    candidates = candidates_of(selected, rows, class_index)
    cuts = np.append(selected.cut, 0).astype(np.int64)[candidates]  # UNLISTED finds the 0 at the end
    return Fates(rows, candidates, np.where(cuts == KEPT, len(selected.rules), cuts))


def candidates_of(selected: Selected, rows: Ints, class_index: int) -> Ints:
    """(of rows,) the candidate that each row is for a class, UNLISTED where it is none."""
    own = np.flatnonzero(selected.classes == class_index)
    table = np.full(1 + max(int(rows.max(initial=-1)), int(selected.rows[own].max(initial=-1))), UNLISTED)
    table[selected.rows[own]] = own
    return np.asarray(table[rows], dtype=np.int64)


def standings(scores: Scores, selected: Selected, candidate: int) -> tuple[Standing, ...]:
    """At every cut up to the one that dropped it, if any did."""
    dropped_at = int(selected.cut[candidate])
    last = len(selected.rules) - 1 if dropped_at == KEPT else dropped_at
    return tuple(standing(scores, selected, candidate, at) for at in range(last + 1))


def standing(scores: Scores, selected: Selected, candidate: int, at: int) -> Standing:
    """At one cut that it came to."""
    rule, has_passed = selected.rules[at], int(selected.cut[candidate]) != at
    came_with = scores_at(selected, at)
    group = competitors(selected, candidate, at)
    n_group = len(group) + (selected.n_uncounted if at == 0 else 0)
    place = 0 if isinstance(rule, LeastScore | LeastSide) else _place(scores, selected, candidate, group, came_with)
    is_suppressed = isinstance(rule, Nms) and not has_passed
    return Standing(
        at, rule, has_passed, place, n_group, float(came_with[candidate]),
        float(selected.scores[candidate] if isinstance(rule, Nms) else came_with[candidate]),
        _side(selected.boxes[candidate]),
        int(selected.suppressor[candidate]) if is_suppressed else -1,
        float(selected.iou[candidate]) if is_suppressed else 0.0,
    )  # fmt: skip


def scores_at(selected: Selected, at: int) -> Floats:
    """(C,) the scores with which candidates come to a cut: after soft-NMS what is left of them."""
    has_suppressed = any(isinstance(rule, Nms) for rule in selected.rules[:at])
    return selected.scores if has_suppressed else selected.first_scores


def came_to(selected: Selected, at: int) -> Bools:
    """(C,) which candidates were left at a cut."""
    return np.asarray((selected.cut >= at) | (selected.cut == KEPT))


def competitors(selected: Selected, candidate: int, at: int) -> Ints:
    """The candidates that came to a cut in the same group, itself among them."""
    rule = selected.rules[at]
    is_in = came_to(selected, at)
    if isinstance(rule, TopK | Nms):
        is_in &= _is_in_group(selected, candidate, rule.per)
    return np.flatnonzero(is_in)


def _is_in_group(selected: Selected, candidate: int, per: Per) -> Bools:
    if per == "all":
        return np.ones(len(selected), dtype=np.bool_)
    groups = selected.levels if per == "level" else selected.classes
    return np.asarray(groups == groups[candidate])


def _place(scores: Scores, selected: Selected, candidate: int, group: Ints, came_with: Floats) -> int:
    """From 1; of equal scores in the network's own order where that is known."""
    own = came_with[candidate]
    ties = group[came_with[group] == own]
    if scores.rank is None:
        n_before = int((ties < candidate).sum())
    else:
        ranks = scores.rank[selected.rows[ties], selected.classes[ties]]
        n_before = int((ranks < scores.rank[selected.rows[candidate], selected.classes[candidate]]).sum())
    return 1 + n_before + int((came_with[group] > own).sum())


def _side(box: Floats) -> float:
    return float((box[2:] - box[:2]).min())
