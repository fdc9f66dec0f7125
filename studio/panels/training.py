"""The training of the run whose detections are shown: how it goes, its losses and scores, pictures growing better."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.faces.events import Collapsed, FacesStepDone, HardestFaces
from engine.project.store import Change
from engine.training.events import BatchHalved, Ended, StepDone, ValidationDone
from engine.training.glimpses import Moment
from studio.charts.curves import Curves
from studio.errand_values import Chosen, RunBegan
from studio.jobs import Job
from studio.orders import Task
from studio.panels import Panel
from studio.panels import _training_facts as facts
from studio.panels._hard_pairs import HardPairs
from studio.panels._training_facts import FACE_LOSSES, FACE_SCORES, Facts
from studio.panels._watched import Watched
from studio.surroundings import Studio
from studio.theme import GAP
from studio.training import RESUMABLE, TRAININGS, go_on, pause
from studio.widgets import Elided, role

REREAD_MS = 500


class TrainingPanel(QWidget):
    """A line on how it goes with its buttons, charts of losses and scores, watched pictures, and why all is so."""

    def __init__(self, studio: Studio) -> None:
        """Follow the shown run."""
        super().__init__()
        self._studio, self._session = studio, studio.session
        self._run_id: int | None = None
        self._step = -1
        self._facts: Facts | None = None
        self._jobs: dict[int, Job] = {}
        self._chosen: dict[int, tuple[str, ...]] = {}
        self._moving: StepDone | FacesStepDone | None = None
        self._collapse: dict[int, str] = {}
        self._has_asked_moments = False
        self.losses = Curves("Loss", studio.theme)
        self.scores = Curves("Validation", studio.theme, limits=(0.0, 1.0))
        self.watched = Watched(studio.session, studio.theme)
        self.hardest = HardPairs(studio.faces, studio.theme)
        self.title, self.how, self.why = QLabel(), Elided("", _RIGHT), role(Elided("", _RIGHT), "faint")
        self.pause, self.stop = QPushButton(_PAUSE), QPushButton("Stop")
        self._none = role(QLabel("Fine-tune a detector, and its losses are drawn here while it learns."), "faint")
        self._lay_out()
        self._connect()
        self._watch(studio.jobs.active)
        self._begin()

    def _lay_out(self) -> None:
        self.title = role(self.title, "title")
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self.title)
        head.addWidget(self.how, 1)
        for button in (self.pause, self.stop):
            button.setAutoDefault(False)
            head.addWidget(button)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for each, share in ((self.losses, 3), (self.scores, 3), (self.watched, 4), (self.hardest, 4)):
            row.addWidget(each, share)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, GAP // 2, GAP, GAP)
        column.setSpacing(GAP // 2)
        column.addWidget(self._none, 1, Qt.AlignmentFlag.AlignCenter)
        column.addLayout(head)
        column.addLayout(row, 1)
        column.addWidget(self.why)

    def _connect(self) -> None:
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(REREAD_MS)
        self._later.timeout.connect(self._ask)
        self._session.project_opened.connect(self._begin)
        self._session.training_changed.connect(self._begin)
        self._session.changed.connect(self._on_change)
        self._session.writable_changed.connect(self._show_buttons)
        self._studio.jobs.listed.connect(lambda: self._watch(self._studio.jobs.active))
        self._studio.jobs.ended.connect(self._on_end)
        self.pause.clicked.connect(self._pause)
        self.stop.clicked.connect(self._stop)

    def _watch(self, jobs: list[Job]) -> None:
        watched = {id(job) for job in self._jobs.values()}
        for job in jobs:
            if job.task.function in TRAININGS and id(job) not in watched:
                self._jobs[-job.id] = job  # its run is not known yet
                job.heard.connect(partial(self._hear, job))

    def _hear(self, job: Job, event: object) -> None:
        if isinstance(event, RunBegan):
            self._jobs = {each: other for each, other in self._jobs.items() if other is not job} | {event.run_id: job}
        if self._jobs.get(self._run_id or 0) is not job:
            return
        if isinstance(event, Chosen) and self._run_id is not None:
            self._chosen[self._run_id] = event.words
            self._show_why()
        elif isinstance(event, StepDone | FacesStepDone):
            self._moving = event
            self.how.show_text(facts.moving(event))
        elif isinstance(event, ValidationDone):
            self.watched.add((Moment(event.step, event.epoch, event.glimpses),))
        elif isinstance(event, HardestFaces):
            self.hardest.take(event)
        elif isinstance(event, Collapsed) and self._run_id is not None:
            self._collapse[self._run_id] = event.words
            self._show_why()
        elif isinstance(event, BatchHalved):
            self.why.show_text(event.why)
        elif isinstance(event, Ended) and event.words:
            self._session.said.emit(f"The training ended: {event.words}.")

    def _on_end(self, job: Job) -> None:
        self._jobs = {run_id: each for run_id, each in self._jobs.items() if each is not job}
        self._show_how()

    def _begin(self) -> None:
        self._run_id, self._step, self._facts, self._moving = self._session.training_id, -1, None, None
        self._has_asked_moments = False
        self.losses.clear()
        self.scores.clear()
        self.watched.clear()
        self.hardest.clear()
        self._show_why()
        self._show_how()
        self._ask()

    def _on_change(self, change: Change) -> None:
        if self._run_id in change.runs and not self._later.isActive():
            self._later.start()

    def _ask(self) -> None:
        run_id, step = self._run_id, self._step
        if run_id is not None:
            self._session.ask("metrics", lambda project: facts.read(project, run_id, step - 1), self._take)

    def _take(self, found: Facts | None) -> None:
        if found is None or found.run.id != self._run_id:
            return
        has_news = found.notes != (self._facts.notes if self._facts else ())
        self._facts = found
        if has_news:
            self._show_why()
        for each in sorted(found.series, key=lambda each: _loss_name(each.name)):  # the sum last: it is told always
            self._step = max(self._step, int(each.steps[-1]))
            if _is_loss(each.name):
                self.losses.extend(_loss_name(each.name), each.steps, each.values)
            elif found.run.kind == "embedder" and each.name in FACE_LOSSES:
                self.losses.extend(FACE_LOSSES[each.name], each.steps, each.values)
            elif each.name in _SCORES:
                self.scores.extend(_score_name(each.name), each.steps, each.values)
            elif each.name in FACE_SCORES:
                self.scores.extend(FACE_SCORES[each.name], each.steps, each.values)
        if self.scores.lines and not self._has_asked_moments:
            self._ask_moments(found.run.id)
        self._show_how()

    def _ask_moments(self, run_id: int) -> None:
        """Have a worker read what the run found before."""
        self._has_asked_moments = True
        project = self._session.project
        if project is not None:
            is_of_faces = self._facts is not None and self._facts.run.kind == "embedder"
            errand = "studio.face_training_errands:hardest" if is_of_faces else "studio.errands:glimpses"
            task = Task("Read watched pictures", "infer", errand, project.path, (run_id,))
            job = self._studio.jobs.start(task, quiet=True)
            job.ended.connect(partial(self._take_moments, run_id, job))

    def _take_moments(self, run_id: int, job: Job) -> None:
        if run_id == self._run_id and isinstance(job.result, tuple):
            self.watched.add(job.result)
        elif run_id == self._run_id and isinstance(job.result, HardestFaces) and not self.hardest.pairs:
            self.hardest.take(job.result)

    def _show_why(self) -> None:
        """What is to be known of its figures, and what was chosen when it began here."""
        notes = self._facts.notes if self._facts else ()
        collapse = self._collapse.get(self._run_id or 0, "")
        chosen = self._chosen.get(self._run_id or 0, ())
        self.why.show_text(_sentences((*((collapse,) if collapse else ()), *notes, *chosen)))
        role(self.why, "bad" if collapse else "faint")
        self.why.style().polish(self.why)

    @property
    def _job(self) -> Job | None:
        """The job that carries out the shown run."""
        return self._jobs.get(self._run_id or 0)

    def _show_how(self) -> None:
        found, job = self._facts, self._job
        is_there = found is not None
        for each in (self.title, self.how, self.losses, self.scores):
            each.setVisible(is_there)
        self.why.setVisible(is_there and bool(self.why.toolTip()))
        self._none.setVisible(not is_there)
        self.watched.setVisible(is_there and bool(self.watched.moments))
        self.hardest.setVisible(is_there and bool(self.hardest.pairs))
        self._show_buttons()
        if found is None:
            return
        name = found.run.name if found.run.name != found.run.network else ""
        self.title.setText(f"Run {found.run.id}{': ' if name else ''}{name}")
        is_moving = job is not None and found.run.state == "running" and self._moving is not None
        if is_moving and self._moving is not None:
            self.how.show_text(facts.moving(self._moving))
        else:
            self.how.show_text(facts.resting(found))

    def _show_buttons(self) -> None:
        found, job, can_write = self._facts, self._job, self._session.can_write
        state = found.run.state if found else ""
        is_here = job is not None and job.state == "running"
        self.pause.setVisible(state in ("running", "queued", *RESUMABLE))
        self.pause.setText(_pause_word(state, is_resting=bool(found and found.is_resting)))
        self.pause.setEnabled(can_write and (state != "running" or is_here))
        self.pause.setToolTip(_PAUSE_TIP if state == "running" else _GO_ON_TIP)
        self.stop.setVisible(job is not None)
        self.stop.setEnabled(is_here)
        self.stop.setToolTip(_STOP_TIP)

    def _pause(self) -> None:
        """Do what the button says, and nothing where the run has moved on since: a second click undoes no first one."""
        if self._run_id is not None:
            (pause if self.pause.text() == _PAUSE else go_on)(self._studio, self._run_id)

    def _stop(self) -> None:
        if (job := self._job) is not None:
            self._studio.jobs.stop(job)
            self._show_buttons()


_RIGHT = Qt.TextElideMode.ElideRight
_PAUSE = "Pause"
_PAUSE_TIP = "Rest after this step, with a checkpoint stored, and leave the processor to you."
_GO_ON_TIP = "Go on exactly where it rests."
_STOP_TIP = "Stop after this step. The best checkpoint so far is kept, and the run can be resumed exactly."


def _pause_word(state: str, *, is_resting: bool) -> str:
    if state == "running":
        return _PAUSE
    return "Go On" if is_resting else "Start" if state == "queued" else "Resume"


_SCORES = ("bbox/AP", "bbox/AP50", "segm/AP", "segm/AP50")


def _sentences(words: Sequence[str]) -> str:
    """Words one after the other, each ended by a full stop."""
    return " ".join(f"{each[:1].upper()}{each[1:].rstrip('.')}." for each in words)


def _is_loss(metric: str) -> bool:
    return metric.startswith("train/") and "loss" in metric


def _loss_name(metric: str) -> str:
    name = metric.removeprefix("train/").removeprefix("loss_").replace("_", " ")
    return "sum" if name == "loss" else name


def _score_name(metric: str) -> str:
    kind, score = metric.split("/")
    return f"{score} {'boxes' if kind == 'bbox' else 'masks'}"


PANEL = Panel("Training", "chart", "bottom", 40, TrainingPanel, is_shown=False)
