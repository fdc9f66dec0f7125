"""The proof of an erasure: no byte of the file holds a piece of what was erased, but where something has it by right.

The name of another person may hold the name of the one who was erased, and two crops may be alike: what is found then
is in a row of something that stays, which is named. Anything else that is found means that the erasure failed.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import UserError
from engine.progress import Work
from engine.project import naming
from engine.project.needles import Needles, look
from engine.project.store import Project, Row


@dataclass(frozen=True, slots=True)
class Proven:
    """What came of the proof."""

    n_bytes: int
    """Of the file, each of which was looked at."""
    holders: frozenset[str]
    """What holds some of the needles by right."""


def proven(project: Project, name: str, needles: Needles) -> Work[Proven]:
    """Look at every byte; yields Progress. Raises UserError where anything of a person of that name is left."""
    looked = yield from look(project.path, needles)
    holders = set()
    for needle in sorted(looked.found):
        holder = _holder(project, needle)
        if holder is None:
            raise UserError(
                f"{name} was taken out of {project.path}, but bytes of theirs are still in it.",
                "Save a copy under another name and delete this file.",
            )
        holders.add(holder)
    return Proven(looked.n_bytes, frozenset(holders))


def _holder(project: Project, needle: bytes) -> str | None:
    """What there is by right that holds these bytes; None for nothing."""
    found = project.value("SELECT content_id FROM chunks WHERE instr(bytes, ?) LIMIT 1", (needle,))
    if found is not None:
        return naming.content(project, found)
    for table, column, key in _columns(project):
        sql = f"SELECT {key} FROM {table} WHERE instr(CAST({column} AS BLOB), ?) LIMIT 1"
        if row := project.row(sql, (needle,)):
            return naming.row(project, table, row[0])
    return None


def _columns(project: Project) -> list[Row]:
    """Columns of text and bytes, those of chunks left out: table, column, and by what a row there is called."""
    return project.rows(
        "SELECT m.name, c.name, CASE WHEN EXISTS (SELECT 1 FROM pragma_table_info(m.name) WHERE name = 'id') "
        "THEN 'id' WHEN m.name = 'embeddings' THEN 'template_id' ELSE 'NULL' END "
        "FROM sqlite_master m JOIN pragma_table_info(m.name) c "
        "WHERE m.type = 'table' AND c.type IN ('TEXT', 'BLOB') AND m.name <> 'chunks' ORDER BY m.name"
    )
