"""The command palette: any command by some of its letters, with its keys."""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QWidget

from studio.commands import Command, all_menus, perform
from studio.dialogs._picker import Choice, Picker
from studio.keys import native
from studio.surroundings import Studio, Subject


def open_palette(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """All commands of all menus."""
    choices = [
        _choice(studio, f"{menu.title}: {command.title.rstrip('…')}", command)
        for menu, commands in all_menus()
        for command in commands
        if command.name != "view.palette"
    ]
    return Picker("Type a command", choices, studio.theme, parent)


def _choice(studio: Studio, title: str, command: Command) -> Choice:
    keys = studio.keys.of(command.name)
    icon = studio.theme.icon(command.look.icon) if command.look.icon else QIcon()
    aside = native(keys[0]) if keys else ""
    return Choice(title, aside, lambda: perform(studio, command), command.help, icon, command.when(studio))


DIALOG = open_palette
