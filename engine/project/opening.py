"""Whether a project file may be opened, and what is done before it is: settings, version, backup, migration, checks."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

from sqlite_utils import Database

from engine.errors import UserError
from engine.project import definitions, schema, snapshots
from engine.project.explaining import explained

APPLICATION_ID = 0x42585752
"""'BXWR' at offset 68 of the file, by which `file` and we know it."""

PAGE_SIZE = 8192
PATIENCE_MS = 15_000
"""How long a question or a change waits for another program's transaction to end."""

_SETTINGS = (
    "PRAGMA synchronous = EXTRA",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -65536",  # KiB; a change of 300,000 rows takes half the time that it takes in 2 MiB
)


def create(path: Path, *, patience_ms: int = PATIENCE_MS) -> sqlite3.Connection:
    """A connection to a new project file at `path`; raises UserError when something is already there."""
    if not path.parent.is_dir():
        raise UserError(f"There is no folder {path.parent}.", "Make it first, or choose another.")
    if path.exists() or path.is_symlink():
        raise UserError(f"{path} already exists.", "Choose another name, or open it.")
    with explained(path):
        connection = _connect(path, "rwc", patience_ms)
        try:
            connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # so that `Project.shrink` can give pages back
            _set_up(connection, is_read_only=False)
            _migrate(connection)
        except BaseException:
            connection.close()
            path.unlink(missing_ok=True)
            raise
    return connection


def connect(path: Path, *, read_only: bool, patience_ms: int = PATIENCE_MS) -> tuple[sqlite3.Connection, bool]:
    """A connection to the project file at `path`, brought to this program's schema; and whether it is read-only."""
    if not path.is_file():
        raise UserError(f"There is no project file {path}.", "Make one with: boxwright new")
    is_read_only = read_only or not _is_writable(path)
    with explained(path):
        connection = _connect(path, "ro" if is_read_only else "rw", patience_ms)
        try:
            version = accepted_version(path, connection)
            _set_up(connection, is_read_only=is_read_only)
            if version < schema.VERSION:
                _bring_up(path, connection, version, is_read_only=is_read_only)
            if not is_read_only:
                _refuse_damaged(path, connection)
        except BaseException:
            connection.close()
            raise
    return connection, is_read_only


def inspect(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing, to a project file in whatever state, as far as SQLite can open it.

    A change that a program was cut off in is rolled back first where the file may be written, as on every opening: the
    file is not whole before. Text that is damaged comes out as far as it can be read. Raises UserError and
    sqlite3.Error.
    """
    if not path.is_file():
        raise UserError(f"There is no project file {path}.", "Make one with: boxwright new")
    connection = _connect(path, "rw" if _is_writable(path) else "ro", PATIENCE_MS)
    try:
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path, mode: str, patience_ms: int) -> sqlite3.Connection:
    uri = path.absolute().as_uri()
    if not uri.startswith("file:///"):
        uri = "file://" + uri.removeprefix("file:")  # a Windows share; SQLite wants its server in the path
    return sqlite3.connect(f"{uri}?mode={mode}", uri=True, isolation_level=None, timeout=patience_ms / 1000)


def _set_up(connection: sqlite3.Connection, *, is_read_only: bool) -> None:
    if not is_read_only:
        connection.execute("PRAGMA journal_mode = DELETE")
    for setting in _SETTINGS:
        connection.execute(setting)


def _is_writable(path: Path) -> bool:
    """Whether the file may be written: a file that nobody may write is left alone, even where we could (as root)."""
    anyone = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    return bool(path.stat().st_mode & anyone) and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def accepted_version(path: Path, connection: sqlite3.Connection) -> int:
    """The schema version of the file; raises UserError for a file that is no project, or a newer program's."""
    application_id = connection.execute("PRAGMA application_id").fetchone()[0]
    if application_id != APPLICATION_ID:
        raise UserError(f"{path} is no Boxwright project.", "Choose a file that ends in .boxwright.")
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > schema.VERSION:
        raise UserError(
            f"{path} was written by a newer Boxwright (file version {version}, this one reads up to {schema.VERSION}).",
            "Update Boxwright to open it.",
        )
    return version


def _refuse_damaged(path: Path, connection: sqlite3.Connection) -> None:
    """Raise UserError for damage that can be seen at once: nothing may be written on top of it."""
    hint = "Go back to a copy of it, or open it read-only to save what can be saved."
    if _is_cut_short(path, connection):
        raise UserError(f"{path} is damaged: its end is missing.", hint)
    for name, how in definitions.faults(connection).items():
        raise UserError(f"{path} is damaged: the definition of {name} {how}.", hint)


def _is_cut_short(path: Path, connection: sqlite3.Connection) -> bool:
    """Whether the file is shorter than it says: SQLite reads the missing part of its last page as zeros."""
    n_pages = connection.execute("PRAGMA page_count").fetchone()[0]
    page_size = connection.execute("PRAGMA page_size").fetchone()[0]
    return bool(path.stat().st_size < n_pages * page_size)


def _bring_up(path: Path, connection: sqlite3.Connection, version: int, *, is_read_only: bool) -> None:
    """Migrate an older file, after a copy of it as it is was put beside it; a failure leaves the file as it was."""
    if is_read_only:
        raise UserError(f"{path} is of an older version and read-only.", "Make it writable to bring it up.")
    backup = snapshots.free_name(path.with_name(f"{path.stem}.version-{version}{path.suffix}"))
    snapshots.take(connection, backup)
    try:
        _migrate(connection)
    except BaseException:
        backup.unlink(missing_ok=True)
        raise


def _migrate(connection: sqlite3.Connection) -> None:
    """Apply what is pending, all or nothing, foreign keys checked at the end."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        schema.MIGRATIONS.apply(Database(connection, execute_plugins=False))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {schema.VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
