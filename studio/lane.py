"""The one thread of the studio that changes the project file: edits go in, what changed comes out.

A commit waits for the disk (10 to 20 ms), so it never happens on the GUI thread. Edits are done in the order they were
given. Signals arrive on the thread of the receiver, after the commit. The lane also holds the file for this window.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.project import authors, images, presence
from engine.project.copy_edits import CopyAnnotations
from engine.project.edits import AddAnnotations, Edit
from engine.project.history import Entry, History
from engine.project.store import Change, Project
from studio.known import Aftermath, aftermath


@dataclass(frozen=True, slots=True)
class Claimed:
    """The file is held for this window and edits can be done."""

    author_id: int
    interrupted: tuple[int, ...]
    """Ids of the runs that had ended with their program."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one act on the lane did: committed when you read this."""

    change: Change
    next_undo: Entry | None
    next_redo: Entry | None
    added: tuple[int, ...] = ()
    """Ids of the annotations that were drawn or pasted."""
    returned_to: int | None = None
    """The image whose edit was taken back or done again, where it is still there."""
    said: str = ""
    """A remark for the status bar."""
    aftermath: Aftermath = field(default_factory=Aftermath)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an act says of itself."""

    added: tuple[int, ...] = ()
    returned_to: int | None = None
    said: str = ""


Act = Callable[[Project, History], Outcome]


class Lane(QObject):
    """Does edits on a thread of its own, with a connection of its own."""

    claimed = Signal(object)
    """Claimed."""
    refused = Signal(object)
    """The exception for which the file cannot be changed here; nothing will be done."""
    done = Signal(object)
    """Done: committed."""
    failed = Signal(object)
    """The exception that an act ended with; the project is as it was before that act."""

    def __init__(self, path: Path, person: str, *, anyway: bool = False) -> None:
        """On the project file at `path`, in a person's name; `anyway`: though it is held elsewhere."""
        super().__init__()
        self._acts: queue.SimpleQueue[Act | None] = queue.SimpleQueue()
        self._path = path
        self._person = person
        self._anyway = anyway
        self._thread = threading.Thread(target=self._work, name="lane", daemon=True)

    def start(self) -> None:
        """Start the thread, once its signals are connected: the first of them may come at once."""
        self._thread.start()

    def do(self, edit: Edit, image_id: int | None) -> None:
        """Queue an edit."""
        self.act(lambda _, history: _edited(history, edit, image_id))

    def undo(self) -> None:
        """Queue taking back the last edit."""
        self.act(lambda project, history: _returned(project, history.undo()))

    def redo(self) -> None:
        """Queue doing again what was undone last."""
        self.act(lambda project, history: _returned(project, history.redo()))

    def sign_as(self, person: str) -> None:
        """Queue that what follows is done in another person's name; `claimed` tells of it once it holds."""

        def sign(project: Project, history: History) -> Outcome:
            with project.atomic():
                history.author_id = authors.by_name(project, person)
            self.claimed.emit(Claimed(history.author_id, ()))
            return Outcome()

        self.act(sign)

    def act(self, act: Act) -> None:
        """Queue any other short change of the project."""
        self._acts.put(act)

    def finish(self) -> None:
        """Wait until all that was queued is committed, and end the thread."""
        self._acts.put(None)
        self._thread.join()

    def _work(self) -> None:
        try:
            with Project.open(self._path) as project, presence.claim(project, anyway=self._anyway) as claim:
                with project.atomic():
                    author_id = authors.by_name(project, self._person)
                self.claimed.emit(Claimed(author_id, claim.interrupted))
                self._do_all(project, History(project, author_id))
        except Exception as error:
            self.refused.emit(error)

    def _do_all(self, project: Project, history: History) -> None:
        changes: list[Change] = []
        project.on_change(changes.append)
        while (act := self._acts.get()) is not None:
            try:
                outcome = act(project, history)
                next_undo, next_redo = history.next_undo(), history.next_redo()
                change = reduce(or_, changes, Change())
                left = aftermath(project, change)
                self.done.emit(
                    Done(change, next_undo, next_redo, outcome.added, outcome.returned_to, outcome.said, left)
                )
            except Exception as error:  # a broken edit must not end the lane
                self.failed.emit(error)
            changes.clear()


def _edited(history: History, edit: Edit, image_id: int | None) -> Outcome:
    inverse = history.do(edit, image_id)
    if isinstance(edit, CopyAnnotations):
        added = inverse.added_annotations
        return Outcome(added if len(edit.image_ids) == 1 else (), said=_copied(len(added), len(edit.image_ids)))
    return Outcome(added=inverse.added_annotations if isinstance(edit, AddAnnotations) else ())


def _copied(n: int, n_images: int) -> str:
    """What came of copying, for it puts nothing where it lies already."""
    where = "" if n_images == 1 else f" on {n_images:,} images"
    return f"{'1 copy' if n == 1 else f'{n:,} copies'} made{where}." if n else "All of it is there already."


def _returned(project: Project, entry: Entry | None) -> Outcome:
    image_id = entry.image_id if entry else None
    is_there = image_id is not None and bool(images.existing(project, (image_id,)))
    return Outcome(returned_to=image_id if is_there else None)
