"""Where to set the score from which detections are believed: precision, recall and F1 at every threshold.

Legend: N detections by falling score. Of classes taken together, every detection and truth counts once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.evaluation.comparison import Comparison, Ids, Values
from engine.evaluation.matching import Matching, by_score


@dataclass(frozen=True, slots=True)
class Point:
    """What comes of believing detections from a score on."""

    score: float
    n_right: int
    n_wrong: int
    n_missed: int

    @property
    def precision(self) -> float | None:
        """None where nothing is believed."""
        return _share(self.n_right, self.n_right + self.n_wrong)

    @property
    def recall(self) -> float | None:
        """None where there is nothing to find."""
        return _share(self.n_right, self.n_right + self.n_missed)

    @property
    def f1(self) -> float | None:
        """None where there is neither anything to find nor anything found."""
        return _share(2 * self.n_right, 2 * self.n_right + self.n_wrong + self.n_missed)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True, eq=False)
class Operating:
    """All thresholds there are for a class, or for all of them."""

    scores: Values
    """(N,)"""
    n_right: Ids
    """(N,) right ones among the first so many."""
    n_truths: int

    def at(self, score: float) -> Point:
        """Believing what has this score or more."""
        n = int(np.searchsorted(-self.scores, -score, side="right"))
        n_right = int(self.n_right[n - 1]) if n else 0
        return Point(score, n_right, n - n_right, self.n_truths - n_right)

    @property
    def precision(self) -> Values:
        """(N,)"""
        return np.asarray(self.n_right / np.arange(1, len(self.n_right) + 1))

    @property
    def recall(self) -> Values:
        """(N,)"""
        return np.asarray(self.n_right / max(self.n_truths, 1))

    @property
    def f1(self) -> Values:
        """(N,)"""
        return np.asarray(2 * self.n_right / (np.arange(1, len(self.n_right) + 1) + self.n_truths))

    def best(self) -> Point | None:
        """Where F1 is highest, at the highest such score; None where nothing was found.

        Only the last of detections of one score is a threshold that can be set.
        """
        if not len(self.scores):
            return None
        is_last = np.append(self.scores[1:] != self.scores[:-1], True)
        return self.at(float(self.scores[int(np.argmax(np.where(is_last, self.f1, -1.0)))]))


def operating(compared: Comparison, matched: Matching, class_id: int | None = None) -> Operating:
    """Thresholds of a class (None: of all together); what lies on crowds is left out."""
    truths, found = compared.truths, compared.found
    is_asked = ~truths.is_crowd if class_id is None else ~truths.is_crowd & (truths.classes == class_id)
    is_in = ~matched.is_ignored if class_id is None else ~matched.is_ignored & (found.classes == class_id)
    rows = np.flatnonzero(is_in)
    rows = rows[by_score(found.scores[rows])]
    return Operating(found.scores[rows], np.cumsum(matched.is_true[rows]), int(is_asked.sum()))
