"""Cuts: how many scored boxes become few, and which of two that overlap goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.tracing.explaining.example import Example
from engine.tracing.explaining.wording import Explanation, Formula, counted, number
from engine.tracing.rules import Cut, LeastScore, LeastSide, Most, Nms, TopK
from engine.tracing.selecting import Selected, replay
from engine.tracing.stages import Floats, Selection
from engine.tracing.standings import UNLISTED, candidates_of
from engine.tracing.trace import Trace

_PER = {"all": "", "level": " of each level", "class": " of each class"}
_IOU = "IoU = (|A ∩ B|) / (|A| + |B| − |A ∩ B|)"


def selection(trace: Trace, stage: Selection, example: Example, selected: Selected | None) -> Explanation:
    """What the rules cut, in their order, and the IoU by which one box went."""
    done = replay(trace.scores_of(stage), stage) if selected is None else selected
    is_last = stage is trace.all(Selection)[-1]
    noun = "detections" if is_last else "proposals"
    n = len(done) + done.n_uncounted
    text = " ".join(
        (
            f"{counted(n, 'candidate')} become {len(done.kept):,} {noun}, by cuts one after the other.",
            *_cuts(done),
            _end(is_last),
        )
    )
    title = "Detections" if is_last else "Proposals"
    counts = Formula("What is left", "candidates − what each cut dropped", _sum(done, n))
    loser = _loser(done, _candidate(stage, example, done, is_last=is_last))
    if loser is None:
        return Explanation(title, text, (counts,))
    return Explanation(title, text, (counts, *_overlap(done, loser)), _named(trace, done, loser, is_last=is_last))


def _cuts(done: Selected) -> list[str]:
    """A sentence for each cut."""
    return [_sentence(rule, done.n_cut(at)) for at, rule in enumerate(done.rules)]


def _sentence(rule: Cut, n: int) -> str:
    gone = {0: "none is dropped", 1: "1 is dropped"}.get(n, f"{n:,} are dropped")
    match rule:
        case LeastScore(value, is_inclusive):
            word = "at least" if is_inclusive else "more than"
            return f"A score of {word} {number(value)} is wanted: {gone}."
        case TopK(count, per):
            return f"The {count:,} most certain{_PER[per]} stay: {gone}."
        case LeastSide(value):
            return f"Sides of at least {number(value)} pixels are wanted: {gone}."
        case Nms():
            return _suppression(rule, gone)
        case Most(count):
            return f"At most {count:,} stay in the end: {gone}."


def _suppression(rule: Nms, gone: str) -> str:
    where = f"the boxes{_PER[rule.per]}" if rule.per != "all" else "all boxes"
    if rule.method == "greedy":
        return (
            f"Non-maximum suppression goes through {where} from the most certain on, and drops every later one that "
            f"overlaps it by an IoU of more than {number(rule.iou)}: {gone}."
        )
    by = "1 − IoU" if rule.method == "linear" else "e^(−IoU²/σ)"
    return f"Soft-NMS multiplies the score of what overlaps a more certain one of {where} by {by}: {gone}."


def _end(is_last: bool) -> str:
    if is_last:
        return "What is left is the result; its boxes are divided by the scale of the picture."
    return "What is left is looked at again, one by one, by the heads."


def _sum(done: Selected, n: int) -> str:
    terms = " − ".join(f"{count:,}" for count in (n, *(done.n_cut(at) for at in range(len(done.rules)))))
    return f"{terms} = {len(done.kept):,}"


def _candidate(stage: Selection, example: Example, done: Selected, *, is_last: bool) -> int | None:
    """The candidate that is picked."""
    row = example.region if stage.of == "regions" else example.anchor
    if row is None:
        return None
    found = int(candidates_of(done, np.array([row]), (example.class_index or 0) if is_last else 0)[0])
    return None if found == UNLISTED else found


def _loser(done: Selected, candidate: int | None) -> int | None:
    """The picked one where it was suppressed, the one that it suppressed with the highest score, or the best of all."""
    suppressed = np.flatnonzero(done.suppressor >= 0)
    if not len(suppressed):
        return None
    if candidate is not None:
        if done.suppressor[candidate] >= 0:
            return candidate
        own = suppressed[done.suppressor[suppressed] == candidate]
        suppressed = own if len(own) else suppressed
    return int(suppressed[done.first_scores[suppressed].argmax()])


@dataclass(frozen=True, slots=True)
class _Areas:
    """Of two boxes, and of what they have in common."""

    a: float
    b: float
    common: float

    @classmethod
    def of(cls, a: Floats, b: Floats) -> _Areas:
        """In square pixels."""
        low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
        sides = [each[2:].astype(np.float64) - each[:2] for each in (a, b)]
        common = np.maximum(high.astype(np.float64) - low, 0)
        return cls(float(sides[0].prod()), float(sides[1].prod()), float(common.prod()))


def _overlap(done: Selected, loser: int) -> tuple[Formula, ...]:
    winner = int(done.suppressor[loser])
    areas = _Areas.of(done.boxes[winner], done.boxes[loser])
    a, b, common = number(areas.a), number(areas.b), number(areas.common)
    rule = next(rule for rule in done.rules if isinstance(rule, Nms))
    iou = float(done.iou[loser])
    numbers = f"{common} / ({a} + {b} − {common}) = {number(iou)}"
    overlap = Formula("How far the two overlap", _IOU, numbers)
    threshold = rule.by_class.get(int(done.classes[winner]), rule.iou)
    return overlap, *_weakened(done, rule, loser, threshold)


def _weakened(done: Selected, rule: Nms, loser: int, threshold: float) -> tuple[Formula, ...]:
    """What soft-NMS does to the score."""
    iou = float(done.iou[loser])
    if rule.method == "linear":
        return (
            Formula(
                "Factor of its score", f"1 − IoU, above {number(threshold)}", f"1 − {number(iou)} = {number(1 - iou)}"
            ),
        )
    if rule.method == "gaussian":
        share = float(np.exp(-(iou**2) / rule.sigma))
        exponent = f"−{number(iou)} × {number(iou)} / {number(rule.sigma)}"
        return (Formula("Factor of its score", "e^{−IoU · IoU / σ}", f"e^{{{exponent}}} = {number(share)}"),)
    return ()


def _named(trace: Trace, done: Selected, loser: int, *, is_last: bool) -> str:
    winner = int(done.suppressor[loser])
    name = f"{trace.origin.class_names[int(done.classes[loser])]} " if is_last else ""
    scores = (number(float(done.first_scores[each])) for each in (loser, winner))
    mine, theirs = scores
    return f"{name}candidate {loser:,} ({mine}), suppressed by {winner:,} ({theirs})"
