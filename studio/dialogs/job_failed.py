"""A job that failed: what and why; with details only where it is a fault of the program."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from studio.dialogs._frame import Frame, paragraph
from studio.jobs import Job
from studio.surroundings import Studio, Subject


def open_job_failed(_: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is the Job."""
    if not isinstance(about, Job) or about.failure is None:
        raise TypeError("this dialog is about a job that failed")
    failure = about.failure
    dialog = Frame(f"{about.task.title}: that did not work", parent, width=520)
    dialog.body.addWidget(paragraph(failure.words, "text"))
    hint = failure.hint or ("This is a fault of the program. The project is as it was." if failure.is_ours else "")
    if hint:
        dialog.body.addWidget(paragraph(hint))
    if failure.details:
        box = QPlainTextEdit(failure.details)
        box.setReadOnly(True)
        dialog.body.addWidget(box)
    dialog.add_button("OK", dialog.accept, is_default=True)
    return dialog


DIALOG = open_job_failed
