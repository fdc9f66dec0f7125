"""Comparison: how the shape being drawn or dragged lies on the suggestion it overlaps most, and what that is called."""

from __future__ import annotations

from dataclasses import dataclass

from engine.geometry.overlap import OverlapIndex, OverlapWord, overlap_word
from engine.geometry.shapes import Keypoints, Shape

THRESHOLDS = (0.5, 0.75)
"""The IoUs at which a detection is commonly counted as right."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The live IoU of one shape."""

    detection_id: int
    """The suggestion it overlaps most."""
    iou: float

    @property
    def word(self) -> OverlapWord:
        return overlap_word(self.iou)

    @property
    def counts(self) -> tuple[tuple[float, bool], ...]:
        """Each threshold, and whether this counts as a match there."""
        return tuple((threshold, self.iou >= threshold) for threshold in THRESHOLDS)

    @property
    def text(self) -> str:
        """One line for the status bar."""
        counts = ", ".join(f"{'counts' if counted else 'does not count'} at {at:g}" for at, counted in self.counts)
        return f"IoU {self.iou:.2f} {self.word}; {counts}"


def compared(suggestions: OverlapIndex, shape: Shape) -> Comparison | None:
    """The comparison with the nearest of the suggestions; None where none is touched or there is no area."""
    if not len(suggestions) or isinstance(shape, Keypoints) or shape.is_empty:
        return None
    best = suggestions.best(shape)
    return Comparison(best.id, best.iou) if best else None
