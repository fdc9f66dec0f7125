"""Oracles of selections: the definitions as plain loops over Python numbers and single boxes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.tracing.rules import Nms
from engine.tracing.stages import Floats, Ints, Scores

F = np.float32


def scores_of(boxes: Floats, values: Floats, groups: Ints | None = None) -> Scores:
    """A head's words on rows of one class each: `groups` are levels."""
    n = len(boxes)
    return Scores(
        name="scores", of="anchors", parent=np.arange(n), logits=values[:, None], scores=values[:, None],
        terms=np.zeros((n, 4), F), boxes=boxes, level=np.zeros(n, np.int64) if groups is None else groups,
        activation="sigmoid", coding="centre_size", weights=(1.0, 1.0, 1.0, 1.0),
    )  # fmt: skip


def iou(a: Floats, b: Floats) -> np.float32:
    """Of two boxes, every step rounded to float32."""
    width = max(F(0), F(min(a[2], b[2]) - max(a[0], b[0])))
    height = max(F(0), F(min(a[3], b[3]) - max(a[1], b[1])))
    common = F(width * height)
    areas = [F(F(each[2] - each[0]) * F(each[3] - each[1])) for each in (a, b)]
    whole = F(F(areas[0] + areas[1]) - common)
    return F(common / whole) if whole else F(math.nan)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a box."""

    is_left: bool
    suppressor: int
    iou: float
    score: float


def greedy(boxes: Floats, values: Floats, groups: Ints, rule: Nms) -> list[Fate]:
    """By falling score, each drops the later ones of its group that overlap it too much."""
    order = sorted(range(len(boxes)), key=lambda at: -values[at])
    fates = {at: Fate(True, -1, 0.0, float(values[at])) for at in order}
    for place, at in enumerate(order):
        if not fates[at].is_left:
            continue
        for other in order[place + 1 :]:
            own = iou(boxes[at], boxes[other])
            if fates[other].is_left and groups[at] == groups[other] and float(own) > rule.iou:
                fates[other] = Fate(False, at, float(own), float(values[other]))
    return [fates[at] for at in range(len(boxes))]


def soft(boxes: Floats, values: Floats, groups: Ints, rule: Nms) -> list[Fate]:
    """The most certain box that waits takes score from those it overlaps, until none waits."""
    scores = [F(value) for value in values]
    fates = {at: Fate(False, -1, 0.0, float(scores[at])) for at in range(len(boxes))}
    waiting = [at for at in range(len(boxes)) if scores[at] >= rule.least_score]
    while waiting:
        best = max(waiting, key=lambda at: scores[at])
        fates[best] = Fate(True, fates[best].suppressor, fates[best].iou, float(scores[best]))
        waiting.remove(best)
        for other in list(waiting):
            own = iou(boxes[best], boxes[other])
            share = _share(own, rule)
            if groups[best] != groups[other] or not share < 1:
                continue
            scores[other] = F(scores[other] * share)
            fates[other] = Fate(False, best, float(own), float(scores[other]))
            if scores[other] < rule.least_score:
                waiting.remove(other)
    return [fates[at] for at in range(len(boxes))]


def _share(own: np.float32, rule: Nms) -> np.float32:
    if rule.method == "linear":
        return F(F(1) - own) if float(own) > rule.iou else F(1)
    return F(np.exp(-(own**2) / F(rule.sigma)))
