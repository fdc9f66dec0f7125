"""Why average precision is lost: six types of error and what each of them costs (TIDE, Bolya et al. 2020).

A detection that found nothing is an error of one type; a truth that was not found is missed, unless an error of class
or place is about it. What a type costs is by how much AP would rise if an oracle mended all errors of that type and no
other: the class or place put right (of several detections of one truth the most certain then stays), the others taken
away.

Legend: T truths, D detections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np

from engine.evaluation import matching
from engine.evaluation.comparison import Comparison, Flags, Ids, Values
from engine.evaluation.matching import Matching

ErrorKind: TypeAlias = Literal["classification", "localisation", "both", "duplicate", "background", "missed"]
KINDS: tuple[ErrorKind, ...] = get_args(ErrorKind)
_NO_KIND = -1


@dataclass(frozen=True, slots=True, eq=False)
class Faults:
    """The errors of one type, as columns; those of detections by picture and falling score."""

    image_ids: Ids
    detection_ids: Ids
    """0 where a truth was missed."""
    annotation_ids: Ids
    """What it is about: the truth overlapped most, of its own class or, if the class is wrong, of another; else 0."""
    ious: Values
    """With that truth."""
    scores: Values

    def __len__(self) -> int:
        return len(self.image_ids)


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """All errors of some detections, and what they cost."""

    iou: float
    """From which on a truth counts as found."""
    ap: float | None
    """At that IoU; None where there is nothing to find."""
    faults: Mapping[ErrorKind, Faults]
    counts: Mapping[ErrorKind, int]
    """Of `faults`."""
    cost: Mapping[ErrorKind, float]
    """By how much `ap` would rise without errors of this type."""
    cost_false: float
    """By how much without any false detection."""
    cost_missed: float
    """By how much if nothing more were to be found than was."""


def errors(compared: Comparison, iou: float = 0.5, faint: float = 0.1) -> Errors:
    """Tell the errors apart; a detection that overlaps nothing by `faint` or more is background."""
    matched = matching.match(compared, iou)
    judged = _judged(compared, matched, iou, faint)
    now = _Answer.of(compared, matched)
    ap = now.ap()
    cost = {kind: _gain(ap, _mended(now, judged, kind).ap()) for kind in KINDS}
    only_true = now.without(~now.is_true)
    only_found = _Answer(now.classes, now.scores, now.is_true, compared.truths.classes[matched.found_by >= 0])
    faults = {kind: _faults(judged, kind) for kind in KINDS}
    return Errors(
        iou,
        ap,
        faults,
        {kind: len(found) for kind, found in faults.items()},
        cost,
        cost_false=_gain(ap, only_true.ap()),
        cost_missed=_gain(ap, only_found.ap()),
    )


def _gain(before: float | None, after: float | None) -> float:
    return (after or 0.0) - (before or 0.0) if before is not None else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """Errors as columns."""

    compared: Comparison
    matched: Matching
    kinds: Ids
    """(D,) place in KINDS, -1 for what is no error."""
    about: Ids
    """(D,) the truth that an error is about, -1 for none."""
    ious: Values
    """(D,) with that truth."""
    is_missed: Flags
    """(T,)"""


def _judged(compared: Comparison, matched: Matching, iou: float, faint: float) -> _Judged:
    own, own_iou = _best(compared, True)
    other, other_iou = _best(compared, False)
    kinds = np.select(
        [~matched.is_false, (own_iou >= faint) & (own_iou < iou), other_iou >= iou, own_iou >= iou, other_iou >= faint],
        [_NO_KIND, *(KINDS.index(kind) for kind in ("localisation", "classification", "duplicate", "both"))],
        KINDS.index("background"),
    )
    is_own = np.isin(kinds, [KINDS.index("localisation"), KINDS.index("duplicate")])
    about, ious = np.where(is_own, own, other), np.where(is_own, own_iou, other_iou)
    about = np.where(kinds == KINDS.index("background"), -1, about)
    is_mendable = np.isin(kinds, [KINDS.index("localisation"), KINDS.index("classification")])
    is_missed = (matched.found_by < 0) & ~compared.truths.is_crowd
    is_missed[about[is_mendable]] = False
    return _Judged(compared, matched, kinds, about, ious, is_missed)


def _best(compared: Comparison, is_same_class: bool) -> tuple[Ids, Values]:
    """(D,) the truth of its own or of another class that each detection overlaps most, -1 for none; and the IoU."""
    pairs = compared.pairs.pick((compared.pairs.is_same_class == is_same_class) & ~compared.pairs.is_crowd)
    rows, ious = np.full(len(compared.found.ids), -1), np.zeros(len(compared.found.ids))
    order = np.lexsort((-pairs.truths, pairs.ious))  # the last to be written stays: the highest IoU, the first truth
    rows[pairs.found[order]], ious[pairs.found[order]] = pairs.truths[order], pairs.ious[order]
    return rows, ious


def _faults(judged: _Judged, kind: ErrorKind) -> Faults:
    compared = judged.compared
    truths, found = compared.truths, compared.found
    if kind == "missed":
        rows = np.flatnonzero(judged.is_missed)
        none = np.zeros(len(rows))
        return Faults(compared.image_ids[truths.images[rows]], none.astype(np.int64), truths.ids[rows], none, none)
    rows = np.flatnonzero(judged.kinds == KINDS.index(kind))
    about = np.append(truths.ids, 0)[judged.about[rows]]
    ious = np.where(about > 0, judged.ious[rows], 0.0)
    return Faults(compared.image_ids[found.images[rows]], found.ids[rows], about, ious, found.scores[rows])


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    """What average precision is made of: detections with their class, whether they are right, and what is wanted."""

    classes: Ids
    scores: Values
    is_true: Flags
    wanted: Ids
    """(T,) the class of each truth."""

    @classmethod
    def of(cls, compared: Comparison, matched: Matching) -> _Answer:
        """As it is. What lies on a crowd has no class."""
        classes = np.where(matched.is_ignored, _NO_KIND, compared.found.classes)
        return cls(classes, compared.found.scores, matched.is_true, compared.truths.classes[~compared.truths.is_crowd])

    def without(self, gone: Flags) -> _Answer:
        """Some detections taken away."""
        return _Answer(self.classes[~gone], self.scores[~gone], self.is_true[~gone], self.wanted)

    def ap(self) -> float | None:
        """Averaged over the classes that there is something of."""
        return matching.mean(self._class_ap(class_id) for class_id in np.unique(self.wanted).tolist())

    def _class_ap(self, class_id: int) -> float | None:
        rows = np.flatnonzero(self.classes == class_id)
        is_true = self.is_true[rows[matching.by_score(self.scores[rows])]]
        return matching.average_precision(is_true, int((self.wanted == class_id).sum()))


def _mended(now: _Answer, judged: _Judged, kind: ErrorKind) -> _Answer:
    """What would be without the errors of a type."""
    if kind == "missed":
        asked = ~judged.is_missed & ~judged.compared.truths.is_crowd
        return _Answer(now.classes, now.scores, now.is_true, judged.compared.truths.classes[asked])
    of_kind = judged.kinds == KINDS.index(kind)
    return _put_right(now, judged, of_kind) if kind in ("classification", "localisation") else now.without(of_kind)


def _put_right(now: _Answer, judged: _Judged, of_kind: Flags) -> _Answer:
    """These errors made right; of all that then find the same truth, the most certain stays."""
    truth_of = np.where(of_kind, judged.about, judged.matched.truth_of)
    rows = np.flatnonzero(truth_of >= 0)
    rows = rows[matching.by_score(now.scores[rows])]
    _, first = np.unique(truth_of[rows], return_index=True)
    is_true = np.zeros(len(truth_of), dtype=np.bool_)
    is_true[rows[first]] = True
    classes = np.where(is_true, np.append(judged.compared.truths.classes, 0)[truth_of], now.classes)
    gone = (truth_of >= 0) & ~is_true
    return _Answer(classes, now.scores, is_true, now.wanted).without(gone)
