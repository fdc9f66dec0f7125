"""Everything there is to say about detections beyond COCO's numbers, from one comparison."""

from __future__ import annotations

from dataclasses import dataclass

from engine.evaluation.bowl import BowlScore, bowl_score
from engine.evaluation.calibration import Calibration, calibration
from engine.evaluation.comparison import Comparison
from engine.evaluation.confusion import Confusion, confusion
from engine.evaluation.curves import Curve, curves
from engine.evaluation.errors import Errors, errors


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look into."""

    errors: bool = True
    """Error types, confusion, calibration and the score of the Data Science Bowl."""
    curves: bool = True
    iou: float = 0.5
    """From which on a truth counts as found; the Bowl's score and curves have thresholds of their own."""
    score: float = 0.5
    """Confusion and the Bowl's score are of detections from this score on."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found; None where it was not asked for. Each number comes with the ids of what is behind it."""

    errors: Errors | None = None
    confusion: Confusion | None = None
    calibration: Calibration | None = None
    dsb2018: BowlScore | None = None
    curves: tuple[Curve, ...] | None = None


def analysed(compared: Comparison, wanted: Wanted = Wanted()) -> Analysis:
    """Look at what is compared from all sides."""
    found = curves(compared) if wanted.curves else None
    if not wanted.errors:
        return Analysis(curves=found)
    return Analysis(
        errors(compared, wanted.iou),
        confusion(compared, wanted.iou, wanted.score),
        calibration(compared, wanted.iou),
        bowl_score(compared, wanted.score),
        found,
    )
