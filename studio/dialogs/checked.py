"""What a check of the file found."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QListWidget, QWidget

from engine.project.checking import CheckReport
from studio.dialogs._frame import Frame, paragraph
from studio.jobs import Job
from studio.surroundings import Studio, Subject


def open_checked(_: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is the Job of the check."""
    report = about.result if isinstance(about, Job) else None
    if not isinstance(report, CheckReport):
        raise TypeError("this dialog is about a check that is done")
    counted = ", ".join(f"{n:,} {what}" for what, n in report.checked.items())
    n = len(report.problems)
    title = "The file is whole" if report.is_whole else f"{n} {'problem' if n == 1 else 'problems'} in the file"
    dialog = Frame(title, parent, width=520, words=f"Verified: {counted}.")
    if report.problems:
        shown = QListWidget()
        shown.addItems([f"{problem.what}: {problem.why}" for problem in report.problems])
        shown.setWordWrap(True)
        dialog.body.addWidget(shown)
        dialog.body.addWidget(paragraph("Go back to a copy of the file, or save what can be saved by an export."))
    dialog.add_button("OK", dialog.accept, is_default=True)
    return dialog


DIALOG = open_checked
