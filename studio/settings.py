"""Settings: what the window remembers for its user between two starts, in one small file of the user's own."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Literal, TypeAlias, cast
from urllib.parse import quote, unquote

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from engine.project import authors
from studio.habits import Habits

ThemeChoice: TypeAlias = Literal["system", "dark", "light"]
MAX_RECENT = 12


def keys_in(found: object) -> dict[str, tuple[str, ...]]:
    """Keys by name in what was read from JSON; anything else is left out."""
    if not isinstance(found, dict):
        return {}
    return {
        name: tuple(key for key in keys if isinstance(key, str))
        for name, keys in found.items()
        if isinstance(name, str) and isinstance(keys, list)
    }


def user_folder() -> Path:
    """The user's folder for settings and logs, made when it is not there."""
    return Path(platformdirs.user_data_dir("boxwright", appauthor=False, ensure_exists=True))


class Settings:
    """Typed access to the settings file; every assignment is written by and by, without waiting for the disk."""

    def __init__(self, path: Path | None = None) -> None:
        """Read the user's settings, or those in the file at `path`."""
        self._store = QSettings(str(path or user_folder() / "settings.ini"), QSettings.Format.IniFormat)

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self._store.fileName())

    @property
    def theme(self) -> ThemeChoice:
        """Dark or light, or as the system has it."""
        found = str(self._store.value("theme", "system"))
        return cast(ThemeChoice, found) if found in ("system", "dark", "light") else "system"

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("theme", choice)

    @property
    def reference(self) -> str:
        """The kind of layer that the live IoU is measured against; nothing at first."""
        return str(self._store.value("reference", ""))

    @reference.setter
    def reference(self, kind: str) -> None:
        self._store.setValue("reference", kind)

    @property
    def recent(self) -> list[Path]:
        """Project files opened before, the last one first; some may be gone by now."""
        found = self._store.value("recent", [])
        names = [found] if isinstance(found, str) else found
        return [Path(name) for name in names if name] if isinstance(names, list) else []

    def opened(self, path: Path) -> None:
        """Put a project file at the head of the recent ones."""
        path = path.absolute()
        rest = [other for other in self.recent if other != path]
        self._store.setValue("recent", [str(each) for each in (path, *rest)][:MAX_RECENT])

    def forget(self, path: Path) -> None:
        """Take a project file off the recent ones."""
        self._store.setValue("recent", [str(each) for each in self.recent if each != path])

    @property
    def folder(self) -> Path:
        """Where the last file was chosen; the user's home at first."""
        found = Path(str(self._store.value("folder", "")))
        return found if found.is_absolute() and found.is_dir() else Path.home()

    @folder.setter
    def folder(self, path: Path) -> None:
        self._store.setValue("folder", str(path))

    @property
    def person(self) -> str:
        """The name annotations are made under.

        At first what this computer calls the person at it and itself: two people are often called the same, as "user".
        """
        return str(self._store.value("person", "")) or f"{authors.current_name()}@{platform.node() or 'here'}"

    @person.setter
    def person(self, name: str) -> None:
        self._store.setValue("person", name)

    @property
    def searches(self) -> dict[str, str]:
        """The searches that the user has saved, by their names, the oldest first; nothing where it cannot be read."""
        try:
            found = json.loads(str(self._store.value("searches", "{}")))
        except ValueError:
            return {}
        if not isinstance(found, dict):
            return {}
        return {name: text for name, text in found.items() if isinstance(text, str)}

    @searches.setter
    def searches(self, by_name: Mapping[str, str]) -> None:
        self._store.setValue("searches", json.dumps(dict(by_name)))

    def words_of(self, name: str) -> list[str]:
        """A kept list of words, such as searches, or nothing."""
        found = self._store.value(f"words/{name}", [])
        words = [found] if isinstance(found, str) else found
        return [str(each) for each in words if each] if isinstance(words, list) else []

    def keep_words(self, name: str, words: list[str]) -> None:
        """Keep a list of words."""
        self._store.setValue(f"words/{name}", words)

    def number_of(self, name: str, preset: int) -> int:
        """A kept whole number, or the preset one."""
        found = str(self._store.value(f"numbers/{name}", preset))
        return int(found) if found.removeprefix("-").isdecimal() else preset

    def keep_number(self, name: str, value: int) -> None:
        """Keep a whole number."""
        self._store.setValue(f"numbers/{name}", value)

    @property
    def key_profile(self) -> str:
        """The name of the profile of keys in use; '' where none was chosen."""
        return str(self._store.value("keys/profile", ""))

    @key_profile.setter
    def key_profile(self, name: str) -> None:
        self._store.setValue("keys/profile", name)

    def key_changes(self, profile: str) -> dict[str, tuple[str, ...]]:
        """The keys that the user has given otherwise than a profile does, by name; nothing where it cannot be read."""
        try:
            found = json.loads(str(self._store.value(f"keys/{profile}", "{}")))
        except ValueError:
            return {}
        return keys_in(found)

    def keep_key_changes(self, profile: str, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Keep the keys that are given otherwise than a profile does."""
        self._store.setValue(f"keys/{profile}", json.dumps(keys))

    @property
    def habits(self) -> Habits:
        """How the canvas is to behave."""
        default = Habits()
        return Habits(*(self._is_on(each.name, getattr(default, each.name)) for each in fields(Habits)))

    @habits.setter
    def habits(self, habits: Habits) -> None:
        for each in fields(Habits):
            self._store.setValue(f"canvas/{each.name}", getattr(habits, each.name))

    @property
    def layouts(self) -> list[str]:
        """The names of the layouts that the user has saved."""
        self._store.beginGroup("layouts")
        names = [unquote(name) for name in self._store.childKeys()]
        self._store.endGroup()
        return sorted(names, key=str.casefold)

    def layout(self, name: str) -> QByteArray:
        """A layout that was saved under a name, or nothing."""
        found = self._store.value(f"layouts/{quote(name, safe='')}")
        return found if isinstance(found, QByteArray) else QByteArray()

    def keep_layout(self, name: str, value: QByteArray) -> None:
        """Save a layout under a name."""
        self._store.setValue(f"layouts/{quote(name, safe='')}", value)

    def drop_layout(self, name: str) -> None:
        """Forget a layout."""
        self._store.remove(f"layouts/{quote(name, safe='')}")

    def _is_on(self, name: str, otherwise: bool) -> bool:
        """A switch; what was written by hand and is neither true nor false is as at first."""
        found = str(self._store.value(f"canvas/{name}", otherwise)).casefold()
        return found == "true" if found in ("true", "false") else otherwise

    def bytes_of(self, name: str) -> QByteArray:
        """A saved layout, or nothing."""
        found = self._store.value(f"layout/{name}")
        return found if isinstance(found, QByteArray) else QByteArray()

    def keep_bytes(self, name: str, value: QByteArray) -> None:
        """Save a layout."""
        self._store.setValue(f"layout/{name}", value)

    def sync(self) -> None:
        """Write to the disk now."""
        self._store.sync()
