"""Whose faces are these: asked for pictures that were dropped or chosen, before they are enrolled."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter, QDialog, QLineEdit, QWidget

from engine.faces.enrolling import EnrolRequest
from engine.faces.sources import FaceFiles
from studio.dialogs._frame import Frame, form, paragraph
from studio.enrolling import enrol
from studio.finder_box import FinderBox
from studio.retention_field import RetentionField
from studio.surroundings import Studio, Subject

_KNOWN = "This person is known: what is left empty stays as it is."
_NOBODY = "Without a name they wait among the faces without a name."


class EnrolAs(Frame):
    """A name, what the person agreed to, and until when it may be kept."""

    def __init__(self, studio: Studio, files: tuple[Path, ...], parent: QWidget) -> None:
        """About picture files."""
        n = len(files)
        super().__init__("Whose face is this?" if n == 1 else f"Whose are these {n:,} faces?", parent)
        self._studio, self._files = studio, files
        self.name, self.consent, self.retain = QLineEdit(), QLineEdit(), RetentionField()
        self.finder = FinderBox(studio)
        self.name.setAccessibleName("Name")
        self.consent.setAccessibleName("Consent")
        self.consent.setPlaceholderText("What the person agreed to, in your words")
        completer = QCompleter([each.name for each in studio.faces.identities.values()], self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.name.setCompleter(completer)
        self._words = paragraph(_NOBODY)
        fields = form()
        rows = (
            ("Name", self.name), ("Consent", self.consent), ("Keep until", self.retain), ("Pictures", self.finder),
        )  # fmt: skip
        for label, field in rows:
            fields.addRow(label, field)
        self.body.addLayout(fields)
        self.body.addWidget(self._words)
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Enrol", self._enrol)
        self.button.setDefault(True)
        self.name.textChanged.connect(self._say)
        self._say()
        self.name.setFocus()

    def _say(self) -> None:
        typed = self.name.text().strip()
        is_known = self._studio.faces.named(typed) is not None
        self._words.setText(_KNOWN if is_known else "" if typed else _NOBODY)
        for field in (self.consent, self.retain):
            field.setEnabled(bool(typed))

    def _enrol(self) -> None:
        faces, typed = self._studio.faces, self.name.text().strip()
        name = faces.name(faces.named(typed)) or typed
        consent, until = (self.consent.text().strip(), self.retain.day) if name else ("", None)
        source = FaceFiles(self._files, name, self.finder.run_id)
        enrol(self._studio, EnrolRequest((source,), consent, until))
        self.accept()


def open_enrol_as(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """About files, by their paths."""
    if not isinstance(about, tuple):
        raise TypeError("this dialog is about files")
    return EnrolAs(studio, tuple(map(Path, about)), parent)


DIALOG = open_enrol_as
