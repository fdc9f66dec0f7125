"""Asker: the dialogs by which commands ask a person."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from engine.errors import UserError
from studio.dialogs import DIALOGS
from studio.settings import Settings
from studio.surroundings import Studio, Subject


class Asker:
    """Asks over one window; knows the studio from `serve` on."""

    def __init__(self, window: QWidget, settings: Settings) -> None:
        """Ask over `window`, beginning where the last file was chosen."""
        self._window = window
        self._settings = settings
        self._studio: Studio | None = None
        self._telling: set[tuple[str, str]] = set()

    def serve(self, studio: Studio) -> None:
        """Make dialogs about this studio from now on."""
        self._studio = studio

    def finish(self) -> None:
        """The window is closed: what still fails is told to nobody."""
        self._studio = None

    def open_path(self, title: str, suffixes: tuple[str, ...] = ()) -> Path | None:
        """An existing file, or None."""
        name, _ = QFileDialog.getOpenFileName(self._window, title, str(self._settings.folder), _kinds(suffixes))
        return self._chosen(name)

    def open_paths(self, title: str, suffixes: tuple[str, ...] = ()) -> tuple[Path, ...]:
        """Existing files; none where nothing was chosen."""
        names, _ = QFileDialog.getOpenFileNames(self._window, title, str(self._settings.folder), _kinds(suffixes))
        return tuple(path for name in names if (path := self._chosen(name)) is not None)

    def save_path(self, title: str, suffix: str) -> Path | None:
        """A file to write, or None; the suffix is added where it was left out."""
        start = self._settings.folder / f"untitled{suffix}"
        name, _ = QFileDialog.getSaveFileName(self._window, title, str(start), f"*{suffix} (*{suffix})")
        path = self._chosen(name)
        return path if path is None or path.suffix == suffix else path.with_name(path.name + suffix)

    def folder(self, title: str) -> Path | None:
        """A folder, or None."""
        name = QFileDialog.getExistingDirectory(self._window, title, str(self._settings.folder))
        return self._chosen(name)

    def confirm(self, question: str, action: str) -> bool:
        """Whether to go on with `action`."""
        box = QMessageBox(QMessageBox.Icon.NoIcon, "Boxwright", question, parent=self._window)
        go_on = box.addButton(action, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(go_on)
        box.exec()
        return box.clickedButton() is go_on

    def show(self, dialog: str, about: Subject = None) -> None:
        """Open the dialog in studio/dialogs/<dialog>.py, about something."""
        self._open(dialog, about)

    def leave(self) -> None:
        """Close the window."""
        self._window.close()

    def tell(self, error: Exception) -> None:
        """Say what went wrong and what to do about it."""
        words = (f"{type(error).__name__}: {error}", "This is a fault of the program.")
        if isinstance(error, UserError):
            words = (error.message, error.hint)
        if words not in self._telling and (dialog := self._open("told", words)) is not None:
            self._telling.add(words)  # what fails again and again is told once at a time
            dialog.finished.connect(lambda _: self._telling.discard(words))

    def _open(self, dialog: str, about: Subject) -> QDialog | None:
        if self._studio is None:
            return None
        made = DIALOGS.get(dialog)(self._studio, about, self._window)
        made.open()
        return made

    def _chosen(self, name: str) -> Path | None:
        if not name:
            return None
        path = Path(name)
        self._settings.folder = path if path.is_dir() else path.parent
        return path


def _kinds(suffixes: tuple[str, ...]) -> str:
    """Which files are offered."""
    patterns = " ".join(f"*{suffix}" for suffix in suffixes)
    return f"{patterns} ({patterns});;All files (*)" if suffixes else "All files (*)"
