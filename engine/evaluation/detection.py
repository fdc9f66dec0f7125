"""COCO's twelve numbers for boxes or masks, and average precision per class, by faster-coco-eval.

AP is average precision over IoU 0.50:0.05:0.95, AR the average of the highest recalls. Both count the
`max_detections` most certain detections of a picture; COCO's usual 100 are too few where a picture holds more objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster
from numpy.typing import NDArray

from engine.evaluation.coco_tables import IouType, Tables

Number: TypeAlias = float | None
"""None where COCO leaves it undefined: there is no object to be found."""


@dataclass(frozen=True, slots=True)
class SizeScores:
    """AP of one class by the size of its objects, as COCO has it."""

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
    sizes_by_class: Mapping[str, SizeScores]

    def named(self) -> dict[str, Number]:
        """The twelve numbers by name, in COCO's order."""
        return {each.name: getattr(self, each.name) for each in fields(self)[:12]}


def evaluate(tables: Tables, iou_type: IouType, max_detections: int = 100) -> Scores:
    """Compare detections with the truth by the IoU of boxes or of masks."""
    judge = COCOeval_faster(COCO(tables.truth(iou_type)), COCO(tables.detected(iou_type)), iou_type)
    limits = sorted({1, 10, max(max_detections, 11)})
    judge.params.maxDets = limits
    judge.evaluate()
    judge.accumulate()
    precision, recall = np.asarray(judge.eval["precision"]), np.asarray(judge.eval["recall"])
    names = {row["id"]: row["name"] for row in tables.classes}
    places = [(names[id_], precision[:, :, k, :, -1]) for k, id_ in enumerate(judge.params.catIds)]
    return Scores(
        **_precisions(precision),
        **_recalls(recall),
        ap_by_class={name: _mean(found[..., 0]) for name, found in places},
        max_detections=limits[-1],
        sizes_by_class={name: SizeScores(*(_mean(found[..., at]) for at in (1, 2, 3))) for name, found in places},
    )


def _precisions(precision: NDArray[np.float64]) -> dict[str, Number]:
    """Average precisions from COCO's (IoU, recall, class, area, limit) array."""
    last = precision[..., -1]
    areas = {name: _mean(last[..., at]) for at, name in enumerate(("AP", "APs", "APm", "APl"))}
    return {**areas, "AP50": _mean(last[0, ..., 0]), "AP75": _mean(last[5, ..., 0])}


def _recalls(recall: NDArray[np.float64]) -> dict[str, Number]:
    """Average recalls from COCO's (IoU, class, area, limit) array."""
    places = {"AR1": (0, 0), "AR10": (0, 1), "AR100": (0, 2), "ARs": (1, 2), "ARm": (2, 2), "ARl": (3, 2)}
    return {name: _mean(recall[:, :, area, limit]) for name, (area, limit) in places.items()}


def _mean(values: NDArray[np.float64]) -> Number:
    """The mean of what is defined (COCO marks what is not by -1)."""
    defined = values[values > -1]
    return float(defined.mean()) if defined.size else None
