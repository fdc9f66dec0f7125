"""Undo and redo without limit: two stacks of inverses, kept in the file across image switches and restarts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.project import contents
from engine.project.edits import Edit
from engine.project.explaining import ConflictError
from engine.project.inverses import decoded, encoded
from engine.project.moments import now
from engine.project.restoring import Restore
from engine.project.store import Change, Project

Stack: TypeAlias = Literal["undo", "redo"]


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
        self.author_id = author_id
        """In whose name edits are done from now on."""

    def do(self, edit: Edit, image_id: int | None = None) -> Restore:
        """Do an edit and make it the next to undo; what could be redone is dropped. Committed when this returns.

        Returns the inverse, which is what undo would apply; an edit that changed nothing is not remembered. Raises
        UserError, with nothing changed, where the edit cannot be done.
        """
        with self._project.atomic():
            inverse = edit.apply(self._project)
            if not inverse.is_empty:
                self._drop("redo")
                self._push("undo", Entry(edit.title, image_id), inverse)
        return inverse

    def undo(self) -> Entry | None:
        """Take back the last edit; returns what it was, or None when there is nothing to undo.

        Raises ConflictError when it cannot be taken back any more, since what it changed has gone or other changes
        stand in its way. That edit is left out of the history then: the next undo takes back the one before it.
        """
        return self._move("undo", "redo")

    def redo(self) -> Entry | None:
        """Do again what was undone last; returns what it was, or None when there is nothing to redo.

        Raises ConflictError as `undo` does.
        """
        return self._move("redo", "undo")

    def next_undo(self) -> Entry | None:
        """What `undo` would take back."""
        return self._next("undo")

    def next_redo(self) -> Entry | None:
        """What `redo` would do again."""
        return self._next("redo")

    def forget(self) -> None:
        """Make everything as it is now final: nothing can be undone or redone, and what only that needed is erased."""
        with self._project.atomic():
            self._drop("undo")
            self._drop("redo")

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
            entry = Entry(title, image_id)
            inverse, refusal = self._restored(packed)
            held = self._held("history_id = ?", (row_id,))
            self._project.execute("DELETE FROM history WHERE id = ?", (row_id,))
            self._project.note(Change(history=True))
            if inverse is not None:
                self._push(target, entry, inverse)
            contents.release(self._project, held)
        if inverse is None:
            verb = "undone" if source == "undo" else "redone"
            raise ConflictError(f"{title!r} can no longer be {verb}. {refusal}", "It was left out of the history.")
        return entry

    def _restored(self, packed: bytes) -> tuple[Restore | None, str]:
        """Apply what is packed, or nothing of it; returns the inverse, or None and why it could not be applied."""
        try:
            with self._project.atomic():
                inverse = decoded(packed).apply(self._project)
        except ConflictError as error:
            return None, error.message
        except (ValueError, sqlite3.IntegrityError) as error:
            return None, f"Its record is damaged: {error}."
        return (None, "What it changed is no longer there.") if inverse.is_empty else (inverse, "")

    def _push(self, stack: Stack, entry: Entry, inverse: Restore) -> None:
        row_id = self._project.execute(
            "INSERT INTO history (stack, title, image_id, edit, author_id, created) VALUES (?, ?, ?, ?, ?, ?)",
            (stack, entry.title, entry.image_id, encoded(inverse), self.author_id, now()),
        )
        self._project.execute_many(
            "INSERT OR IGNORE INTO history_contents (history_id, content_id) VALUES (?, ?)",
            ((row_id, content_id) for content_id in inverse.content_ids(self._project)),
        )
        self._project.note(Change(history=True))

    def _drop(self, stack: Stack) -> None:
        """Drop a stack, and the large values that only it held."""
        held = self._held("history_id IN (SELECT id FROM history WHERE stack = ?)", (stack,))
        self._project.execute("DELETE FROM history WHERE stack = ?", (stack,))
        self._project.note(Change(history=True))
        contents.release(self._project, held)

    def _held(self, condition: str, parameters: Iterable[int | str]) -> list[int]:
        sql = f"SELECT content_id FROM history_contents WHERE {condition}"
        return [content_id for (content_id,) in self._project.rows(sql, tuple(parameters))]
