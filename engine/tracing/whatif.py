"""What if the thresholds were others: the rest of a forward pass, from what the heads said to detections, done again.

No network is needed. Of proposals that the network never looked at, the heads have to be asked first
(`Askable.asked_more`); `Outcome.unasked` says which. Anchors of other sizes make other boxes of the same terms: of one
stage at once, of two by asking the heads about the boxes that are proposed then (`Askable.asked_about`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.tracing.decoding import cut_to_picture, decoded, scaled
from engine.tracing.rules import Rules
from engine.tracing.selecting import Selected, Selector
from engine.tracing.stages import Anchors, Floats, Input, Ints, Scores, Selection, Stage
from engine.tracing.trace import Trace


@dataclass(frozen=True, slots=True)
class Settings:
    """All numbers that detections depend on besides the weights."""

    rules: Mapping[str, Rules]
    """By the name of the selection."""
    anchor_scale: float = 1.0
    """How many times as long the anchors' sides are."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What would be detected, best first; columns (M,)."""

    boxes_model: Floats
    boxes_image: Floats
    """As the network itself brings them back to the picture."""
    scores: Floats
    class_indices: Ints
    rows: Ints
    """Of the Scores that the last selection is of."""

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True, eq=False)
class Unasked:
    """Proposals that the heads have to be asked about; columns (N,)."""

    boxes_model: Floats
    parent: Ints
    """Rows of 'objectness'."""

    def __len__(self) -> int:
        return len(self.parent)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What comes of settings."""

    settings: Settings
    selections: Mapping[str, Selected]
    found: Found
    unasked: Unasked

    @property
    def n_unasked(self) -> int:
        """Proposals whose detections are missing here, as nobody has asked the heads about them."""
        return len(self.unasked)


def own(trace: Trace) -> Settings:
    """What the network itself went by."""
    return Settings({each.name: each.rules for each in trace.all(Selection)}, trace.origin.anchor_scale)


def what_if(trace: Trace, settings: Settings, regions: Scores | None = None) -> Outcome:
    """What comes of settings, once; see `Trial`."""
    return Trial(trace).outcome(settings, regions)


class Trial:
    """A trace on which settings are tried again and again: what does not depend on them is made once."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._own = own(trace)
        self._scale = 1.0
        """Of the anchors that are tried, by those of the trace."""
        self._selectors: dict[str, tuple[Scores, Selector]] = {}

    def outcome(self, settings: Settings, regions: Scores | None = None) -> Outcome:
        """What comes of settings; at the network's own, exactly its detections.

        `regions` is what the heads said when they were asked about boxes of scaled anchors: rows by their parents.
        Raises KeyError where the settings lack a selection of the trace.
        """
        scale = settings.anchor_scale / self._own.anchor_scale
        if scale != self._scale:
            self._selectors, self._scale = {}, scale
        *before, last = self.trace.all(Selection)
        selections: dict[str, Selected] = {}
        rows, unasked = None, _nothing()
        scores = self._scores(last, regions)
        for proposing in before:
            found = self._select(self._scores(proposing), proposing, settings)
            selections[proposing.name] = found
            rows, unasked = _asked(found, scores)
        selections[last.name] = self._select(scores, last, settings, rows)
        return Outcome(settings, selections, self._found(selections[last.name], last, settings), unasked)

    def trace_under(self, settings: Settings, regions: Scores | None = None) -> Trace:
        """The trace with the anchors and boxes of settings, in which the rows of their outcome are rows.

        Where anchors are scaled, what the network itself kept is not in it.
        """
        if settings.anchor_scale == self._own.anchor_scale:
            return self.trace
        self.outcome(settings, regions)
        anchors = self.trace.first(Anchors)
        changed: dict[str, Stage] = {anchors.name: replace(anchors, boxes=scaled(anchors.boxes, self._scale))}
        for stage in self.trace.all(Selection):
            changed[stage.of] = self._scores(stage, regions)
            changed[stage.name] = _unkept(stage)
        stages = tuple(changed.get(each.name, each) for each in self.trace.stages)
        return replace(self.trace, origin=replace(self.trace.origin, anchor_scale=settings.anchor_scale), stages=stages)

    def _select(self, scores: Scores, stage: Selection, settings: Settings, rows: Ints | None = None) -> Selected:
        known = self._selectors.get(stage.name)
        if known is None or known[0] is not scores:
            known = self._selectors[stage.name] = (scores, Selector(scores, self._like(stage)))
        return known[1].select(settings.rules[stage.name], rows)

    def _like(self, stage: Selection) -> Selection:
        """The network's own, as far as its rows are those that are selected from."""
        if self._scale == 1.0 or self.trace.scores_of(stage).of == "anchors":
            return stage
        return _unkept(stage)

    def _scores(self, stage: Selection, regions: Scores | None = None) -> Scores:
        """What a selection selects from at the scale of the anchors that is tried."""
        told = self.trace.scores_of(stage)
        if self._scale == 1.0:
            return told
        if told.of != "anchors":
            return _none_of(told) if regions is None else regions
        known = self._selectors.get(stage.name)
        return known[0] if known is not None else self._moved(told)

    def _moved(self, scores: Scores) -> Scores:
        """The same terms on anchors of another size."""
        anchors = self.trace.first(Anchors)
        strides = np.asarray(anchors.strides, dtype=np.float32)[anchors.level[scores.parent]]
        boxes = decoded(scores, scaled(anchors.boxes[scores.parent], self._scale), strides)
        return replace(scores, boxes=boxes if scores.coding == "cell" else cut_to_picture(boxes, self.trace.input))

    def _found(self, selected: Selected, stage: Selection, settings: Settings) -> Found:
        coding = self.trace.scores_of(stage).coding
        if settings == self._own:
            image = on_picture(stage.kept_boxes, self.trace.input, is_cut=coding == "cell")
            return Found(stage.kept_boxes, image, stage.kept_scores, stage.kept_classes, stage.kept_rows)
        kept = selected.kept
        boxes = selected.boxes[kept]
        image = on_picture(boxes, self.trace.input, is_cut=coding == "cell")
        return Found(boxes, image, selected.scores[kept], selected.classes[kept], selected.rows[kept])


