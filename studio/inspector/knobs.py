"""What can be turned of a network's rules: a knob for each number, with its range and where it is now. No Qt.

A knob's place, 0 to 1, is where a slider stands: counts and scales go by ratio, so that 10 to 20 is as far as 100
to 200.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from engine.tracing.remedies import setting_name
from engine.tracing.rules import Cut, LeastScore, LeastSide, Most, Nms, Rules, Suppression, TopK

RulesByName: TypeAlias = Mapping[str, Rules]
Unit: TypeAlias = Literal["share", "count", "pixels", "scale"]
LEAST_SCALE, MOST_SCALE = 0.25, 4.0
_MOST_SIDE = 128.0
_LEAST_SIGMA, _MOST_SIGMA = 0.05, 2.0


@dataclass(frozen=True, slots=True)
class Span:
    """The values a knob can have, and how a slider goes through them."""

    unit: Unit
    low: float
    high: float

    @property
    def is_even(self) -> bool:
        """Equal steps of the slider are equal differences, and not equal ratios."""
        return self.unit in ("share", "pixels")

    @property
    def decimals(self) -> int:
        """Digits that are shown after the point."""
        return {"share": 4, "count": 0, "pixels": 2, "scale": 2}[self.unit]

    def place(self, value: float) -> float:
        """0 to 1."""
        value = min(max(value, self.low), self.high)
        if self.high <= self.low:
            return 0.0
        if self.is_even:
            return (value - self.low) / (self.high - self.low)
        return math.log(value / self.low) / math.log(self.high / self.low)

    def value(self, place: float) -> float:
        """The value there, rounded to what is shown."""
        if self.is_even:
            exact = self.low + place * (self.high - self.low)
        else:
            exact = self.low * (self.high / self.low) ** place
        return float(round(exact, self.decimals))


@dataclass(frozen=True, slots=True)
class Knob:
    """One number of one cut."""

    selection: str
    at: int
    """The cut's place in the selection's rules."""
    field: str
    title: str
    tip: str
    span: Span

    def value(self, rules: RulesByName) -> float:
        """What it is set to."""
        return float(getattr(rules[self.selection][self.at], self.field))

    def turned(self, rules: RulesByName, value: float) -> RulesByName:
        """The rules with another value of it."""
        cut = _with_number(rules[self.selection][self.at], self.field, value)
        return with_cut(rules, self.selection, self.at, cut)

    @property
    def key(self) -> tuple[str, int, str]:
        """By which it is told from others."""
        return self.selection, self.at, self.field


def _with_number(cut: Cut, field: str, value: float) -> Cut:
    match cut:
        case LeastScore() | LeastSide():
            return replace(cut, value=value)
        case TopK() | Most():
            return replace(cut, n=round(value))
        case Nms() if field == "iou":
            return replace(cut, iou=value)
        case Nms() if field == "sigma":
            return replace(cut, sigma=value)
        case Nms():
            return replace(cut, least_score=value)


def with_cut(rules: RulesByName, selection: str, at: int, cut: Cut) -> RulesByName:
    """The rules with another cut at a place."""
    own = rules[selection]
    return {**rules, selection: (*own[:at], cut, *own[at + 1 :])}


def knobs(rules: RulesByName, n_candidates: Mapping[str, int]) -> tuple[Knob, ...]:
    """All of them, in the order in which the cuts are made; `n_candidates` says how many boxes a count may reach."""
    return tuple(
        knob
        for name, own in rules.items()
        for at, cut in enumerate(own)
        for knob in _of_cut(name, at, cut, max(n_candidates[name], 2))
    )


def _of_cut(selection: str, at: int, cut: Cut, most: int) -> tuple[Knob, ...]:
    title = setting_name(cut, is_of_proposals=selection == "proposals")

    def knob(field: str, name: str, tip: str, span: Span) -> Knob:
        return Knob(selection, at, field, name, tip, span)

    match cut:
        case LeastScore():
            return (knob("value", title, "Boxes that are less certain go.", Span("share", 0.0, 1.0)),)
        case LeastSide():
            return (knob("value", title, _SIDE, Span("pixels", 0.0, _MOST_SIDE)),)
        case TopK(n, per):
            return (knob("n", title, _TOP_K[per], Span("count", 1, max(most, n))),)
        case Most(n):
            return (knob("n", title, "So many are kept in the end, the most certain.", Span("count", 1, max(most, n))),)
        case Nms():
            return _of_suppression(knob, title, cut)


def _of_suppression(knob: Callable[[str, str, str, Span], Knob], title: str, cut: Nms) -> tuple[Knob, ...]:
    least = knob("least_score", "Least score after it", "Boxes that lose more than that go.", Span("share", 0.0, 1.0))
    if cut.method == "gaussian":
        sigma = Span("scale", _LEAST_SIGMA, _MOST_SIGMA)
        return (knob("sigma", "Sigma", "The larger, the less is taken from boxes that overlap.", sigma), least)
    threshold = knob("iou", title, _OVERLAP[cut.method], Span("share", 0.0, 1.0))
    return (threshold,) if cut.method == "greedy" else (threshold, least)


_SIDE = "Boxes narrower or lower than this go, in pixels of the scaled picture."
_TOP_K = {
    "all": "So many go on to suppression, the most certain.",
    "level": "So many of each level go on to suppression, the most certain.",
    "class": "So many of each class go on to suppression, the most certain.",
}
_OVERLAP = {
    "greedy": "Of two boxes that overlap more, the less certain one goes.",
    "linear": "Boxes that overlap a more certain one by more lose score.",
}
SCALE = Span("scale", LEAST_SCALE, MOST_SCALE)
"""Of the anchors' sides."""


def with_method(rules: RulesByName, selection: str, at: int, method: Suppression) -> RulesByName:
    """The rules with suppression of another kind; a soft one drops what loses nearly all of its score."""
    cut = rules[selection][at]
    assert isinstance(cut, Nms)
    least = cut.least_score or _LEAST_LEFT if method != "greedy" else cut.least_score
    return with_cut(rules, selection, at, replace(cut, method=method, least_score=least))


_LEAST_LEFT = 0.001
"""As in the paper's code: below it nothing counts."""


def with_own(rules: RulesByName, selection: str, at: int, choice: tuple[int, float | None]) -> RulesByName:
    """The rules with a threshold of its own for a class, or (None) the one that all have."""
    cut = rules[selection][at]
    assert isinstance(cut, LeastScore | Nms)
    class_index, value = choice
    others = {index: each for index, each in cut.by_class.items() if index != class_index}
    by_class = others if value is None else {**others, class_index: value}
    return with_cut(rules, selection, at, replace(cut, by_class=dict(sorted(by_class.items()))))


def cuts_by_class(rules: RulesByName) -> tuple[tuple[str, int], ...]:
    """Selections and places of the cuts that classes can have their own threshold of: of detections alone."""
    last = list(rules)[-1]
    return tuple((last, at) for at, cut in enumerate(rules[last]) if isinstance(cut, LeastScore | Nms))
