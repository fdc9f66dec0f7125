"""Large values (pictures, checkpoints, crops, traces) in hashed chunks, each value stored once by its SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.errors import UserError
from engine.project.store import Project

CHUNK_BYTES = 1 << 20


def put(project: Project, value: bytes) -> int:
    """Store a value inside `atomic()`, or find it where it is already stored; returns its content id."""
    sha256 = hashlib.sha256(value).hexdigest()
    known = project.value("SELECT id FROM contents WHERE sha256 = ?", (sha256,))
    if known is not None:
        return int(known)
    content_id = project.execute("INSERT INTO contents (sha256, size) VALUES (?, ?)", (sha256, len(value)))
    project.execute_many(
        "INSERT INTO chunks (content_id, position, sha256, bytes) VALUES (?, ?, ?, ?)",
        (
            (content_id, position, hashlib.sha256(chunk).hexdigest(), chunk)
            for position, chunk in enumerate(_chunks(value))
        ),
    )
    return content_id


def put_file(project: Project, path: Path, sha256: str) -> int:
    """Store a file's bytes inside `atomic()` as `put` does, a chunk in memory at a time.

    Raises UserError when they are not, or no longer, those of this SHA-256.
    """
    known = project.value("SELECT id FROM contents WHERE sha256 = ?", (sha256,))
    if known is not None:
        return int(known)
    content_id = project.execute("INSERT INTO contents (sha256, size) VALUES (?, ?)", (sha256, path.stat().st_size))
    whole = hashlib.sha256()
    for position, chunk in enumerate(_chunks_of(path)):
        whole.update(chunk)
        row = (content_id, position, hashlib.sha256(chunk).hexdigest(), chunk)
        project.execute("INSERT INTO chunks (content_id, position, sha256, bytes) VALUES (?, ?, ?, ?)", row)
    if whole.hexdigest() != sha256:
        raise UserError(f"{path.name} was changed while it was read.", "Import it again.")
    return content_id


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    whole = hashlib.sha256()
    for chunk in _chunks_of(path):
        whole.update(chunk)
    return whole.hexdigest()


def write_to(project: Project, content_id: int, path: Path) -> None:
    """Write a stored value into a file, a chunk in memory at a time; raises UserError as `get` does."""
    sha256 = project.value("SELECT sha256 FROM contents WHERE id = ?", (content_id,))
    n_chunks = int(project.value("SELECT COUNT(*) FROM chunks WHERE content_id = ?", (content_id,)))
    whole = hashlib.sha256()
    with path.open("wb") as file:
        for position in range(n_chunks):
            chunk = project.value(
                "SELECT bytes FROM chunks WHERE content_id = ? AND position = ?", (content_id, position)
            )
            whole.update(chunk if isinstance(chunk, bytes) else b"")
            file.write(chunk if isinstance(chunk, bytes) else b"")
    if whole.hexdigest() != sha256:
        raise _damaged(project, content_id)


def get(project: Project, content_id: int) -> bytes:
    """A stored value, verified against its SHA-256; raises UserError when it is missing or damaged."""
    sha256 = project.value("SELECT sha256 FROM contents WHERE id = ?", (content_id,))
    sql = "SELECT bytes FROM chunks WHERE content_id = ? ORDER BY position"
    chunks = [chunk for (chunk,) in project.rows(sql, (content_id,))]
    value = b"".join(chunks) if all(isinstance(chunk, bytes) for chunk in chunks) else b""
    if hashlib.sha256(value).hexdigest() != sha256:
        raise _damaged(project, content_id)
    return value


def release(project: Project, content_ids: Iterable[int] | None = None) -> int:
    """Drop, inside `atomic()`, those of these values (None: of all) that no row refers to; returns how many.

    Values are put before the rows that will refer to them (an import stages its pictures so), hence only who put a
    value, or took its last row away, may release it. Releasing all is for a file that nobody else has open.
    """
    unheld = " AND ".join(
        f'NOT EXISTS (SELECT 1 FROM "{table}" WHERE "{table}"."{column}" = contents.id)'
        for table, column in project.rows(
            'SELECT m.name, f."from" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f '
            "WHERE m.type = 'table' AND f.\"table\" = 'contents' AND m.name <> 'chunks'"
        )
    )
    asked = "1" if content_ids is None else "id IN (SELECT value FROM json_each(?))"
    parameters = () if content_ids is None else (json.dumps(list(content_ids)),)
    loose = project.rows(f"SELECT id FROM contents WHERE {asked} AND {unheld}", parameters)
    project.execute_many("DELETE FROM contents WHERE id = ?", loose)
    return len(loose)


def _chunks(value: bytes) -> Iterator[bytes]:
    return (value[start : start + CHUNK_BYTES] for start in range(0, len(value), CHUNK_BYTES))


def _chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def _damaged(project: Project, content_id: int) -> UserError:
    return UserError(
        f"{project.path} is damaged: the bytes of content {content_id} are not what was stored.",
        "Run: boxwright check",
    )