def on_picture(boxes_model: Floats, seen: Input, *, is_cut: bool) -> Floats:
    """Boxes in image pixels, as networks themselves bring them there; `is_cut`: only then cut to the picture (YOLO)."""
    (height, width), (model_height, model_width) = seen.size, seen.picture.shape[:2]
    ratios = np.asarray([width / model_width, height / model_height] * 2, dtype=np.float32)
    boxes = np.asarray(boxes_model * ratios, dtype=np.float32)
    return np.clip(boxes, 0, np.asarray([width, height] * 2, dtype=np.float32)) if is_cut else boxes


def _asked(proposals: Selected, regions: Scores) -> tuple[Ints, Unasked]:
    """The regions of proposals, in their order, and the proposals that have none."""
    kept = proposals.kept
    parents = proposals.rows[kept]
    known = np.full(max(int(parents.max(initial=-1)), int(regions.parent.max(initial=-1))) + 1, -1, dtype=np.int64)
    known[regions.parent] = np.arange(len(regions.parent))
    rows = known[parents]
    is_unasked = rows < 0
    return rows[~is_unasked], Unasked(proposals.boxes[kept[is_unasked]], parents[is_unasked])


def _nothing() -> Unasked:
    return Unasked(np.zeros((0, 4), np.float32), np.zeros(0, np.int64))


def _unkept(stage: Selection) -> Selection:
    """The same rules, and nothing kept by the network."""
    columns = {name: getattr(stage, name)[:0] for name in ("kept_rows", "kept_classes", "kept_boxes", "kept_scores")}
    return replace(stage, **columns)


def _none_of(scores: Scores) -> Scores:
    """What a head says before it is asked anything."""
    columns = {name: getattr(scores, name)[:0] for name in ("parent", "logits", "scores", "terms", "boxes", "level")}
    return replace(scores, **columns, rank=None, objectness=None, is_asked=None)
