"""A fault of the program: that nothing is lost, where it is written down, and what it was."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from studio.dialogs._frame import Frame, paragraph
from studio.surroundings import Studio, Subject


def open_fault(_: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is the traceback and the name of the log file."""
    text, log = about if isinstance(about, tuple) and len(about) == 2 else (str(about), "")
    words = "This is a fault of the program. Nothing is lost: every edit was saved when you made it. You can go on."
    dialog = Frame("Something went wrong inside Boxwright", parent, width=600, words=words)
    dialog.body.addWidget(details(text))
    dialog.body.addWidget(paragraph(f"Written down in {log}"))
    dialog.add_button("Copy Details", lambda: QGuiApplication.clipboard().setText(text))
    dialog.add_button("Go On", dialog.accept, is_default=True)
    return dialog


def details(text: str) -> QPlainTextEdit:
    """A box of text in type of one width."""
    box = QPlainTextEdit(text)
    box.setReadOnly(True)
    box.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    box.setMinimumHeight(160)
    return box


DIALOG = open_fault
