"""A name for a run, to know it by among others."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from engine.project import runs
from studio.dialogs._frame import Frame
from studio.runs import rename
from studio.surroundings import Studio, Subject


class RenameRunDialog(Frame):
    """One field."""

    def __init__(self, studio: Studio, run_id: int, parent: QWidget) -> None:
        """Name a run of the open project."""
        super().__init__(f"Name run {run_id}", parent, width=400, words="What was tried in it, for example.")
        self._studio, self._run_id = studio, run_id
        self.name = QLineEdit()
        self.name.setAccessibleName("Name")
        project = studio.session.project
        run = None if project is None else runs.get(project, run_id)
        if run is not None:
            self.name.setPlaceholderText(run.network)
            self.name.setText("" if run.name == run.network else run.name)
        self.name.selectAll()
        self.body.addWidget(self.name)
        self.add_button("Cancel", self.reject)
        self.add_button("Name It", self._rename, is_default=True)
        self.name.returnPressed.connect(self._rename)

    def _rename(self) -> None:
        rename(self._studio, self._run_id, self.name.text())
        self.accept()


def open_rename_run(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """About the run with this id, in words; without any about the one that is shown."""
    run_id = int(about) if isinstance(about, str) else studio.session.training_id
    return RenameRunDialog(studio, run_id or 0, parent)


DIALOG = open_rename_run
