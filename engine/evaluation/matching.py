"""Which detection found which truth: COCO's way, by falling score, or the best pairs first.

Legend: T truths, D detections; -1 in a column of rows stands for none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.evaluation.comparison import Comparison, Flags, Ids, Pairs, Values

_ALMOST_ONE = 1 - 1e-10
"""COCO's highest threshold, so that rounding does not spoil a perfect match."""
RECALLS = np.linspace(0.0, 1.0, 101)
"""Where COCO reads precision off a curve."""


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """What became of every truth and detection."""

    truth_of: Ids
    """(D,) the truth that each detection found."""
    found_by: Ids
    """(T,) the detection that found each truth."""
    is_ignored: Flags
    """(D,) on a crowd: counts neither as true nor as false."""

    @property
    def is_true(self) -> Flags:
        """(D,) whether a detection is right."""
        return self.truth_of >= 0

    @property
    def is_false(self) -> Flags:
        """(D,) whether a detection is wrong."""
        return ~self.is_true & ~self.is_ignored


def match(compared: Comparison, iou: float) -> Matching:
    """COCO's matching: by falling score each detection takes the free truth of its class that it overlaps most."""
    pairs = compared.pairs.pick((compared.pairs.ious >= min(iou, _ALMOST_ONE)) & compared.pairs.is_same_class)
    return _settled(compared, pairs, np.lexsort((-pairs.truths, -pairs.ious, pairs.is_crowd, pairs.found)))


def match_best(compared: Comparison, pairs: Pairs, own_class_first: bool) -> Matching:
    """The pairs of highest IoU first, each truth and detection in one at most; of several crowds the first."""
    keys = (pairs.found, pairs.truths, -pairs.ious, pairs.is_crowd)
    return _settled(
        compared, pairs, np.lexsort((*keys[:3], ~pairs.is_same_class, keys[3]) if own_class_first else keys)
    )


def _settled(compared: Comparison, pairs: Pairs, order: Ids) -> Matching:
    truth_of, found_by = [-1] * len(compared.found.ids), [-1] * len(compared.truths.ids)
    is_ignored = np.zeros(len(truth_of), dtype=np.bool_)
    columns = (pairs.truths[order].tolist(), pairs.found[order].tolist(), pairs.is_crowd[order].tolist())
    for truth, found, is_crowd in zip(*columns, strict=True):
        if truth_of[found] >= 0 or is_ignored[found]:
            continue
        if is_crowd:
            is_ignored[found] = True
        elif found_by[truth] < 0:
            truth_of[found], found_by[truth] = truth, found
    return Matching(np.array(truth_of, dtype=np.int64), np.array(found_by, dtype=np.int64), is_ignored)


def by_score(scores: Values) -> Ids:
    """Rows by falling score; of equal ones the first picture's first, as COCO has it."""
    return np.argsort(-scores, kind="stable")


def precision_recall(is_true: Flags, n_truths: int) -> tuple[Values, Values]:
    """Precision and recall after each of the detections, which are sorted by falling score."""
    right = np.cumsum(is_true)
    return right / np.arange(1, len(is_true) + 1), right / max(n_truths, 1)


def average_precision(is_true: Flags, n_truths: int) -> float | None:
    """COCO's: the mean over 101 recalls of the best precision from there on; None where there is nothing to find."""
    if n_truths == 0:
        return None
    if not len(is_true):
        return 0.0
    precision, recall = precision_recall(is_true, n_truths)
    best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return float(best[np.searchsorted(recall, RECALLS, side="left")].mean())


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of what is defined."""
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None
