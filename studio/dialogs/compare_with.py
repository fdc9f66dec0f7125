"""What the live IoU is measured against, by some of its letters."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QDialog, QWidget

from studio.dialogs._picker import Choice, Picker
from studio.reference import offered
from studio.surroundings import Studio, Subject


def open_layers(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """Every layer that the project has."""
    session = studio.session
    layers = offered(session.project, session.author_id) if session.project else ()
    choices = [
        Choice(layer.title, "now" if layer == session.reference else "", partial(session.compare_with, layer))
        for layer in layers
    ]
    return Picker("Measure the live IoU against", choices, studio.theme, parent)


DIALOG = open_layers
