"""Undo and redo without limit: two stacks of inverses, kept in the file across image switches and restarts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from engine.project.edits import Edit, Restore
from engine.project.moments import now
from engine.project.store import Change, Project

Stack: TypeAlias = Literal["undo", "redo"]

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Restore)


@dataclass(frozen=True, slots=True)
class Entry:
    """The next step of a stack: what the menu says, and the image it was done on."""

    title: str
    image_id: int | None


class History:
    """Does edits and takes them back, each in one transaction together with its inverse."""

    def __init__(self, project: Project, author_id: int | None = None) -> None:
        """Work on an open project, in the name of an author."""
        self._project = project
        self._author_id = author_id

    def do(self, edit: Edit, image_id: int | None = None) -> Restore:
        """Do an edit and make it the next to undo; what could be redone is dropped. Committed when this returns.

        Returns the inverse, which is what undo would apply.
        """
        with self._project.atomic():
            inverse = edit.apply(self._project)
            self._project.execute("DELETE FROM history WHERE stack = 'redo'")
            self._push("undo", Entry(edit.title, image_id), inverse)
        return inverse

    def undo(self) -> Entry | None:
        """Take back the last edit; returns what it was, or None when there is nothing to undo."""
        return self._move("undo", "redo")

    def redo(self) -> Entry | None:
        """Do again what was undone last; returns what it was, or None when there is nothing to redo."""
        return self._move("redo", "undo")

    def next_undo(self) -> Entry | None:
        """What `undo` would take back."""
        return self._next("undo")

    def next_redo(self) -> Entry | None:
        """What `redo` would do again."""
        return self._next("redo")

    def _next(self, stack: Stack) -> Entry | None:
        sql = "SELECT title, image_id FROM history WHERE stack = ? ORDER BY id DESC LIMIT 1"
        row = self._project.row(sql, (stack,))
        return None if row is None else Entry(*row)

    def _move(self, source: Stack, target: Stack) -> Entry | None:
        sql = "SELECT id, title, image_id, edit FROM history WHERE stack = ? ORDER BY id DESC LIMIT 1"
        with self._project.atomic():
            row = self._project.row(sql, (source,))
            if row is None:
                return None
            row_id, title, image_id, packed = row
            inverse = _DECODER.decode(packed).apply(self._project)
            self._project.execute("DELETE FROM history WHERE id = ?", (row_id,))
            entry = Entry(title, image_id)
            self._push(target, entry, inverse)
            return entry

    def _push(self, stack: Stack, entry: Entry, inverse: Restore) -> None:
        self._project.execute(
            "INSERT INTO history (stack, title, image_id, edit, author_id, created) VALUES (?, ?, ?, ?, ?, ?)",
            (stack, entry.title, entry.image_id, _ENCODER.encode(inverse), self._author_id, now()),
        )
        self._project.note(Change(history=True))
