"""Import: what is there, how it is to be taken in, and one button."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QListWidget, QProgressBar, QWidget

from studio.dialogs._frame import Frame, form, paragraph
from studio.errand_values import Outlook
from studio.jobs import Job
from studio.orders import Task
from studio.surroundings import Studio, Subject

SPLITS = (("As the file says", None), ("Training", "train"), ("Validation", "val"), ("Test", "test"))
POLICIES = (
    ("Keep what is here", "ours"),
    ("Take what is in the file", "theirs"),
    ("Keep both", "both"),
)
SHOWN = 200


class Importing(Frame):
    """Looks first, in a worker; then asks how."""

    def __init__(self, studio: Studio, paths: tuple[Path, ...], parent: QWidget) -> None:
        """Look at `paths`."""
        named = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
        super().__init__(f"Import {named}", parent, width=520)
        self._studio = studio
        self._paths = paths
        self._named = named
        self._words = paragraph("Looking…", "text")
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._skipped = QListWidget()
        self._skipped.setWordWrap(True)
        self._skipped.setMaximumHeight(140)
        self._skipped.hide()
        self.split, self.policy, self.link = QComboBox(), QComboBox(), QCheckBox("Leave the pictures where they are")
        for title, value in SPLITS:
            self.split.addItem(title, value)
        for title, value in POLICIES:
            self.policy.addItem(title, value)
        self.link.setToolTip("The project then needs them there; otherwise it holds everything itself.")
        self._lay_out()
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Import", self._start, is_default=True)
        self.button.setEnabled(False)
        self._look()

    def _lay_out(self) -> None:
        self.body.addWidget(self._words)
        self.body.addWidget(self._busy)
        self.body.addWidget(self._skipped)
        rows = form()
        rows.addRow("Put pictures into", self.split)
        rows.addRow("Where both were changed", self.policy)
        rows.addRow("", self.link)
        self.body.addLayout(rows)
        self.body.addStretch(1)

    def _look(self) -> None:
        task = Task(f"Look at {self._named}", "files", "studio.errands:look_into", None, (self._paths,))
        self._looking = self._studio.jobs.start(task, quiet=True)
        self._looking.ended.connect(self._on_looked)
        self.finished.connect(lambda: self._studio.jobs.stop(self._looking))

    def _on_looked(self) -> None:
        self._busy.hide()
        failure = self._looking.failure
        if failure is not None:
            self._words.setText(f"{failure.words} {failure.hint}".strip())
        elif self._looking.state == "done":
            self._words.setText("\n".join(_in_words(each) for each in self._looking.result))
            skipped = [line for each in self._looking.result for line in each.skipped]
            self._skipped.addItems(skipped[:SHOWN])
            self._skipped.setVisible(bool(skipped))
            self.button.setEnabled(True)
            self.button.setFocus()

    def _start(self) -> None:
        session = self._studio.session
        if session.project is not None:
            options = {
                "split": self.split.currentData(), "link": self.link.isChecked(),
                "on_conflict": self.policy.currentData(), "author_id": session.author_id,
            }  # fmt: skip
            arguments = (self._paths, options)
            path = session.project.path
            job = self._studio.jobs.start(
                Task(f"Import {self._named}", "files", "studio.errands:take_in", path, arguments)
            )
            job.ended.connect(lambda: _tell(self._studio, job))
        self.accept()


def _in_words(found: Outlook) -> str:
    lines = [f"{found.title}: {found.n_pictures:,} pictures"]
    if found.n_annotations:
        lines[0] += f", {found.n_annotations:,} annotations"
    if found.classes:
        shown = ", ".join(found.classes[:8])
        lines.append(f"Classes: {shown}" + (f" and {len(found.classes) - 8} more" if len(found.classes) > 8 else ""))
    if found.splits:
        lines.append(f"Splits: {', '.join(found.splits)}")
    if found.skipped:
        lines.append(f"{len(found.skipped):,} remarks:")
    return "\n".join(lines)


def _tell(studio: Studio, job: Job) -> None:
    if job.state != "done":
        return
    n_images = sum(report.images for report in job.result)
    n_annotations = sum(report.annotations + report.updated for report in job.result)
    studio.session.said.emit(f"Imported {n_images:,} pictures and {n_annotations:,} annotations.")
    if any(report.skipped or report.both for report in job.result):
        studio.ask.show("imported", job)


def open_importing(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is a path, or several as words."""
    paths = tuple(Path(each) for each in about) if isinstance(about, tuple) else (Path(str(about)),)
    return Importing(studio, paths, parent)


DIALOG = open_importing
