"""Annotations: questions and writes. Reading one image's annotations is what happens at every step; keep it plain."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from engine.geometry.packing import unpack
from engine.project import acceptance, many, shapes
from engine.project.explaining import readable
from engine.project.moments import now
from engine.project.records import Annotation, Split
from engine.project.store import Change, Project, Row

COLUMNS = (
    "id, image_id, class_id, kind, geometry, keypoints, is_crowd, attributes, "
    "identity_id, group_id, author_id, detection_id, confirmed_run_id, seconds"
)
_WRITTEN = (
    "id", "image_id", "class_id", "kind", "geometry", "keypoints", "is_crowd", "attributes", "identity_id", "group_id",
    "author_id", "detection_id", "confirmed_run_id", "seconds", "x0", "y0", "x1", "y1", "area", "modified",
)  # fmt: skip


def of_image(project: Project, image_id: int) -> list[Annotation]:
    """The annotations of one image in paint order (oldest first, so that the newest lies on top)."""
    return [from_row(row) for row in rows_of_image(project, image_id)]


def rows_of_image(project: Project, image_id: int) -> list[Row]:
    """The rows that `of_image` reads: equal rows are equal annotations, so only what changed need be unpacked."""
    return project.rows(f"SELECT {COLUMNS} FROM annotations WHERE image_id = ? ORDER BY id", (image_id,))


def of_split(project: Project, split: Split | None) -> dict[int, list[Annotation]]:
    """The annotations of every image of a split (None: of no split) by image id; an image may have an empty list."""
    found: dict[int, list[Annotation]] = {
        image_id: [] for (image_id,) in project.rows("SELECT id FROM images WHERE split IS ? ORDER BY id", (split,))
    }
    columns = ", ".join(f"a.{name}" for name in COLUMNS.split(", "))
    sql = f"SELECT {columns} FROM annotations a JOIN images i ON i.id = a.image_id WHERE i.split IS ? ORDER BY a.id"
    for row in project.each(sql, (split,)):
        found[row[1]].append(from_row(row))
    return found


def get(project: Project, ids: Iterable[int]) -> list[Annotation]:
    """The annotations with these ids, by id; ids that are not there are left out."""
    sql = f"SELECT {COLUMNS} FROM annotations WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return [from_row(row) for row in project.rows(sql, (json.dumps(list(ids)),))]


def of_classes(project: Project, class_ids: Iterable[int]) -> list[Annotation]:
    """The annotations of some classes on all images, of whatever split, by id."""
    sql = f"SELECT {COLUMNS} FROM annotations WHERE class_id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return [from_row(row) for row in project.rows(sql, (json.dumps(sorted(class_ids)),))]


def count(project: Project) -> int:
    """How many annotations the project holds."""
    return int(project.value("SELECT COUNT(*) FROM annotations"))


def add(project: Project, annotations: Sequence[Annotation]) -> list[int]:
    """Store new annotations inside `atomic()`; returns their new ids in order. Raises UserError for an empty shape."""
    moment = now()
    last = int(project.value("SELECT seq FROM sqlite_sequence WHERE name = 'annotations'") or 0)
    ids = list(range(last + 1, last + 1 + len(annotations)))  # nobody else adds any before this is committed
    rows = [(id_, *_values(one), moment, moment) for id_, one in zip(ids, annotations, strict=True)]
    many.insert(project, "annotations", (*_WRITTEN, "created"), rows)
    _measure(project, zip(ids, annotations, strict=True))
    project.note(Change(annotated=frozenset(annotation.image_id for annotation in annotations)))
    return ids


def replace(project: Project, annotations: Sequence[Annotation]) -> None:
    """Store other values for annotations that are there, by id, inside `atomic()`."""
    moment = now()
    many.update(project, "annotations", _WRITTEN, [(one.id, *_values(one), moment) for one in annotations])
    _measure(project, ((annotation.id, annotation) for annotation in annotations))
    project.note(Change(annotated=frozenset(annotation.image_id for annotation in annotations)))


def remove(project: Project, ids: Sequence[int]) -> None:
    """Drop annotations by id inside `atomic()`."""
    marks = json.dumps(list(ids))
    touched = project.rows(
        "SELECT DISTINCT image_id FROM annotations WHERE id IN (SELECT value FROM json_each(?))", (marks,)
    )
    project.execute("DELETE FROM annotations WHERE id IN (SELECT value FROM json_each(?))", (marks,))
    project.note(Change(annotated=frozenset(image_id for (image_id,) in touched)))


def from_row(row: Row) -> Annotation:
    """The annotation in a row of COLUMNS; raises UserError when it is damaged."""
    (id_, image_id, class_id, kind, geometry, keypoints, is_crowd, attributes, *rest) = row
    with readable(f"Annotation {id_}"):
        return Annotation(
            id_,
            image_id,
            class_id,
            unpack(kind, geometry),
            shapes.keypoints_of(keypoints),
            bool(is_crowd),
            json.loads(attributes) if attributes != "{}" else {},
            *rest,
        )


def _measure(project: Project, written: Iterable[tuple[int, Annotation]]) -> None:
    made_of_detections = [id_ for id_, annotation in written if annotation.detection_id is not None]
    if made_of_detections:
        acceptance.measure(project, made_of_detections)


def _values(annotation: Annotation) -> tuple[Any, ...]:
    kind, geometry, x0, y0, x1, y1, area = shapes.columns_of(annotation.shape)
    return (
        annotation.image_id,
        annotation.class_id,
        kind,
        geometry,
        shapes.packed_keypoints(annotation.keypoints),
        int(annotation.is_crowd),
        json.dumps(dict(annotation.attributes), ensure_ascii=False, sort_keys=True),
        annotation.identity_id,
        annotation.group_id,
        annotation.author_id,
        annotation.detection_id,
        annotation.confirmed_run_id,
        annotation.seconds,
        *(x0, y0, x1, y1, area),
    )
