"""Project: the one open project file. Ask with parametrised SQL, change inside `atomic()`, announce what changed.

A Project belongs to the thread that opened it; every other thread and process opens its own. Settings of the connection
follow from measurements: journal_mode=DELETE with synchronous=EXTRA lost no acknowledged transaction in simulated power
loss, and a file copied at any moment is whole.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

from sqlite_utils import Database

from engine.errors import UserError
from engine.project import definitions, opening, snapshots
from engine.project.explaining import explained

Row: TypeAlias = tuple[Any, ...]
Listener: TypeAlias = Callable[["Change"], None]


@dataclass(frozen=True, slots=True)
class Change:
    """What became different, by the ids a view has to ask for again."""

    images: frozenset[int] = frozenset()
    """Images added, removed or with other columns."""
    annotated: frozenset[int] = frozenset()
    """Ids of images whose annotations differ."""
    detected: frozenset[int] = frozenset()
    """Ids of images whose detections differ."""
    runs: frozenset[int] = frozenset()
    classes: frozenset[int] = frozenset()
    identities: frozenset[int] = frozenset()
    templates: frozenset[int] = frozenset()
    """Templates added, removed, or with another state, another person, other vectors or pairs."""
    gallery: bool = False
    """The gallery's settings or its embedders."""
    history: bool = False

    def __or__(self, other: Change) -> Change:
        """Both changes at once."""
        return Change(**{field.name: getattr(self, field.name) | getattr(other, field.name) for field in fields(self)})

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return any(getattr(self, field.name) for field in fields(self))


class Project:
    """One open project file, of one thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, is_read_only: bool) -> None:
        """Wrap a connection that `opening` made; use `create` or `open`."""
        self.path = path
        self.is_read_only = is_read_only
        self._connection = connection
        self._db = Database(connection, execute_plugins=False)
        self._listeners: list[Listener] = []
        self._pending = Change()

    @classmethod
    def create(cls, path: Path, *, patience_ms: int = opening.PATIENCE_MS) -> Project:
        """Make a new, empty project file; raises UserError when a file is already there."""
        connection = opening.create(path, patience_ms=patience_ms)
        return cls(path, connection, is_read_only=False)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, patience_ms: int = opening.PATIENCE_MS) -> Project:
        """Open a project file, migrating an older one after a backup; a file that cannot be written opens read-only.

        Raises UserError when there is no such file, it is no project, it is damaged, or a newer program wrote it. What
        can be read of a damaged one may still be read with `read_only`.
        """
        connection, is_read_only = opening.connect(path, read_only=read_only, patience_ms=patience_ms)
        return cls(path, connection, is_read_only=is_read_only)

    def save_copy(self, path: Path, tell: snapshots.Tell | None = None) -> None:
        """Write the project as it is now to another file, in place of what is there; this one stays the open one.

        Raises UserError and leaves nothing half done; see `saving` for the questions to ask before.
        """
        snapshots.take(self._connection, path, tell)

    def close(self) -> None:
        """Close the file; the project is not usable afterwards."""
        self._connection.close()

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of one SELECT."""
        with explained(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row of one SELECT, or None."""
        with explained(self.path):
            found: Row | None = self._connection.execute(sql, parameters).fetchone()
            return found

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        found = self.row(sql, parameters)
        return None if found is None else found[0]

    def ids(self, sql: str, parameters: Sequence[Any] = ()) -> list[int]:
        """The column `id` of one SELECT, in its order: for lists of 100,000, several times faster than rows."""
        found: list[int] = json.loads(self.value(f"SELECT json_group_array(id) FROM ({sql})", parameters))
        return found

    def each(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """The rows of one SELECT, one by one: for large values that must not be in memory together."""
        with explained(self.path):
            yield from self._connection.execute(sql, parameters)

    def definition_faults(self) -> dict[str, str]:
        """Tables, indexes and triggers that are not as this program defines them, and in which way."""
        with explained(self.path):
            return definitions.faults(self._connection)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one changing statement, inside `atomic()`; returns the last inserted row's id."""
        with explained(self.path):
            return int(self._changing().execute(sql, parameters).lastrowid or 0)

    def execute_many(self, sql: str, parameters: Iterable[Sequence[Any]]) -> None:
        """Run one changing statement for many rows, inside `atomic()`."""
        with explained(self.path):
            self._changing().executemany(sql, parameters)

    def _changing(self) -> sqlite3.Connection:
        if not self._connection.in_transaction:
            raise RuntimeError("a project is changed inside atomic() only")
        return self._connection

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All or nothing: commits at the end of the outermost block and then announces; nested blocks are savepoints.

        The write lock is taken at once (BEGIN IMMEDIATE), so that a transaction never fails half way for a lock.
        """
        if self.is_read_only:
            raise UserError(f"{self.path} is read-only.", "Save a copy to change it.")
        with self._savepoint() if self._connection.in_transaction else self._transaction():
            yield

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        before = self._pending
        try:
            with self._db.atomic():
                yield
        except BaseException:
            self._pending = before
            raise

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._now("BEGIN IMMEDIATE")
        try:
            yield
            self._now("COMMIT")
        except BaseException:
            self._pending = Change()
            if self._connection.in_transaction:  # a full disk may have ended it already
                self._now("ROLLBACK")
            raise
        self._announce()

    def _now(self, sql: str) -> None:
        with explained(self.path):
            self._connection.execute(sql)

    def shrink(self) -> None:
        """Give the space of what was removed back to the disk; files that were made without this keep theirs."""
        if not self.is_read_only:
            with explained(self.path):
                # A step frees one page and has no columns: execute() would end after the first, a script does not.
                self._connection.executescript("PRAGMA incremental_vacuum")

    def rewrite_file(self) -> None:
        """Write the whole file anew: nothing of what was removed is left in it, nor space for it.

        Raises UserError where SQLite does not overwrite what is removed, or the disk has no room for a second copy.
        """
        self.refuse_careless()
        with explained(self.path):
            self._connection.execute("PRAGMA temp_store = FILE")  # a copy of the file in memory may be too much
            try:
                self._connection.execute("VACUUM")
            finally:
                self._connection.execute("PRAGMA temp_store = MEMORY")

    def refuse_careless(self) -> None:
        """Raise UserError where SQLite leaves the bytes of removed rows where they were."""
        if self.value("PRAGMA secure_delete") != 1:
            raise UserError(
                f"SQLite {sqlite3.sqlite_version} does not overwrite what is removed from {self.path}.",
                "Use Boxwright with another build of SQLite.",
            )

    def note(self, change: Change) -> None:
        """Remember what the running transaction changes; listeners hear of it after the commit."""
        self._pending = self._pending | change

    def on_change(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every committed Change of this Project; returns a function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _announce(self) -> None:
        change, self._pending = self._pending, Change()
        if change:
            for listener in tuple(self._listeners):
                listener(change)
