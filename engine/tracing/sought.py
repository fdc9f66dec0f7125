"""An annotated object looked for among the rows of a trace: which of them are on it, and what became of those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.geometry import boxes
from engine.tracing.remedies import Table
from engine.tracing.selecting import Selected
from engine.tracing.stages import Bools, Floats, Ints, Scores, Selection
from engine.tracing.standings import candidates_of
from engine.tracing.trace import Trace
from engine.tracing.verdicts import Asked, Wanted


@dataclass(frozen=True, eq=False)
class Sought:
    """The object, and the trace under some cuts."""

    trace: Trace
    wanted: Wanted
    selections: Mapping[str, Selected]
    """By name."""
    asked: Asked

    @cached_property
    def last(self) -> Table:
        """What detections are selected from, and the rows that took part."""
        own = self.trace.all(Selection)[-1]
        return Table(
            own, self.trace.scores_of(own), self.selections[own.name], taking_part(self.trace, self.selections)
        )

    @cached_property
    def proposals(self) -> Table | None:
        """What proposals are selected from; None in one stage."""
        if not self.trace.has_proposals:
            return None
        own = self.trace.all(Selection)[0]
        return Table(own, self.trace.scores_of(own), self.selections[own.name])

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.trace.origin.class_names

    @property
    def class_name(self) -> str:
        """What it is annotated as."""
        return self.class_names[self.wanted.class_index]

    def ious(self, found: Floats) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """(N,) of boxes with the object's, in double precision."""
        return boxes.iou_one(self.wanted.box_model, found.astype(np.float64))

    def is_on(self, found: Floats) -> Bools:
        """(N,) which boxes are on the object."""
        return np.asarray(self.ious(found) >= self.asked.iou)

    def boxes_of(self, rows: Ints) -> Floats:
        """(of rows, 4) of the last Scores, for the class that is wanted."""
        found: Floats = self.last.scores.boxes[rows]
        return found[:, self.wanted.class_index] if self.last.scores.has_own_boxes else found

    def candidate(self, row: int, class_index: int) -> int:
        """Of a row for a class, among the last candidates."""
        return int(candidates_of(self.last.selected, np.array([row]), class_index)[0])

    def whose(self, box: Floats) -> int:
        """The other annotation that a box is on, -1 for none: a place in `Others`."""
        others = self.wanted.others.boxes_model
        if not len(others):
            return -1
        ious = boxes.iou_one(box.astype(np.float64), others.astype(np.float64))
        return int(ious.argmax()) if ious.max() >= self.asked.iou else -1


def taking_part(trace: Trace, selections: Mapping[str, Selected]) -> Ints:
    """The rows of the last Scores that the proposals under these cuts lead to; all where there are no proposals."""
    *before, last = trace.all(Selection)
    scores = trace.scores_of(last)
    if not before:
        return np.arange(len(scores.scores))
    proposals = selections[before[0].name]
    return np.flatnonzero(np.isin(scores.parent, proposals.rows[proposals.kept]))


def box_of(scores: Scores, row: int, class_index: int) -> Floats:
    """(4,) the box of a row for a class."""
    found: Floats = scores.boxes[row]
    return found[class_index] if scores.has_own_boxes else found


def chances(scores: Scores, rows: Ints) -> Floats:
    """(N, K + 1) how likely rows are nothing, and each class: first the background.

    Where a network has no background of its own it is what the objectness, or the best class, leaves.
    """
    own = scores.scores[rows].astype(np.float64)
    if scores.activation == "softmax":
        nothing = 1 - own.sum(axis=1)
    elif scores.objectness is not None:
        nothing = 1 - 1 / (1 + np.exp(-scores.objectness[rows].astype(np.float64)))
    else:
        nothing = 1 - own.max(axis=1, initial=0.0)
    return np.concatenate([np.maximum(nothing, 0.0)[:, None], own], axis=1).astype(np.float32)


def plain(value: float) -> str:
    """A number in as few digits as tell it: 0.043, 12, 1,000."""
    return f"{value:,.0f}" if value == int(value) and abs(value) >= 1 else f"{value:.3g}"
