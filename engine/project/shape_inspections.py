"""The stages of a check that unpack every shape and compare it with the columns beside it. See `inspections`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from engine.geometry.packing import unpack
from engine.progress import Progress
from engine.project import naming, shapes
from engine.project.findings import Findings, reason
from engine.project.store import Project, Row

BATCH = 500
"""Rows read at once: each batch is a statement of its own, so that a check never keeps writers waiting for long."""
TOLERANCE = 1e-6
"""Bounds and areas may differ by this share: sines and sums are not the same to the last bit everywhere."""


def check_annotations(project: Project, found: Findings) -> Iterator[Progress]:
    """Annotations: shapes, keypoints and attributes."""
    return _shapes(project, found, "annotations", "attributes")


def check_detections(project: Project, found: Findings) -> Iterator[Progress]:
    """Detections: shapes, keypoints and scores."""
    return _shapes(project, found, "detections", "score")


def check_conflicts(project: Project, found: Findings) -> Iterator[Progress]:
    """Conflicts of an import that wait for a decision: shapes, keypoints and attributes."""
    return _shapes(project, found, "conflicts", "attributes")


def _shapes(project: Project, found: Findings, table: str, other: str) -> Iterator[Progress]:
    total = int(project.value(f"SELECT COUNT(*) FROM {table}"))
    columns = f"id, image_id, kind, geometry, keypoints, {other}, x0, y0, x1, y1, area"
    for row in _each(project, found, table, columns):
        if found.checked[table] % BATCH == 0:
            yield Progress(found.checked[table], total, f"Checking {table}")
        found.checked[table] += 1
        if fault := _fault_of_shape(row):
            found.blame(naming.row(project, table, row[0], row[1]), fault)


def _fault_of_shape(row: Row) -> str:
    _, _, kind, geometry, keypoints, other, *kept = row
    try:
        shape = unpack(kind, geometry)
        shapes.keypoints_of(keypoints)
        json.loads(other) if isinstance(other, str) else math.isfinite(other)
        actual = (*shape.bounds, shape.area)
        agrees = all(abs(a - b) <= TOLERANCE * (1 + abs(b)) for a, b in zip(actual, kept, strict=True))
    except Exception as error:  # as in `checking`
        return f"its shape cannot be read: {reason(error)}"
    return "" if agrees else "its shape is not the one that was stored: its bounds or area are others"


def _each(project: Project, found: Findings, table: str, columns: str) -> Iterator[Row]:
    """Every row of a table with `id` and `image_id`, by id; one that cannot be read is blamed and passed over."""
    last = -(2**63)
    while True:
        try:
            sql = f"SELECT {columns} FROM {table} WHERE id > ? ORDER BY id LIMIT {BATCH}"
            rows = project.rows(sql, (last,))
        except Exception:  # as in `checking`
            yield from _one_by_one(project, found, (table, columns), last)
            return
        if not rows:
            return
        yield from rows
        last = rows[-1][0]


def _one_by_one(project: Project, found: Findings, wanted: tuple[str, str], last: int) -> Iterator[Row]:
    """The rows after `last` found through the index, which lies on other pages than they do."""
    table, columns = wanted
    listed = project.rows(f"SELECT id, image_id FROM {table} ORDER BY image_id, id")
    for id_, image_id in sorted(listed):
        if id_ > last:
            try:
                yield from project.rows(f"SELECT {columns} FROM {table} WHERE id = ?", (id_,))
            except Exception as error:  # as in `checking`
                found.blame(naming.row(project, table, id_, image_id), f"cannot be read: {reason(error)}")
