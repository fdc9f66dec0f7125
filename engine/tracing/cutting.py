"""Cuts made one after the other on a table of candidates. Arithmetic in float32, as torchvision's operators do it.

`batched_nms` keeps groups apart by moving them away from one another, or for many boxes by going through them one by
one; moving rounds coordinates, so the same branch is taken here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.tracing.candidates import Candidates, certain
from engine.tracing.overlapping import Asked, Overlaps
from engine.tracing.rules import Cut, LeastScore, LeastSide, Most, Nms, Per, TopK
from engine.tracing.stages import Floats, Ints
from engine.tracing.suppressing import Scored, Suppressed, suppressed

KEPT = -1
_MOST_MOVED_CPU, _MOST_MOVED_GPU = 1_000, 25_000
"""Boxes up to which torchvision keeps groups apart by moving them."""
_USUAL_FLOOR = 0.1
"""Thresholds of IoU are hardly ever lower: overlaps up to this are not remembered."""


@dataclass(eq=False)
class Cutting:
    """A selection under way; `alive` are the candidates that are left, in the network's order."""

    table: Candidates
    is_compared_in_double: bool
    overlaps: Overlaps
    scores: Floats = field(init=False)
    cut: NDArray[np.int8] = field(init=False)
    """(C,) the place of the cut that dropped each, KEPT where none did."""
    suppressor: Ints = field(init=False)
    iou: Floats = field(init=False)
    alive: Ints = field(init=False)

    def __post_init__(self) -> None:
        n = len(self.table)
        self.scores = self.table.scores.copy()
        self.cut = np.full(n, KEPT, dtype=np.int8)
        self.suppressor = np.full(n, -1, dtype=np.int64)
        self.iou = np.zeros(n, dtype=np.float32)
        self.alive = np.arange(n)

    def make(self, at: int, rule: Cut) -> None:
        """One cut, the rules' own number `at`."""
        left = self._left(rule)
        is_left = np.zeros(len(self.table), dtype=bool)
        is_left[left] = True
        self.cut[self.alive[~is_left[self.alive]]] = at
        self.alive = left

    def _left(self, rule: Cut) -> Ints:
        """The candidates that a cut leaves, in the order that it gives them."""
        match rule:
            case LeastScore():
                return self.alive[certain(self.scores[self.alive], self.table.classes[self.alive], rule)]
            case LeastSide(value):
                sides = self.table.boxes[self.alive, 2:] - self.table.boxes[self.alive, :2]
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
        return (self.table.levels if per == "level" else self.table.classes)[self.alive]

    def _best(self, group: Ints, n: int) -> Ints:
        """The n most certain, falling; equal ones in the network's own order where that is known."""
        scores = self.scores[group]
        if 0 < n < len(group):
            least = np.partition(scores, len(group) - n)[len(group) - n]
            group = group[scores >= least]
            scores = self.scores[group]
        ranks = np.arange(len(group)) if self.table.ranks is None else self.table.ranks[group]
        return group[np.lexsort((ranks, -scores))[:n]]

    def _suppressed(self, rule: Nms) -> Ints:
        groups = self._groups(rule.per)
        boxes, step = self._apart(groups + rule.first_group)
        is_moved = step > 0
        if (
            is_moved and self.table.boxes[self.alive].min() < 0
        ):  # beyond the picture's edge, boxes of two groups may meet
            groups = np.zeros_like(groups)
        asked = Asked(self.table.keys[self.alive], boxes, groups, (rule.per, step), _floor(rule))
        scored = Scored(self.scores[self.alive], self.table.classes[self.alive], self.is_compared_in_double)
        found = suppressed(scored, self.overlaps.of(asked), rule)
        self._note(found)
        left = self.alive[found.is_left]
        is_settled = is_moved or rule.method != "greedy"  # else torchvision sorts equal scores as it likes
        return left[np.lexsort((-self.scores[left],) if is_settled else (self.table.places[left], -self.scores[left]))]

    def _note(self, found: Suppressed) -> None:
        """What became of those that are alive."""
        self.scores[self.alive] = found.scores
        self.suppressor[self.alive] = np.where(found.suppressor >= 0, self.alive[found.suppressor], -1)
        self.iou[self.alive] = found.ious

    def _apart(self, groups: Ints) -> tuple[Floats, float]:
        """The boxes as torchvision compares them: moved apart by group, unless they are many; by how much."""
        boxes = self.table.boxes[self.alive]
        most = _MOST_MOVED_CPU if self.is_compared_in_double else _MOST_MOVED_GPU
        if not len(boxes) or len(boxes) > most:
            return boxes, 0.0
        step = boxes.max() + np.float32(1)
        return np.asarray(boxes + (groups.astype(np.float32) * step)[:, None], dtype=np.float32), float(step)


def _floor(rule: Nms) -> float:
    """Overlaps up to this need not be known; less than is asked for, so that a threshold can be moved."""
    if rule.method == "gaussian":
        return 0.0
    return _USUAL_FLOOR if min((rule.iou, *rule.by_class.values())) >= _USUAL_FLOOR else 0.0
