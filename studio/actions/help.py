"""The Help menu: keys, about."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from engine.project.edits import Edit
from studio.commands import Look, Menu, command
from studio.settings import user_folder
from studio.surroundings import Studio

MENU = Menu("Help", 90)


@command("help.keys", "Keys", ("F1", "?"), look=Look("keyboard"))
def keys(studio: Studio) -> Edit | None:
    """See the keys in force on one page."""
    studio.ask.show("cheat_sheet")
    return None


@command("help.change_keys", "Change Keys…", ("Ctrl+K",))
def change_keys(studio: Studio) -> Edit | None:
    """Give commands and tools other keys, or take the keys of another program."""
    studio.ask.show("keys")
    return None


@command("help.log", "Open Log Folder", ())
def log(_: Studio) -> Edit | None:
    """Open the folder where failures are written down."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(user_folder())))
    return None


@command("help.about", "About Boxwright", (), look=Look("logo"))
def about(studio: Studio) -> Edit | None:
    """See version and licence."""
    studio.ask.show("about")
    return None
