"""What SQLite says about the world's faults, in words a user can act on."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import UserError


class ConflictError(UserError):
    """A change that what is in the project now does not allow: what it refers to has gone, or a name is taken."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the world's faults into a UserError that names the file; faults of ours pass unchanged."""
    try:
        yield
    except sqlite3.Error as error:
        found = _user_error(path, error)
        if found is None:
            raise
        raise found from error
    except OverflowError as error:
        raise UserError(f"A number is too large for {path}.", "Whole numbers have at most 63 bits.") from error
    except UnicodeDecodeError as error:  # SQLite names what is malformed, in bytes that are no text any more
        raise _damaged(path) from error
    except UnicodeEncodeError as error:
        text = error.object.encode("utf-8", "backslashreplace").decode()
        raise UserError(f"{text!r} cannot be kept in {path}: it is no valid text.", "Rename it.") from error


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Turn what the damaged bytes or text of a row raise when they are unpacked into a UserError that names the row."""
    try:
        yield
    except (ValueError, TypeError, ArithmeticError, struct.error) as error:
        raise UserError(f"{what} is damaged: {error}.", "Run: boxwright check") from error


def _user_error(path: Path, error: sqlite3.Error) -> UserError | None:
    code = getattr(error, "sqlite_errorcode", 0)
    if code in _CONFLICTS:
        return ConflictError(_CONFLICTS[code].format(path=path))
    if str(error).startswith(_SAID_OF_DAMAGE):
        code = sqlite3.SQLITE_CORRUPT
    words = _PRECISELY.get(code) or _BROADLY.get(code & 0xFF)
    return None if words is None else UserError(words[0].format(path=path), words[1])


_SAID_OF_DAMAGE = ("Could not decode to UTF-8", "no such table", "no such column")
"""How errors of no code of their own begin. Our statements are right, as tests show: it is the tables that are not."""


def _damaged(path: Path) -> UserError:
    words, hint = _BROADLY[sqlite3.SQLITE_CORRUPT]
    return UserError(words.format(path=path), hint)


_CONFLICTS = {
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: "That refers to something that is no longer in {path}, or is still in use.",
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: "There is already one of that name in {path}.",
}

_PRECISELY = {
    sqlite3.SQLITE_READONLY_ROLLBACK: (
        "{path} holds an unfinished change of a program that was cut off, and it is read-only.",
        "Make it writable and open it once.",
    ),
    sqlite3.SQLITE_READONLY_DBMOVED: (
        "{path} was moved or deleted while it was open: nothing more is saved there.",
        "Put it back, or save a copy.",
    ),
}

_BROADLY = {
    sqlite3.SQLITE_FULL: ("The disk is full: {path} was not changed.", "Free some space and try again."),
    sqlite3.SQLITE_IOERR: ("The disk failed while reading or writing {path}.", "Check the drive, then try again."),
    sqlite3.SQLITE_READONLY: ("{path} is read-only.", "Save a copy to change it."),
    sqlite3.SQLITE_PERM: ("{path} may not be changed by you.", "Ask for permission, or save a copy."),
    sqlite3.SQLITE_BUSY: ("{path} is busy: another program is writing to it.", "Try again in a moment."),
    sqlite3.SQLITE_LOCKED: ("{path} is busy.", "Try again in a moment."),
    sqlite3.SQLITE_CANTOPEN: ("{path} cannot be opened.", "Check that its folder exists and may be written to."),
    sqlite3.SQLITE_NOTADB: ("{path} is no Boxwright project.", "Choose a file that ends in .boxwright."),
    sqlite3.SQLITE_CORRUPT: ("{path} is damaged.", "Run: boxwright check, then go back to a copy of it."),
    sqlite3.SQLITE_TOOBIG: ("That is too large to be kept in one piece in {path}.", "At most 1 GB at once."),
    sqlite3.SQLITE_NOMEM: ("There is not enough memory to work on {path}.", "Close other programs and try again."),
}
