"""What was taken for what: a confusion matrix of classes, with nothing (the background) as one more of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from engine.evaluation import matching
from engine.evaluation.comparison import Comparison


@dataclass(frozen=True, slots=True)
class Confused:
    """One truth with what was seen in it; None where there is no such side."""

    image_id: int
    annotation_id: int | None
    detection_id: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """All truths of one class that were taken for another (or for what they are)."""

    truth_class_id: int | None
    """None: there is nothing."""
    found_class_id: int | None
    """None: nothing was seen."""
    cases: tuple[Confused, ...]

    @property
    def n(self) -> int:
        """How often that happened."""
        return len(self.cases)


@dataclass(frozen=True, slots=True)
class Confusion:
    """The cells that are not empty, by class ids."""

    iou: float
    score: float
    """Only detections this certain take part."""
    cells: tuple[Cell, ...]

    def count(self, truth_class_id: int | None, found_class_id: int | None) -> int:
        """The number in one cell."""
        wanted = (truth_class_id, found_class_id)
        return next((cell.n for cell in self.cells if (cell.truth_class_id, cell.found_class_id) == wanted), 0)


def confusion(compared: Comparison, iou: float = 0.5, score: float = 0.5) -> Confusion:
    """Pair truths with detections from a score on, of one class first, then by falling IoU; crowds take no part."""
    truths, found = compared.truths, compared.found
    is_seen = found.scores >= score
    pairs = compared.pairs.pick((compared.pairs.ious >= iou) & is_seen[compared.pairs.found])
    matched = matching.match_best(compared, pairs, own_class_first=True)
    cases: dict[tuple[int | None, int | None], list[Confused]] = defaultdict(list)
    for row in np.flatnonzero(~truths.is_crowd):
        by = int(matched.found_by[row])
        seen = (int(found.classes[by]), int(found.ids[by])) if by >= 0 else (None, None)
        case = Confused(int(compared.image_ids[truths.images[row]]), int(truths.ids[row]), seen[1])
        cases[int(truths.classes[row]), seen[0]].append(case)
    for row in np.flatnonzero(matched.is_false & is_seen):
        case = Confused(int(compared.image_ids[found.images[row]]), None, int(found.ids[row]))
        cases[None, int(found.classes[row])].append(case)
    order = sorted(cases, key=lambda key: tuple((one is None, one or 0) for one in key))
    return Confusion(iou, score, tuple(Cell(*key, tuple(cases[key])) for key in order))
