"""What lists in a window show: a few columns of many rows, without opening a single shape."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.geometry.shapes import Bounds, ShapeKind
from engine.project.records import DetectionState
from engine.project.store import Project


@dataclass(frozen=True, slots=True)
class ListedShape:
    """An annotation or a suggestion as one row of a list; what only annotations have is None for suggestions."""

    id: int
    class_id: int
    kind: ShapeKind
    bounds: Bounds
    area: float
    score: float | None = None
    """None for an annotation."""
    author_id: int | None = None
    group_id: int | None = None
    seconds: float | None = None
    """How long a person drew and mended it."""
    attributes: str = "{}"
    """As JSON."""


def first_image_id(project: Project) -> int | None:
    """The first image in list order, or None."""
    found: int | None = project.value("SELECT MIN(id) FROM images")
    return found


def annotation_ids(project: Project, image_id: int) -> list[int]:
    """The ids of an image's annotations, oldest first."""
    return [id_ for (id_,) in project.rows("SELECT id FROM annotations WHERE image_id = ? ORDER BY id", (image_id,))]


def annotations_of(project: Project, image_id: int) -> list[ListedShape]:
    """The annotations of an image, oldest first."""
    sql = (
        "SELECT id, class_id, kind, x0, y0, x1, y1, area, author_id, group_id, seconds, attributes "
        "FROM annotations WHERE image_id = ? ORDER BY id"
    )
    rows = project.rows(sql, (image_id,))
    return [ListedShape(row[0], row[1], row[2], row[3:7], row[7], None, *row[8:]) for row in rows]


def suggestions_of(project: Project, image_id: int, run_id: int | None, min_score: float = 0.0) -> list[ListedShape]:
    """The undecided detections of a run (or of all) on an image that score at least so much, best first."""
    sql = (
        "SELECT id, class_id, kind, x0, y0, x1, y1, area, score FROM detections "
        "WHERE image_id = ?1 AND (?2 IS NULL OR run_id = ?2) AND state = 'suggested' AND score >= ?3 "
        "ORDER BY score DESC, id"
    )
    rows = project.rows(sql, (image_id, run_id, min_score))
    return [ListedShape(row[0], row[1], row[2], row[3:7], row[7], row[8]) for row in rows]


def suggestions_above(project: Project, score: float, run_id: int | None, image_id: int | None = None) -> list[int]:
    """The ids of undecided detections of a run that score at least so much, on one image or on all."""
    sql = (
        "SELECT id FROM detections WHERE state = 'suggested' AND score >= ?1 "
        "AND (?2 IS NULL OR run_id = ?2) AND (?3 IS NULL OR image_id = ?3) ORDER BY image_id, id"
    )
    return [id_ for (id_,) in project.rows(sql, (score, run_id, image_id))]


def decided_counts(project: Project, run_ids: Iterable[int]) -> dict[int, dict[DetectionState, int]]:
    """How many detections of each run are suggested, accepted and rejected."""
    sql = (
        "SELECT run_id, state, COUNT(*) FROM detections "
        "WHERE run_id IN (SELECT value FROM json_each(?)) GROUP BY run_id, state"
    )
    found: dict[int, dict[DetectionState, int]] = {}
    for run_id, state, n in project.rows(sql, (json.dumps(list(run_ids)),)):
        found.setdefault(run_id, {})[state] = n
    return found


def best_metrics(project: Project, run_ids: Iterable[int]) -> dict[int, dict[str, float]]:
    """The largest AP values that each run has reached, by run and metric name ('segm/AP50')."""
    sql = (
        "SELECT run_id, name, MAX(value) FROM metrics WHERE run_id IN (SELECT value FROM json_each(?)) "
        "AND (name LIKE 'bbox/AP%' OR name LIKE 'segm/AP%') AND value IS NOT NULL GROUP BY run_id, name"
    )
    found: dict[int, dict[str, float]] = {}
    for run_id, name, value in project.rows(sql, (json.dumps(list(run_ids)),)):
        found.setdefault(run_id, {})[name] = value
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A metric of a run over its steps."""

    name: str
    steps: NDArray[np.float64]
    """Rising."""
    values: NDArray[np.float64]


def series(project: Project, run_id: int, after_step: int = -1) -> list[Series]:
    """Everything a run has measured after a step, as arrays: ten thousands of steps without a row for each."""
    names = project.rows("SELECT DISTINCT name FROM metrics WHERE run_id = ? ORDER BY name", (run_id,))
    sql = (
        "SELECT json_group_array(step), json_group_array(value) FROM (SELECT step, value FROM metrics "
        "WHERE run_id = ? AND name = ? AND step > ? AND value IS NOT NULL ORDER BY step)"
    )
    found = []
    for (name,) in names:
        steps, values = project.row(sql, (run_id, name, after_step)) or ("[]", "[]")
        found.append(Series(name, _array(steps), _array(values)))
    return [each for each in found if len(each.steps)]


def _array(numbers: str) -> NDArray[np.float64]:
    return np.array(json.loads(numbers), dtype=np.float64)


def last_value(project: Project, run_id: int, name: str) -> float | None:
    """The newest value of a run's metric; None where it has none."""
    sql = "SELECT value FROM metrics WHERE run_id = ? AND name = ? AND value IS NOT NULL ORDER BY step DESC LIMIT 1"
    row = project.row(sql, (run_id, name))
    return None if row is None else float(row[0])


def runs_with_checkpoints(project: Project) -> frozenset[int]:
    """The ids of the runs that have learned something to detect with."""
    sql = "SELECT DISTINCT k.run_id FROM checkpoints k JOIN runs r ON r.id = k.run_id WHERE r.kind = 'detector'"
    return frozenset(run_id for (run_id,) in project.rows(sql))
