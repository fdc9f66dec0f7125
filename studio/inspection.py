"""Inspection: one image as one run's network sees it, the stage that is looked at, and what is picked and asked there.

Traces come from `watching`; what other settings would do to them is in `what_if`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.errors import UserError
from engine.geometry.shapes import XY
from engine.project import listings, runs
from engine.project.records import Detection
from engine.project.store import Change
from engine.tracing import files
from engine.tracing.nearest import nearest
from engine.tracing.stages import FeatureMaps, Floats, Ints, Stage
from engine.tracing.trace import Trace
from studio.jobs import Jobs
from studio.looks import LookAt, Looked
from studio.orders import Failure
from studio.session import Session
from studio.watching import Watching
from studio.what_if import WhatIf

NO_IMAGE = "There is no picture to look at.\nImport pictures first."
NO_CHECKPOINT = (
    "This run has no network yet that could be watched.\n"
    "It has one after its first validation; until then choose another run in the panel Runs."
)
STOPPED = "Stopped.\nInspect, Look Again watches the network."
NO_RUN = "Nothing is trained here yet.\nFine-Tune trains a detector, and this page shows how it comes to what it finds."

NOT_THERE = "Looking at the picture as a whole, the network does not find this object."


@dataclass(frozen=True, slots=True)
class Picked:
    """A row of a stage that is looked at more closely."""

    stage: str
    """Its name; rows of a Selection are those of the Scores that it selects from."""
    row: int
    class_index: int = 0


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to be looked at as soon as there is a trace of its image: an annotation, or a detection."""

    image_id: int
    annotation_id: int | None = None
    detection: Detection | None = None


