"""What the selected annotations tell, to be seen and set by keys alone."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from studio.attribute_form import AttributeForm
from studio.dialogs._concerned import counted
from studio.dialogs._frame import Frame, paragraph
from studio.session import Session
from studio.surroundings import Studio, Subject


class ToldAttributes(Frame):
    """The form; every value is set as soon as it is edited."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        """Of what is selected."""
        n = len(session.selection.annotations)
        super().__init__(f"Attributes of {counted(n, 'annotation')}", parent, width=400)
        self.form = AttributeForm(session)
        self._empty = paragraph("Their classes have no attributes in common. Define some: Classes > Attributes.")
        self.body.addWidget(self.form)
        self.body.addWidget(self._empty)
        self._empty.hide()
        self.form.built.connect(self._show)
        self.add_button("Close", self.accept, is_default=True)

    def _show(self) -> None:
        """The first field is ready to be typed in."""
        editors = list(self.form.editors.values())
        self._empty.setVisible(not editors)
        if editors:
            editors[0].setFocus()
        self.fit_height()


def open_told_attributes(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """About what is selected."""
    return ToldAttributes(studio.session, parent)


DIALOG = open_told_attributes
