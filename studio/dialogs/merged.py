"""What a merge has done, and the way to what is to be decided."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from studio.dialogs._frame import Frame
from studio.dialogs._merge_words import report_rows
from studio.jobs import Job
from studio.surroundings import Studio, Subject


def open_merged(studio: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is the Job of the merge."""
    if not isinstance(about, Job) or about.result is None:
        raise TypeError("this dialog is about a merge that is done")
    report = about.result
    dialog = Frame("Merged", parent, width=440, words="It is one step to undo.")
    dialog.body.addWidget(report_rows(report))
    if report.conflicts:

        def decide() -> None:
            dialog.accept()
            studio.queue.start()

        dialog.add_button("Later", dialog.accept)
        dialog.add_button(f"Decide {report.conflicts:,}", decide, is_default=True)
    else:
        dialog.add_button("OK", dialog.accept, is_default=True)
    return dialog


DIALOG = open_merged
