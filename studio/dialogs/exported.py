"""What an export wrote, and the proof of it."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QWidget

from studio.dialogs._frame import Frame, paragraph
from studio.errand_values import TrainingSetWritten
from studio.jobs import Job
from studio.surroundings import Studio, Subject


def open_exported(_: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is the Job of the export."""
    if not isinstance(about, Job) or about.result is None:
        raise TypeError("this dialog is about an export that is done")
    written, folder = about.result, about.task.arguments[0]
    lost = written.lost if isinstance(written, TrainingSetWritten) else ()
    report = written.export if isinstance(written, TrainingSetWritten) else written
    words = f"{report.images:,} pictures and {report.annotations:,} annotations in {folder}"
    dialog = Frame("Exported", parent, width=520, words=words)
    proof = report.proof
    if proof is not None:
        verdict = "Proven: all that the format can hold is there." if proof.is_kept else "Something is missing."
        dialog.body.addWidget(paragraph(verdict, "good" if proof.is_kept else "bad"))
        counts = f"{proof.returned:,} of {proof.annotations:,} objects came back"
        dialog.body.addWidget(
            paragraph(f"{counts}, the worst with IoU {proof.min_iou:.4f}, mean {proof.mean_iou:.4f}.")
        )
    if report.turned:
        dialog.body.addWidget(paragraph(f"{len(report.turned):,} pictures were turned upright in their pixels."))
    if lost:
        n_lost = "1 picture is" if len(lost) == 1 else f"{len(lost):,} pictures are"
        dialog.body.addWidget(paragraph(f"{n_lost} not in the project any more, and missing there.", "bad"))
    dialog.add_button("Open Folder", lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
    dialog.add_button("OK", dialog.accept, is_default=True)
    return dialog


DIALOG = open_exported
