"""The command palette: any command or tool by some of its letters, with its keys."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QWidget

from studio.commands import Command, all_menus, perform
from studio.dialogs._picker import Choice, Picker
from studio.keys import native
from studio.surroundings import Studio, Subject
from studio.tools import TOOLS, Tool


def open_palette(studio: Studio, _: Subject, parent: QWidget) -> QDialog:
    """All commands of all menus, and the tools."""
    choices = [_tool_choice(studio, name, tool) for name, tool in TOOLS]
    choices += [
        _choice(studio, f"{menu.title}: {command.title.rstrip('…')}", command)
        for menu, commands in all_menus()
        for command in commands
        if command.name != "view.palette"
    ]
    return Picker("Type a command", choices, studio.theme, parent)


def _tool_choice(studio: Studio, name: str, tool: Tool) -> Choice:
    keys, session = studio.keys.of(f"tool.{name}"), studio.session
    aside = native(keys[0]) if keys else ""
    is_possible = session.can_write or (name == "select" and session.project is not None)
    icon, take = studio.theme.icon(tool.icon), partial(session.use_tool, name)
    return Choice(f"Tools: {tool.title}", aside, take, f"Take the tool {tool.title}.", icon, is_possible)


def _choice(studio: Studio, title: str, command: Command) -> Choice:
    keys = studio.keys.of(command.name)
    icon = studio.theme.icon(command.look.icon) if command.look.icon else QIcon()
    aside = native(keys[0]) if keys else ""
    return Choice(title, aside, lambda: perform(studio, command), command.help, icon, command.when(studio))


DIALOG = open_palette
