"""Rules at work on scored boxes: what is cut, where, by whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.tracing.candidates import Candidates, candidates
from engine.tracing.cutting import KEPT, Cutting
from engine.tracing.overlapping import Overlaps, overlaps
from engine.tracing.rules import Cut, LeastScore, Rules
from engine.tracing.stages import Floats, Ints, Scores, Selection

__all__ = ["KEPT", "Selected", "Selector", "is_own", "overlaps", "replay", "select"]


@dataclass(frozen=True, eq=False)
class Selected:
    """Every candidate, and what became of it; candidates that the first threshold cut are only counted.

    Columns in the order of the rows that were chosen from, row by row and class by class.
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


class Selector:
    """Selects from the same scores again and again: what does not depend on the rules' numbers is made once.

    `like` is what the network itself selected from them: its precision is taken, and of results that are equally
    certain its order, where no rule determines it.
    """

    def __init__(self, scores: Scores, like: Selection | None = None) -> None:
        self._scores = scores
        self._like = like
        self._overlaps = Overlaps()
        self._table: tuple[Cut | None, Ints | None, Candidates] | None = None
        self._last: Selected | None = None

    def select(self, rules: Rules, rows: Ints | None = None) -> Selected:
        """The rules, one after the other, on all rows or on `rows` in their order."""
        table = self._candidates(rules, rows)
        if self._last is not None and self._last.rules == rules and self._last.rows is table.rows:
            return self._last
        work = Cutting(table, self._like is None or self._like.double_iou, self._overlaps)
        for at, rule in enumerate(rules):
            work.make(at, rule)
        self._last = Selected(
            rules, table.rows, table.classes, table.boxes, table.scores, work.scores, table.levels,
            work.cut, work.suppressor, work.iou, work.alive, table.n_uncounted,
        )  # fmt: skip
        return self._last

    def _candidates(self, rules: Rules, rows: Ints | None) -> Candidates:
        first = rules[0] if rules and isinstance(rules[0], LeastScore) else None
        if self._table is not None and self._table[0] == first and _are_same(self._table[1], rows):
            return self._table[2]
        found = candidates(self._scores, rules, rows, self._like)
        self._table = (first, rows, found)
        return found


def _are_same(a: Ints | None, b: Ints | None) -> bool:
    return a is b or (a is not None and b is not None and np.array_equal(a, b))


def select(scores: Scores, rules: Rules, rows: Ints | None = None, like: Selection | None = None) -> Selected:
    """The rules at work once; see `Selector`."""
    return Selector(scores, like).select(rules, rows)


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
