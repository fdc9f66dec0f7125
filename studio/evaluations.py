"""Evaluations: which run is judged on which split, what came of it, and what of that is looked at.

Comparing is a job in a worker process; its result is kept until the window closes or the project is left. What follows
from the chosen IoU and score is worked out on the reader's thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from engine.evaluation.cases import Cases
from engine.evaluation.coco_tables import IouType
from engine.evaluation.look import AtIou, AtScore, at_iou, at_score
from engine.evaluation.stored import Evaluation, Judgement
from engine.project import images, runs
from engine.project.records import Run, Split
from engine.project.store import Change
from studio.jobs import Job, Jobs
from studio.orders import Task
from studio.session import Session
from studio.view_state import MIN_SCORE

EVALUATE = "engine.evaluation.stored:evaluate_run"
_SETTLE_MS = 60
"""A score that is dragged is looked at once it rests so long."""
_Key: TypeAlias = tuple[int, Split | None]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is looked at."""

    run_id: int | None = None
    split: Split | None = "val"
    """None: all pictures."""
    iou_type: IouType = "segm"
    """By boxes, where there are no masks."""
    iou: float = 0.5
    score: float = MIN_SCORE
    class_id: int | None = None
    """None: all classes."""


@dataclass(frozen=True, slots=True, eq=False)
class Behind:
    """What is behind a number: its cases, and what they are in words."""

    title: str
    cases: Cases
    captions: Mapping[int, str] = field(default_factory=dict)
    """By image id, in place of how many cases there are."""


