"""Something could not be done: what, and what to do about it."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from studio.dialogs._frame import Frame, paragraph
from studio.surroundings import Studio, Subject


def open_told(_: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is the message and the hint."""
    message, hint = about if isinstance(about, tuple) and len(about) == 2 else (str(about), "")
    dialog = Frame("That did not work", parent)
    dialog.body.addWidget(paragraph(message, "text"))
    if hint:
        dialog.body.addWidget(paragraph(hint))
    dialog.add_button("OK", dialog.accept, is_default=True)
    return dialog


DIALOG = open_told
