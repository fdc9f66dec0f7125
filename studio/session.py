"""Session: what is open, looked at and changed, as signals. Panels and canvas listen here and ask the project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Signal

from engine.errors import UserError
from engine.project import authors, listings, presence, runs
from engine.project.edits import Edit
from engine.project.history import Entry, History
from engine.project.records import Annotation
from engine.project.store import Change, Project
from studio.known import Aftermath, Known, aftermath
from studio.lane import Act, Claimed, Done, Lane, Outcome
from studio.listing import Listing
from studio.reader import Reader
from studio.reference import Reference
from studio.view_state import FIRST_PAGE, Selection, ViewState
from studio.visibility import Visibility

T = TypeVar("T")


class Session(ViewState):
    """The open project, what is looked at of it, and its edits; every change of them is a signal."""

    project_opened = Signal()
    """Another project is open, or none (`project` is None)."""
    changed = Signal(object)
    """Change: something in the project became different, here or in a worker."""
    history_changed = Signal()
    writable_changed = Signal()
    """The project can be changed now, or not any more."""
    author_changed = Signal()
    """Edits are made in another name: `author_id` is another."""
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
    expected = Signal(int)
    """Image id: it may well be looked at next, so what is on it can be read ahead."""
    said = Signal(str)
    """A short remark for the status bar."""

    def __init__(self, person: str | None = None) -> None:
        """Start with nothing open; edits are made in this person's name."""
        super().__init__()
        self.person = person or authors.current_name()
        self.project: Project | None = None
        self.known = Known()
        """The classes of the project, without asking the file: it may be in the midst of a commit."""
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
        self._announced = Change()
        """What workers changed and is not passed on yet, since something is asked about it first."""
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

    def expect(self, image_id: int) -> None:
        """Say which picture is likely to be looked at next."""
        self.expected.emit(image_id)

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

    def sign_as(self, person: str) -> None:
        """Make edits in another person's name from now on; what was made before keeps the name it has."""
        if person != self.person:
            self.person = person
            if self._lane is not None:
                self.n_asked += 1
                self._lane.sign_as(person)

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
        if change.classes or change.history or self.image_id in change.images:
            self._announced |= change
            whole = self._announced
            self.ask("announced", lambda project: (whole, *_news(project, whole)), self._take_announced)
        else:
            self.changed.emit(change)

    def _take_announced(self, news: tuple[Change, Aftermath, Entry | None, Entry | None]) -> None:
        change, left, next_undo, next_redo = news
        self._announced = Change()
        self._settle(left)
        self.changed.emit(change)
        if change.history:
            self.next_undo, self.next_redo = next_undo, next_redo
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
        self.known, self._announced = Known(), Change()
        self.image_id = self.class_id = self.run_id = self.next_undo = self.next_redo = None
        self._embedder_run_id = None
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
        self.known = Known.of(project)
        self.class_id = next(iter(self.known.classes), None)
        begun = (run.id for run in runs.all_runs(project) if run.kind == "detector" and run.state != "queued")
        self.run_id = next(begun, None)
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
            self.author_changed.emit()
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
        if done.returned_to is not None:
            self.go_to(done.returned_to)
        if done.change:
            self._settle(done.aftermath)
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

    def _settle(self, left: Aftermath) -> None:
        """Look at something that is still there."""
        if left.known is not None:
            self.known = left.known
            if self.class_id not in self.known.classes:
                self.use_class(next(iter(self.known.classes), None))
        if self.image_id in left.gone:
            self.image_id = left.first_image_id
            self.selection = Selection()
            self.image_changed.emit()
            self.selection_changed.emit()


def _news(project: Project, change: Change) -> tuple[Aftermath, Entry | None, Entry | None]:
    """What is left after a change, and what can be undone and done again then."""
    history = History(project)
    return aftermath(project, change), history.next_undo(), history.next_redo()


def _mark_interrupted(project: Project, _: History) -> Outcome:
    with project.atomic():
        runs.mark_interrupted(project)
    return Outcome()
