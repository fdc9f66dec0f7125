"""A file of JSON lines that grows while work goes on, and is continued after a stop: one line for each picture.

The first line says how it was made; a line that was cut off in writing is written again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from engine.cli._output import plain
from engine.errors import UserError


class Lines:
    """An open file of lines, and the pictures that it tells of already."""

    def __init__(self, file: IO[bytes], done: frozenset[str]) -> None:
        self._file = file
        self.done = done

    def write(self, row: Mapping[str, Any]) -> None:
        """Add a line; it is on its way to the disk when this returns."""
        self._file.write(_encoded(row))
        self._file.flush()


@contextmanager
def lines(path: Path, made: Mapping[str, Any], *, is_continued: bool) -> Iterator[Lines]:
    """The file at `path`, new or continued; `made` says how its lines come about.

    Raises UserError when there is a file that is not to be continued, or one whose lines were made otherwise.
    """
    if path.exists() and not is_continued:
        raise UserError(f"{path} is there already.", "Go on with it by --resume, or name another file.")
    known, n_whole = _known(path, made)
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.seek(n_whole)
        file.truncate()
        if not n_whole:
            file.write(_encoded({"made": made}))
        yield Lines(file, known)


def _known(path: Path, made: Mapping[str, Any]) -> tuple[frozenset[str], int]:
    """The pictures that a file tells of, and how many of its bytes are whole lines."""
    value = path.read_bytes() if path.exists() else b""
    n_whole = value.rfind(b"\n") + 1
    try:
        rows = [msgspec.json.decode(line) for line in value[:n_whole].splitlines()]
        if rows and rows[0]["made"] != msgspec.json.decode(_encoded(made)):
            raise UserError(f"The lines in {path} were made otherwise.", "Name another file with --out.")
        return frozenset(str(row["path"]) for row in rows[1:] if "detections" in row), n_whole
    except (msgspec.DecodeError, KeyError, TypeError) as error:
        raise UserError(f"{path} is no file of detections.", "Name another file with --out.") from error


def _encoded(row: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(row, enc_hook=plain) + b"\n"
