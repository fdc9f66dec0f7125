"""Merging a class into another: which one, and how much becomes of that."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from engine.project import classes
from engine.project.class_edits import MergeClasses
from engine.project.classes import Concerned
from engine.project.records import ClassRecord
from studio.dialogs._concerned import NOTHING, words_of
from studio.dialogs._frame import Frame, paragraph
from studio.fuzzy import ranked
from studio.surroundings import Studio, Subject
from studio.widgets import swatch

_ARROWS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down})


class ClassMerge(Frame):
    """A field and a list of classes to merge into."""

    def __init__(self, studio: Studio, record: ClassRecord, targets: list[ClassRecord], parent: QWidget) -> None:
        """A class, and those that it may go into."""
        super().__init__(f"Merge “{record.name}” into another class", parent, width=440)
        self._session, self._record, self._targets = studio.session, record, targets
        self._found = ""
        self.field, self.list = QLineEdit(), QListWidget()
        self.field.setPlaceholderText("Find a class")
        self.field.setAccessibleName("Find a class")
        self.list.setMinimumHeight(180)
        self.list.setIconSize(QSize(12, 12))
        self.words = paragraph("Counting what is of this class…", "")
        for widget in (self.field, self.list, self.words):
            self.body.addWidget(widget)
        self.body.addWidget(paragraph("Its attributes and the classes under it go along. It is one step to undo."))
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Merge", self._merge, is_default=True)
        self.field.textChanged.connect(self._find)
        self.list.currentItemChanged.connect(self._show)
        self._find("")
        class_id = record.id
        self._session.ask("class concerned", lambda project: classes.concerned(project, class_id), self._take)
        self.field.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go through the list from the field, too."""
        if event.key() in _ARROWS and self.field.hasFocus():
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
        else:
            super().keyPressEvent(event)

    @property
    def into(self) -> ClassRecord | None:
        """The class that is chosen."""
        item = self.list.currentItem()
        record = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return record if isinstance(record, ClassRecord) else None

    def _find(self, typed: str) -> None:
        self.list.clear()
        for record in ranked(typed, self._targets, lambda each: each.name):
            item = QListWidgetItem(swatch(record.colour), record.name, self.list)
            item.setData(Qt.ItemDataRole.UserRole, record)
        self.list.setCurrentRow(0)
        self._show()

    def _take(self, concerned: Concerned) -> None:
        self._found = words_of(concerned)
        self._show()

    def _show(self, *_: object) -> None:
        into = self.into
        if self._found:
            become = f"{self._found} become “{into.name}”." if into else "There is no such class."
            self.words.setText(become if self._found != NOTHING else "Nothing is of this class: it is dropped.")
        self.button.setEnabled(bool(self._found) and into is not None)
        self.button.setText(f"Merge into {into.name}" if into and len(into.name) <= 20 else "Merge")

    def _merge(self) -> None:
        if (into := self.into) is not None:
            self._session.do(MergeClasses(self._record.id, into.id))
            self.accept()


def open_class_merge(studio: Studio, subject: Subject, parent: QWidget) -> QDialog:
    """The class of this id."""
    project = studio.session.project
    assert project is not None and isinstance(subject, str), "commands open it about a class"
    class_id = int(subject)
    own = classes.with_descendants(project, class_id)
    known = classes.all_classes(project)
    record = next(each for each in known if each.id == class_id)
    return ClassMerge(studio, record, [each for each in known if each.id not in own], parent)


DIALOG = open_class_merge
