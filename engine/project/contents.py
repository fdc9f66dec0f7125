"""Large values (pictures, checkpoints, crops, traces) in hashed chunks, each value stored once by its SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

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


def get(project: Project, content_id: int) -> bytes:
    """A stored value, verified against its SHA-256; raises UserError when it is missing or damaged."""
    sha256 = project.value("SELECT sha256 FROM contents WHERE id = ?", (content_id,))
    sql = "SELECT bytes FROM chunks WHERE content_id = ? ORDER BY position"
    chunks = [chunk for (chunk,) in project.rows(sql, (content_id,))]
    value = b"".join(chunks) if all(isinstance(chunk, bytes) for chunk in chunks) else b""
    if hashlib.sha256(value).hexdigest() != sha256:
        raise UserError(
            f"{project.path} is damaged: the bytes of content {content_id} are not what was stored.",
            "Run: boxwright check",
        )
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
