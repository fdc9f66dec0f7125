"""A project that another window has open: look at it, or open it all the same."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from studio import files
from studio.dialogs._frame import Frame, paragraph
from studio.surroundings import Studio, Subject


def open_in_use(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is the path and who has it open."""
    if not isinstance(about, tuple):
        raise TypeError("this dialog is about a path and its holder")
    path, holder = Path(about[0]), about[1]
    dialog = Frame(f"{path.stem} is open in another window", parent)
    dialog.body.addWidget(paragraph(f"{holder[:1].upper()}{holder[1:]}.", "text"))
    words = "Two windows that change one project see each other's edits only in part. Read-only is always safe."
    dialog.body.addWidget(paragraph(words))

    def choose(*, read_only: bool) -> None:
        dialog.accept()
        files.open_project(studio, path, read_only=read_only, anyway=not read_only)

    dialog.add_button("Cancel", dialog.reject)
    dialog.add_button("Open Anyway", lambda: choose(read_only=False))
    dialog.add_button("Open Read-only", lambda: choose(read_only=True), is_default=True)
    return dialog


DIALOG = open_in_use
