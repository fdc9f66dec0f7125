"""A menu of commands that opens where the pointer is."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from studio.commands import named, perform
from studio.keys import native
from studio.surroundings import Studio

IMAGE_COMMANDS = (
    "image.done", "image.state_needs_review", "image.state_in_progress", "image.state_new", "",
    "image.split_train", "image.split_val", "image.split_test", "image.split_none", "image.assign_splits", "",
    "image.tags", "", "image.remove",
)  # fmt: skip
"""What can be done to the chosen pictures; '' is a line."""

SELECTION_COMMANDS = (
    "annotate.search_class", "annotate.attributes", "",
    "annotate.group", "annotate.ungroup", "",
    "inspect.how", "inspect.why_missed", "",
    "show.hide_selected", "show.isolate", "show.lock", "",
    "view.selection", "edit.duplicate", "edit.delete",
)  # fmt: skip
"""What the menus of selected annotations and detections offer."""


def command_menu(studio: Studio, names: tuple[str, ...], parent: QWidget) -> QMenu:
    """A menu of the commands with these names; it is gone once it is closed."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    fill_menu(menu, studio, names)
    return menu


def fill_menu(menu: QMenu, studio: Studio, names: tuple[str, ...]) -> None:
    """Fill a menu anew with what can be asked for now."""
    menu.clear()
    for name in names:
        if not name:
            menu.addSeparator()
            continue
        (wanted,) = named(name)
        keys = studio.keys.of(name)
        shown = f"\t{native(keys[0])}" if keys else ""
        action = menu.addAction(f"{wanted.title}{shown}", partial(perform, studio, wanted))
        action.setEnabled(wanted.when(studio))
        action.setObjectName(f"menu.{name}")
