"""Whose numbers an explanation shows: one row of every stage, that of one detection or of one anchor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.tracing.stages import Anchors, KeypointMaps, Masks, Pooling, Scores, Selection
from engine.tracing.trace import Trace


@dataclass(frozen=True, slots=True)
class Example:
    """A row of each stage, all of one object; None where there is none."""

    anchor: int | None = None
    """Row of the anchors, and of the scores that are given to anchors."""
    region: int | None = None
    """Row of 'regions' and of the pooling; None in one stage."""
    detection: int | None = None
    """Place among the network's own detections, its masks and keypoints."""
    class_index: int | None = None

    def row(self, scores: Scores) -> int | None:
        """The row of these scores."""
        return self.region if scores.of == "objectness" else _row_of_anchor(scores, self.anchor)


def example_of(trace: Trace, detection: int = 0) -> Example:
    """The rows behind one of the network's own detections; where there are so few, those of its most certain guess."""
    found = trace.all(Selection)[-1]
    scores = trace.scores_of(found)
    if detection >= len(found.kept_rows):
        return _surest(scores)
    row, class_index = int(found.kept_rows[detection]), int(found.kept_classes[detection])
    return _behind(scores, row, class_index, detection)


def example_of_row(trace: Trace, scores: Scores, row: int, class_index: int = 0) -> Example:
    """The rows behind one row of scores, and what it became."""
    found = trace.all(Selection)[-1]
    if found.of != scores.name:
        return example_of_anchor(trace, int(scores.parent[row]))
    kept = np.flatnonzero((found.kept_rows == row) & (found.kept_classes == class_index))
    return _behind(scores, row, class_index, int(kept[0]) if len(kept) else None)


def example_of_anchor(trace: Trace, anchor: int) -> Example:
    """An anchor and what was made of it, as far as it came."""
    found = trace.all(Selection)[-1]
    scores = trace.scores_of(found)
    rows = np.flatnonzero(scores.parent == anchor)
    if not len(rows):
        return Example(anchor)
    row = int(rows[0])
    place = np.flatnonzero(found.kept_rows == row)
    if len(place):
        return _behind(scores, row, int(found.kept_classes[place[0]]), int(place[0]))
    return _behind(scores, row, int(scores.scores[row].argmax()), None)


def example_at(trace: Trace, name: str, row: int, class_index: int = 0) -> Example:
    """The rows behind a row of the stage of this name; of a selection, behind that row of the scores it is of."""
    match trace.named(name):
        case Anchors():
            return example_of_anchor(trace, row)
        case Selection() as selection:
            return example_of_row(trace, trace.scores_of(selection), row, class_index)
        case Scores() as scores:
            return example_of_row(trace, scores, row, class_index)
        case Pooling(of=of):
            pooled = trace.named(of)
            assert isinstance(pooled, Scores)
            return example_of_row(trace, pooled, row, int(pooled.scores[row].argmax()))
        case Masks() | KeypointMaps():
            return example_of(trace, row)
    return example_of(trace)


def _surest(scores: Scores) -> Example:
    """Of the guess with the highest score."""
    if not len(scores.scores):
        return Example()
    row, class_index = np.unravel_index(int(scores.scores.argmax()), scores.scores.shape)
    return _behind(scores, int(row), int(class_index), None)


def _behind(scores: Scores, row: int, class_index: int, detection: int | None) -> Example:
    return Example(
        anchor=int(scores.parent[row]),
        region=row if scores.of == "objectness" else None,
        detection=detection,
        class_index=class_index,
    )


def _row_of_anchor(scores: Scores, anchor: int | None) -> int | None:
    if anchor is None:
        return None
    if anchor < len(scores.parent) and scores.parent[anchor] == anchor:
        return anchor
    rows = np.flatnonzero(scores.parent == anchor)
    return int(rows[0]) if len(rows) else None


def base_box(trace: Trace, scores: Scores, row: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """(4,) the box that a row's terms move: its anchor, or its region."""
    if scores.of == "objectness":
        return np.asarray(trace.first(Pooling).boxes[row])
    return np.asarray(trace.first(Anchors).boxes[scores.parent[row]])
