"""Which detection found which truth: COCO's way, by falling score, or the best pairs first.

Legend: T truths, D detections; -1 in a column of rows stands for none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.comparison import Comparison, Flags, Ids, Pairs, Values

_ALMOST_ONE = 1 - 1e-10
"""COCO's highest threshold, so that rounding does not spoil a perfect match."""
COCO_IOUS: tuple[float, ...] = tuple(np.linspace(0.5, 0.95, 10).tolist())
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


def match(compared: Comparison, iou: float, is_unasked: Flags | None = None) -> Matching:
    """COCO's matching: by falling score each detection takes the free truth of its class that it overlaps most.

    Truths that are not asked for, (T,), are taken only where no other is left; what takes one is ignored, too.
    """
    pairs = compared.pairs.pick((compared.pairs.ious >= min(iou, _ALMOST_ONE)) & compared.pairs.is_same_class)
    is_ignored = pairs.is_crowd if is_unasked is None else pairs.is_crowd | is_unasked[pairs.truths]
    return _settled(compared, pairs, is_ignored, (-pairs.truths, -pairs.ious, is_ignored, pairs.found))


def match_best(compared: Comparison, pairs: Pairs, own_class_first: bool) -> Matching:
    """The pairs of highest IoU first, each truth and detection in one at most; of several crowds the first."""
    first = (~pairs.is_same_class, pairs.is_crowd) if own_class_first else (pairs.is_crowd,)
    return _settled(compared, pairs, pairs.is_crowd, (pairs.found, pairs.truths, -pairs.ious, *first))


def _settled(compared: Comparison, pairs: Pairs, is_ignored: Flags, keys: tuple[NDArray[Any], ...]) -> Matching:
    """Pairs whose truth and detection have no other are settled at once, the others in the order of their keys."""
    n_found, n_truths = len(compared.found.ids), len(compared.truths.ids)
    is_alone = (np.bincount(pairs.found, minlength=n_found)[pairs.found] == 1) & (
        np.bincount(pairs.truths, minlength=n_truths)[pairs.truths] == 1
    )
    contested = np.flatnonzero(~is_alone)
    contested = contested[np.lexsort(tuple(key[contested] for key in keys))]
    chosen = np.concatenate([np.flatnonzero(is_alone), contested[_chosen(pairs.pick(contested))]])
    taken, ignored = chosen[~is_ignored[chosen]], chosen[is_ignored[chosen]]
    truth_of, found_by = np.full(n_found, -1), np.full(n_truths, -1)
    truth_of[pairs.found[taken]], found_by[pairs.truths[taken]] = pairs.truths[taken], pairs.found[taken]
    is_left_out = np.zeros(n_found, dtype=np.bool_)
    is_left_out[pairs.found[ignored]] = True
    return Matching(truth_of, found_by, is_left_out)


def _chosen(pairs: Pairs) -> Flags:
    """(P,) which pairs are made, the first ones first: no detection twice, nor any truth but a crowd."""
    is_chosen, gone, taken = np.zeros(len(pairs.found), dtype=np.bool_), set[int](), set[int]()
    columns = (pairs.truths.tolist(), pairs.found.tolist(), pairs.is_crowd.tolist())
    for at, (truth, found, is_crowd) in enumerate(zip(*columns, strict=True)):
        if found not in gone and (is_crowd or truth not in taken):
            gone.add(found)
            taken.add(truth)
            is_chosen[at] = True
    return is_chosen


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
    at = np.flatnonzero(is_true)
    right = np.arange(1, len(at) + 1)  # between the right ones precision only falls, and recall stands still
    best = np.append(np.maximum.accumulate((right / (at + 1))[::-1])[::-1], 0.0)
    return float(best[np.searchsorted(right / n_truths, RECALLS, side="left")].mean())


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of what is defined."""
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None
