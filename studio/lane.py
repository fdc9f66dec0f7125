"""The one thread of the studio that changes the project file: edits go in, what changed comes out.

A commit waits for the disk (10 to 20 ms), so it never happens on the GUI thread. Edits are done in the order they were
given. Signals arrive on the thread of the receiver, after the commit.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.project.edits import Edit
from engine.project.history import Entry, History
from engine.project.store import Change, Project


@dataclass(frozen=True, slots=True)
class Done:
    """What one act on the lane did: committed when you read this."""

    entry: Entry | None
    """What was done, undone or redone; None when there was nothing to undo or redo."""
    change: Change
    added: tuple[int, ...]
    """Ids of the annotations that an edit added."""
    next_undo: Entry | None
    next_redo: Entry | None


Act = Callable[[Project, History], tuple[Entry | None, tuple[int, ...]]]


class Lane(QObject):
    """Does edits on a thread of its own, with a connection of its own."""

    done = Signal(object)
    """Done: committed."""
    failed = Signal(object)
    """The exception that an act ended with; the project is as it was before that act."""

    def __init__(self, path: Path, author_id: int | None = None) -> None:
        """Start the thread on the project file at `path`."""
        super().__init__()
        self._acts: queue.SimpleQueue[Act | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, args=(path, author_id), name="lane", daemon=True)
        self._thread.start()

    def do(self, edit: Edit, image_id: int | None) -> None:
        """Queue an edit."""
        self.act(lambda _, history: (Entry(edit.title, image_id), history.do(edit, image_id).added_annotations))

    def undo(self) -> None:
        """Queue taking back the last edit."""
        self.act(lambda _, history: (history.undo(), ()))

    def redo(self) -> None:
        """Queue doing again what was undone last."""
        self.act(lambda _, history: (history.redo(), ()))

    def act(self, act: Act) -> None:
        """Queue any other short change of the project."""
        self._acts.put(act)

    def finish(self) -> None:
        """Wait until all that was queued is committed, and end the thread."""
        self._acts.put(None)
        self._thread.join()

    def _work(self, path: Path, author_id: int | None) -> None:
        with Project.open(path) as project:
            history = History(project, author_id)
            changes: list[Change] = []
            project.on_change(changes.append)
            while (act := self._acts.get()) is not None:
                try:
                    entry, added = act(project, history)
                    change = Change()
                    for part in changes:
                        change = change | part
                    self.done.emit(Done(entry, change, added, history.next_undo(), history.next_redo()))
                except Exception as error:  # a broken edit must not end the lane
                    self.failed.emit(error)
                changes.clear()
