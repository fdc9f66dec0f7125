"""A picture's annotations as what an autopsy looks for: which detection was counted for which, as an evaluation counts.

By falling score each detection takes the free annotation of its class that it overlaps most, by boxes or by masks;
crowds are not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.evaluation.coco_tables import IouType, Judged, JudgedTables
from engine.evaluation.comparison import Comparison, comparison
from engine.evaluation.detection import LEAST_LIMIT
from engine.evaluation.matching import Matching, match
from engine.project.records import Annotation, Detection
from engine.tracing.stages import Floats, Selection
from engine.tracing.trace import Trace
from engine.tracing.verdicts import Key, Others, Wanted


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was detected: shapes in the pixels that the network was given, and what each is in the trace."""

    detections: Sequence[Detection]
    keys: Sequence[Key]
    """Of each: its row of the last Scores, and its class there."""
    iou_type: IouType = "bbox"


def own_keys(trace: Trace) -> list[Key]:
    """What the network's own detections are in its trace, in their order."""
    own = trace.all(Selection)[-1]
    return list(zip(own.kept_rows.tolist(), own.kept_classes.tolist(), strict=True))


def wanted(trace: Trace, annotations: Sequence[Annotation], found: Found, iou: float) -> dict[int, Wanted]:
    """Every annotation that is asked for, by its id; shapes in the pixels that the network was given."""
    asked = [each for each in annotations if not each.is_crowd]
    compared = _compared(trace, annotations, found)
    counts = _Counts(trace, found, compared, match(compared, iou))
    boxes = {each.id: _box_model(trace, each) for each in asked}
    return {each.id: _wanted(counts, each, boxes) for each in asked}


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    """What was counted for what."""

    trace: Trace
    found: Found
    compared: Comparison
    matched: Matching

    def key(self, row: int) -> Key:
        """Of a detection by its row in the comparison, which numbers them from 1 as they came."""
        return self.found.keys[int(self.compared.found.ids[row]) - 1]

    @property
    def by_annotation(self) -> dict[int, Key]:
        """The detection counted for each annotation that was found."""
        rows = np.flatnonzero(self.matched.found_by >= 0)
        return {int(self.compared.truths.ids[row]): self.key(self.matched.found_by[row]) for row in rows.tolist()}


def _compared(trace: Trace, annotations: Sequence[Annotation], found: Found) -> Comparison:
    height, width = trace.input.size
    unnumbered = [replace(each, id=0) for each in found.detections]
    judged = Judged(1, height, width, annotations, unnumbered)
    names = {each.class_id: str(each.class_id) for each in annotations}
    return comparison(JudgedTables([judged], names), found.iou_type, max(LEAST_LIMIT, len(unnumbered)))


def _box_model(trace: Trace, annotation: Annotation) -> Floats:
    x, y = trace.input.scale_xy
    return np.asarray(np.array(annotation.shape.bounds) * (x, y, x, y), dtype=np.float32)


def _wanted(counts: _Counts, annotation: Annotation, boxes: Mapping[int, Floats]) -> Wanted:
    ids = counts.trace.origin.class_ids
    others = [each for each in boxes if each != annotation.id]
    by_annotation = counts.by_annotation
    taken = {by_annotation[each]: at for at, each in enumerate(others) if each in by_annotation}
    columns = np.array([boxes[each] for each in others], dtype=np.float32).reshape(-1, 4)
    return Wanted(
        boxes[annotation.id],
        ids.index(annotation.class_id) if annotation.class_id in ids else -1,
        by_annotation.get(annotation.id),
        Others(columns, np.array(others, dtype=np.int64), taken),
        _shape_ious(counts, annotation.id) if counts.found.iou_type == "segm" else {},
    )


def _shape_ious(counts: _Counts, annotation_id: int) -> dict[Key, float]:
    """By detection, of those that overlap it at all."""
    compared = counts.compared
    row = int(np.flatnonzero(compared.truths.ids == annotation_id)[0])
    rows = np.flatnonzero(compared.pairs.truths == row)
    every = {counts.key(each): 0.0 for each in range(len(compared.found.ids))}
    return every | {counts.key(int(compared.pairs.found[at])): float(compared.pairs.ious[at]) for at in rows}
