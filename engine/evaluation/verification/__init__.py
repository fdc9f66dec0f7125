"""How well distances recognise people: curves and figures with the denominators they have, and intervals over people.

trials     Trials: comparisons of two faces, or of a face and a person (1:1), sorted by distance
curves     of trials: ROC, DET, equal error rate, true accepts at a rate of false ones, how rare a distance is
searches   Searches: probes searched among people (1:N); rank k; false negatives at a rate of false positives
drawing    Statistic, Figure: what a number is between, people drawn anew

A figure is asked for in two steps, so that the same statistic of several repeats has one interval::

    measured(eer(trials))
    measured(mean_of([rank_k(each, 1) for each in repeats]))
"""

from engine.evaluation.verification.curves import (
    Curve,
    accepted_within,
    det,
    eer,
    far_of,
    found_within,
    in_words,
    order,
    roc,
    roc_between,
    tar_at_far,
    threshold_at_far,
)
from engine.evaluation.verification.drawing import Figure, Statistic, mean_of, measured, measured_all
from engine.evaluation.verification.searches import (
    Searches,
    cmc,
    fnir_at_fpir,
    fpir_within,
    missed_within,
    rank_k,
    threshold_at_fpir,
)
from engine.evaluation.verification.trials import Trials

__all__ = [
    "Curve",
    "Figure",
    "Searches",
    "Statistic",
    "Trials",
    "accepted_within",
    "cmc",
    "det",
    "eer",
    "far_of",
    "fnir_at_fpir",
    "found_within",
    "fpir_within",
    "in_words",
    "mean_of",
    "measured",
    "measured_all",
    "missed_within",
    "order",
    "rank_k",
    "roc",
    "roc_between",
    "tar_at_far",
    "threshold_at_far",
    "threshold_at_fpir",
]