class Inspection(QObject):
    """What the Inspect page shows."""

    changed = Signal()
    """Another trace, or none: under way, or refused (`words`)."""
    widened = Signal()
    """The same trace with more rows: the heads were asked about all proposals."""
    stage_changed = Signal()
    pane_wanted = Signal(str)
    """Somebody wants to see 'stage', 'what_if', 'why' or 'explain' beside the picture."""
    steps_wanted = Signal(str)
    """The suppression of the stage is to 'play' or hold, or go 'on' or 'back' by one turn."""
    saving_wanted = Signal(Path)
    """What is shown is to be a file: a stage (.png, .svg), the steps of its suppression (.gif), or the trace."""
    cursor_moved = Signal()
    picked_changed = Signal()
    """`picked` or `annotation_id` is another."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        """Of the session's project; no process until an image is looked at."""
        super().__init__(parent)
        self._session = session
        self._watching = Watching(session, jobs, self)
        self._watching.looked.connect(self._deliver)
        self._wanted: tuple[int, int] | None = None
        """The image and run that are shown, or will be."""
        self._follows = False
        self.sees_training = False
        """Whether what an image teaches is shown, instead of what is found on it."""
        self.trace: Trace | None = None
        self.words = ""
        """Why there is no trace, or what is under way."""
        self.stage_name = ""
        self.cursor: XY | None = None
        """Where the pointer is on any view, in image pixels."""
        self.picked: Picked | None = None
        self.annotation_id: int | None = None
        """The annotation that is asked about."""
        self._aim: Aim | None = None
        self.what_if = WhatIf(session, self)
        self.changed.connect(self._try_on)
        self.what_if.heads_wanted.connect(self._ask_heads)
        self.what_if.is_stale.connect(self.look_again)
        self.changed.connect(self._reach)
        self.widened.connect(self._try_on_more)
        session.project_opened.connect(self._leave)
        session.image_changed.connect(self._look_again)
        session.run_changed.connect(self._look_again)
        session.changed.connect(self._on_change)

    @property
    def is_busy(self) -> bool:
        """Whether a network is being watched, and what it sees is not here yet."""
        return self._watching.is_busy

    def follow(self, is_wanted: bool) -> None:
        """Look at the session's image from now on, whenever it is another; or leave it."""
        self._follows = is_wanted
        self._look_again()

    def look_again(self) -> None:
        """Watch the network anew."""
        self._wanted = None
        self._look_again()

    def stop(self) -> None:
        """Let go of what is under way; what is shown stays."""
        self._watching.stop()
        if self.trace is None:
            self.take(None, STOPPED)
        else:
            self.changed.emit()

    def see_training(self, is_wanted: bool) -> None:
        """Show what an image teaches the network, or again what it finds there."""
        if is_wanted != self.sees_training:
            self.sees_training = is_wanted
            self.look_again()

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

    def _try_on(self) -> None:
        """Other settings are tried on what is shown."""
        is_pass = self.trace is not None and not self.trace.is_lesson
        self.what_if.take(self.trace if is_pass else None)

    def _ask_heads(self, boxes: Floats, parents: Ints) -> None:
        """Ask the network that has looked about proposals that it did not make itself."""
        trace = self.trace
        if trace is not None and trace.origin.image_id is not None and trace.origin.run_id is not None:
            about = boxes.astype("float32").tobytes(), parents.astype("int64").tobytes()
            waiting = self._watching.waiting
            if waiting is None or waiting.is_more:
                path = self._watching.path()
                self._watching.ask(LookAt(trace.origin.image_id, trace.origin.run_id, path, False, *about))

    def _try_on_more(self) -> None:
        if self.trace is not None:
            self.what_if.go_on_with(self.trace)

    def aim_at(self, aim: Aim) -> None:
        """Look at an annotation or a detection of the session's image, now or once the network has looked."""
        self._aim = aim
        self.see_training(False)
        self._reach()

    def _reach(self) -> None:
        aim, trace = self._aim, self.trace
        if aim is None or trace is None or self.is_busy or trace.origin.image_id != aim.image_id:
            return
        self._aim = None
        if aim.annotation_id is not None:
            self.ask_about(aim.annotation_id)
            self.pane_wanted.emit("why")
        elif aim.detection is not None:
            self._reach_detection(trace, aim.detection)

    def _reach_detection(self, trace: Trace, detection: Detection) -> None:
        found = nearest(trace, detection.shape.bounds, detection.class_id)
        self.show_stage(trace.stages[-1].name if found is None else found[0])
        if found is None:
            self._session.said.emit(NOT_THERE)
            return
        self.pick(Picked(*found))
        self.pane_wanted.emit("stage")

    def _look_again(self) -> None:
        """Watch the shown run's network on the session's image, where that is not what is shown."""
        if not self._follows:
            return
        wanted = self._found()
        if isinstance(wanted, str):
            self._wanted = None
            self._watching.forget()
            self.take(None, wanted)
        elif wanted != self._wanted:
            self._wanted = wanted
            self._watching.ask(LookAt(*wanted, self._watching.path(), is_lesson=self.sees_training))
            self.words = "The network looks at the picture…"
            self.changed.emit()

    def _found(self) -> tuple[int, int] | str:
        """The image and the run; else why there is nothing to look at."""
        project, image_id = self._session.project, self._session.image_id
        if project is None or image_id is None:
            return NO_IMAGE
        try:
            latest_id = runs.latest(project).id
        except UserError:
            return NO_RUN if self._session.run_id is None else NO_CHECKPOINT
        run_id = self._session.run_id or latest_id
        return (image_id, run_id) if run_id in listings.runs_with_checkpoints(project) else NO_CHECKPOINT

    def _deliver(self, looked: Looked) -> None:
        look = looked.look
        if (look.image_id, look.run_id) != self._wanted or look.is_lesson != self.sees_training:
            return
        if looked.refusal is not None:
            if not look.is_more:
                self.take(None, _in_words(looked.refusal))
            return
        trace = files.load(look.path)
        self._watching.sweep(look.path)
        if look.boxes:
            self.what_if.hear_heads(trace)
            return
        if look.asks_more:
            self.trace = trace if self.trace is None else _with_features(trace, self.trace)
            self.widened.emit()
            return
        self.take(trace)
        if trace.has_proposals and self._watching.waiting is None:
            self._watching.ask(LookAt(look.image_id, look.run_id, self._watching.path(), asks_more=True))

    def _on_change(self, change: Change) -> None:
        """A run may have learned something where there was nothing to watch."""
        if change.runs and self.trace is None and not self.is_busy:
            self.look_again()

    def _leave(self) -> None:
        """The project is another, or none."""
        self._wanted = None
        self._watching.stop()
        self.take(None)
        self._look_again()


def _with_features(trace: Trace, before: Trace) -> Trace:
    """The same trace with the feature maps of the one before, which are large and are not written twice."""
    at, maps = next((pair for pair in enumerate(before.stages) if isinstance(pair[1], FeatureMaps)), (0, None))
    if maps is None or trace.all(FeatureMaps):
        return trace
    return replace(trace, stages=(*trace.stages[:at], maps, *trace.stages[at:]))


def _in_words(failure: Failure) -> str:
    return f"{failure.words}\n{failure.hint}".strip()
