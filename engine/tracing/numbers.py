"""Settings from a few numbers in words: what a person turns, wherever it stands in a detector's rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from engine.tracing.rules import Cut, LeastScore, Most, Nms, Rules, TopK
from engine.tracing.whatif import Settings

LEAST_LEFT = 0.001
"""Soft suppression: below this score nothing counts, as in the paper's code."""
_PROPOSALS, _DETECTIONS = "proposals", "detections"


@dataclass(frozen=True, slots=True)
class Numbers:
    """What to change; None: as it is."""

    score: float | None = None
    """Least score of a detection."""
    nms: float | None = None
    """Overlap from which on the less certain detection goes."""
    soft: Literal["linear", "gaussian"] | None = None
    score_by_class: Mapping[int, float] = field(default_factory=dict)
    """By class index, as the next one."""
    nms_by_class: Mapping[int, float] = field(default_factory=dict)
    most: int | None = None
    """Detections on a picture."""
    top: int | None = None
    """Boxes that go into the first suppression: of each level or class, as the detector has it."""
    proposals: int | None = None
    proposal_nms: float | None = None
    anchor_scale: float | None = None


def with_numbers(settings: Settings, numbers: Numbers) -> Settings:
    """The settings with these numbers; raises LookupError with a sentence where the detector has no such rule."""
    rules = dict(settings.rules)
    first = _PROPOSALS if _PROPOSALS in rules else _DETECTIONS
    changes: list[tuple[object, str, type[Cut], Callable[[Cut], Cut]]] = [
        (numbers.score, _DETECTIONS, LeastScore, lambda cut: _with(cut, value=numbers.score)),
        (numbers.score_by_class, _DETECTIONS, LeastScore, lambda cut: _with(cut, by_class=numbers.score_by_class)),
        (numbers.nms, _DETECTIONS, Nms, lambda cut: _with(cut, iou=numbers.nms)),
        (numbers.nms_by_class, _DETECTIONS, Nms, lambda cut: _with(cut, by_class=numbers.nms_by_class)),
        (numbers.soft, _DETECTIONS, Nms, lambda cut: _with(cut, method=numbers.soft, least_score=LEAST_LEFT)),
        (numbers.most, _DETECTIONS, Most, lambda cut: _with(cut, n=numbers.most)),
        (numbers.top, first, TopK, lambda cut: _with(cut, n=numbers.top)),
        (numbers.proposals, _PROPOSALS, Most, lambda cut: _with(cut, n=numbers.proposals)),
        (numbers.proposal_nms, _PROPOSALS, Nms, lambda cut: _with(cut, iou=numbers.proposal_nms)),
    ]
    for value, name, kind, change in changes:
        if value is not None and value != {}:
            rules[name] = _changed(rules.get(name, ()), kind, change)
    scale = settings.anchor_scale if numbers.anchor_scale is None else numbers.anchor_scale
    return Settings(rules, scale)


def _changed(rules: Rules, kind: type[Cut], change: Callable[[Cut], Cut]) -> Rules:
    if not any(isinstance(cut, kind) for cut in rules):
        raise LookupError(
            "This detector makes no proposals." if not rules else f"It has no such rule: {kind.__name__}."
        )
    return tuple(change(cut) if isinstance(cut, kind) else cut for cut in rules)


def _with(cut: Cut, **changed: object) -> Cut:
    return replace(cut, **changed)  # type: ignore[arg-type]  # each of its own kind
