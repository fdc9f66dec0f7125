"""What the rows of a project file are called when a person is told of them. A damaged name has a stand-in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from engine.project.store import Project

_HOLDERS = {
    "images": ("SELECT name FROM images WHERE content_id = ?", "Image {}"),
    "checkpoints": (
        "SELECT k.kind, k.run_id, k.step FROM checkpoints k WHERE k.content_id = ?",
        "Checkpoint {!r} of run {}, step {}",
    ),
    "run_images": (
        "SELECT image_id, run_id FROM run_images WHERE truth_content_id = ?",
        "Truth of image {} for run {}",
    ),
    "templates": (
        "SELECT t.id, COALESCE(i.name, 'nobody') FROM templates t LEFT JOIN identities i ON i.id = t.identity_id "
        "WHERE t.crop_content_id = ?",
        "Template {} of {}",
    ),
    "traces": (
        "SELECT t.id, i.name FROM traces t LEFT JOIN images i ON i.id = t.image_id WHERE t.content_id = ?",
        "Trace {} of image {}",
    ),
    "history": (
        "SELECT h.title FROM history h JOIN history_contents c ON c.history_id = h.id WHERE c.content_id = ?",
        "What undoing {!r} needs",
    ),
}
"""What may hold a large value: how to find its holder, and what that is called."""

_NOUNS = {
    "annotations": "Annotation",
    "checkpoints": "Checkpoint",
    "conflicts": "Conflict",
    "detections": "Detection",
    "pairs": "Pair",
    "recipes": "Recipe",
    "runs": "Run",
    "templates": "Template",
    "traces": "Trace",
}


def image(project: Project, image_id: int) -> str:
    """'Image NAME'."""
    name = _safely(lambda: project.value("SELECT name FROM images WHERE id = ?", (image_id,)))
    return f"Image {image_id if name is None else name}"


def row(project: Project, table: str, rowid: int | None, image_id: int | None = None) -> str:
    """A row of any table: 'Annotation 7 on image NAME', 'Class NAME', 'Row 3 of origins'."""
    if table == "images" and rowid is not None:
        return image(project, rowid)
    if table == "classes":
        name = _safely(lambda: project.value("SELECT name FROM classes WHERE id = ?", (rowid,)))
        return f"Class {rowid if name is None else name}"
    if table == "identities":
        name = _safely(lambda: project.value("SELECT name FROM identities WHERE id = ?", (rowid,)))
        return f"Person {rowid if name is None else name}"
    if table not in _NOUNS:
        return f"A row of {table}" if rowid is None else f"Row {rowid} of {table}"
    if image_id is None and table in ("annotations", "conflicts", "detections"):
        image_id = _safely(lambda: project.value(f"SELECT image_id FROM {table} WHERE id = ?", (rowid,)))
    where = "" if image_id is None else f" on {_lowered(image(project, image_id))}"
    return f"{_NOUNS[table]} {rowid}{where}"


def content(project: Project, content_id: int) -> str:
    """A large value, by what holds it."""
    for sql, words in _HOLDERS.values():
        found = _safely(partial(project.row, sql, (content_id,)))
        if found is not None:
            return words.format(*found)
    return f"Content {content_id}, which nothing refers to"


def _lowered(words: str) -> str:
    return words[0].lower() + words[1:]


def _safely(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Exception:  # as in `checking`
        return None
