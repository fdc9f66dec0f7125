"""How a result came about: from its anchor through every head and cut to the result, with the numbers of each step.

Any candidate has a path, also one that a cut dropped: its path ends there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.tracing.selecting import KEPT, Selected
from engine.tracing.sought import box_of
from engine.tracing.stages import Anchors, Floats, Pooling, Scores, Selection
from engine.tracing.standings import UNLISTED, Standing, candidates_of, standings
from engine.tracing.trace import Trace
from engine.tracing.whatif import own, what_if


@dataclass(frozen=True, slots=True, eq=False)
class AnchorStep:
    """The box that everything began with."""

    anchor: int
    """Row of the anchors."""
    called: str
    level: int
    stride: float
    cell: tuple[int, int]
    """Column and row."""
    slot: int
    box_model: Floats


@dataclass(frozen=True, slots=True, eq=False)
class HeadStep:
    """What a head said of a row, and where it moved its box."""

    stage: str
    row: int
    class_index: int
    """0 of objectness."""
    logit: float
    objectness: float | None
    """Logit, where the score is a product."""
    score: float
    chances: Floats
    """(K,) the row's scores of all classes, without the background."""
    terms: Floats
    """(4,)"""
    before_model: Floats
    """(4,) the anchor, or the region."""
    box_model: Floats


@dataclass(frozen=True, slots=True, eq=False)
class CutsStep:
    """How a candidate stood at the cuts of a selection."""

    selection: str
    candidate: int
    """In the selection's table; -1 where the first threshold cut it, which lists only what passes."""
    standings: tuple[Standing, ...]
    place: int
    """In the selection's result, -1 where a cut dropped it."""
    score: float
    """After soft-NMS; else the same."""
    box_model: Floats


@dataclass(frozen=True, slots=True, eq=False)
class PoolStep:
    """From where the features of a region came."""

    row: int
    level: int
    """Into the pooling's strides."""
    stride: float
    size: int
    box_model: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """From an anchor to a result, or to the cut that ended it."""

    anchor: AnchorStep
    guess: HeadStep
    """What the first head made of the anchor."""
    proposal: CutsStep | None
    """None in one stage."""
    pool: PoolStep | None
    region: HeadStep | None
    """What the second head made of the proposal."""
    result: CutsStep | None
    """None where the path is one of a proposal."""

    @property
    def is_kept(self) -> bool:
        """Whether it ends in the result."""
        last = self.result or self.proposal
        return last is not None and last.place >= 0


def path(trace: Trace, name: str, place: int, selections: Mapping[str, Selected] | None = None) -> Path:
    """Of a place in the result of a selection: the network's own, or of what other cuts left."""
    selections = selections or own_selections(trace)
    chosen = selections[name]
    candidate = int(chosen.kept[place])
    return path_of(trace, name, (int(chosen.rows[candidate]), int(chosen.classes[candidate])), selections)


def path_of(trace: Trace, name: str, key: tuple[int, int], selections: Mapping[str, Selected] | None = None) -> Path:
    """Of a row and class of what a selection selects from, whatever became of it."""
    selections = selections or own_selections(trace)
    stage = trace.named(name)
    assert isinstance(stage, Selection)
    scores = trace.scores_of(stage)
    if scores.of == "anchors" and not trace.has_proposals:
        return _of_anchor(trace, scores, key, (None, _cuts(scores, stage, key, selections)))
    if scores.of == "anchors":
        return _of_anchor(trace, scores, key, (_cuts(scores, stage, key, selections), None))
    return _of_region(trace, stage, key, selections)


def own_selections(trace: Trace) -> Mapping[str, Selected]:
    """What the network selected, by name, with what became of all that it did not keep."""
    return what_if(trace, own(trace)).selections


def _of_anchor(
    trace: Trace, scores: Scores, key: tuple[int, int], cuts: tuple[CutsStep | None, CutsStep | None]
) -> Path:
    anchor = _anchor(trace, int(scores.parent[key[0]]))
    return Path(anchor, _head(scores, key, anchor.box_model), cuts[0], None, None, cuts[1])


def _of_region(trace: Trace, stage: Selection, key: tuple[int, int], selections: Mapping[str, Selected]) -> Path:
    regions, first = trace.scores_of(stage), trace.all(Selection)[0]
    objectness, row = trace.scores_of(first), int(regions.parent[key[0]])
    own = _cuts(objectness, first, (row, 0), selections)
    before = _of_anchor(trace, objectness, (row, 0), (own, None))
    region = _head(regions, key, before.guess.box_model)
    return Path(before.anchor, before.guess, own, _pool(trace, key[0]), region, _cuts(regions, stage, key, selections))


def _anchor(trace: Trace, row: int) -> AnchorStep:
    anchors = trace.first(Anchors)
    level = int(anchors.level[row])
    column, line = (int(each) for each in anchors.cell[row])
    return AnchorStep(
        row, anchors.called, level, anchors.strides[level], (column, line), int(anchors.slot[row]), anchors.boxes[row]
    )


def _head(scores: Scores, key: tuple[int, int], before: Floats) -> HeadStep:
    row, class_index = key
    background = scores.logits.shape[1] - scores.n_classes
    return HeadStep(
        scores.name, row, class_index, float(scores.logits[row, background + class_index]),
        None if scores.objectness is None else float(scores.objectness[row]), float(scores.scores[row, class_index]),
        scores.scores[row], scores.terms[row, class_index] if scores.terms.ndim == 3 else scores.terms[row],
        before, box_of(scores, row, class_index),
    )  # fmt: skip


def _pool(trace: Trace, row: int) -> PoolStep | None:
    """None where the region was not pooled with the others."""
    stages = trace.all(Pooling)
    if not stages or row >= len(stages[0].level):
        return None
    level = int(stages[0].level[row])
    return PoolStep(row, level, stages[0].strides[level], stages[0].size, stages[0].boxes[row])


def _cuts(scores: Scores, stage: Selection, key: tuple[int, int], selections: Mapping[str, Selected]) -> CutsStep:
    selected, box = selections[stage.name], box_of(scores, *key)
    candidate = int(candidates_of(selected, np.array([key[0]]), key[1])[0])
    if candidate == UNLISTED:
        return CutsStep(stage.name, candidate, (), -1, float(scores.scores[key]), box)
    place = int(np.flatnonzero(selected.kept == candidate)[0]) if selected.cut[candidate] == KEPT else -1
    stood = standings(scores, selected, candidate)
    return CutsStep(stage.name, candidate, stood, place, float(selected.scores[candidate]), box)
