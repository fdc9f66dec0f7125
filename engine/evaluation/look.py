"""What a person looks at of an evaluation: at one IoU, of one class or of all, from one score on.

Both parts are cheap beside the comparison they are made from, so that they follow what is chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.evaluation import matching
from engine.evaluation.bowl import BowlScore, bowl_score
from engine.evaluation.calibration import Calibration, calibration
from engine.evaluation.comparison import Comparison
from engine.evaluation.confusion import Confusion, confusion
from engine.evaluation.curves import Curve, curves
from engine.evaluation.errors import Errors, errors
from engine.evaluation.matching import COCO_IOUS, Matching
from engine.evaluation.operating import Operating, operating


@dataclass(frozen=True, slots=True, eq=False)
class AtIou:
    """What follows from the IoU from which on a truth counts as found."""

    iou: float
    class_id: int | None
    """None: all classes."""
    matched: Matching
    errors: Errors
    calibration: Calibration
    curves: tuple[Curve, ...]
    """Of all classes at this IoU, or of the class at all of COCO's."""
    operating: Operating
    """Of the class, or of all together."""
    by_class: Mapping[int, Operating]


@dataclass(frozen=True, slots=True, eq=False)
class AtScore:
    """What further depends on the score from which on detections are believed."""

    score: float
    confusion: Confusion
    bowl: BowlScore


def at_iou(compared: Comparison, iou: float, class_id: int | None = None) -> AtIou:
    """Look at all classes, or at one."""
    matched = matching.match(compared, iou)
    by_class = {each: operating(compared, matched, each) for each in compared.class_names}
    drawn = curves(compared, (iou,)) if class_id is None else curves(compared, COCO_IOUS, class_id)
    chosen = operating(compared, matched) if class_id is None else by_class[class_id]
    return AtIou(iou, class_id, matched, errors(compared, iou), calibration(compared, iou), drawn, chosen, by_class)


def at_score(compared: Comparison, iou: float, score: float) -> AtScore:
    """Look from a score on."""
    return AtScore(score, confusion(compared, iou, score), bowl_score(compared, score))
