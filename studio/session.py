"""Session: what is open and looked at now, as signals. The panels and the canvas listen here and ask the project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from engine.errors import UserError
from engine.evaluation.queue import Question
from engine.imaging.levels import Levels
from engine.project import authors, classes, images, listings, presence, runs
from engine.project.edits import Edit
from engine.project.history import Entry, History
from engine.project.records import Annotation
from engine.project.store import Change, Project
from studio.lane import Act, Claimed, Done, Lane, Outcome
from studio.listing import Listing
from studio.reader import Reader
from studio.reference import Reference
from studio.visibility import Visibility

T = TypeVar("T")
MIN_SCORE = 0.5
"""From this score on suggestions are shown at first: below it more are wrong than right."""
FIRST_PAGE = "annotate"
"""The canvas."""


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
    score_changed = Signal()
    """Suggestions are shown from another score on."""
    tool_changed = Signal()
    page_changed = Signal()
    """The middle of the window shows another page."""
    hiding_changed = Signal()
    """Shapes are hidden, isolated or locked, or are so no more: `hides_shapes` or `visibility` is another."""
    reference_changed = Signal()
    """The live IoU is measured against another layer."""
    panel_wanted = Signal(str)
    """The panel of this name, the name of its file, is to come into sight."""
    levels_changed = Signal()
    """Pictures are shown with another brightness, contrast, gamma or channel."""
    changed = Signal(object)
    """Change: something in the project became different, here or in a worker."""
    history_changed = Signal()
    writable_changed = Signal()
    """The project can be changed now, or not any more."""
    question_changed = Signal()
    """Another question of the queue is looked at, or none."""
    asked = Signal(object)
    """Edit: it will be done; `n_asked` is its number."""
    undo_asked = Signal(object)
    """str, the title of what will be undone; None where that is not known yet."""
    redo_asked = Signal(object)
    """The same of redo."""
    saved = Signal(object)
    """datetime: an edit is on the disk."""
    failed = Signal(object)
    """The exception an edit or a question ended with, to be shown."""
    said = Signal(str)
    """A short remark for the status bar."""

    def __init__(self, person: str | None = None) -> None:
        """Start with nothing open; edits are made in this person's name."""
        super().__init__()
        self.person = person or authors.current_name()
        self.project: Project | None = None
        self.image_id: int | None = None
        self.selection = Selection()
        self.class_id: int | None = None
        self.run_id: int | None = None
        self.min_score = MIN_SCORE
        """Suggestions that score less are not shown."""
        self.reference = Reference()
        """What the live IoU is measured against."""
        self.tool = "select"
        self.last_drawn_with = "box"
        """The drawing tool that was in hand last."""
        self.page = FIRST_PAGE
        """What the middle of the window shows, by the name of its file in studio/pages."""
        self.hides_shapes = False
        self.levels = Levels()
        """How every picture is shown; kept until the window closes."""
        self.visibility = Visibility()
        """Which shapes are hidden, locked or isolated, besides all of them."""
        self.question: Question | None = None
        """What a person is asked about now: the canvas shows both sides of it."""
        self.selects_groups = True
        """Whether selecting one annotation of a group selects all of it."""
        self.author_id: int | None = None
        self.copied: tuple[Annotation, ...] = ()
        self.next_undo: Entry | None = None
        self.next_redo: Entry | None = None
        self.n_asked = 0
        """Acts given to the lane so far; right after `do`, the number of that edit."""
        self.n_settled = 0
        """Acts that are committed or have failed: they are done in the order they were given."""
        self._lane: Lane | None = None
        self._reader: Reader | None = None
        self.listing = Listing(self)
        """The pictures that are gone through, and those that are chosen."""

    @property
    def image_ids(self) -> Sequence[int]:
        """The images that next and previous go through, in order."""
        return self.listing.ids

    @property
    def can_write(self) -> bool:
        """Whether the open project can be changed."""
        return self._lane is not None

    @property
    def changeable(self) -> frozenset[int]:
        """Ids of the selected annotations that are not locked."""
        return self.selection.annotations - self.visibility.locked

    def open(self, path: Path, *, read_only: bool = False, anyway: bool = False) -> None:
        """Open a project file in place of the one that is open; raises UserError and leaves that one as it was.

        Raises presence.InUseError when another window has it open, unless it is opened read-only or `anyway`.
        """
        project = Project.open(path, read_only=read_only)
        other = presence.holder(project)
        if other is not None and not (read_only or anyway or project.is_read_only):
            project.close()
            raise presence.InUseError(f"{path.name} is in use.", str(other), other)
        self._leave()
        self.project = project
        self._reader = Reader(path, self)
        self._reader.failed.connect(self.failed)
        if not project.is_read_only:
            self._take_lane(path, anyway)
        self._look_first(project)
        self._tell_all()
        self.show_page(FIRST_PAGE)

    def close(self) -> None:
        """Close what is open, after all its edits are committed."""
        if self.project is not None:
            self._leave()
            self._tell_all()

    def ask(self, key: str, question: Callable[[Project], T], then: Callable[[T], None]) -> None:
        """Ask the project what takes longer than a frame; `then` hears the answer of the newest question by `key`."""
        if self._reader is not None:
            self._reader.ask(key, question, then)

    def do(self, edit: Edit) -> None:
        """Have an edit done on the lane; `changed` and `saved` follow once it is committed."""
        if lane := self._writing():
            self.n_asked += 1
            lane.do(edit, self.image_id)
            self.asked.emit(edit)

    def undo(self) -> None:
        """Take back the last edit, wherever it was made."""
        if lane := self._writing():
            title = self._known(self.next_undo)
            self.n_asked += 1
            lane.undo()
            self.undo_asked.emit(title)

    def redo(self) -> None:
        """Do again what was undone last."""
        if lane := self._writing():
            title = self._known(self.next_redo)
            self.n_asked += 1
            lane.redo()
            self.redo_asked.emit(title)

    def go_to(self, image_id: int) -> None:
        """Look at another image."""
        if image_id != self.image_id:
            self.image_id = image_id
            self.selection = Selection()
            self.image_changed.emit()
            self.selection_changed.emit()

    @property
    def is_on_canvas(self) -> bool:
        """Whether the middle of the window shows the canvas."""
        return self.page == FIRST_PAGE

    def open_image(self, image_id: int) -> None:
        """Look at an image on the canvas, whichever page is shown; the canvas gets the focus."""
        self.go_to(image_id)
        self.page = FIRST_PAGE
        self.page_changed.emit()

    def show_page(self, name: str) -> None:
        """Show another page in the middle of the window, by the name of its file."""
        if name != self.page:
            self.page = name
            self.page_changed.emit()

    def select(self, selection: Selection) -> None:
        """Select annotations and detections on the current image."""
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit()

    def ask_about(self, question: Question | None) -> None:
        """Look at a question of the queue, on the current image, or at none."""
        if question is not self.question:
            self.question = question
            self.question_changed.emit()

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

    def compare_with(self, reference: Reference) -> None:
        """Measure the live IoU against another layer."""
        if reference != self.reference:
            self.reference = reference
            self.reference_changed.emit()

    def use_tool(self, name: str) -> None:
        """Take another canvas tool, by the name of its file."""
        if name != self.tool:
            self.last_drawn_with = self.tool if name == "select" else name
            self.tool = name
            self.tool_changed.emit()

    def hide_shapes(self, hides: bool) -> None:
        """Hide all shapes to see the picture alone, or show them again."""
        if hides != self.hides_shapes:
            self.hides_shapes = hides
            self.hiding_changed.emit()

    def show_with(self, levels: Levels) -> None:
        """Show pictures with this brightness, contrast, gamma and channel."""
        if levels != self.levels:
            self.levels = levels
            self.levels_changed.emit()

    def see(self, visibility: Visibility) -> None:
        """Hide, isolate or lock some shapes, or none; what goes out of sight is selected no more."""
        if visibility != self.visibility:
            self.visibility = visibility
            self.hiding_changed.emit()

    def show_from_score(self, score: float) -> None:
        """Show the suggestions that score at least so much."""
        if score != self.min_score:
            self.min_score = score
            self.score_changed.emit()

    def mark_interrupted(self) -> None:
        """Mark the runs that a worker left running when it died."""
        if self._lane is not None:
            self.act(_mark_interrupted)

    def act(self, act: Act) -> None:
        """Have something else than an edit done on the lane, which nobody will want to undo."""
        if lane := self._writing():
            self.n_asked += 1
            lane.act(act)

    def announce(self, change: Change) -> None:
        """Pass on what a worker process changed."""
        if self.project is None:
            return
        self._settle(self.project, change)
        self.changed.emit(change)
        if change.history:
            history = History(self.project)
            self.next_undo, self.next_redo = history.next_undo(), history.next_redo()
            self.history_changed.emit()

    def _known(self, entry: Entry | None) -> str | None:
        """What an entry of the history is called, as long as no act is under way that puts another before it."""
        return entry.title if entry is not None and self.n_settled == self.n_asked else None

    def _leave(self) -> None:
        if self._lane is not None:
            self._lane.finish()
            self._lane = None
            self.n_settled = self.n_asked
        if self._reader is not None:
            self._reader.finish()
            self._reader.deleteLater()
            self._reader = None
        if self.project is not None:
            self.project.close()
            self.project = None
        self.image_id = self.class_id = self.run_id = self.next_undo = self.next_redo = None
        self.selection = Selection()
        self.visibility = Visibility()

    def _take_lane(self, path: Path, anyway: bool) -> None:
        lane = self._lane = Lane(path, self.person, anyway=anyway)
        lane.claimed.connect(self._on_claimed)
        lane.refused.connect(self._on_refused)
        lane.done.connect(self._on_done)
        lane.failed.connect(self._on_failed)
        lane.start()

    def _look_first(self, project: Project) -> None:
        history = History(project)
        self.next_undo, self.next_redo = history.next_undo(), history.next_redo()
        first_class = next(iter(classes.all_classes(project)), None)
        self.class_id = first_class.id if first_class else None
        self.run_id = next((run.id for run in runs.all_runs(project) if run.kind == "detector"), None)
        self.image_id = listings.first_image_id(project)

    def _tell_all(self) -> None:
        self.listing.reset()
        if self.reference.kind in ("run", "author"):  # they are of the project that was open before
            self.compare_with(Reference())
        for signal in (self.project_opened, self.class_changed, self.run_changed, self.image_changed):
            signal.emit()
        for signal in (self.selection_changed, self.history_changed, self.writable_changed):
            signal.emit()

    def _writing(self) -> Lane | None:
        if self._lane is None and self.project is not None:
            self.failed.emit(UserError(f"{self.project.path.name} is open read-only.", "Save a copy to change it."))
        return self._lane

    def _on_claimed(self, claimed: Claimed) -> None:
        if self.sender() is self._lane:
            self.author_id = claimed.author_id
            if claimed.interrupted:
                self.changed.emit(Change(runs=frozenset(claimed.interrupted)))

    def _on_refused(self, error: Exception) -> None:
        if self.sender() is self._lane:
            self._lane = None
            self.n_settled = self.n_asked
            self.writable_changed.emit()
            self.failed.emit(error)

    def _on_failed(self, error: Exception) -> None:
        if self.sender() is self._lane:
            self.n_settled += 1
        self.failed.emit(error)

    def _on_done(self, done: Done) -> None:
        if self.sender() is not self._lane:  # of a project that was closed meanwhile
            return
        self.n_settled += 1
        self.next_undo, self.next_redo = done.next_undo, done.next_redo
        if done.returned_to is not None and self._has_image(done.returned_to):
            self.go_to(done.returned_to)
        if done.change and self.project is not None:
            self._settle(self.project, done.change)
            self.changed.emit(done.change)
        if done.added and self.image_id in done.change.annotated:
            self._bring_into_sight(done.added)
            self.select(Selection(annotations=frozenset(done.added)))
        self.history_changed.emit()
        self.saved.emit(datetime.now())
        if done.said:
            self.said.emit(done.said)

    def _bring_into_sight(self, added: Sequence[int]) -> None:
        """What was just drawn or pasted is seen, whatever is hidden."""
        self.hide_shapes(False)
        shown = self.visibility.showing(added)
        self.see(shown if self.class_id is None else shown.showing_class(self.class_id))

    def _settle(self, project: Project, change: Change) -> None:
        """Look at something that is still there."""
        if change.classes:
            known = [record.id for record in classes.all_classes(project)]
            if self.class_id not in known:
                self.use_class(known[0] if known else None)
        if change.images and self.image_id is not None and not self._has_image(self.image_id):
            self.image_id = listings.first_image_id(project)
            self.selection = Selection()
            self.image_changed.emit()
            self.selection_changed.emit()

    def _has_image(self, image_id: int) -> bool:
        return self.project is not None and bool(images.listed(self.project, [image_id]))


def _mark_interrupted(project: Project, _: History) -> Outcome:
    with project.atomic():
        runs.mark_interrupted(project)
    return Outcome()
