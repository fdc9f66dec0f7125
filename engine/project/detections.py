"""Detections: what a run found, shown as suggestions until a person accepts or rejects them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from engine.geometry.packing import unpack
from engine.project import shapes
from engine.project.explaining import readable
from engine.project.moments import now
from engine.project.records import Detection, DetectionState
from engine.project.store import Change, Project, Row

COLUMNS = "id, image_id, class_id, score, kind, geometry, run_id, keypoints, state"


def of_image(project: Project, image_id: int, run_id: int | None = None) -> list[Detection]:
    """The detections on one image by falling score, of one run or of all."""
    return [from_row(row) for row in rows_of_image(project, image_id, run_id)]


def rows_of_image(project: Project, image_id: int, run_id: int | None = None) -> list[Row]:
    """The rows that `of_image` reads: equal rows are equal detections, so only what changed need be unpacked."""
    return project.rows(
        f"SELECT {COLUMNS} FROM detections WHERE image_id = ?1 AND (?2 IS NULL OR run_id = ?2) ORDER BY score DESC, id",
        (image_id, run_id),
    )


def of_run(project: Project, run_id: int) -> list[Detection]:
    """Every detection of a run, by image and falling score."""
    sql = f"SELECT {COLUMNS} FROM detections WHERE run_id = ? ORDER BY image_id, score DESC, id"
    return [from_row(row) for row in project.rows(sql, (run_id,))]


def get(project: Project, ids: Iterable[int]) -> list[Detection]:
    """The detections with these ids, by id; ids that are not there are left out."""
    sql = f"SELECT {COLUMNS} FROM detections WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return [from_row(row) for row in project.rows(sql, (json.dumps(list(ids)),))]


def put(project: Project, image_id: int, run_id: int, detections: Sequence[Detection]) -> None:
    """Make these a run's suggestions on one image, inside `atomic()`.

    Detections of that run a person has already decided on stay as they are; its other suggestions there are replaced.
    """
    project.execute(
        "DELETE FROM detections WHERE image_id = ? AND run_id = ? AND state = 'suggested'", (image_id, run_id)
    )
    project.execute_many(
        "INSERT INTO detections (image_id, class_id, run_id, score, keypoints, state, "
        "kind, geometry, x0, y0, x1, y1, area) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                image_id,
                detection.class_id,
                run_id,
                detection.score,
                shapes.packed_keypoints(detection.keypoints),
                detection.state,
                *shapes.columns_of(detection.shape),
            )
            for detection in detections
        ),
    )
    project.execute("INSERT OR IGNORE INTO examined (image_id, run_id) VALUES (?, ?)", (image_id, run_id))
    project.note(Change(detected=frozenset({image_id})))


def examined(project: Project, run_id: int) -> set[int]:
    """The ids of the images that a run has detected on, whether it found anything or not."""
    return {image_id for (image_id,) in project.rows("SELECT image_id FROM examined WHERE run_id = ?", (run_id,))}


def set_state(project: Project, ids: Iterable[int], state: DetectionState, author_id: int | None = None) -> None:
    """Note inside `atomic()` what a person decided about detections, and when; reopened ones nobody has decided."""
    is_open = state == "suggested"
    marks = json.dumps(list(ids))
    project.execute(
        "UPDATE detections SET state = ?, decided_by = ?, decided = ? WHERE id IN (SELECT value FROM json_each(?))",
        (state, None if is_open else author_id, None if is_open else now(), marks),
    )
    sql = "SELECT DISTINCT image_id FROM detections WHERE id IN (SELECT value FROM json_each(?))"
    project.note(Change(detected=frozenset(image_id for (image_id,) in project.rows(sql, (marks,)))))


def from_row(row: Row) -> Detection:
    """The detection in a row of COLUMNS; raises UserError when it is damaged."""
    (id_, image_id, class_id, score, kind, geometry, run_id, keypoints, state) = row
    with readable(f"Detection {id_}"):
        shape, points = unpack(kind, geometry), shapes.keypoints_of(keypoints)
    return Detection(id_, image_id, class_id, score, shape, run_id, points, state)
