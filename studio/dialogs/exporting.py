"""Export: format, split, proof; what the format cannot hold is said before, and proven after."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from engine.formats import FORMATS
from studio.dialogs._frame import Frame, form, paragraph
from studio.dialogs._free_folder import free_folder
from studio.orders import Task
from studio.surroundings import Studio, Subject
from studio.theme import GAP

SPLITS = (("All pictures", None), ("Training", "train"), ("Validation", "val"), ("Test", "test"))


class Exporting(Frame):
    """Asks what, as what and where."""

    def __init__(self, studio: Studio, parent: QWidget, run_id: int | None = None) -> None:
        """Of the open project; or of what one of its runs learned from, as it was when it began."""
        title = "Export" if run_id is None else f"Export what run {run_id} learned from"
        words = "" if run_id is None else "Pictures, annotations and classes as they were when it began."
        super().__init__(title, parent, width=560, words=words)
        self._studio = studio
        self._run_id = run_id
        self._chosen: Path | None = None
        self.format, self.split = QComboBox(), QComboBox()
        for name, each in FORMATS:
            self.format.addItem(each.title, name)
        for title, value in SPLITS:
            self.split.addItem(title, value)
        self.proof = QCheckBox("Read back what was written, and compare every object")
        self.proof.setChecked(True)
        self.folder = QLineEdit(str(self._free_folder()))
        self._loses = paragraph("")
        self._lay_out()
        self.format.currentIndexChanged.connect(self._show_losses)
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Export", self._start, is_default=True)
        self._show_losses()

    def _lay_out(self) -> None:
        choose = QPushButton("Choose…")
        choose.setAutoDefault(False)
        choose.clicked.connect(self._choose)
        where = QHBoxLayout()
        where.setSpacing(GAP)
        where.addWidget(self.folder, 1)
        where.addWidget(choose)
        rows = form()
        rows.addRow("Format", self.format)
        rows.addRow("Pictures", self.split)
        rows.addRow("New folder", where)
        rows.addRow("", self.proof)
        self.body.addLayout(rows)
        self.body.addWidget(self._loses)
        self.body.addStretch(1)

    def _free_folder(self) -> Path:
        project = self._studio.session.project
        stem = project.path.stem if project else "export"
        stem += "" if self._run_id is None else f"-run-{self._run_id}"
        inside = self._chosen or (project.path.parent if project else self._studio.settings.folder)
        return free_folder(inside, f"{stem}-export")

    def _choose(self) -> None:
        chosen = self._studio.ask.folder("Export into a New Folder in")
        if chosen is not None:
            self._chosen = chosen
            self.folder.setText(str(self._free_folder()))

    def _show_losses(self) -> None:
        loses = FORMATS.get(self.format.currentData()).loses
        self._loses.setText("This format cannot hold:\n" + "\n".join(f"•  {each}" for each in loses) if loses else "")

    def _start(self) -> None:
        project = self._studio.session.project
        name = self.format.currentText()
        if project is not None:
            options = {
                "format": self.format.currentData(), "split": self.split.currentData(), "proof": self.proof.isChecked(),
            }  # fmt: skip
            arguments = (Path(self.folder.text()).expanduser(), options)
            task = Task(f"Export as {name}", "files", "studio.errands:write_out", project.path, arguments)
            if self._run_id is not None:
                task = replace(task, function="studio.errands:write_training_set", arguments=(*arguments, self._run_id))
            job = self._studio.jobs.start(task)
            job.ended.connect(lambda: self._studio.ask.show("exported", job) if job.state == "done" else None)
        self.accept()


def open_exporting(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """Of the open project; or, about the id of a run in words, of what it learned from."""
    return Exporting(studio, parent, int(about) if isinstance(about, str) else None)


DIALOG = open_exporting
