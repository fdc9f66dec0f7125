"""A class by some of its letters: to draw with, and for what is selected."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QDialog, QWidget

from engine.project import class_tree
from engine.project.records import ClassRecord
from studio.annotating import use_class
from studio.dialogs._picker import Choice, Picker
from studio.surroundings import Studio, Subject
from studio.widgets import swatch


def open_class_search(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """Every class of the project."""
    known = studio.session.known
    records = [placed.record for placed in class_tree.in_order(known.classes.values())]
    numbers = {class_id: str(number) for number, class_id in known.numbers.items()}

    def take(record: ClassRecord) -> None:
        if edit := use_class(studio, record):
            studio.session.do(edit)

    choices = [
        Choice(
            record.name, numbers.get(record.id, ""), partial(take, record),
            icon=swatch(record.colour, 18),
        )
        for record in records
    ]  # fmt: skip
    return Picker("Choose a class", choices, studio.theme, parent, if_none="There are no classes yet.")


DIALOG = open_class_search
