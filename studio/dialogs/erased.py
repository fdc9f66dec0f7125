"""The proof that a person was erased, and what stays."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from engine.project.erasing import Erased
from studio.dialogs._frame import Frame, paragraph
from studio.jobs import Job
from studio.surroundings import Studio, Subject


def open_erased(_: Studio, about: Subject, parent: QWidget) -> QDialog:
    """`about` is the Job."""
    if not isinstance(about, Job) or not isinstance(about.result, Erased):
        raise TypeError("this dialog is about a person who was erased")
    erased: Erased = about.result
    dialog = Frame(f"{erased.name} was erased", parent, width=540)
    dialog.body.addWidget(paragraph(proof(erased), "text"))
    if lines := left(erased):
        box = QPlainTextEdit("\n\n".join(lines))
        box.setReadOnly(True)
        box.setAccessibleName("What stays")
        dialog.body.addWidget(box)
    dialog.add_button("OK", dialog.accept, is_default=True)
    return dialog


def proof(erased: Erased) -> str:
    """What went, and how that is known."""
    n_faces = erased.n_templates + erased.n_past_templates
    gone = f"{n_faces:,} faces, {erased.n_pairs:,} pairs and {erased.n_steps:,} steps to undo or redo are gone."
    looked = f"{erased.n_needles:,} pieces of them were looked for in all {erased.n_bytes:,} bytes of the file: "
    found = "none is left." if not erased.left else "some are part of what stays, as told below."
    return f"{gone} {looked}{found}"


def left(erased: Erased) -> list[str]:
    """What stays, or may hold the person still."""
    told = []
    if erased.runs:
        told.append(f"Trained with erased data: {_runs(erased.runs)}.")
    if erased.images_left:
        told.append(f"Pictures that showed them are still there: {', '.join(erased.images_left)}.")
    if erased.images_removed:
        told.append(f"Pictures removed: {', '.join(erased.images_removed)}.")
    if erased.left:
        told.append(f"The same words or bytes belong to something else, too: {', '.join(erased.left)}.")
    if erased.backups:
        told.append(f"Older copies beside the project may hold them: {', '.join(map(str, erased.backups))}.")
    return told


def _runs(ids: tuple[int, ...]) -> str:
    return f"run{'s' if len(ids) > 1 else ''} {', '.join(map(str, ids))}"


DIALOG = open_erased
