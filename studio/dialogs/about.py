"""What this is: version and licence."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

import engine
from studio.dialogs._frame import Frame, paragraph
from studio.surroundings import Studio, Subject


def open_about(_: Studio, __: Subject, parent: QWidget) -> QDialog:
    """Version and licence."""
    dialog = Frame("Boxwright", parent, width=400, words=f"Version {engine.__version__}")
    words = "Draw boxes and masks, fine-tune a detector with one click, and look inside every detection."
    dialog.body.addWidget(paragraph(words, "text"))
    dialog.body.addWidget(paragraph("Apache License 2.0. Built with Qt for Python (LGPL), PyTorch and torchvision."))
    dialog.add_button("OK", dialog.accept, is_default=True)
    return dialog


DIALOG = open_about
