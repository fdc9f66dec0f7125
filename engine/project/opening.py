"""Whether a project file may be opened, and what is done before it is: settings, version, backup, migration, checks."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from engine.errors import UserError
from engine.project import schema

APPLICATION_ID = 0x42585752
"""'BXWR' at offset 68 of the file, by which `file` and we know it."""

PAGE_SIZE = 8192
BUSY_TIMEOUT_MS = 15_000

_SETTINGS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA synchronous = EXTRA",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",
)


def create(path: Path) -> sqlite3.Connection:
    """A connection to a new project file at `path`; raises UserError when something is already there."""
    if path.exists():
        raise UserError(f"{path} already exists.", "Choose another name, or open it.")
    if not path.parent.is_dir():
        raise UserError(f"There is no folder {path.parent}.", "Make it first, or choose another.")
    with explained(path):
        connection = _connect(path, "rwc")
        try:
            connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            for setting in _SETTINGS:
                connection.execute(setting)
            _migrate(connection)
        except BaseException:
            connection.close()
            path.unlink(missing_ok=True)
            raise
    return connection


def connect(path: Path, *, read_only: bool) -> tuple[sqlite3.Connection, bool]:
    """A connection to the project file at `path`, brought to this program's schema; and whether it is read-only."""
    if not path.is_file():
        raise UserError(f"There is no project file {path}.", "Make one with: boxwright new")
    is_read_only = read_only or not _is_writable(path)
    with explained(path):
        connection = _connect(path, "ro" if is_read_only else "rw")
        try:
            for setting in _SETTINGS:
                if not (is_read_only and "journal_mode" in setting):
                    connection.execute(setting)
            version = _accepted_version(path, connection)
            if version < schema.VERSION:
                if is_read_only:
                    raise UserError(f"{path} is of an older version and read-only.", "Make it writable to bring it up.")
                _back_up(path, connection, version)
                _migrate(connection)
        except BaseException:
            connection.close()
            raise
    return connection, is_read_only


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's words for the world's faults into a UserError that names the file; ours pass unchanged."""
    try:
        yield
    except sqlite3.Error as error:
        words = _EXPLANATIONS.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if words is None:
            raise
        message, hint = words
        raise UserError(message.format(path=path), hint) from error


_EXPLANATIONS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: ("The disk is full: {path} was not changed.", "Free some space and try again."),
    sqlite3.SQLITE_IOERR: ("The disk failed while reading or writing {path}.", "Check the drive, then try again."),
    sqlite3.SQLITE_READONLY: ("{path} is read-only.", "Save a copy to change it."),
    sqlite3.SQLITE_PERM: ("{path} may not be changed by you.", "Ask for permission, or save a copy."),
    sqlite3.SQLITE_BUSY: ("{path} is busy: another program is writing to it.", "Try again in a moment."),
    sqlite3.SQLITE_LOCKED: ("{path} is busy.", "Try again in a moment."),
    sqlite3.SQLITE_CANTOPEN: ("{path} cannot be opened.", "Check that its folder exists and may be written to."),
    sqlite3.SQLITE_NOTADB: ("{path} is no Boxwright project.", "Choose a file that ends in .boxwright."),
    sqlite3.SQLITE_CORRUPT: ("{path} is damaged.", "Run: boxwright check, then go back to a copy of it."),
}


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)


def _is_writable(path: Path) -> bool:
    """Whether the file may be written: a file that nobody may write is left alone, even where we could (as root)."""
    anyone = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
    return bool(path.stat().st_mode & anyone) and os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _accepted_version(path: Path, connection: sqlite3.Connection) -> int:
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


def _back_up(path: Path, connection: sqlite3.Connection, version: int) -> None:
    """Copy the file beside itself as it is, before a migration touches it; an earlier backup is never overwritten."""
    target = path.with_name(f"{path.stem}.before-version-{version + 1}{path.suffix}")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.stem}.before-version-{version + 1}-{number}{path.suffix}")
    copy = sqlite3.connect(target)
    try:
        connection.backup(copy, pages=1024)
    finally:
        copy.close()


def _migrate(connection: sqlite3.Connection) -> None:
    """Apply what is pending, all or nothing, foreign keys checked at the end."""
    db = Database(connection, execute_plugins=False)
    with db.atomic():
        connection.execute("PRAGMA defer_foreign_keys = ON")
        schema.MIGRATIONS.apply(db)
        connection.execute(f"PRAGMA user_version = {schema.VERSION}")
