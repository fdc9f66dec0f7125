"""Settings: what the window remembers for its user between two starts, in one small file of the user's own."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Literal, TypeAlias, cast

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

ThemeChoice: TypeAlias = Literal["system", "dark", "light"]
MAX_RECENT = 12


def user_folder() -> Path:
    """The user's folder for settings and logs, made when it is not there."""
    return Path(platformdirs.user_data_dir("boxwright", appauthor=False, ensure_exists=True))


class Settings:
    """Typed access to the settings file; every assignment is written by and by, without waiting for the disk."""

    def __init__(self, path: Path | None = None) -> None:
        """Read the user's settings, or those in the file at `path`."""
        self._store = QSettings(str(path or user_folder() / "settings.ini"), QSettings.Format.IniFormat)

    @property
    def theme(self) -> ThemeChoice:
        """Dark or light, or as the system has it."""
        found = str(self._store.value("theme", "system"))
        return cast(ThemeChoice, found) if found in ("system", "dark", "light") else "system"

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("theme", choice)

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
        """The name annotations are made under; the login name at first."""
        try:
            return str(self._store.value("person", "")) or getpass.getuser()
        except OSError:  # no login name, as in some containers
            return "someone"

    @person.setter
    def person(self, name: str) -> None:
        self._store.setValue("person", name)

    def words_of(self, name: str) -> list[str]:
        """A kept list of words, such as searches, or nothing."""
        found = self._store.value(f"words/{name}", [])
        words = [found] if isinstance(found, str) else found
        return [str(each) for each in words if each] if isinstance(words, list) else []

    def keep_words(self, name: str, words: list[str]) -> None:
        """Keep a list of words."""
        self._store.setValue(f"words/{name}", words)

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
