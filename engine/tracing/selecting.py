"""Rules at work on scored boxes: what is cut, where, by whom. Arithmetic in float32, as torchvision's operators do it.

Suppression is greedy (torchvision csrc/ops/cpu/nms_kernel.cpp): boxes by falling score, each dropping the later ones of
its group that overlap it by more than the threshold. `batched_nms` keeps groups apart by moving them away from one
another, or for many boxes by going through them one by one; moving rounds coordinates, so the same branch is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.tracing.rules import Cut, LeastScore, LeastSide, Most, Nms, Per, Rules, TopK
from engine.tracing.stages import Bools, Floats, Ints, Scores, Selection

KEPT = -1
_MOST_MOVED_CPU, _MOST_MOVED_GPU = 1_000, 25_000
"""Boxes up to which torchvision keeps groups apart by moving them."""


@dataclass(frozen=True, eq=False)
class Selected:
    """Every candidate, and what became of it; candidates that the first threshold cut are only counted.

    Rows by falling score where the rules sort, else by row and class.
    """

    rules: Rules
    rows: Ints
    """(C,) of the Scores."""
    classes: Ints
    boxes: Floats
    """(C, 4)"""
    first_scores: Floats
    scores: Floats
    """(C,) after soft-NMS; else the first ones."""
    levels: Ints
    cut: NDArray[np.int8]
    """(C,) the place in `rules` of the cut that dropped it, KEPT where none did."""
    suppressor: Ints
    """(C,) the candidate that suppressed it, -1 where none did (soft-NMS: the last one that took score)."""
    iou: Floats
    """(C,) with its suppressor."""
    kept: Ints
    """(M,) the candidates that are left, in the order of the result."""
    n_uncounted: int
    """Pairs of row and class below the first threshold, which are not listed."""

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def keys(self) -> dict[tuple[int, int], int]:
        """The candidate of a row and class."""
        return {pair: at for at, pair in enumerate(zip(self.rows.tolist(), self.classes.tolist(), strict=True))}

    def n_cut(self, at: int) -> int:
        """How many a cut dropped."""
        return int((self.cut == at).sum()) + (self.n_uncounted if at == 0 else 0)


def select(scores: Scores, rules: Rules, rows: Ints | None = None, like: Selection | None = None) -> Selected:
    """The rules, one after the other, on all rows or on `rows` in their order.

    `like` is what the network itself selected from the same scores: its precision is taken, and of results that are
    equally certain its order, which no rule determines.
    """
    return _Work.begun(scores, rules, rows, like).done()


def replay(scores: Scores, own: Selection, rows: Ints | None = None) -> Selected:
    """What the network did, again."""
    return select(scores, own.rules, rows, own)


def is_own(selected: Selected, own: Selection) -> bool:
    """Whether a selection is bit by bit what the network kept itself."""
    kept = selected.kept
    return (
        np.array_equal(selected.rows[kept], own.kept_rows)
        and np.array_equal(selected.classes[kept], own.kept_classes)
        and np.array_equal(selected.boxes[kept], own.kept_boxes)
        and np.array_equal(selected.scores[kept], own.kept_scores)
    )


_Table: TypeAlias = tuple[Ints, Ints]
"""Rows and classes of the candidates."""


@dataclass(eq=False)
class _Work:
    """A selection under way; `alive` are the candidates that are left, in the network's order."""

    rules: Rules
    rows: Ints
    classes: Ints
    boxes: Floats
    first_scores: Floats
    levels: Ints
    ranks: Ints | None
    places: Ints
    """(C,) in the network's own result; those that are not in it come last."""
    double_iou: bool
    n_uncounted: int

    def __post_init__(self) -> None:
        n = len(self.rows)
        self.scores = self.first_scores.copy()
        self.cut = np.full(n, KEPT, dtype=np.int8)
        self.suppressor = np.full(n, -1, dtype=np.int64)
        self.iou = np.zeros(n, dtype=np.float32)
        self.alive: Ints = np.arange(n)

    @classmethod
    def begun(cls, scores: Scores, rules: Rules, rows: Ints | None, like: Selection | None) -> _Work:
        """The table of candidates."""
        chosen = np.arange(len(scores.scores)) if rows is None else rows
        at, classes = _candidates(scores.scores[chosen], rules)
        own = chosen[at]
        boxes = scores.boxes[own, classes] if scores.has_own_boxes else scores.boxes[own]
        return cls(
            rules, own, classes, boxes, scores.scores[own, classes], scores.level[own],
            None if scores.rank is None else scores.rank[own, classes], _places(own, classes, scores, like),
            like is None or like.double_iou,
            len(chosen) * scores.n_classes - len(own),
        )  # fmt: skip

    def done(self) -> Selected:
        """All the cuts made."""
        for at, rule in enumerate(self.rules):
            left = self._cut(rule)
            is_left = np.zeros(len(self.rows), dtype=bool)
            is_left[left] = True
            self.cut[self.alive[~is_left[self.alive]]] = at
            self.alive = left
        return Selected(
            self.rules, self.rows, self.classes, self.boxes, self.first_scores, self.scores, self.levels,
            self.cut, self.suppressor, self.iou, self.alive, self.n_uncounted,
        )  # fmt: skip

    def _cut(self, rule: Cut) -> Ints:
        """The candidates that a cut leaves, in the order that it gives them."""
        match rule:
            case LeastScore():
                return self.alive[_certain(self.scores[self.alive], self.classes[self.alive], rule)]
            case LeastSide(value):
                sides = self.boxes[self.alive, 2:] - self.boxes[self.alive, :2]
                return self.alive[(sides >= np.float32(value)).all(axis=1)]
            case TopK(n, per):
                groups = self._groups(per)
                parts = [self._best(self.alive[groups == group], n) for group in np.unique(groups)]
                return np.concatenate([self.alive[:0], *parts])
            case Most(n):
                return self.alive[:n]
            case Nms():
                return self._suppressed(rule)

    def _groups(self, per: Per) -> Ints:
        """(of `alive`,) the group of each."""
        if per == "all":
            return np.zeros(len(self.alive), dtype=np.int64)
        return (self.levels if per == "level" else self.classes)[self.alive]

    def _best(self, group: Ints, n: int) -> Ints:
        """The n most certain, falling; equal ones in the network's own order where that is known."""
        scores = self.scores[group]
        if 0 < n < len(group):
            least = np.partition(scores, len(group) - n)[len(group) - n]
            group = group[scores >= least]
            scores = self.scores[group]
        ranks = np.arange(len(group)) if self.ranks is None else self.ranks[group]
        return group[np.lexsort((ranks, -scores))[:n]]

    def _suppressed(self, rule: Nms) -> Ints:
        groups = self._groups(rule.per)
        boxes = self._apart(groups + rule.first_group)
        lefts = []
        for group in np.unique(groups):
            chosen = np.flatnonzero(groups == group)
            own = _Group(self.alive[chosen], boxes[chosen])
            lefts.append(self._softly(own, rule) if rule.method != "greedy" else self._greedily(own, rule))
        is_left = np.zeros(len(self.rows), dtype=bool)
        is_left[np.concatenate([self.alive[:0], *lefts])] = True
        left = self.alive[is_left[self.alive]]
        return left[np.lexsort((self.places[left], -self.scores[left]))]

    def _apart(self, groups: Ints) -> Floats:
        """The boxes as torchvision compares them: moved apart by group, unless they are many."""
        boxes = self.boxes[self.alive]
        most = _MOST_MOVED_CPU if self.double_iou else _MOST_MOVED_GPU
        if not len(boxes) or len(boxes) > most:
            return boxes
        step = boxes.max() + np.float32(1)
        return np.asarray(boxes + (groups.astype(np.float32) * step)[:, None], dtype=np.float32)

    def _greedily(self, group: _Group, rule: Nms) -> Ints:
        order = np.argsort(-self.scores[group.members], kind="stable")
        members, boxes = group.members[order], group.boxes[order]
        is_left = np.ones(len(members), dtype=bool)
        for start in range(0, len(members), _BLOCK):
            ahead = start + np.flatnonzero(is_left[start:])
            block = ahead[ahead < start + _BLOCK]
            ious = overlaps(boxes[block], boxes[ahead])
            for place, at in enumerate(block):
                if not is_left[at]:
                    continue
                hit = self._over(ious[place], rule, int(self.classes[members[at]])) & (ahead > at) & is_left[ahead]
                gone = ahead[hit]
                is_left[gone] = False
                self.suppressor[members[gone]] = members[at]
                self.iou[members[gone]] = ious[place][hit]
        return members[is_left]

    def _over(self, ious: Floats, rule: Nms, class_index: int) -> Bools:
        threshold = rule.by_class.get(class_index, rule.iou)
        if self.double_iou:
            return np.asarray(ious.astype(np.float64) > threshold)
        return np.asarray(ious > np.float32(threshold))

    def _softly(self, group: _Group, rule: Nms) -> Ints:
        waiting, left = np.arange(len(group.members)), []
        scores = self.scores[group.members]
        while len(waiting):
            best = waiting[int(scores[waiting].argmax())]
            left.append(best)
            waiting = waiting[waiting != best]
            ious = overlaps(group.boxes[best][None], group.boxes[waiting])[0]
            over = self._over(ious, rule, int(self.classes[group.members[best]]))
            share = np.where(over, 1 - ious, 1) if rule.method == "linear" else np.exp(-(ious**2) / rule.sigma)
            scores[waiting] *= share.astype(np.float32)
            touched = waiting[share < 1]
            self.suppressor[group.members[touched]] = group.members[best]
            self.iou[group.members[touched]] = ious[share < 1]
            waiting = waiting[scores[waiting] >= rule.least_score]
        self.scores[group.members] = scores
        return group.members[np.array(left, dtype=np.int64)]


