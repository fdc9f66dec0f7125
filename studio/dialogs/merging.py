"""Merge another person's project: what would come in, how far the two of you agree, and one button."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QProgressBar, QVBoxLayout, QWidget

from studio.dialogs._agreement_table import agreement_table
from studio.dialogs._frame import Frame, form, paragraph
from studio.dialogs._merge_words import report_rows
from studio.errand_values import MergeOutlook
from studio.jobs import Job
from studio.orders import Task
from studio.surroundings import Studio, Subject
from studio.theme import GAP
from studio.widgets import role

ALIKE = (
    ("Only where they are equal", 1.0),
    ("From IoU 0.95 on", 0.95),
    ("From IoU 0.9 on", 0.9),
    ("From IoU 0.8 on", 0.8),
)


class Merging(Frame):
    """Looks first, in a worker; then merges as one step to undo."""

    def __init__(self, studio: Studio, path: Path, parent: QWidget) -> None:
        """Look at the project at `path`."""
        words = "What only they have is added in their name. Where you differ, yours stays and the queue asks about it."
        super().__init__(f"Merge {path.name}", parent, width=560, words=words)
        self._studio = studio
        self._path = path
        self._looking: Job | None = None
        self.alike = QComboBox()
        for title, value in ALIKE:
            self.alike.addItem(title, value)
        self.alike.activated.connect(self._look)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._found = QVBoxLayout()
        self._found.setSpacing(GAP)
        rows = form()
        rows.addRow("Two shapes are the same", self.alike)
        self.body.addLayout(rows)
        self.body.addWidget(self._busy)
        self.body.addLayout(self._found)
        self.body.addSpacing(2 * GAP)
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Merge", self._start, is_default=True)
        self.finished.connect(self._stop_looking)
        self._look()

    def _look(self) -> None:
        project = self._studio.session.project
        if project is None:
            return
        self._stop_looking()
        self._clear()
        self._busy.show()
        self.button.setEnabled(False)
        arguments = (self._path, self.alike.currentData())
        task = Task(f"Look at {self._path.name}", "files", "studio.errands:look_at_merge", project.path, arguments)
        job = self._looking = self._studio.jobs.start(task, quiet=True)
        job.ended.connect(lambda: self._on_looked(job))

    def _stop_looking(self) -> None:
        job, self._looking = self._looking, None
        if job is not None:
            self._studio.jobs.stop(job)

    def _clear(self) -> None:
        while (item := self._found.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def _on_looked(self, job: Job) -> None:
        if job is not self._looking:
            return
        self._looking = None
        self._busy.hide()
        if job.failure is not None:
            self._put(paragraph(f"{job.failure.words} {job.failure.hint}".strip(), "bad"))
        elif job.state == "done":
            self._show(job.result)
            self.button.setEnabled(True)
            self.button.setFocus()
        self.fit_height()

    def _show(self, seen: MergeOutlook) -> None:
        self._put(report_rows(seen.report))
        if seen.agreement.images:
            title = f"How far you agree on the {seen.agreement.images:,} pictures that both have"
            self._found.addSpacing(GAP)
            self._put(role(QLabel(title), "faint"))
            self._put(agreement_table(seen.agreement, "yours", "theirs"))

    def _put(self, widget: QWidget) -> None:
        """Show it at once: what Qt shows by and by has no height yet when the dialog is fitted."""
        self._found.addWidget(widget)
        widget.show()

    def _start(self) -> None:
        studio, project = self._studio, self._studio.session.project
        if project is not None:
            arguments = (self._path, self.alike.currentData())
            job = studio.jobs.start(
                Task(f"Merge {self._path.name}", "files", "studio.errands:merge", project.path, arguments)
            )
            job.ended.connect(lambda: studio.ask.show("merged", job) if job.state == "done" else None)
        self.accept()


def open_merging(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is the path of the other person's project."""
    return Merging(studio, Path(str(about)), parent)


DIALOG = open_merging
