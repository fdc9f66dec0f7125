"""Whether scores mean what they say: of detections with a score of 0.8, are eight in ten right? (Guo et al. 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.evaluation import matching
from engine.evaluation.comparison import Comparison


@dataclass(frozen=True, slots=True)
class ScoreBin:
    """The detections with scores from `low` up to `high`."""

    low: float
    high: float
    mean_score: float | None
    """None where there are none."""
    share_right: float | None
    right_ids: tuple[int, ...]
    wrong_ids: tuple[int, ...]

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.right_ids) + len(self.wrong_ids)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Reliability by bins of equal width."""

    iou: float
    """From which on a detection is right, matched as COCO does; what lies on crowds is left out."""
    bins: tuple[ScoreBin, ...]
    error: float | None
    """Expected calibration error: how far scores and shares lie apart, over all detections; None without any."""


def calibration(compared: Comparison, iou: float = 0.5, n_bins: int = 10) -> Calibration:
    """Compare scores with how often they are right."""
    matched = matching.match(compared, iou)
    edges = np.linspace(0.0, 1.0, n_bins + 1)
    at = np.clip(np.searchsorted(edges, compared.found.scores, side="right") - 1, 0, n_bins - 1)
    bins = []
    for number in range(n_bins):
        inside = (at == number) & ~matched.is_ignored
        ids, scores, right = compared.found.ids[inside], compared.found.scores[inside], matched.is_true[inside]
        bins.append(
            ScoreBin(
                low=float(edges[number]),
                high=float(edges[number + 1]),
                mean_score=float(scores.mean()) if len(ids) else None,
                share_right=float(right.mean()) if len(ids) else None,
                right_ids=tuple(ids[right].tolist()),
                wrong_ids=tuple(ids[~right].tolist()),
            )
        )
    return Calibration(iou, tuple(bins), _error(bins))


def _error(bins: list[ScoreBin]) -> float | None:
    n = sum(one.n for one in bins)
    apart = sum(one.n * abs((one.mean_score or 0) - (one.share_right or 0)) for one in bins)
    return apart / n if n else None
