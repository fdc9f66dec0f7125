"""Take weights away: a run's best checkpoint in a new folder, for use elsewhere; what was written is told after."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from studio.dialogs._frame import Frame, paragraph
from studio.dialogs._free_folder import free_folder
from studio.dialogs._titled import Titled
from studio.errand_values import TakenAway
from studio.jobs import Job
from studio.orders import Task
from studio.surroundings import Studio, Subject
from studio.theme import GAP

_WORDS = (
    "The weights as a safetensors file with a card that says what they are. They come back in as weights from a file."
)

_ONNX_TOLD = (
    "Detects with numpy and onnxruntime alone, and is compared with the original at once. Needs the packages onnx and "
    "onnxruntime here."
)


class TakeAway(Frame):
    """Asks where to, and whether as ONNX too."""

    def __init__(self, studio: Studio, run_id: int, parent: QWidget) -> None:
        """Of a run of the open project."""
        super().__init__(f"Take the weights of run {run_id} away", parent, width=520, words=_WORDS)
        self._studio, self._run_id = studio, run_id
        self.onnx = QCheckBox("Also as ONNX")
        project = studio.session.project
        self._inside = project.path.parent if project else studio.settings.folder
        self.folder = QLineEdit(str(self._free_folder()))
        choose = QPushButton("Choose…")
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        row = QWidget()
        where = QHBoxLayout(row)
        where.setContentsMargins(0, 0, 0, 0)
        where.setSpacing(GAP)
        where.addWidget(self.folder, 1)
        where.addWidget(choose)
        self.folder.setAccessibleName("New folder")
        self.body.addWidget(Titled("New folder", row, "It is made; one that holds something is left alone."))
        self.body.addWidget(Titled("For other programs", self.onnx, _ONNX_TOLD))
        self.body.addStretch(1)
        self.add_button("Cancel", self.reject)
        self.add_button("Take Away", self._start, is_default=True)

    def _free_folder(self) -> Path:
        return free_folder(self._inside, f"run-{self._run_id}-weights")

    def _choose(self) -> None:
        chosen = self._studio.ask.folder("Write into a New Folder in")
        if chosen is not None:
            self._inside = chosen
            self.folder.setText(str(self._free_folder()))

    def _start(self) -> None:
        studio, project = self._studio, self._studio.session.project
        if project is not None:
            task = Task(
                f"Take weights of run {self._run_id} away", "infer", "studio.errands:take_away", project.path,
                (Path(self.folder.text()).expanduser(), self._run_id), {"has_onnx": self.onnx.isChecked()},
            )  # fmt: skip
            job = studio.jobs.start(task)
            job.ended.connect(lambda: studio.ask.show("take_away", job) if job.state == "done" else None)
        self.accept()


def _taken(taken: TakenAway, parent: QWidget) -> QDialog:
    """What was written."""
    words = f"{len(taken.files):,} files of run {taken.run_id} in {taken.folder}"
    dialog = Frame("Taken away", parent, width=520, words=words)
    dialog.body.addWidget(paragraph(", ".join(taken.files), "text"))
    if taken.likeness:
        dialog.body.addWidget(paragraph(f"ONNX finds what the original finds: {taken.likeness}.", "good"))
    dialog.add_button("Open Folder", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(taken.folder))))
    dialog.add_button("OK", dialog.accept, is_default=True)
    return dialog


def open_take_away(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """About the run with this id, in words, or about the job that took its weights away; else about the shown run."""
    if isinstance(about, Job) and isinstance(about.result, TakenAway):
        return _taken(about.result, parent)
    run_id = int(about) if isinstance(about, str) else studio.session.run_id
    return TakeAway(studio, run_id or 0, parent)


DIALOG = open_take_away
