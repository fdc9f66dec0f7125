"""Everything there is to say about detections beyond COCO's numbers, from one comparison."""

from __future__ import annotations

from dataclasses import dataclass

from engine.evaluation.bowl import BowlScore, bowl_score
from engine.evaluation.calibration import Calibration, calibration
from engine.evaluation.coco_tables import IouType, Tables
from engine.evaluation.comparison import comparison
from engine.evaluation.confusion import Confusion, confusion
from engine.evaluation.curves import Curve, curves
from engine.evaluation.errors import Errors, errors


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look into."""

    errors: bool = True
    """Error types, confusion, calibration and the score of the Data Science Bowl."""
    curves: bool = True


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found; None where it was not asked for. Each number comes with the ids of what is behind it."""

    errors: Errors | None = None
    confusion: Confusion | None = None
    calibration: Calibration | None = None
    dsb2018: BowlScore | None = None
    curves: tuple[Curve, ...] | None = None


def analysed(tables: Tables, iou_type: IouType, max_detections: int = 100, wanted: Wanted | None = None) -> Analysis:
    """Compare once, by boxes or masks, and look at it from all sides."""
    wanted = wanted or Wanted()
    if not (wanted.errors or wanted.curves):
        return Analysis()
    compared = comparison(tables, iou_type, max_detections)
    found = curves(compared) if wanted.curves else None
    if not wanted.errors:
        return Analysis(curves=found)
    return Analysis(errors(compared), confusion(compared), calibration(compared), bowl_score(compared), found)