_BLOCK = 256
"""Boxes that are compared with all later ones at once."""


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Candidates that suppress one another, and their boxes moved apart from those of other groups."""

    members: Ints
    boxes: Floats


def _places(rows: Ints, classes: Ints, scores: Scores, like: Selection | None) -> Ints:
    if like is None:
        return np.zeros(len(rows), dtype=np.int64)
    table = np.full(len(scores.scores) * scores.n_classes, len(like.kept_rows), dtype=np.int64)
    table[like.kept_rows * scores.n_classes + like.kept_classes] = np.arange(len(like.kept_rows))
    return np.asarray(table[rows * scores.n_classes + classes])


def overlaps(a: Floats, b: Floats) -> Floats:
    """(N, M) IoU in float32, by the steps of torchvision's operator; NaN where both boxes are without area."""
    areas = [(each[:, 2] - each[:, 0]) * (each[:, 3] - each[:, 1]) for each in (a, b)]
    width = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    height = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    common = np.maximum(width, 0) * np.maximum(height, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(common / (areas[0][:, None] + areas[1][None, :] - common), dtype=np.float32)


def _candidates(scores: Floats, rules: Sequence[Cut]) -> _Table:
    """Pairs of row and class, row by row; where the first rule is a threshold, only those that pass it."""
    first = rules[0] if rules else None
    if isinstance(first, LeastScore):
        classes = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
        passed, own = np.nonzero(_certain(scores, classes, first))
        return passed, own
    shape = scores.shape
    return np.repeat(np.arange(shape[0]), shape[1]), np.tile(np.arange(shape[1]), shape[0])


def _certain(scores: Floats, classes: NDArray[np.int64], rule: LeastScore) -> Bools:
    least = np.full(int(classes.max(initial=-1)) + 1, rule.value, dtype=np.float32)
    for class_index, value in rule.by_class.items():
        if class_index < len(least):
            least[class_index] = value
    wanted = least[classes]
    return np.asarray(scores >= wanted if rule.is_inclusive else scores > wanted)
