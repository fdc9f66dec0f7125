"""What an autopsy is asked and what it answers: where an annotated object was lost, and what would have kept it.

`LOSSES` are the places where an object can be lost, in the order of a pass; a detector with one stage has fewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

import numpy as np

from engine.tracing.rules import Cut
from engine.tracing.stages import Floats, Ints

Loss: TypeAlias = Literal[
    "unknown_class", "anchors", "guesses",
    "proposals_top_k", "proposals_side", "proposals_score", "proposals_nms", "proposals_most",
    "unasked", "refinement", "background", "other_class", "score",
    "side", "top_k", "nms", "most", "taken", "mask", "shown",
]  # fmt: skip
LOSSES: tuple[Loss, ...] = get_args(Loss)
Outlook: TypeAlias = Loss | Literal["found"]
"""What becomes of an object where one cut is undone: the next one takes it, or it is found."""

TITLES: Mapping[Loss, str] = {
    "unknown_class": "Class not known to the network",
    "anchors": "No anchor near",
    "guesses": "No guessed box reaches it",
    "proposals_top_k": "Below the top-k of the proposals",
    "proposals_side": "Too small for a proposal",
    "proposals_score": "Below the proposals' score",
    "proposals_nms": "Suppressed among the proposals",
    "proposals_most": "Beyond the proposals kept",
    "unasked": "Never asked by the network",
    "refinement": "Lost by box refinement",
    "background": "Scored as background",
    "other_class": "Scored as another class",
    "score": "Below the score threshold",
    "side": "Too small for a detection",
    "top_k": "Below the top-k",
    "nms": "Suppressed by a detection",
    "most": "Beyond the detections per picture",
    "taken": "Detection counted for another annotation",
    "mask": "Shape too poor",
    "shown": "Below the score that is shown",
}

Key: TypeAlias = tuple[int, int]
"""A row of the last Scores and a class: what a detection is known by, whatever the settings."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What counts as found."""

    iou: float = 0.5
    """Boxes that overlap an annotation by this or more are on it."""
    score: float = 0.0
    """Detections from this score on are shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Others:
    """The other annotations of the picture."""

    boxes_model: Floats = field(default_factory=lambda: np.zeros((0, 4), dtype=np.float32))
    """(T, 4)"""
    ids: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """(T,) of the annotations."""
    taken: Mapping[Key, int] = field(default_factory=dict)
    """The detections that were counted for them, and for which: a place in these columns."""


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """An annotated object that is looked for in a trace."""

    box_model: Floats
    """(4,)"""
    class_index: int
    """The network's own; -1 for a class that it does not know."""
    found: Key | None = None
    """The detection that was counted for it."""
    others: Others = field(default_factory=Others)
    shape_ious: Mapping[Key, float] = field(default_factory=dict)
    """Where masks decided what was counted: their IoU with detections that were counted for nothing."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a verdict, and what it is of."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Remedy:
    """A setting and the value of it that would have kept an object at the cut that dropped it."""

    setting: str
    """As 'NMS IoU of the proposals'."""
    value: float
    words: str
    selection: str | None = None
    """Whose rules it changes; None where it is no rule: anchors, and the score that is shown."""
    at: int = -1
    """The place of the cut in those rules."""
    rule: Cut | None = None
    """The cut as it has to be."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What became of an annotated object."""

    loss: Loss | None
    """None: it was found."""
    stage: str
    """The stage of the trace to look at: of a cut the selection's name."""
    row: int
    """Of its Scores, the row that came furthest (of 'anchors' the anchor); -1 where there is none."""
    candidate: int
    """In the selection's table; -1 where the row is none."""
    numbers: tuple[Number, ...]
    words: str
    remedies: tuple[Remedy, ...] = ()
    suppressor: int = -1
    """The candidate that suppressed it."""
    other: int = -1
    """The annotation that the suppressor is on, or that its detection was counted for: a place in `Others`."""

    @property
    def outlook(self) -> Outlook:
        """The loss, or 'found'."""
        return self.loss or "found"
