"""Of boxes that overlap the less certain ones go, or lose score: greedy and soft suppression on pairs that overlap.

Greedy suppression (torchvision csrc/ops/cpu/nms_kernel.cpp) goes through boxes by falling score, each dropping those
after it that it overlaps too much. The same comes of deciding in rounds: a box that no undecided one could drop stays,
and what it overlaps goes. Soft-NMS (Bodla et al. 2017) has to go one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.tracing.overlapping import Pairs
from engine.tracing.rules import Nms
from engine.tracing.stages import Bools, Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """N boxes that are to be suppressed, as far as that asks for them."""

    scores: Floats
    classes: Ints
    is_compared_in_double: bool
    """Whether IoU is compared with the threshold in double precision."""

    def thresholds(self, rule: Nms) -> Floats:
        """(N,) above which each suppresses others."""
        values = np.full(int(self.classes.max(initial=-1)) + 1, rule.iou, dtype=np.float64)
        for class_index, value in rule.by_class.items():
            if class_index < len(values):
                values[class_index] = value
        return np.asarray(values[self.classes] if self.is_compared_in_double else values[self.classes].astype("f4"))


@dataclass(frozen=True, slots=True, eq=False)
class Suppressed:
    """What became of N boxes; columns (N,)."""

    is_left: Bools
    scores: Floats
    suppressor: Ints
    """Which box dropped each, -1 where none did; of soft-NMS the last that took score."""
    ious: Floats
    """With the suppressor."""


def suppressed(scored: Scored, pairs: Pairs, rule: Nms) -> Suppressed:
    """By the rule's method; of boxes that are equally certain the first counts as more so."""
    return _greedily(scored, pairs, rule) if rule.method == "greedy" else _Softly(scored, pairs, rule).done()


def _greedily(scored: Scored, pairs: Pairs, rule: Nms) -> Suppressed:
    n = len(scored.scores)
    order = np.argsort(-scored.scores, kind="stable")
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    ahead, behind = place[pairs.one], place[pairs.other]
    ahead, behind = np.minimum(ahead, behind), np.maximum(ahead, behind)
    is_over = np.flatnonzero(pairs.ious > scored.thresholds(rule)[order][ahead])
    ahead, behind, ious = ahead[is_over], behind[is_over], pairs.ious[is_over]
    is_left = _settled(ahead, behind, n)
    suppressor, own = np.full(n, -1), np.zeros(n, dtype=np.float32)
    by_left = np.flatnonzero(is_left[ahead])
    by_left = by_left[np.argsort(-ahead[by_left], kind="stable")]  # the most certain comes last, and is what remains
    suppressor[order[behind[by_left]]] = order[ahead[by_left]]
    own[order[behind[by_left]]] = ious[by_left]
    return Suppressed(is_left[place], scored.scores, suppressor, own)


def _settled(ahead: Ints, behind: Ints, n: int) -> Bools:
    """(n,) which of boxes by falling score are left; each one `ahead` drops the one `behind` unless it is dropped."""
    is_open, is_left = np.ones(n, dtype=bool), np.zeros(n, dtype=bool)
    while len(ahead):
        stays = is_open.copy()
        stays[behind] = False
        is_left |= stays
        is_open &= ~stays
        is_open[behind[stays[ahead]]] = False
        goes_on = is_open[ahead] & is_open[behind]
        ahead, behind = ahead[goes_on], behind[goes_on]
    return is_left | is_open


class _Softly:
    """Soft-NMS under way: the most certain box that waits is chosen, and takes score from those it overlaps."""

    def __init__(self, scored: Scored, pairs: Pairs, rule: Nms) -> None:
        n = len(scored.scores)
        self._rule = rule
        self._thresholds = scored.thresholds(rule)
        self._scores = scored.scores.copy()
        self._suppressor = np.full(n, -1)
        self._own = np.zeros(n, dtype=np.float32)
        one, other = np.concatenate([pairs.one, pairs.other]), np.concatenate([pairs.other, pairs.one])
        order = np.argsort(one, kind="stable")
        ious = np.concatenate([pairs.ious, pairs.ious])[order]
        self._others = other[order]
        self._ious = ious
        self._shares = self._shares_of(one[order], ious)
        self._starts = np.searchsorted(one[order], np.arange(n + 1)).tolist()

    def _shares_of(self, one: Ints, ious: Floats) -> Floats:
        """(P,) what is left of the score of the second of each pair when the first is chosen."""
        if self._rule.method == "linear":
            return np.where(ious > self._thresholds[one], 1 - ious, np.float32(1))
        return np.asarray(np.exp(-(ious**2) / np.float32(self._rule.sigma)), dtype=np.float32)

    def done(self) -> Suppressed:
        """Every box chosen, or below the least score."""
        gone = np.float32(-np.inf)
        waiting = np.where(self._scores >= self._rule.least_score, self._scores, gone)
        is_alone = np.diff(self._starts) == 0
        is_left = is_alone & (waiting != gone)
        waiting[is_alone] = gone
        while len(waiting) and waiting[best := int(waiting.argmax())] != gone:
            is_left[best] = True
            waiting[best] = gone
            self._take(best, waiting)
        return Suppressed(is_left, self._scores, self._suppressor, self._own)

    def _take(self, best: int, waiting: Floats) -> None:
        """Take score from what `best` overlaps and still waits."""
        own = slice(self._starts[best], self._starts[best + 1])
        others, shares = self._others[own], self._shares[own]
        is_touched = (shares < 1) & (waiting[others] != -np.inf)
        touched = others[is_touched]
        if not len(touched):
            return
        scores = waiting[touched] * shares[is_touched]
        self._scores[touched], self._suppressor[touched], self._own[touched] = scores, best, self._ious[own][is_touched]
        waiting[touched] = np.where(scores >= self._rule.least_score, scores, -np.inf)
