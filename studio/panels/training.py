"""The training chart: loss terms moving, and what validation says; of the run whose detections are shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.project import runs
from engine.project.records import Metric
from engine.project.store import Change, Project
from studio.charts.curves import Curves
from studio.errands import Chosen
from studio.jobs import Job
from studio.panels import Panel
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import Elided, role

REREAD_MS = 500


class TrainingPanel(QWidget):
    """Two charts, losses and validation, and a line of words."""

    def __init__(self, studio: Studio) -> None:
        """Follow the shown run."""
        super().__init__()
        self._session = studio.session
        self._run_id: int | None = None
        self._step = -1
        self._losses = Curves("Loss", studio.theme)
        self._scores = Curves("Validation", studio.theme, limits=(0.0, 1.0))
        self._words = role(Elided("", Qt.TextElideMode.ElideRight), "faint")
        self._none = role(QLabel("Fine-tune a detector, and its losses are drawn here while it learns."), "faint")
        self._lay_out()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(REREAD_MS)
        self._later.timeout.connect(self._ask)
        self._session.project_opened.connect(self._begin)
        self._session.run_changed.connect(self._begin)
        self._session.changed.connect(self._on_change)
        studio.jobs.listed.connect(lambda: self._watch(studio.jobs.active))
        self._watched: set[int] = set()
        self._watch(studio.jobs.active)
        self._begin()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, 0, GAP, GAP)
        column.setSpacing(GAP // 2)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._losses, 1)
        row.addWidget(self._scores, 1)
        column.addWidget(self._none, 1, Qt.AlignmentFlag.AlignCenter)
        column.addLayout(row, 1)
        column.addWidget(self._words)

    def _watch(self, jobs: list[Job]) -> None:
        for job in jobs:
            if job.task.lane == "train" and job.id not in self._watched:
                self._watched.add(job.id)
                job.heard.connect(self._hear)

    def _hear(self, event: object) -> None:
        if isinstance(event, Chosen):
            self._words.show_text("  ·  ".join(event.words))

    def _begin(self) -> None:
        self._run_id, self._step = self._session.run_id, -1
        self._losses.clear()
        self._scores.clear()
        self._words.show_text("")
        self._show_any(False)
        self._ask()

    def _on_change(self, change: Change) -> None:
        if self._run_id in change.runs and not self._later.isActive():
            self._later.start()

    def _ask(self) -> None:
        run_id, step = self._run_id, self._step
        if run_id is not None:
            self._session.ask("metrics", lambda project: _read(project, run_id, step - 1), self._take)

    def _take(self, found: tuple[int, list[Metric]]) -> None:
        run_id, metrics = found
        if run_id != self._run_id or not metrics:
            return
        self._step = max(metric.step for metric in metrics)
        self._losses.add([(_loss_name(m), m.step, m.value) for m in metrics if m.value is not None and _is_loss(m)])
        self._scores.add([(_score_name(m), m.step, m.value) for m in metrics if m.value is not None and _is_score(m)])
        self._show_any(True)

    def _show_any(self, is_there: bool) -> None:
        self._none.setVisible(not is_there)
        self._losses.setVisible(is_there)
        self._scores.setVisible(is_there)


def _is_loss(metric: Metric) -> bool:
    return metric.name.startswith("train/") and "loss" in metric.name


def _is_score(metric: Metric) -> bool:
    return metric.name in ("bbox/AP", "bbox/AP50", "segm/AP", "segm/AP50")


def _loss_name(metric: Metric) -> str:
    name = metric.name.removeprefix("train/").removeprefix("loss_").replace("_", " ")
    return "sum" if name == "loss" else name


def _score_name(metric: Metric) -> str:
    kind, score = metric.name.split("/")
    return f"{score} {'boxes' if kind == 'bbox' else 'masks'}"


def _read(project: Project, run_id: int, after_step: int) -> tuple[int, list[Metric]]:
    return run_id, runs.metrics(project, run_id, after_step=after_step)


PANEL = Panel("Training", "chart", "bottom", 40, TrainingPanel, is_shown=False)
