"""Deleting a class: how much goes with it is told before."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from engine.project import classes
from engine.project.class_edits import RemoveClass
from engine.project.classes import Concerned
from engine.project.records import ClassRecord
from studio.dialogs._concerned import NOTHING, words_of
from studio.dialogs._frame import Frame, paragraph
from studio.surroundings import Studio, Subject


class ClassDelete(Frame):
    """What goes, and the button."""

    def __init__(self, studio: Studio, record: ClassRecord, n_below: int, parent: QWidget) -> None:
        """Of a class with so many right under it."""
        super().__init__(f"Delete the class “{record.name}”?", parent, width=440)
        self._studio, self._record = studio, record
        self.words = paragraph("Counting what is of this class…", "")
        self.body.addWidget(self.words)
        if n_below:
            them = "The class under it moves" if n_below == 1 else f"The {n_below} classes under it move"
            self.body.addWidget(paragraph(f"{them} to the top."))
        self.body.addWidget(paragraph("It is one step to undo."))
        self.add_button("Cancel", self.reject)
        self.add_button("Merge into Another…", self._merge)
        self.button = self.add_button("Delete", self._delete, is_default=True)
        self.button.setEnabled(False)
        class_id = record.id
        studio.session.ask("class concerned", lambda project: classes.concerned(project, class_id), self._take)

    def _take(self, concerned: Concerned) -> None:
        found = words_of(concerned)
        self.words.setText("Nothing is of this class." if found == NOTHING else f"{found} will be deleted with it.")
        self.button.setEnabled(True)
        self.button.setFocus()  # what Enter does is what is framed
        self.fit_height()

    def _merge(self) -> None:
        self.accept()
        self._studio.ask.show("class_merge", str(self._record.id))

    def _delete(self) -> None:
        self._studio.session.do(RemoveClass(self._record.id))
        self.accept()


def open_class_delete(studio: Studio, subject: Subject, parent: QWidget) -> QDialog:
    """Of the class of this id."""
    project = studio.session.project
    assert project is not None and isinstance(subject, str), "commands open it about a class"
    known = classes.by_id(project)
    n_below = sum(record.parent_id == int(subject) for record in known.values())
    return ClassDelete(studio, known[int(subject)], n_below, parent)


DIALOG = open_class_delete
