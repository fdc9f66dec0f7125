"""Two people are one and the same: which of them stays, and what goes over to them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QRadioButton, QWidget

from engine.project.gallery_edits import MergeIdentities
from studio.dialogs._frame import Frame, paragraph
from studio.surroundings import Studio, Subject


class MergePeople(Frame):
    """The other person, and whose name stays."""

    def __init__(self, studio: Studio, first: int, second: int | None, parent: QWidget) -> None:
        """About a person, and the one they may be the same as."""
        self._studio, self._first = studio, first
        self._name = studio.faces.name(first)
        super().__init__(f"Who else is {self._name}?", parent, width=420)
        self.other = QComboBox()
        self.other.setAccessibleName("The other person")
        self.other.setEditable(True)
        self.other.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = self.other.completer()
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
        for each in studio.faces.identities.values():
            if each.id != first:
                self.other.addItem(each.name, each.id)
        self.other.setCurrentIndex(self.other.findData(second) if second is not None else -1)
        self.keep_first, self.keep_other = QRadioButton(), QRadioButton()
        self.keep_first.setChecked(True)
        words = "All faces go to one of them. Consents are put together, and the earlier last day counts."
        for widget in (self.other, self.keep_first, self.keep_other, paragraph(f"{words} It can be undone.")):
            self.body.addWidget(widget)
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Merge", self._merge, is_default=True)
        self.other.currentTextChanged.connect(self._say)
        self._say()

    @property
    def second(self) -> int | None:
        """The other person, once one is named."""
        found = self._studio.faces.named(self.other.currentText())
        return None if found == self._first else found

    def _say(self) -> None:
        other = self._studio.faces.name(self.second) or "the other one"
        self.keep_first.setText(f"They are called {self._name}")
        self.keep_other.setText(f"They are called {other}")
        self.button.setEnabled(self.second is not None)

    def _merge(self) -> None:
        if self.second is not None:
            into, gone = (self._first, self.second) if self.keep_first.isChecked() else (self.second, self._first)
            self._studio.session.do(MergeIdentities(into, (gone,)))
            self._studio.faces.open_person(into)
            self.accept()


def open_merge_people(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """About one person's id, or two: '3' or '3 7'."""
    if not isinstance(about, str):
        raise TypeError("this dialog is about people")
    first, *more = map(int, about.split())
    return MergePeople(studio, first, more[0] if more else None, parent)


DIALOG = open_merge_people
