"""A menu of commands that opens where the pointer is."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from studio.commands import named, perform
from studio.surroundings import Studio

IMAGE_COMMANDS = (
    "image.done", "image.state_needs_review", "image.state_in_progress", "image.state_new", "",
    "image.split_train", "image.split_val", "image.split_test", "image.split_none", "image.assign_splits", "",
    "image.tags", "", "image.remove",
)  # fmt: skip
"""What can be done to the chosen pictures; '' is a line."""


def command_menu(studio: Studio, names: tuple[str, ...], parent: QWidget) -> QMenu:
    """A menu of the commands with these names; it is gone once it is closed."""
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    for name in names:
        if not name:
            menu.addSeparator()
            continue
        (wanted,) = named(name)
        action = menu.addAction(wanted.title, partial(perform, studio, wanted))
        action.setEnabled(wanted.when(studio))
        action.setObjectName(f"menu.{name}")
        if wanted.keys:
            action.setText(f"{wanted.title}\t{QKeySequence(wanted.keys[0]).toString(_NATIVE)}")
    return menu


_NATIVE = QKeySequence.SequenceFormat.NativeText
