"""The score of the Data Science Bowl 2018: on each picture TP / (TP + FP + FN), averaged over IoU 0.5 to 0.95."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.evaluation import matching
from engine.evaluation.comparison import Comparison, Values

THRESHOLDS = np.arange(0.5, 1.0, 0.05)


@dataclass(frozen=True, slots=True)
class BowlPicture:
    """One picture's score, and what it comes from."""

    image_id: int
    score: float
    n_truths: int
    n_found: int


@dataclass(frozen=True, slots=True)
class BowlScore:
    """The mean over pictures."""

    score: float | None
    """None where there are no pictures."""
    least: float
    """Only detections with this score take part."""
    pictures: tuple[BowlPicture, ...]
    by_iou: tuple[float, ...]
    """The mean over pictures at each threshold; empty where there are no pictures."""


def bowl_score(compared: Comparison, least: float = 0.5) -> BowlScore:
    """Classes do not matter, nor do crowds take part. A picture without anything on which nothing was found has 1.

    Truths and detections are paired by falling IoU, which has to be above a threshold, as the competition has it; the
    pairs at a higher threshold are then those of a lower one that reach it.
    """
    found, truths = compared.found, compared.truths
    is_seen = found.scores >= least
    pairs = compared.pairs.pick((compared.pairs.ious > THRESHOLDS[0]) & is_seen[compared.pairs.found])
    matched = matching.match_best(compared, pairs, own_class_first=False)
    n_images = len(compared.image_ids)
    n_truths = np.bincount(truths.images[~truths.is_crowd], minlength=n_images)
    n_found = np.bincount(found.images[is_seen & ~matched.is_ignored], minlength=n_images)
    is_pair = (matched.truth_of[pairs.found] == pairs.truths) & ~pairs.is_crowd
    n_right = _right(pairs.ious[is_pair], found.images[pairs.found[is_pair]], n_images)
    together = (n_truths + n_found)[:, None] - n_right
    shares = np.where(together > 0, n_right / np.maximum(together, 1), 1.0)
    scores = shares.mean(axis=1)
    by_iou = tuple(shares.mean(axis=0).tolist()) if n_images else ()
    rows = zip(compared.image_ids.tolist(), scores.tolist(), n_truths.tolist(), n_found.tolist(), strict=True)
    return BowlScore(matching.mean(scores.tolist()), least, tuple(BowlPicture(*row) for row in rows), by_iou)


def _right(ious: Values, images: np.ndarray[tuple[int], np.dtype[np.int64]], n_images: int) -> Values:
    """(pictures, thresholds) how many pairs are above each threshold."""
    columns = [np.bincount(images[ious > threshold], minlength=n_images) for threshold in THRESHOLDS]
    return np.stack(columns, axis=1).astype(np.float64)