class Evaluations(QObject):
    """The evaluations of the open project."""

    changed = Signal()
    """Another run or split is chosen, a result is there or out of date, or a job has begun or ended."""
    progressed = Signal()
    """The job is further."""
    looked = Signal()
    """`at_iou` is another."""
    scored = Signal()
    """`at_score` is another, or will be: the score is."""
    behind_changed = Signal()
    """`behind` is another."""
    charts_wanted = Signal(object)
    """Path: somebody wants the charts saved in this folder."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        """Of the session's project."""
        super().__init__(parent)
        self.choice = Choice()
        self.job: Job | None = None
        """What is under way: the comparison, or a detection before it."""
        self.at_iou: AtIou | None = None
        self.at_score: AtScore | None = None
        self.behind: Behind | None = None
        self._session, self._jobs = session, jobs
        self._kept: dict[_Key, Evaluation] = {}
        self._stale: set[_Key] = set()
        self._tried: set[_Key] = set()
        self._is_touched = False
        """Whether something changed while a comparison is under way."""
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_SETTLE_MS)
        self._later.timeout.connect(self._look_from_score)
        session.project_opened.connect(self._begin)
        session.changed.connect(self._on_change)

    @property
    def result(self) -> Evaluation | None:
        """What is kept of the chosen run and split."""
        return self._kept.get(self._key) if self.choice.run_id is not None else None

    @property
    def judgement(self) -> Judgement | None:
        """The result by what is chosen, boxes or masks; None where no picture took part."""
        result = self.result
        return result.judgement(self.choice.iou_type) if result is not None and result.image_ids else None

    @property
    def is_stale(self) -> bool:
        """Whether annotations or detections have changed since."""
        return self._key in self._stale

    @property
    def is_busy(self) -> bool:
        """Whether the comparison, or a detection before it, is under way."""
        return self.job is not None and not self.job.is_over

    @property
    def wants_evaluating(self) -> bool:
        """Whether a run is chosen of which nothing is known yet; what failed or was stopped waits to be asked for."""
        return self.choice.run_id is not None and not self.is_busy and self._key not in self._tried

    def runs(self) -> list[Run]:
        """The runs that can be chosen, newest first."""
        project = self._session.project
        return [] if project is None else [run for run in runs.all_runs(project) if run.kind == "detector"]

    def choose(self, run_id: int | None, split: Split | None) -> None:
        """Look at another run or split; what is kept of it is shown at once."""
        if (run_id, split) != (self.choice.run_id, self.choice.split):
            self.choice = replace(self.choice, run_id=run_id, split=split)
            self._show_result()

    def choose_first(self) -> None:
        """The shown run on the validation pictures, or on all where there are none."""
        project = self._session.project
        if project is None or self.choice.run_id is not None:
            return
        known = [run.id for run in self.runs()]
        shown = self._session.run_id
        run_id = shown if shown in known else next(iter(known), None)
        self.choose(run_id, "val" if images.by_split(project).get("val") else None)

    def look(self, *, iou_type: IouType | None = None, iou: float | None = None, class_id: int | None = None) -> None:
        """Look by boxes or masks, at an IoU, at a class (None: at all)."""
        chosen = replace(
            self.choice, iou_type=iou_type or self.choice.iou_type, iou=iou or self.choice.iou, class_id=class_id
        )
        if chosen != self.choice:
            self.choice = chosen
            self._look()

    def believe_from(self, score: float) -> None:
        """Believe detections from this score on."""
        score = round(score, 3)
        if score != self.choice.score:
            self.choice = replace(self.choice, score=score)
            self._later.start()
            self.scored.emit()

    def show_behind(self, behind: Behind | None) -> None:
        """Show what is behind a number."""
        self.behind = behind
        self.behind_changed.emit()

    def evaluate(self) -> None:
        """Compare in the background what is kept of the chosen run, unless that is under way."""
        project, (run_id, split) = self._session.project, self._key
        if project is None or self.is_busy or run_id < 0:
            return
        self._is_touched = False
        self._tried.add(self._key)
        task = Task(f"Evaluate run {run_id}", "files", EVALUATE, project.path, (run_id, split))
        job = self._follow(self._jobs.start(task))
        job.ended.connect(lambda: self._take(job, (run_id, split)))

    def detect_waiting(self) -> None:
        """Detect on the pictures that the run has not looked at, and evaluate then."""
        project, result = self._session.project, self.result
        if project is None or result is None or self.is_busy or not result.waiting_ids:
            return
        title = f"Detect on {len(result.waiting_ids):,} pictures"
        arguments = (result.run_id, result.waiting_ids)
        task = Task(title, "train", "studio.errands:detect", project.path, arguments)
        job = self._follow(self._jobs.start(task))
        job.ended.connect(lambda: self._go_on(job))

    def stop(self) -> None:
        """Stop what is under way; what is detected by then is kept."""
        if self.job is not None and self.is_busy:
            self._jobs.stop(self.job)

    @property
    def _key(self) -> _Key:
        return (-1 if self.choice.run_id is None else self.choice.run_id, self.choice.split)

    def _follow(self, job: Job) -> Job:
        self.job = job
        job.changed.connect(self.progressed)
        self.changed.emit()
        return job

    def _go_on(self, job: Job) -> None:
        if job is self.job:
            self.job = None
            self.evaluate()
            self.changed.emit()

    def _take(self, job: Job, key: _Key) -> None:
        if job is not self.job:
            return  # of a project that was closed meanwhile
        self.job = None
        if job.state == "done" and isinstance(job.result, Evaluation):
            self._kept[key] = job.result
            self._stale.discard(key)
            if self._is_touched:
                self._stale.add(key)
        if key == self._key:
            self._show_result()
        else:
            self.changed.emit()

    def _show_result(self) -> None:
        self.at_iou = self.at_score = None
        self.show_behind(None)
        self.changed.emit()
        self._look()

    def _look(self) -> None:
        """Work out what follows from IoU, class and score."""
        judgement, choice = self.judgement, self.choice
        if judgement is None:
            self.looked.emit()
            return
        compared = judgement.compared
        class_id = choice.class_id if choice.class_id in compared.class_names else None
        self._session.ask("at iou", lambda _: at_iou(compared, choice.iou, class_id), self._take_at_iou)
        self._look_from_score()

    def _look_from_score(self) -> None:
        judgement, choice = self.judgement, self.choice
        if judgement is not None:
            compared = judgement.compared
            self._session.ask("at score", lambda _: at_score(compared, choice.iou, choice.score), self._take_at_score)

    def _take_at_iou(self, found: AtIou) -> None:
        self.at_iou = found
        self.looked.emit()

    def _take_at_score(self, found: AtScore) -> None:
        self.at_score = found
        self.scored.emit()

    def _begin(self) -> None:
        """Forget everything: it was another project's."""
        self._kept.clear()
        self._stale.clear()
        self._tried.clear()
        self.stop()
        self.job = None
        self.choice = Choice()
        self._show_result()

    def _on_change(self, change: Change) -> None:
        """Note which results are out of date; detections of another run are no reason, but that is not told."""
        touched, before = change.images | change.annotated | change.detected, set(self._stale)
        self._is_touched = self._is_touched or bool(touched or change.classes)
        for key, result in self._kept.items():
            concerned = {*result.image_ids, *result.waiting_ids}
            if change.classes or change.images or not touched.isdisjoint(concerned):
                self._stale.add(key)
        if self._stale != before or change.runs:
            self.changed.emit()
