"""Studio: what a command acts on; built once in `app` and passed to every command, panel and dialog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from PySide6.QtCore import QObject

from engine.geometry.shapes import XY, Bounds
from engine.project.records import Detection
from studio.session import Session

if TYPE_CHECKING:
    from studio.evaluations import Evaluations
    from studio.habits import Habits
    from studio.identifying import Identifying
    from studio.inspection import Inspection
    from studio.jobs import Jobs
    from studio.keys import Keys
    from studio.known_faces import FacesModel
    from studio.layouts import Layouts
    from studio.prompting import Prompting
    from studio.queue import Queue
    from studio.settings import Settings
    from studio.theme import Theme


class Looking(Protocol):
    """What commands can ask of the canvas."""

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle of the view."""
        ...

    def zoom_to_fit(self) -> None:
        """Show the whole picture."""
        ...

    def zoom_to_pixels(self) -> None:
        """One picture pixel on one screen pixel."""
        ...

    def zoom_to(self, bounds: Bounds) -> None:
        """Show this part of the picture as large as it can be, with room around it."""
        ...

    @property
    def pointer_image(self) -> XY | None:
        """Where the pointer is in image pixels; None where it is not over the picture."""
        ...

    @property
    def suggestions(self) -> Sequence[Detection] | None:
        """The open suggestions that are shown, best first, without those that are being decided; None: not read yet."""
        ...

    def take_habits(self, habits: Habits) -> None:
        """Behave so from now on."""
        ...

    def cancel_gesture(self) -> None:
        """Abandon what is being drawn, without an edit."""
        ...


class Asking(Protocol):
    """What commands can ask of the person."""

    def open_path(self, title: str, suffixes: tuple[str, ...] = ()) -> Path | None:
        """An existing file, or None."""
        ...

    def open_paths(self, title: str, suffixes: tuple[str, ...] = ()) -> tuple[Path, ...]:
        """Existing files; none where nothing was chosen."""
        ...

    def save_path(self, title: str, suffix: str) -> Path | None:
        """A file to write, or None."""
        ...

    def folder(self, title: str) -> Path | None:
        """A folder, or None."""
        ...

    def confirm(self, question: str, action: str) -> bool:
        """Whether to go on with `action`."""
        ...

    def show(self, dialog: str, about: Subject = None) -> None:
        """Open the dialog in studio/dialogs/<dialog>.py, about something."""
        ...

    def leave(self) -> None:
        """Close the window."""
        ...

    def tell(self, error: Exception) -> None:
        """Say what went wrong and what to do about it."""
        ...


Subject: TypeAlias = Path | QObject | str | tuple[str, ...] | None
"""What a dialog is about: a file, a job, words."""


@dataclass(frozen=True, slots=True)
class Studio:
    """Everything a command may use."""

    session: Session
    jobs: Jobs
    settings: Settings
    theme: Theme
    view: Looking
    ask: Asking
    queue: Queue
    prompting: Prompting
    keys: Keys
    layouts: Layouts
    evaluations: Evaluations
    inspection: Inspection
    faces: FacesModel
    identifying: Identifying
