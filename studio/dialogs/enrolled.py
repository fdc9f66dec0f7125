"""What came of enrolling, where something was refused, or a face is poor."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from engine.faces.enrolling import EnrolReport
from studio.dialogs._frame import Frame, paragraph
from studio.enrolling import in_words
from studio.jobs import Job
from studio.surroundings import Studio, Subject


def open_enrolled(_: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is the Job."""
    if not isinstance(about, Job) or not isinstance(about.result, EnrolReport):
        raise TypeError("this dialog is about faces that were enrolled")
    dialog = Frame("Faces enrolled", parent, width=540)
    dialog.body.addWidget(paragraph(in_words(about.result), "text"))
    box = QPlainTextEdit("\n".join(told(about.result)))
    box.setReadOnly(True)
    box.setAccessibleName("What to look at")
    dialog.body.addWidget(box)
    dialog.add_button("OK", dialog.accept, is_default=True)
    return dialog


def told(report: EnrolReport) -> list[str]:
    """What was refused and what is poor, a line each."""
    refused = [f"{each.source}: {each.why}" for each in report.refused]
    poor = [f"{each.source}: {each.words}" for each in report.poor]
    lines = ["Refused", *refused, ""] if refused else []
    return lines + (["Enrolled, but poor: better pictures are recognised better", *poor] if poor else [])


DIALOG = open_enrolled
