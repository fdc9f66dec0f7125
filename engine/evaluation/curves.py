"""Precision and recall as the score threshold falls: a curve for every class and IoU, each point a detection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.evaluation import matching
from engine.evaluation.comparison import Comparison, Ids, Values
from engine.evaluation.matching import COCO_IOUS, Matching

_NONE: Ids = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One class at one IoU. Point i is what follows from taking every detection up to and with number i."""

    class_id: int
    class_name: str
    iou: float
    ap: float | None
    """COCO's average precision; None where there is nothing to find."""
    detection_ids: Ids
    """(N,) by falling score; those on crowds are left out."""
    image_ids: Ids
    """(N,) where each of them is."""
    annotation_ids: Ids
    """(N,) what each of them found; 0 where it is wrong."""
    scores: Values
    precision: Values
    recall: Values
    missed_ids: Ids
    """The annotations that none of them found."""


def curves(compared: Comparison, ious: Sequence[float] = COCO_IOUS, class_id: int | None = None) -> tuple[Curve, ...]:
    """The curves of a class (None: of all that have any truth or detection), IoU by IoU."""
    known = np.union1d(compared.truths.classes, compared.found.classes).tolist() if class_id is None else [class_id]
    matched = ((iou, matching.match(compared, iou)) for iou in ious)
    return tuple(_curve(compared, one, each, iou) for iou, one in matched for each in known)


def _curve(compared: Comparison, matched: Matching, class_id: int, iou: float) -> Curve:
    truths, found = compared.truths, compared.found
    rows = compared.rows_by_class.get(class_id, _NONE)
    rows = rows[~matched.is_ignored[rows]]
    wanted = (truths.classes == class_id) & ~truths.is_crowd
    is_true, n_truths = matched.truth_of[rows] >= 0, int(wanted.sum())
    precision, recall = matching.precision_recall(is_true, n_truths)
    own = np.append(truths.ids, 0)[np.where(is_true, matched.truth_of[rows], -1)]
    return Curve(
        class_id,
        compared.class_names.get(class_id, str(class_id)),
        round(iou, 2),
        matching.average_precision(is_true, n_truths),
        detection_ids=found.ids[rows],
        image_ids=compared.image_ids[found.images[rows]],
        annotation_ids=own,
        scores=found.scores[rows],
        precision=precision,
        recall=recall,
        missed_ids=truths.ids[wanted & (matched.found_by < 0)],
    )
