"""Your Name: whom what is drawn here is by, told apart from others who work on the same pictures."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from studio.dialogs._frame import Frame, paragraph
from studio.surroundings import Studio, Subject

_WORDS = (
    "Everything you draw, accept or change is kept under this name. Two people with one name count as one: "
    "neither agreement nor a merge can tell them apart."
)
_LONGEST = 60


class YourName(Frame):
    """One field."""

    def __init__(self, studio: Studio, parent: QWidget) -> None:
        """Offer the name in use."""
        super().__init__("Your name on what you draw", parent, width=420, words=_WORDS)
        self._studio = studio
        self.name = QLineEdit(studio.session.person)
        self.name.setMaxLength(_LONGEST)
        self.name.setAccessibleName("Your name")
        self.name.selectAll()
        self.body.addWidget(self.name)
        self.body.addWidget(paragraph("It holds from now on, in every project. What there is keeps the name it has."))
        self.add_button("Cancel", self.reject)
        self.keep = self.add_button("Keep", self._keep, is_default=True)
        self.name.textChanged.connect(lambda text: self.keep.setEnabled(bool(text.strip())))

    def showEvent(self, event: QShowEvent) -> None:
        """Ready to type."""
        super().showEvent(event)
        self.name.setFocus()

    def _keep(self) -> None:
        name = " ".join(self.name.text().split())
        if name != self._studio.session.person:
            self._studio.settings.person = name
            self._studio.session.sign_as(name)
            self._studio.session.said.emit(f"You draw as {name}.")
        self.accept()


def open_your_name(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """Ask for the name."""
    return YourName(studio, parent)


DIALOG = open_your_name
