"""Projects that were open before, found by some letters of their names."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QDialog, QWidget

from studio import files
from studio.dialogs._picker import Choice, Picker
from studio.surroundings import Studio, Subject


def open_recent(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """The recent projects; those that are gone cannot be chosen."""
    choices = [
        Choice(path.stem, str(path.parent), partial(files.open_project, studio, path), is_possible=path.is_file())
        for path in studio.settings.recent
    ]
    keys = studio.keys.shown("file.open")
    words = f"No project was opened yet. {keys} opens one." if keys else "No project was opened yet: File > Open."
    return Picker("Open a recent project", choices, studio.theme, parent, if_none=words)


DIALOG = open_recent
