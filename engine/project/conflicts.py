"""Conflicts: what another person drew where ours is different, kept until somebody decides between the two.

What another person drew like ours is kept as well, as one that is decided from the start ("ours", IoU 1 or nearly): by
it the agreement of the two can be told later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from engine.geometry.packing import unpack
from engine.geometry.shapes import Keypoints, Shape
from engine.project import shapes
from engine.project.explaining import readable
from engine.project.moments import now
from engine.project.records import AttributeValue
from engine.project.store import Change, Project, Row

ConflictState: TypeAlias = Literal["open", "ours", "theirs", "both"]

COLUMNS = (
    "id, image_id, class_id, annotation_id, author_id, iou, state, is_crowd, attributes, kind, geometry, keypoints"
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Another person's version of one of our annotations. `id` 0: not stored yet."""

    id: int
    image_id: int
    class_id: int
    shape: Shape
    annotation_id: int | None
    """Ours; None once it is deleted."""
    author_id: int | None
    """Whose version it is."""
    iou: float
    """Between the two when they were merged."""
    state: ConflictState = "open"
    keypoints: Keypoints | None = None
    is_crowd: bool = False
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)


def of_image(project: Project, image_id: int, state: ConflictState | None = None) -> list[Conflict]:
    """The conflicts on one image, of one state or of all."""
    sql = f"SELECT {COLUMNS} FROM conflicts WHERE image_id = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY id"
    return [_from_row(row) for row in project.rows(sql, (image_id, state))]


def get(project: Project, ids: Iterable[int]) -> list[Conflict]:
    """The conflicts with these ids, by id; ids that are not there are left out."""
    sql = f"SELECT {COLUMNS} FROM conflicts WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return [_from_row(row) for row in project.rows(sql, (json.dumps(list(ids)),))]


def count_open(project: Project) -> int:
    """How many wait for a decision."""
    return int(project.value("SELECT COUNT(*) FROM conflicts WHERE state = 'open'"))


def add(project: Project, conflicts: Sequence[Conflict]) -> list[int]:
    """Store new conflicts inside `atomic()`; returns their ids in order."""
    moment = now()
    ids = [
        project.execute(
            "INSERT INTO conflicts (image_id, class_id, annotation_id, author_id, iou, state, is_crowd, attributes, "
            "keypoints, created, kind, geometry, x0, y0, x1, y1, area) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(one.image_id, one.class_id, one.annotation_id, one.author_id, one.iou, one.state, int(one.is_crowd)),
                json.dumps(dict(one.attributes), ensure_ascii=False, sort_keys=True),
                shapes.packed_keypoints(one.keypoints),
                moment,
                *shapes.columns_of(one.shape),
            ),
        )
        for one in conflicts
    ]
    project.note(Change(detected=frozenset(one.image_id for one in conflicts)))
    return ids


def _from_row(row: Row) -> Conflict:
    id_, image_id, class_id, annotation_id, author_id, iou, state, is_crowd, attributes, *packed = row
    kind, geometry, keypoints = packed
    with readable(f"Conflict {id_}"):
        shape, points, values = unpack(kind, geometry), shapes.keypoints_of(keypoints), json.loads(attributes)
    return Conflict(
        id_, image_id, class_id, shape, annotation_id, author_id, iou, state, points, bool(is_crowd), values
    )
