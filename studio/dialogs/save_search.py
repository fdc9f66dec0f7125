"""Save Search: the search as it is, kept under a name for every project."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from engine.errors import UserError
from studio.dialogs._frame import Frame, paragraph
from studio.searching.presets import Presets
from studio.surroundings import Studio, Subject


class SaveSearch(Frame):
    """One field, under what is searched for."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """Save what the session searches for now."""
        super().__init__("Save search", parent, width=420, words="It is found under its name beside the query box.")
        self._studio, self._presets = studio, Presets(studio.settings)
        self._text = studio.session.listing.search.text.strip()
        self.name = QLineEdit(self._presets.name_of(self._text) or "")
        self.name.setPlaceholderText("Name")
        self.name.setAccessibleName("Name of the search")
        self.problem = paragraph("", "bad")
        self.problem.hide()
        for widget in (paragraph(self._text, "plain"), self.name, self.problem):
            self.body.addWidget(widget)
        self.add_button("Cancel", self.reject)
        self.save = self.add_button("Save", self._save, is_default=True)
        self.name.textChanged.connect(self._on_name)
        self._on_name(self.name.text())

    def showEvent(self, event: QShowEvent) -> None:
        """Ready to type."""
        super().showEvent(event)
        self.name.setFocus()

    def _on_name(self, name: str) -> None:
        self.save.setEnabled(bool(name.strip()))
        name = " ".join(name.split())
        taken = self._presets.saved.get(name)
        self.save.setText("Replace" if taken not in (None, self._text) else "Save")
        self.problem.hide()

    def _save(self) -> None:
        try:
            self._presets.save(self.name.text(), self._text)
        except UserError as error:
            self.problem.setText(f"{error.message} {error.hint}".strip())
            self.problem.show()
            self.fit_height()
        else:
            self._studio.session.listing.find_text(self._text)  # its name is shown now
            self.accept()


def open_save_search(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """Ask for a name."""
    return SaveSearch(studio, parent)


DIALOG = open_save_search
