"""What became of suggestions: how many a person accepted, and how much of their shape was left when they were done.

And of what a run did not find: how many of those annotations a person deleted for it, and how many they confirmed.

An annotation that was made of a detection keeps the IoU of the two beside it, measured whenever its shape is written.
So the figures follow every later edit, and undo takes them along.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from engine.geometry.overlap import iou
from engine.geometry.packing import unpack
from engine.geometry.shapes import ShapeKind
from engine.project.explaining import readable
from engine.project.records import Annotation
from engine.project.store import Project

_NONE = (0, 0, None)
_MISSED = "missed/"
"""How the names of rows in `meta` begin that tell of one; run and annotation follow."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What became of a run's suggestions of one class."""

    run_id: int
    class_id: int
    """As the run suggested it."""
    open: int
    accepted: int
    rejected: int
    kept: int
    """Accepted ones whose annotation is still there."""
    retyped: int
    """Kept ones that a person gave another class."""
    mean_iou: float | None
    """Between each kept one and what the person made of it; None where there are none."""
    missed_deleted: int = 0
    """Annotations of the class that were deleted because the run did not find them: it was right."""
    missed_confirmed: int = 0
    """Those that a person confirmed against it: it was wrong not to find them, or found another thing beside."""

    @property
    def rate(self) -> float | None:
        """The share of accepted ones among those decided; None where nothing is decided."""
        decided = self.accepted + self.rejected
        return self.accepted / decided if decided else None

    @property
    def edit_distance(self) -> float | None:
        """1 - mean IoU: 0 where suggestions were kept as they came."""
        return None if self.mean_iou is None else 1 - self.mean_iou


def acceptance(project: Project, run_ids: Iterable[int] | None = None) -> list[Acceptance]:
    """What became of the suggestions of these runs, or of all, by run and class."""
    runs = None if run_ids is None else json.dumps(list(run_ids))
    asked = "(?1 IS NULL OR d.run_id IN (SELECT value FROM json_each(?1)))"
    counted = project.rows(
        "SELECT run_id, class_id, SUM(state = 'suggested'), SUM(state = 'accepted'), SUM(state = 'rejected') "
        f"FROM detections d WHERE run_id IS NOT NULL AND {asked} GROUP BY run_id, class_id ORDER BY run_id, class_id",
        (runs,),
    )
    kept = project.rows(
        "SELECT d.run_id, d.class_id, COUNT(*), SUM(a.class_id <> d.class_id), AVG(a.detection_iou) "
        "FROM annotations a JOIN detections d ON d.id = a.detection_id "
        f"WHERE a.detection_id IS NOT NULL AND d.run_id IS NOT NULL AND {asked} GROUP BY d.run_id, d.class_id",
        (runs,),
    )
    left = {(run_id, class_id): rest for run_id, class_id, *rest in kept}
    states = {(run_id, class_id): rest for run_id, class_id, *rest in counted}
    missed = _missed(project, runs)
    found = []
    for key in sorted(states.keys() | missed.keys()):
        (n_open, accepted, rejected), (n_kept, retyped, likeness) = states.get(key, (0, 0, 0)), left.get(key, _NONE)
        deleted, confirmed = missed.get(key, (0, 0))
        found.append(
            Acceptance(key[0], key[1], n_open, accepted, rejected, n_kept, retyped, likeness, deleted, confirmed)
        )
    return found


def note_missed(project: Project, run_id: int, deleted: Annotation) -> str:
    """Note, inside `atomic()`, that a run was right to find none here; returns the name of the row in `meta`."""
    name = f"{_MISSED}{run_id}/{deleted.id}"
    project.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, str(deleted.class_id)))
    return name


def n_missed_deleted(project: Project, run_id: int | None) -> int:
    """How many annotations were deleted because a run did not find them."""
    if run_id is None:
        return 0
    return int(project.value("SELECT COUNT(*) FROM meta WHERE name GLOB ?", (f"{_MISSED}{run_id}/*",)))


def _missed(project: Project, runs: str | None) -> dict[tuple[int, int], tuple[int, int]]:
    """Deleted and confirmed ones by run and class."""
    rows = project.rows(
        "SELECT run_id, class_id, SUM(is_deleted), SUM(NOT is_deleted) FROM ("
        "SELECT confirmed_run_id AS run_id, class_id, 0 AS is_deleted FROM annotations "
        "WHERE confirmed_run_id IS NOT NULL UNION ALL "
        "SELECT r.id, CAST(m.value AS INTEGER), 1 FROM runs r JOIN meta m ON m.name GLOB ?2 || r.id || '/*') "
        "WHERE ?1 IS NULL OR run_id IN (SELECT value FROM json_each(?1)) GROUP BY run_id, class_id",
        (runs, _MISSED),
    )
    return {(run_id, class_id): (deleted, confirmed) for run_id, class_id, deleted, confirmed in rows}


def together(of_classes: Iterable[Acceptance]) -> Acceptance | None:
    """What became of a run's suggestions of several classes, added up under class 0; None where there are none."""
    parts = list(of_classes)
    if not parts:
        return None
    measured = [(one.mean_iou, one.kept) for one in parts if one.mean_iou is not None]
    n_measured = sum(kept for _, kept in measured)
    return Acceptance(
        parts[0].run_id,
        0,
        open=sum(one.open for one in parts),
        accepted=sum(one.accepted for one in parts),
        rejected=sum(one.rejected for one in parts),
        kept=sum(one.kept for one in parts),
        retyped=sum(one.retyped for one in parts),
        mean_iou=sum(iou * kept for iou, kept in measured) / n_measured if n_measured else None,
        missed_deleted=sum(one.missed_deleted for one in parts),
        missed_confirmed=sum(one.missed_confirmed for one in parts),
    )


def measure(project: Project, ids: Iterable[int]) -> None:
    """Note, inside `atomic()`, how much annotations still are the detections that they were made of."""
    rows = project.rows(
        "SELECT a.id, a.kind, a.geometry, d.kind, d.geometry FROM annotations a LEFT JOIN detections d "
        "ON d.id = a.detection_id WHERE a.id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    project.execute_many(
        "UPDATE annotations SET detection_iou = ? WHERE id = ?",
        ((_likeness(f"Annotation {id_}", (row[0], row[1]), (row[2], row[3])), id_) for id_, *row in rows),
    )


def _likeness(
    what: str, made: tuple[ShapeKind, bytes], found: tuple[ShapeKind, bytes] | tuple[None, None]
) -> float | None:
    """The IoU of two packed shapes, or None where there is but one or they have no area."""
    if made == found:
        return 1.0
    if found[0] is None or "keypoints" in (made[0], found[0]):
        return None
    with readable(what):
        return iou(unpack(*made), unpack(*found))
