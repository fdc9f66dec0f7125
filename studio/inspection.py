"""Inspection: one image as one run's network sees it, the stage that is looked at, and what is picked and asked there.

A worker process of its own keeps the network, watches it look at the image, and writes the trace to a file that is
mapped here. One request is on its way at a time; of those made meanwhile only the newest waits.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from engine.geometry.shapes import XY
from engine.tracing.stages import Stage
from engine.tracing.trace import Trace


@dataclass(frozen=True, slots=True)
class Picked:
    """A row of a stage that is looked at more closely."""

    stage: str
    """Its name; rows of a Selection are those of the Scores that it selects from."""
    row: int
    class_index: int = 0


class Inspection(QObject):
    """What the Inspect page shows."""

    changed = Signal()
    """Another trace, or none: under way, or refused (`words`)."""
    stage_changed = Signal()
    cursor_moved = Signal()
    picked_changed = Signal()
    """`picked` or `annotation_id` is another."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.trace: Trace | None = None
        self.words = ""
        """Why there is no trace, or what is under way."""
        self.stage_name = ""
        self.cursor: XY | None = None
        """Where the pointer is on any view, in image pixels."""
        self.picked: Picked | None = None
        self.annotation_id: int | None = None
        """The annotation that is asked about."""

    @property
    def stage(self) -> Stage | None:
        """The stage that is looked at."""
        return self.trace.named(self.stage_name) if self.trace is not None and self.stage_name else None

    def take(self, trace: Trace | None, words: str = "") -> None:
        """Show another trace, at the same stage where it has one of that name."""
        self.trace, self.words, self.picked, self.annotation_id = trace, words, None, None
        names = [stage.name for stage in trace.stages] if trace is not None else []
        self.stage_name = self.stage_name if self.stage_name in names else (names[0] if names else "")
        self.changed.emit()

    def show_stage(self, name: str) -> None:
        """Look at another stage."""
        if name != self.stage_name and self.trace is not None:
            self.trace.named(name)
            self.stage_name = name
            self.stage_changed.emit()

    def step(self, by: int) -> None:
        """To the next stage, or the one before."""
        if self.trace is not None:
            names = [stage.name for stage in self.trace.stages]
            self.show_stage(names[min(max(names.index(self.stage_name) + by, 0), len(names) - 1)])

    def point_at(self, xy_image: XY | None) -> None:
        """Move the linked cursor."""
        if xy_image != self.cursor:
            self.cursor = xy_image
            self.cursor_moved.emit()

    def pick(self, picked: Picked | None) -> None:
        """Look at a row more closely."""
        if picked != self.picked:
            self.picked = picked
            self.picked_changed.emit()

    def ask_about(self, annotation_id: int | None) -> None:
        """Ask why an annotation was missed, or found."""
        if annotation_id != self.annotation_id:
            self.annotation_id = annotation_id
            self.picked_changed.emit()
