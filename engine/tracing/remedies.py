"""What would have kept a candidate at the cut that dropped it: the same cut with another number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.geometry import boxes
from engine.tracing.rules import Cut, LeastScore, LeastSide, Most, Nms, TopK
from engine.tracing.selecting import Selected, Selector
from engine.tracing.stages import Anchors, Floats, Ints, Scores, Selection
from engine.tracing.standings import Standing, candidates_of

_MOST_TRIES = 32
"""Suppressors that follow one another on a candidate as the threshold rises."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A selection at work: what it selects from, and what became of it under some rules."""

    own: Selection
    scores: Scores
    selected: Selected
    rows: Ints | None = None
    """The rows that took part; None: all."""

    @property
    def is_of_proposals(self) -> bool:
        """Whether it selects what goes on to the heads."""
        return self.scores.name == "objectness"


def setting_name(rule: Cut, *, is_of_proposals: bool) -> str:
    """What a cut's number is called."""
    match rule:
        case LeastScore():
            return "Least score of a proposal" if is_of_proposals else "Least score"
        case LeastSide():
            return "Least side of a proposal" if is_of_proposals else "Least side"
        case TopK():
            return "Top-k of the proposals" if is_of_proposals else "Top-k"
        case Nms():
            return "NMS IoU of the proposals" if is_of_proposals else "NMS IoU"
        case Most():
            return "Proposals kept" if is_of_proposals else "Detections per picture"


def value_of(rule: Cut, class_index: int) -> float:
    """A cut's number, as it holds for a class."""
    match rule:
        case LeastScore(value, by_class=by_class):
            return by_class.get(class_index, value)
        case LeastSide(value):
            return value
        case TopK(n) | Most(n):
            return float(n)
        case Nms() if rule.method != "greedy":
            return rule.least_score
        case Nms():
            return rule.by_class.get(class_index, rule.iou)


def undone(table: Table, row: int, class_index: int, stood: Standing) -> Cut | None:
    """The cut that stood against a row and class, so that it passes; None where no number does that."""
    match stood.rule:
        case LeastScore() as rule:
            least = _below(stood.score, is_inclusive=rule.is_inclusive)
            return None if least is None else with_value(rule, class_index, least)
        case LeastSide() as rule:
            return replace(rule, value=_rounded_down(stood.side))
        case TopK() | Most() as rule:
            return replace(rule, n=stood.place)
        case Nms(method=method) if method != "greedy":
            return _spared(table, row, class_index, stood)
        case Nms():
            return _unsuppressed(table, row, class_index, stood)


def with_value(rule: Cut, class_index: int, value: float) -> Cut:
    """A threshold with another value: of the class where it has one of its own, else of all."""
    match rule:
        case LeastScore():
            if class_index in rule.by_class:
                return replace(rule, by_class=_with(rule.by_class, class_index, value))
            return replace(rule, value=value)
        case Nms():
            if class_index in rule.by_class:
                return replace(rule, by_class=_with(rule.by_class, class_index, value))
            return replace(rule, iou=value)
        case _:
            raise TypeError(f"{type(rule).__name__} has no threshold")


def _with(values: Mapping[int, float], class_index: int, value: float) -> dict[int, float]:
    return {**values, class_index: value}


def _unsuppressed(table: Table, row: int, class_index: int, stood: Standing) -> Cut | None:
    """NMS with the threshold raised until nothing suppresses the row: each time to its latest suppressor's IoU."""
    assert isinstance(stood.rule, Nms)
    trial, iou = _Trial(table, row, class_index, stood), stood.iou
    for _ in range(_MOST_TRIES):
        for limit in (_rounded_up(iou), iou):
            rule = with_value(stood.rule, class_index, limit)
            again, candidate = trial.of(rule)
            if again.cut[candidate] != stood.at:
                return rule
        iou = float(again.iou[candidate])
    return None


def _spared(table: Table, row: int, class_index: int, stood: Standing) -> Cut:
    """Soft-NMS whose least score is what the row has left at its turn: only boxes above that take score from it."""
    rule = stood.rule
    assert isinstance(rule, Nms)
    again, candidate = _Trial(table, row, class_index, stood).of(replace(rule, least_score=0.0))
    return replace(rule, least_score=_rounded_down(float(again.scores[candidate])))


class _Trial:
    """Other numbers tried for the cut that stood against a row."""

    def __init__(self, table: Table, row: int, class_index: int, stood: Standing) -> None:
        self._selector = Selector(table.scores, table.own)
        self._rows, self._before = table.rows, table.selected.rules[: stood.at]
        self._key = (row, class_index)

    def of(self, rule: Cut) -> tuple[Selected, int]:
        """What the rules up to this one leave, and the row's candidate there."""
        again = self._selector.select((*self._before, rule), self._rows)
        return again, int(candidates_of(again, np.array([self._key[0]]), self._key[1])[0])


def _below(score: float, *, is_inclusive: bool) -> float | None:
    """A threshold that a score passes, short where it can be; None where nothing is below it."""
    short = _rounded_down(score)
    if np.float32(short) < np.float32(score) or is_inclusive:
        return short
    return float(np.nextafter(np.float32(score), np.float32(-1))) if score > 0 else None


def _rounded_down(value: float) -> float:
    """Two digits that count, not more than the value."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1) if value > 0 else 1.0
    short = float(f"{math.floor(value / step) * step:.12g}")
    return short if np.float32(short) <= np.float32(value) else value


def _rounded_up(value: float) -> float:
    """Two decimals, at least the value and at most 1."""
    return min(math.ceil(value * 100) / 100, 1.0)


@dataclass(frozen=True, slots=True)
class AnchorFit:
    """How the anchors fit a box, and which one would; sides in model pixels."""

    anchor: int
    """The one that overlaps it most."""
    iou: float
    n_near: int
    """How many overlap it enough."""
    side: float
    """Of a square as large as the box."""
    ratio: float
    """Height to width of the box."""
    best_iou: float
    """Of an anchor with the very shape of the box, where the anchors are."""


def anchor_fit(anchors: Anchors, box_model: Floats, iou: float) -> AnchorFit:
    """Anchors beside a box that is not empty."""
    ious = boxes.iou_one(box_model, anchors.boxes.astype(np.float64))
    width, height = (float(side) for side in box_model[2:] - box_model[:2])
    centres = (anchors.boxes[:, :2] + anchors.boxes[:, 2:]) / 2
    apart = np.abs(centres - (box_model[:2] + box_model[2:]) / 2)
    common = np.maximum(width - apart[:, 0], 0) * np.maximum(height - apart[:, 1], 0)
    best = float((common / np.maximum(2 * width * height - common, 1e-12)).max(initial=0.0))
    at = int(ious.argmax()) if len(ious) else -1
    return AnchorFit(
        at, float(ious.max(initial=0.0)), int((ious >= iou).sum()),
        math.sqrt(width * height), height / max(width, 1e-12), best,
    )  # fmt: skip
