"""Undo and redo without a person: their rows, and what referred to them, leave every step; an empty step goes.

What other people's edits were is kept: naming five faces, two of them the person's, can still be undone for three.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.project import contents
from engine.project.inverses import encoded
from engine.project.restoring import Restore, Rows
from engine.project.store import Change, Project, Row
from engine.project.traces_of_person import Traces, named, step_of


@dataclass(frozen=True, slots=True)
class Gone:
    """What leaves the history."""

    identity_ids: frozenset[int]
    """The person, and who they were before people were made one."""
    template_ids: frozenset[int]
    pair_ids: frozenset[int]
    image_ids: frozenset[int]
    """Of images that go with the person."""


def rewrite(project: Project, found: Traces, gone: Gone) -> int:
    """Take what is gone out of the history, inside `atomic()`; returns how many steps were changed or dropped."""
    theirs = found.history_ids | found.damaged_ids
    ids = set(project.ids("SELECT id FROM history")) if gone.image_ids else theirs
    n_changed = sum(_rewrite(project, history_id, gone) for history_id in sorted(ids))
    project.note(Change(history=bool(n_changed)))
    return n_changed


def _rewrite(project: Project, history_id: int, gone: Gone) -> bool:
    """Rewrite one step; returns whether it is another now. One that cannot be read may hold anything, and goes."""
    before = step_of(project, history_id)
    after = None if before is None else Restore(tuple(_without(step, gone) for step in before.steps))
    if before is not None and after == before:
        return False
    held = project.ids("SELECT content_id AS id FROM history_contents WHERE history_id = ?", (history_id,))
    if after is None or after.is_empty:
        project.execute("DELETE FROM history WHERE id = ?", (history_id,))
    else:
        project.execute("UPDATE history SET edit = ? WHERE id = ?", (encoded(after), history_id))
        needed = after.content_ids(project)
        project.execute_many(
            "DELETE FROM history_contents WHERE history_id = ? AND content_id = ?",
            ((history_id, content_id) for content_id in held if content_id not in needed),
        )
    contents.release(project, held)
    return True


def _without(step: Rows, gone: Gone) -> Rows:
    """A step as it is without what is gone."""
    columns = step.columns
    return Rows(
        step.table,
        columns,
        added=_kept(step, step.added, gone),
        changed=_kept(step, step.changed, gone),
        removed=tuple(key for key in step.removed if not _is_key_gone(step.table, key, gone)),
    )


def _kept(step: Rows, rows: Iterable[Row], gone: Gone) -> tuple[Row, ...]:
    found = (_row(step.table, named(step, row), gone) for row in rows)
    return tuple(tuple(row[name] for name in step.columns) for row in found if row is not None)


def _row(table: str, row: dict[str, Any], gone: Gone) -> dict[str, Any] | None:
    """What becomes of a row: the same, one that names the person no more, or None."""
    if row.get("image_id") in gone.image_ids and table != "templates":
        return None
    if table in ("templates", "annotations") and row.get("identity_id") in gone.identity_ids:
        if table == "annotations":
            return row | {"identity_id": None}
        if row["id"] in gone.template_ids or "state" not in row:
            return None
        return row | {"identity_id": None, "state": "unknown"}
    if table == "pairs" and {row.get("template_a_id"), row.get("template_b_id")} & gone.template_ids:
        return None
    return None if _is_gone(table, row, gone) else row


def _is_gone(table: str, row: dict[str, Any], gone: Gone) -> bool:
    ids = _ids(table, gone)
    return bool(ids) and row.get("template_id" if table == "embeddings" else "id") in ids


def _is_key_gone(table: str, key: Row, gone: Gone) -> bool:
    return key[1 if table == "embeddings" else 0] in _ids(table, gone)


def _ids(table: str, gone: Gone) -> frozenset[int]:
    """The ids of rows that are gone, by table; of embeddings those of their templates."""
    return {
        "identities": gone.identity_ids,
        "templates": gone.template_ids,
        "embeddings": gone.template_ids,
        "pairs": gone.pair_ids,
        "images": gone.image_ids,
        "thumbnails": gone.image_ids,
    }.get(table, frozenset())
