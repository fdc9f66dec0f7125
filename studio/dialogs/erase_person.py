"""Erasing a person: what goes, what stays, and their name typed before it begins."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QDialog, QLineEdit, QWidget

from engine.project.records import Identity
from studio.dialogs._frame import Frame, paragraph
from studio.rights import begin_erasing
from studio.surroundings import Studio, Subject

_GOES = (
    "What goes, for good: their faces, the vectors and pairs made of them, name and consent, also from the steps to "
    "undo and redo, and their places in the lists of what networks learned from."
)
_STAYS = (
    "What stays: pictures that show them, unless you have them removed, too, and what networks have learned; such "
    "networks are marked “trained with erased data”. Copies of the project elsewhere are not reached."
)


class ErasePerson(Frame):
    """Words, two choices, a field for the name."""

    def __init__(self, studio: Studio, person: Identity, parent: QWidget) -> None:
        """About a person."""
        super().__init__(f"Erase {person.name}?", parent, width=520)
        self._studio, self._person = studio, person
        self.with_images = QCheckBox("Remove the pictures that show them, too")
        self.with_suggested = QCheckBox("Erase faces that were only suggested as them, too")
        self.with_suggested.setChecked(True)
        self.name = QLineEdit()
        self.name.setAccessibleName("The person's name")
        self.name.setPlaceholderText(f"Type the name: {person.name}")
        for each in (paragraph(_GOES, "text"), paragraph(_STAYS), self.with_suggested, self.with_images, self.name):
            self.body.addWidget(each)
        self.add_button("Cancel", self.reject)
        self.button = self.add_button("Erase for Good", self._erase)
        self.button.setEnabled(False)
        self.name.textChanged.connect(lambda typed: self.button.setEnabled(typed.strip() == person.name))
        self.name.returnPressed.connect(self._erase)
        self.name.setFocus()

    def _erase(self) -> None:
        if self.button.isEnabled():
            begin_erasing(
                self._studio,
                self._person,
                with_images=self.with_images.isChecked(),
                with_suggested=self.with_suggested.isChecked(),
            )
            self.accept()


def open_erase_person(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """About the person with this id, in words."""
    if not isinstance(about, str):
        raise TypeError("this dialog is about a person")
    return ErasePerson(studio, studio.faces.identities[int(about)], parent)


DIALOG = open_erase_person
