"""How many candidates each cut of a selection leaves, and in what words. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass

from engine.tracing.rules import Cut, LeastScore, LeastSide, Most, Nms, Per, TopK
from engine.tracing.selecting import Selected

_PER: dict[Per, str] = {"all": "", "level": " per level", "class": " per class"}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One cut and what it did."""

    words: str
    n_dropped: int
    n_left: int


def n_candidates(selected: Selected) -> int:
    """Pairs of row and class that the rules began with."""
    return len(selected) + selected.n_uncounted


def funnel(selected: Selected) -> list[Narrowing]:
    """Every cut, in order."""
    found, left = [], n_candidates(selected)
    for at, rule in enumerate(selected.rules):
        dropped = selected.n_cut(at)
        left -= dropped
        found.append(Narrowing(cut_words(rule), dropped, left))
    return found


def cut_words(rule: Cut) -> str:
    """What a cut leaves, as 'Score above 0.05'."""
    match rule:
        case LeastScore(value, is_inclusive):
            return f"Score {'from' if is_inclusive else 'above'} {value:g}"
        case LeastSide(value):
            return f"Sides from {value:g} px"
        case TopK(n, per):
            return f"Best {n:,}{_PER[per]}"
        case Most(n):
            return f"At most {n:,}"
        case Nms(iou, per, "greedy"):
            return f"NMS at IoU {iou:g}{_PER[per]}"
        case Nms(iou, per, "linear"):
            return f"Soft-NMS from IoU {iou:g}{_PER[per]}"
        case Nms(per=per):
            return f"Soft-NMS, gaussian{_PER[per]}"
