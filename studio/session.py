"""Session: what is open and looked at now, as signals. The panels and the canvas listen here and ask the project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.errors import UserError
from engine.project import classes, images, runs
from engine.project.edits import Edit
from engine.project.history import Entry, History
from engine.project.store import Change, Project
from studio.lane import Done, Lane


@dataclass(frozen=True, slots=True)
class Selection:
    """Ids of what is selected on the current image."""

    annotations: frozenset[int] = frozenset()
    detections: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything is selected."""
        return bool(self.annotations or self.detections)


class Session(QObject):
    """The open project, the image, the selection, the class to draw with; every change of them is a signal."""

    project_opened = Signal()
    """Another project is open, or none (`project` is None)."""
    image_changed = Signal()
    selection_changed = Signal()
    class_changed = Signal()
    run_changed = Signal()
    """Another run's detections are shown."""
    tool_changed = Signal()
    changed = Signal(object)
    """Change: something in the project became different, here or in a worker."""
    history_changed = Signal()
    saved = Signal(object)
    """datetime: an edit is on the disk."""
    failed = Signal(object)
    """The exception an edit or a question ended with, to be shown."""

    def __init__(self) -> None:
        """Start with nothing open."""
        super().__init__()
        self.project: Project | None = None
        self.image_id: int | None = None
        self.selection = Selection()
        self.class_id: int | None = None
        self.run_id: int | None = None
        self.tool = "select"
        self.author_id: int | None = None
        self.next_undo: Entry | None = None
        self.next_redo: Entry | None = None
        self._lane: Lane | None = None

    def open(self, path: Path, *, read_only: bool = False) -> None:
        """Open a project file in place of the one that is open; raises UserError and leaves that one as it was."""
        project = Project.open(path, read_only=read_only)
        self.close()
        self.project = project
        if not project.is_read_only:
            self._lane = Lane(path, self.author_id)
            self._lane.done.connect(self._on_done)
            self._lane.failed.connect(self.failed)
        history = History(project)
        self.next_undo, self.next_redo = history.next_undo(), history.next_redo()
        first_class = next(iter(classes.all_classes(project)), None)
        self.class_id = first_class.id if first_class else None
        self.run_id = next((run.id for run in runs.all_runs(project) if run.kind == "detector"), None)
        self.image_id = project.value("SELECT MIN(id) FROM images")
        self.selection = Selection()
        for signal in (self.project_opened, self.class_changed, self.run_changed, self.image_changed):
            signal.emit()
        self.selection_changed.emit()
        self.history_changed.emit()

    def close(self) -> None:
        """Close what is open, after all its edits are committed."""
        if self._lane is not None:
            self._lane.finish()
            self._lane = None
        if self.project is not None:
            self.project.close()
            self.project = None
        self.image_id = None

    def do(self, edit: Edit) -> None:
        """Have an edit done on the lane; `changed` and `saved` follow once it is committed."""
        if lane := self._writing():
            lane.do(edit, self.image_id)

    def undo(self) -> None:
        """Take back the last edit, wherever it was made."""
        if lane := self._writing():
            lane.undo()

    def redo(self) -> None:
        """Do again what was undone last."""
        if lane := self._writing():
            lane.redo()

    def _writing(self) -> Lane | None:
        if self._lane is None and self.project is not None:
            self.failed.emit(UserError(f"{self.project.path} is open read-only.", "Save a copy to change it."))
        return self._lane

    def go_to(self, image_id: int) -> None:
        """Look at another image."""
        if image_id != self.image_id:
            self.image_id = image_id
            self.selection = Selection()
            self.image_changed.emit()
            self.selection_changed.emit()

    def select(self, selection: Selection) -> None:
        """Select annotations and detections on the current image."""
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit()

    def use_class(self, class_id: int | None) -> None:
        """Draw with this class from now on."""
        if class_id != self.class_id:
            self.class_id = class_id
            self.class_changed.emit()

    def show_run(self, run_id: int | None) -> None:
        """Show the detections of this run."""
        if run_id != self.run_id:
            self.run_id = run_id
            self.run_changed.emit()

    def use_tool(self, name: str) -> None:
        """Take another canvas tool, by the name of its file."""
        if name != self.tool:
            self.tool = name
            self.tool_changed.emit()

    def announce(self, change: Change) -> None:
        """Pass on what a worker process changed."""
        self.changed.emit(change)

    def _on_done(self, done: Done) -> None:
        self.next_undo, self.next_redo = done.next_undo, done.next_redo
        if self.project is not None and done.entry is not None:
            on_image = done.entry.image_id
            if on_image is not None and on_image != self.image_id and self._has_image(on_image):
                self.go_to(on_image)
        if done.change:
            self.changed.emit(done.change)
        if done.added:
            self.select(Selection(annotations=frozenset(done.added)))
        self.history_changed.emit()
        self.saved.emit(datetime.now())

    def _has_image(self, image_id: int) -> bool:
        return self.project is not None and bool(images.listed(self.project, [image_id]))
