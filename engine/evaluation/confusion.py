"""What was taken for what: a confusion matrix of classes, with nothing (the background) as one more of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.evaluation import matching
from engine.evaluation.comparison import Comparison, Flags, Ids
from engine.evaluation.matching import Matching

_NOTHING = -1


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """All truths of one class that were taken for another (or for what they are), as columns."""

    truth_class_id: int | None
    """None: there is nothing."""
    found_class_id: int | None
    """None: nothing was seen."""
    image_ids: Ids
    annotation_ids: Ids
    """0 where there is none."""
    detection_ids: Ids
    """0 where there is none."""

    def __len__(self) -> int:
        return len(self.image_ids)


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """The cells that are not empty, by class ids; what is nothing comes last."""

    iou: float
    score: float
    """Only detections this certain take part."""
    cells: tuple[Cell, ...]
    class_names: Mapping[int, str]

    def count(self, truth_class_id: int | None, found_class_id: int | None) -> int:
        """The number in one cell."""
        wanted = (truth_class_id, found_class_id)
        return next((len(cell) for cell in self.cells if (cell.truth_class_id, cell.found_class_id) == wanted), 0)


def confusion(compared: Comparison, iou: float = 0.5, score: float = 0.5) -> Confusion:
    """Pair truths with detections from a score on, of one class first, then by falling IoU; crowds take no part."""
    is_seen = compared.found.scores >= score
    pairs = compared.pairs.pick((compared.pairs.ious >= iou) & is_seen[compared.pairs.found])
    cases = _cases(compared, matching.match_best(compared, pairs, own_class_first=True), is_seen)
    known, cell_of = np.unique(cases[:, :2], axis=0, return_inverse=True)
    order = np.argsort(cell_of, kind="stable")
    parts = np.split(cases[order, 2:], np.searchsorted(cell_of[order], np.arange(1, len(known))))
    cells = [_cell(pair, part) for pair, part in zip(known.tolist(), parts, strict=len(known) > 0)]
    return Confusion(iou, score, tuple(sorted(cells, key=_place)), compared.class_names)


def _cases(compared: Comparison, matched: Matching, is_seen: Flags) -> Ids:
    """(N, 5) class of the truth, class seen, image, annotation and detection, of every truth and every stray."""
    truths, found = compared.truths, compared.found
    asked, stray = np.flatnonzero(~truths.is_crowd), np.flatnonzero(matched.is_false & is_seen)
    by = matched.found_by[asked]
    seen_classes, seen_ids = np.append(found.classes, _NOTHING)[by], np.append(found.ids, 0)[by]
    images = compared.image_ids
    ours = (truths.classes[asked], seen_classes, images[truths.images[asked]], truths.ids[asked], seen_ids)
    nothing = np.full(len(stray), _NOTHING)
    theirs = (nothing, found.classes[stray], images[found.images[stray]], np.zeros_like(stray), found.ids[stray])
    return np.concatenate([np.stack(ours, axis=1), np.stack(theirs, axis=1)])


def _cell(pair: list[int], cases: Ids) -> Cell:
    truth, found = (None if each == _NOTHING else each for each in pair)
    return Cell(truth, found, *cases.T)


def _place(cell: Cell) -> tuple[tuple[bool, int], ...]:
    return tuple((each is None, each or 0) for each in (cell.truth_class_id, cell.found_class_id))
