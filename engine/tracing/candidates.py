"""What a selection chooses from: pairs of a row and a class, as a table of columns.

Pairs below a first threshold are only counted: of 20,000 anchors and 80 classes some hundreds are worth a row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.tracing.rules import LeastScore, Rules
from engine.tracing.stages import Bools, Floats, Ints, Scores, Selection


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Columns (C,), in the order of the rows that are chosen from."""

    rows: Ints
    """Of the Scores."""
    classes: Ints
    boxes: Floats
    """(C, 4)"""
    scores: Floats
    levels: Ints
    ranks: Ints | None
    """The network's own order of equal scores, where it matters."""
    places: Ints
    """In the network's own result; those that are not in it come last."""
    keys: Ints
    """One number for each pair of a row and a class."""
    n_uncounted: int
    """Pairs that the first threshold cut."""

    def __len__(self) -> int:
        return len(self.rows)


def candidates(scores: Scores, rules: Rules, rows: Ints | None, like: Selection | None) -> Candidates:
    """Of all rows, or of `rows` in their order; those that pass the first rule, where that is a threshold."""
    at, classes = _passed(scores.scores if rows is None else scores.scores[rows], rules)
    own = at if rows is None else rows[at]
    n_pairs = (len(scores.scores) if rows is None else len(rows)) * scores.n_classes
    keys = own * scores.n_classes + classes
    return Candidates(
        own,
        classes,
        scores.boxes[own, classes] if scores.has_own_boxes else scores.boxes[own],
        scores.scores[own, classes],
        scores.level[own],
        None if scores.rank is None else scores.rank[own, classes],
        _places(keys, scores, like),
        keys,
        n_pairs - len(own),
    )


def certain(scores: Floats, classes: NDArray[np.int64], rule: LeastScore) -> Bools:
    """Which scores pass a threshold, each that of its class."""
    if not rule.by_class:
        least = np.float32(rule.value)
        return np.asarray(scores >= least if rule.is_inclusive else scores > least)
    values = np.full(int(classes.max(initial=-1)) + 1, rule.value, dtype=np.float32)
    for class_index, value in rule.by_class.items():
        if class_index < len(values):
            values[class_index] = value
    wanted = values[classes]
    return np.asarray(scores >= wanted if rule.is_inclusive else scores > wanted)


def _passed(scores: Floats, rules: Rules) -> tuple[Ints, Ints]:
    """Places and classes of the pairs, row by row."""
    first = rules[0] if rules else None
    if isinstance(first, LeastScore):
        classes = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
        at, own = np.nonzero(certain(scores, classes, first))
        return at, own
    n_rows, n_classes = scores.shape
    return np.repeat(np.arange(n_rows), n_classes), np.tile(np.arange(n_classes), n_rows)


def _places(keys: Ints, scores: Scores, like: Selection | None) -> Ints:
    if like is None:
        return np.zeros(len(keys), dtype=np.int64)
    table = np.full(len(scores.scores) * scores.n_classes, len(like.kept_rows), dtype=np.int64)
    table[like.kept_rows * scores.n_classes + like.kept_classes] = np.arange(len(like.kept_rows))
    return np.asarray(table[keys])
