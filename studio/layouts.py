"""Layouts: which panels are seen and where, saved under names; and those that come with the program."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from PySide6.QtCore import QByteArray

from engine.errors import UserError
from studio.settings import Settings

PRESETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"Annotate": ("images", "classes", "annotations"), "Review": ("queue", "images", "annotations", "runs")}
)
"""The panels of each, by the names of their files; the first is in front."""
_MAX_NAME = 60


class Room(Protocol):
    """What layouts need of the window."""

    def arrangement(self) -> QByteArray:
        """Which panels are seen, and where."""
        ...

    def arrange(self, arrangement: QByteArray) -> bool:
        """Put panels and toolbars so; False where that cannot be read."""
        ...

    def reset_layout(self) -> None:
        """Put everything as it is at first."""
        ...

    def show_docks(self, names: tuple[str, ...]) -> None:
        """Show these panels and no others, the first of them in front."""
        ...


class Layouts:
    """Saves, finds and takes layouts."""

    def __init__(self, room: Room, settings: Settings) -> None:
        """Of a window, in its user's settings."""
        self._room = room
        self._settings = settings

    @property
    def saved(self) -> list[str]:
        """The names of those that the user has saved."""
        return self._settings.layouts

    def take(self, name: str) -> None:
        """Arrange the window so; raises UserError where there is no such layout, or it cannot be read."""
        if name in self.saved:
            if not self._room.arrange(self._settings.layout(name)):
                raise UserError(f"The layout {name} cannot be read.", "Delete it, and save it anew.")
        elif name in PRESETS:
            self._room.reset_layout()
            self._room.show_docks(PRESETS[name])
        else:
            raise UserError(f"There is no layout {name}.")

    def save(self, name: str) -> str:
        """Save the window's layout under a name, in place of one that has it; returns the name as it was taken.

        Raises UserError where the name is empty or that of a layout of the program.
        """
        name = " ".join(name.split())[:_MAX_NAME]
        if not name:
            raise UserError("The layout needs a name.")
        if name in PRESETS:
            raise UserError(f"{name} is a layout of the program.", "Choose another name.")
        self._settings.keep_layout(name, self._room.arrangement())
        return name

    def drop(self, name: str) -> None:
        """Forget a layout that was saved."""
        self._settings.drop_layout(name)

    def reset(self) -> None:
        """Put everything as it is at first."""
        self._room.reset_layout()
