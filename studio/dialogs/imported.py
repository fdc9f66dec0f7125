"""What an import brought, and what it left out and why."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QListWidget, QWidget

from studio.dialogs._frame import Frame, paragraph
from studio.jobs import Job
from studio.surroundings import Studio, Subject

SHOWN = 500


def open_imported(_: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is the Job of the import."""
    reports = about.result if isinstance(about, Job) else ()
    words = [
        f"{sum(each.images for each in reports):,} new pictures, "
        f"{sum(each.annotations for each in reports):,} new annotations, "
        f"{sum(each.updated for each in reports):,} brought up to date, "
        f"{sum(each.same for each in reports):,} were here already."
    ]
    n_both = sum(each.both for each in reports)
    if n_both:
        words.append(f"{n_both:,} were changed both here and in the file.")
    dialog = Frame("Imported", parent, width=560, words=" ".join(words))
    skipped = [f"{one.what}: {one.why}" for each in reports for one in each.skipped]
    if skipped:
        dialog.body.addWidget(paragraph(f"{len(skipped):,} left out or changed:", "text"))
        shown = QListWidget()
        shown.setWordWrap(True)
        shown.addItems(skipped[:SHOWN])
        dialog.body.addWidget(shown, 1)
    dialog.add_button("OK", dialog.accept, is_default=True)
    return dialog


DIALOG = open_imported
