"""The stages of a check: each verifies one side of a project file and blames what is damaged by name.

A stage is a generator of Progress. It may raise anything on a damaged file: what it could not read is blamed as a whole
then, so a stage goes on past damage where a name can be given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from engine.progress import Progress
from engine.project import classes, definitions, naming
from engine.project.byte_inspections import check_pictures, check_thumbnails, check_values
from engine.project.face_inspections import check_faces, check_people, check_vectors
from engine.project.findings import Findings, reason
from engine.project.inverses import decoded
from engine.project.shape_inspections import check_annotations, check_conflicts, check_detections
from engine.project.store import Project

Stage: TypeAlias = Callable[[Project, Findings], Iterator[Progress]]

COLOUR = re.compile(r"#[0-9a-f]{6}")


def check_structure(project: Project, found: Findings) -> Iterator[Progress]:
    """Pages, records, indexes and the types of values, by SQLite itself."""
    found.checked["pages"] = n_pages = int(project.value("PRAGMA page_count"))
    if project.path.stat().st_size < n_pages * int(project.value("PRAGMA page_size")):
        found.blame("The file", "its end is missing")
    yield Progress(0, None, "Checking pages")
    for (verdict,) in project.rows("PRAGMA integrity_check(100)"):
        if verdict != "ok":
            found.blame("The structure of the file", str(verdict))


def check_tables(project: Project, found: Findings) -> Iterator[Progress]:
    """Whether tables and indexes are defined as this program defines them, and nothing was added."""
    for name, how in project.definition_faults().items():
        found.blame(f"The definition of {name}", how)
    found.checked["tables and indexes"] = len(definitions.definitions())
    yield from ()


def check_keys(project: Project, found: Findings) -> Iterator[Progress]:
    """Whether everything that is referred to is there."""
    yield Progress(0, None, "Checking references")
    for table, rowid, parent, _ in project.rows("PRAGMA foreign_key_check"):
        found.blame(naming.row(project, table, rowid), f"refers to a row of {parent} that is not there")


def check_other_records(project: Project, found: Findings) -> Iterator[Progress]:
    """Classes, recipes and checkpoints' cards."""
    for record in classes.all_classes(project):
        found.checked["classes"] += 1
        if not COLOUR.fullmatch(record.colour):
            found.blame(f"Class {record.name}", f"its colour is {record.colour!r}")
    for what, sql in {
        "The recipe of run": "SELECT r.id, c.json FROM runs r JOIN recipes c ON c.id = r.recipe_id ORDER BY r.id",
        "The card of checkpoint": "SELECT id, card FROM checkpoints ORDER BY id",
    }.items():
        for id_, text in project.rows(sql):
            found.checked["recipes and cards"] += 1
            if not _is_json(text):
                found.blame(f"{what} {id_}", "is not what was stored")
    yield from ()


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def check_history(project: Project, found: Findings) -> Iterator[Progress]:
    """Undo and redo: that every step can be read and applied to these tables."""
    for id_, title, stack in project.rows("SELECT id, title, stack FROM history ORDER BY id"):
        found.checked["undo steps"] += 1
        try:
            packed = project.value("SELECT edit FROM history WHERE id = ?", (id_,))
            if packed is not None:
                decoded(packed).verify(project)
        except Exception as error:  # as in `checking`
            verb = "undone" if stack == "undo" else "redone"
            found.blame(f"What can be {verb}: {title}", f"cannot be read: {reason(error)}")
    yield from ()


STAGES: dict[str, Stage] = {
    "the structure of the file": check_structure,
    "the definitions of tables": check_tables,
    "references": check_keys,
    "stored bytes": check_values,
    "images": check_pictures,
    "thumbnails": check_thumbnails,
    "annotations": check_annotations,
    "detections": check_detections,
    "conflicts": check_conflicts,
    "people": check_people,
    "faces": check_faces,
    "vectors and pairs": check_vectors,
    "classes, recipes and cards": check_other_records,
    "undo and redo": check_history,
}
"""Every stage by what it checks, in order."""
