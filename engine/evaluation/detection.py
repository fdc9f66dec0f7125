"""COCO's twelve numbers for boxes or masks, and average precision per class and size.

AP is average precision over IoU 0.50:0.05:0.95, AR the average of the highest recalls. Both count the
`max_detections` most certain detections of a picture; COCO's usual 100 are too few where a picture holds more objects.

Legend: T truths, D detections, K classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np

from engine.evaluation import matching
from engine.evaluation.coco_tables import IouType, Tables
from engine.evaluation.comparison import Comparison, Flags, Ids, Values, comparison
from engine.evaluation.matching import COCO_IOUS

Number: TypeAlias = float | None
"""None where COCO leaves it undefined: there is no object to be found."""
AREAS: tuple[tuple[float, float], ...] = ((0, 1e10), (0, 32**2), (32**2, 96**2), (96**2, 1e10))
"""All, small, medium and large things; both ends belong to a range."""
LEAST_LIMIT = 11
"""Of detections on a picture: recall is told of the first 10, too."""
_NONE: Ids = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class ClassScores:
    """AP of one class, also by IoU and by the size of its objects, as COCO has it."""

    AP: Number
    AP50: Number
    AP75: Number
    APs: Number
    APm: Number
    APl: Number


@dataclass(frozen=True, slots=True)
class Scores:
    """COCO's numbers under COCO's names; S, M and L are areas below 32^2, below 96^2 and above."""

    AP: Number
    AP50: Number
    AP75: Number
    APs: Number
    APm: Number
    APl: Number
    AR1: Number
    AR10: Number
    AR100: Number
    """Recall with `max_detections` a picture; 100 unless more were asked for."""
    ARs: Number
    ARm: Number
    ARl: Number
    ap_by_class: Mapping[str, Number]
    max_detections: int
    by_class: Mapping[str, ClassScores]

    def named(self) -> dict[str, Number]:
        """The twelve numbers by name, in COCO's order."""
        return {each.name: getattr(self, each.name) for each in fields(self)[:12]}


def evaluate(tables: Tables, iou_type: IouType, max_detections: int = 100) -> Scores:
    """Compare detections with the truth by the IoU of boxes or of masks."""
    limit = max(max_detections, LEAST_LIMIT)
    return scores(comparison(tables, iou_type, limit), limit)


def scores(compared: Comparison, max_detections: int) -> Scores:
    """COCO's numbers of what is compared already, which holds so many detections of a class and picture at most."""
    sums = [_sums(compared, area) for area in AREAS]
    precision = np.stack([each.precision for each in sums])
    names = list(compared.class_names.values())
    areas = {name: _mean(precision[at]) for at, name in enumerate(("AP", "APs", "APm", "APl"))}
    recalls = {name: _mean(each.recall(None)) for name, each in zip(("AR100", "ARs", "ARm", "ARl"), sums, strict=True)}
    return Scores(
        **areas,
        **recalls,
        AP50=_mean(precision[0, 0]),
        AP75=_mean(precision[0, 5]),
        AR1=_mean(sums[0].recall(1)),
        AR10=_mean(sums[0].recall(10)),
        ap_by_class={name: _mean(precision[0, :, k]) for k, name in enumerate(names)},
        max_detections=max_detections,
        by_class={name: _of_class(precision[..., k]) for k, name in enumerate(names)},
    )


def _of_class(precision: Values) -> ClassScores:
    """From (areas, IoUs) average precision."""
    overall, by_size = precision[0], precision[1:]
    return ClassScores(_mean(overall), _mean(overall[:1]), _mean(overall[5:6]), *map(_mean, by_size))


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """What is right of things of some sizes, by IoU; K classes."""

    compared: Comparison
    n_truths: Values
    """(K,)"""
    precision: Values
    """(IoUs, K) average precision; NaN where there is nothing to find."""
    is_true: Sequence[Flags]
    """(D,) for each IoU."""

    def recall(self, limit: int | None) -> Values:
        """(IoUs, K) the share found by the first so many detections of a class and picture; None: by all."""
        found = self.compared.found
        is_in = np.ones(len(found.ids), dtype=np.bool_) if limit is None else found.places < limit
        n_right = np.array([_per_class(self.compared, found.classes[one & is_in]) for one in self.is_true])
        return np.where(self.n_truths > 0, n_right / np.maximum(self.n_truths, 1), np.nan)


def _sums(compared: Comparison, area: tuple[float, float]) -> _Sums:
    """Match at every IoU; what lies outside the range of areas is neither asked for nor false."""
    truths, found = compared.truths, compared.found
    is_unasked = (truths.areas < area[0]) | (truths.areas > area[1])
    is_outside = (found.areas < area[0]) | (found.areas > area[1])
    n_truths = _per_class(compared, truths.classes[~is_unasked & ~truths.is_crowd])
    matched = [matching.match(compared, iou, is_unasked) for iou in COCO_IOUS]
    left_out = [one.is_ignored | (is_outside & ~one.is_true) for one in matched]
    is_true = [one.is_true for one in matched]
    precision = [_precision(compared, *each, n_truths) for each in zip(is_true, left_out, strict=True)]
    return _Sums(compared, n_truths, np.array(precision, dtype=np.float64), is_true)


def _precision(compared: Comparison, is_true: Flags, is_left_out: Flags, n_truths: Values) -> list[float | None]:
    """(K,)"""
    rows = [compared.rows_by_class.get(id_, _NONE) for id_ in compared.class_names]
    rows = [each[~is_left_out[each]] for each in rows]
    return [matching.average_precision(is_true[one], int(n)) for one, n in zip(rows, n_truths, strict=True)]


def _per_class(compared: Comparison, class_ids: Ids) -> Values:
    """(K,) how many of each class there are."""
    n_by_id = dict(zip(*(each.tolist() for each in np.unique(class_ids, return_counts=True)), strict=True))
    return np.array([n_by_id.get(class_id, 0) for class_id in compared.class_names], dtype=np.float64)


def _mean(values: Values) -> Number:
    """The mean of what is defined."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else None
