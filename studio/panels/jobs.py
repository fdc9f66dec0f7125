"""The jobs: what runs and what waits, how far it is, how long it will take; a button to stop each."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.jobs import Job
from studio.pace import in_words
from studio.panels import Panel
from studio.surroundings import Studio
from studio.theme import GAP
from studio.widgets import Elided, role, scrolling

REDRAWN_MS = 200
STATE_WORDS = {
    "queued": "Waits for its turn",
    "running": "Running",
    "stopping": "Stopping…",
    "done": "Done",
    "stopped": "Stopped",
    "failed": "Failed",
}


class JobRow(QWidget):
    """One job."""

    def __init__(self, studio: Studio, job: Job) -> None:
        """Follow the job."""
        super().__init__()
        self.job = job
        self._title, self._words = QLabel(job.task.title), role(Elided(), "faint")
        self._bar, self._stop = QProgressBar(), QToolButton()
        self._bar.setTextVisible(False)
        self._stop.setIcon(studio.theme.icon("stop"))
        self._stop.setToolTip("Stop")
        self._stop.setAccessibleName(f"Stop {job.task.title}")
        self._stop.clicked.connect(lambda: studio.jobs.stop(job))
        words = QHBoxLayout()
        words.setSpacing(2 * GAP)
        words.addWidget(self._title)
        words.addWidget(self._words, 1)
        left = QVBoxLayout()
        left.setSpacing(GAP // 2)
        left.addLayout(words)
        left.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP, GAP // 2, 0, GAP // 2)
        row.addLayout(left, 1)
        row.addWidget(self._stop)
        self.show_now()

    def show_now(self) -> None:
        """Show how the job is going now."""
        job = self.job
        self._stop.setEnabled(job.state in ("queued", "running"))
        self._bar.setVisible(not job.is_over)
        self._bar.setRange(0, job.progress.total or 0)
        self._bar.setValue(job.progress.done)
        self._words.show_text(_told(job))


def _told(job: Job) -> str:
    if job.state == "failed" and job.failure is not None:
        return f"Failed: {job.failure.words}"
    if job.state != "running":
        return STATE_WORDS[job.state]
    progress, left = job.progress, in_words(job.seconds_left)
    share = f"{progress.done:,} of {progress.total:,}" if progress.total and progress.is_counted else ""
    return " · ".join(part for part in (progress.words, share, f"{left} left" if left else "") if part)


class JobPanel(QWidget):
    """All jobs of this window, the newest first."""

    def __init__(self, studio: Studio) -> None:
        """Follow the jobs."""
        super().__init__()
        self._studio = studio
        self._rows: dict[int, JobRow] = {}
        self._none = role(QLabel("Nothing is running. Imports, exports, checks and trainings show up here."), "faint")
        self._none.setWordWrap(True)
        self._clear = QPushButton("Clear Finished")
        self._clear.clicked.connect(studio.jobs.forget_ended)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(REDRAWN_MS)
        self._timer.timeout.connect(self._show_rows)
        studio.jobs.listed.connect(self._list)
        studio.jobs.ended.connect(self._list)
        self._list()

    def _lay_out(self) -> None:
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(GAP, GAP, GAP, GAP)
        self._column.setSpacing(GAP // 2)
        self._column.addWidget(self._none)
        self._column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, GAP)
        column.addWidget(scrolling(inner, is_sideways=True), 1)
        row = QHBoxLayout()
        row.setContentsMargins(GAP, 0, GAP, 0)
        row.addStretch(1)
        row.addWidget(self._clear)
        column.addLayout(row)

    def _list(self, *_: object) -> None:
        known = {job.id for job in self._studio.jobs.all}
        for job_id in self._rows.keys() - known:
            self._rows.pop(job_id).deleteLater()
        for job in self._studio.jobs.all:
            if job.id not in self._rows:
                self._rows[job.id] = JobRow(self._studio, job)
                self._column.insertWidget(0, self._rows[job.id])
        self._none.setVisible(not self._rows)
        self._clear.setVisible(any(job.is_over for job in self._studio.jobs.all))
        self._show_rows()

    def _show_rows(self) -> None:
        for row in self._rows.values():
            row.show_now()
        if self._studio.jobs.active and not self._timer.isActive():
            self._timer.start()
        elif not self._studio.jobs.active:
            self._timer.stop()


PANEL = Panel("Jobs", "jobs", "bottom", 60, JobPanel, is_shown=False)
