"""Why the annotations of one picture were missed, from its trace alone: without the network, and under other settings.

Shapes are in the pixels of `trace.input.size`: those of the image. Masks decide what was counted where the
detections are the network's own and it gives masks, for of others no mask is known; else boxes do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.geometry.shapes import Box, Shape
from engine.inspecting.wanting import Found, own_keys, wanted
from engine.project.records import Annotation, Detection
from engine.tracing.autopsy import autopsy
from engine.tracing.mask_pixels import mask_at
from engine.tracing.outlook import Prospects, in_words
from engine.tracing.stages import Masks, Scores
from engine.tracing.trace import Trace
from engine.tracing.verdicts import Asked, Key, Outlook, Verdict, Wanted
from engine.tracing.whatif import Outcome, Trial


@dataclass(frozen=True, slots=True, eq=False)
class PictureAutopsy:
    """A picture, its annotations, and what was detected under some settings."""

    trace: Trace
    outcome: Outcome
    wanted: dict[int, Wanted]
    """By the annotation's id; crowds are not asked for."""
    asked: Asked

    @classmethod
    def of(
        cls,
        trace: Trace,
        outcome: Outcome,
        annotations: Sequence[Annotation],
        asked: Asked | None = None,
        regions: Scores | None = None,
    ) -> PictureAutopsy:
        """Count what was found, as an evaluation does; `regions` is what made the outcome, where anchors are scaled."""
        asked, trace = asked or Asked(), Trial(trace).trace_under(outcome.settings, regions)
        found = detected(trace, outcome, annotations)
        return cls(trace, outcome, wanted(trace, annotations, found, asked.iou), asked)

    @property
    def missed(self) -> tuple[int, ...]:
        """The annotations that no detection that is shown was counted for."""
        scores = dict(zip(keys(self.outcome), self.outcome.found.scores.tolist(), strict=True))
        return tuple(
            each
            for each, own in self.wanted.items()
            if own.found is None or scores[own.found] < self.asked.score
        )  # fmt: skip

    def verdict(self, annotation_id: int) -> Verdict:
        """What became of an annotation; raises KeyError for one that is not asked for."""
        return autopsy(self.trace, self.wanted[annotation_id], self.outcome.selections, self.asked)

    def told(self, annotation_id: int) -> Verdict:
        """The same, its words with what would become of it where its cut is undone, as far as that is known."""
        verdict = self.verdict(annotation_id)
        then = self.outlook(annotation_id, verdict)
        return verdict if then is None else replace(verdict, words=f"{verdict.words} {in_words(then)}")

    def outlook(self, annotation_id: int, verdict: Verdict) -> Outlook | None:
        """What would become of it with the first remedy, from these settings on; None where that is not known."""
        return Prospects(self.trace, self.outcome.settings).outlook(self.wanted[annotation_id], verdict, self.asked)


def keys(outcome: Outcome) -> list[Key]:
    """What the detections of an outcome are in the trace, in their order."""
    return list(zip(outcome.found.rows.tolist(), outcome.found.class_indices.tolist(), strict=True))


def detected(trace: Trace, outcome: Outcome, annotations: Sequence[Annotation]) -> Found:
    """The detections of an outcome, with masks where theirs are known and something annotated has one."""
    places = {key: at for at, key in enumerate(own_keys(trace))}
    masks = trace.all(Masks)
    is_by_mask = (
        bool(masks) and all(key in places for key in keys(outcome))
        and any(not isinstance(each.shape, Box) for each in annotations)
    )  # fmt: skip
    boxes: list[Shape] = [Box(*row) for row in outcome.found.boxes_image.astype(float).tolist()]
    if is_by_mask:
        drawn = [mask_at(masks[0], places[key], trace.input) for key in keys(outcome)]
        boxes = [box if mask.is_empty else mask for box, mask in zip(boxes, drawn, strict=True)]
    ids = trace.origin.class_ids
    rows = zip(outcome.found.class_indices.tolist(), outcome.found.scores.tolist(), boxes, strict=True)
    detections = [Detection(0, 0, ids[class_index], score, shape) for class_index, score, shape in rows]
    return Found(detections, keys(outcome), "segm" if is_by_mask else "bbox")
