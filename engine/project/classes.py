"""Classes: what kinds of things there are. Their ids never drift and are never reused."""

from __future__ import annotations

import colorsys
import json
from dataclasses import dataclass

from engine.errors import UserError
from engine.project.explaining import ConflictError, readable
from engine.project.records import ClassRecord
from engine.project.store import Change, Project, Row

COLUMNS = "id, name, colour, position, parent_id, keypoint_names, skeleton"


def all_classes(project: Project) -> list[ClassRecord]:
    """Every class, in the order of lists and digit keys."""
    return [_record(row) for row in project.rows(f"SELECT {COLUMNS} FROM classes ORDER BY position, id")]


def by_id(project: Project) -> dict[int, ClassRecord]:
    """Every class by its id, in the order of lists."""
    return {record.id: record for record in all_classes(project)}


def find(project: Project, name: str) -> ClassRecord | None:
    """The class called `name`, or None."""
    row = project.row(f"SELECT {COLUMNS} FROM classes WHERE name = ?", (name,))
    return None if row is None else _record(row)


def with_descendants(project: Project, class_id: int) -> frozenset[int]:
    """The ids of a class and of all that lie under it."""
    sql = (
        "WITH RECURSIVE below (id) AS (VALUES (?) UNION "
        "SELECT classes.id FROM classes JOIN below ON parent_id = below.id) "
        "SELECT id FROM below"
    )
    return frozenset(id_ for (id_,) in project.rows(sql, (class_id,)))


def counts(project: Project) -> dict[int, int]:
    """How many annotations each class has, by class id; classes without any are 0."""
    sql = (
        "SELECT c.id, (SELECT COUNT(*) FROM annotations a WHERE a.class_id = c.id) FROM classes c ORDER BY position, id"
    )
    return dict(project.rows(sql))


@dataclass(frozen=True, slots=True)
class Concerned:
    """How much is of a class, without those under it."""

    n_annotations: int
    n_images: int
    """On how many pictures those are."""
    n_suggestions: int
    """Detections that nobody has decided."""


def concerned(project: Project, class_id: int) -> Concerned:
    """How much an edit of a whole class would touch."""
    n_annotations, n_images = project.rows(
        "SELECT COUNT(*), COUNT(DISTINCT image_id) FROM annotations WHERE class_id = ?", (class_id,)
    )[0]
    sql = "SELECT COUNT(*) FROM detections WHERE class_id = ? AND state = 'suggested'"
    return Concerned(n_annotations, n_images, int(project.value(sql, (class_id,))))


def add(
    project: Project,
    name: str,
    *,
    colour: str | None = None,
    keypoint_names: tuple[str, ...] = (),
    skeleton: tuple[tuple[int, int], ...] = (),
) -> int:
    """Add a class inside `atomic()`; returns its id. Raises UserError for an empty name or one that is taken."""
    name = _free_name(project, name)
    n_ever = int(project.value("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'classes'), 0)"))
    class_id = project.execute(
        "INSERT INTO classes (name, colour, position, keypoint_names, skeleton) "
        "VALUES (?, ?, (SELECT COALESCE(MAX(position) + 1, 0) FROM classes), ?, ?)",
        (name, colour or distinct_colour(n_ever), json.dumps(keypoint_names), json.dumps(skeleton)),
    )
    project.note(Change(classes=frozenset({class_id})))
    return class_id


def set_look(project: Project, class_id: int, name: str, colour: str) -> None:
    """Rename and recolour a class inside `atomic()`; raises UserError as `add` does, and when the class is gone."""
    if project.value("SELECT 1 FROM classes WHERE id = ?", (class_id,)) is None:
        raise ConflictError("The class is no longer there.")
    name = _free_name(project, name, class_id)
    project.execute("UPDATE classes SET name = ?, colour = ? WHERE id = ?", (name, colour, class_id))
    project.note(Change(classes=frozenset({class_id})))


def _free_name(project: Project, name: str, class_id: int | None = None) -> str:
    """The name without blanks around it; raises UserError when it is empty or another class has it."""
    name = name.strip()
    if not name:
        raise UserError("A class needs a name.")
    found = find(project, name)
    if found is not None and found.id != class_id:
        raise ConflictError(f"There is already a class called {name!r}.")
    return name


def distinct_colour(n: int) -> str:
    """The n-th of an endless series of hues far apart (golden ratio), '#rrggbb', readable on dark and light."""
    hue = (0.56 + n * 0.61803398875) % 1.0
    red, green, blue = colorsys.hls_to_rgb(hue, 0.55 if n % 2 == 0 else 0.45, 0.75)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _record(row: Row) -> ClassRecord:
    class_id, name, colour, position, parent_id, keypoint_names, skeleton = row
    with readable(f"Class {name}"):
        edges = tuple((int(a), int(b)) for a, b in json.loads(skeleton))
        return ClassRecord(class_id, name, colour, position, parent_id, tuple(json.loads(keypoint_names)), edges)
