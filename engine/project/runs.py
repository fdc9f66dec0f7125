"""Runs, their metrics and their checkpoints."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.errors import UserError
from engine.project import contents, gallery, run_settings
from engine.project.moments import now
from engine.project.processes import Process
from engine.project.records import Checkpoint, CheckpointKind, Metric, Run, RunState, Split
from engine.project.store import Change, Project

_RUN = (
    "SELECT r.id, r.kind, r.network, c.json, r.state, r.message, r.device, r.created, r.started, r.ended, c.name "
    "FROM runs r JOIN recipes c ON c.id = r.recipe_id "
)
_CHECKPOINT = "SELECT id, run_id, kind, step, content_id, card, created FROM checkpoints "
_ENDED: frozenset[RunState] = frozenset({"stopped", "done", "failed", "interrupted"})


def add(project: Project, kind: Literal["detector", "embedder"], network: str, recipe: str) -> int:
    """Queue a run of the drop-in `network` by `recipe` (JSON), inside `atomic()`; returns its id."""
    recipe_id = project.execute("INSERT INTO recipes (name, json) VALUES (?, ?)", (network, recipe))
    run_id = project.execute(
        "INSERT INTO runs (kind, network, recipe_id, state, created) VALUES (?, ?, ?, 'queued', ?)",
        (kind, network, recipe_id, now()),
    )
    project.note(Change(runs=frozenset({run_id})))
    return run_id


def all_runs(project: Project) -> list[Run]:
    """Every run, newest first."""
    return [Run(*row) for row in project.rows(_RUN + "ORDER BY r.id DESC")]


def get(project: Project, run_id: int) -> Run:
    """One run; raises UserError when there is none with this id."""
    row = project.row(_RUN + "WHERE r.id = ?", (run_id,))
    if row is None:
        raise UserError(f"There is no run {run_id} in {project.path}.")
    return Run(*row)


def detector(project: Project, run_id: int) -> Run:
    """One run of a detector; raises UserError when there is none with this id, or it trained something else."""
    run = get(project, run_id)
    if run.kind != "detector":
        raise UserError(
            f"Run {run_id} in {project.path} trained an embedder of faces: it detects nothing.",
            "Name a run of a detector.",
        )
    return run


def latest(project: Project, kind: Literal["detector", "embedder"] = "detector") -> Run:
    """The newest run that has a checkpoint; raises UserError when there is none."""
    row = project.row(
        _RUN + "WHERE r.kind = ? AND EXISTS (SELECT 1 FROM checkpoints k WHERE k.run_id = r.id) ORDER BY r.id DESC",
        (kind,),
    )
    if row is None:
        raise UserError(f"No run in {project.path} has a checkpoint yet.", "Train first: boxwright train")
    return Run(*row)


def rename(project: Project, run_id: int, name: str) -> None:
    """Give a run a name of its own, inside `atomic()`; an empty one takes it back to its detector's."""
    named = name.strip() or get(project, run_id).network
    project.execute("UPDATE recipes SET name = ? WHERE id = (SELECT recipe_id FROM runs WHERE id = ?)", (named, run_id))
    project.note(Change(runs=frozenset({run_id})))


def delete(project: Project, run_id: int) -> None:
    """Forget a run inside `atomic()`, with its metrics, checkpoints and detections; what was accepted stays.

    With an embedder's checkpoints its vectors go. Raises UserError while it is running, or recognises the faces of the
    project.
    """
    if get(project, run_id).state == "running":
        raise UserError(f"Run {run_id} is running.", "Stop it first.")
    embedder_ids = _embedders_of(project, run_id)
    settings = gallery.settings(project)
    if settings.embedder_id in embedder_ids:
        raise UserError(f"Run {run_id} recognises the faces of this project.", "Choose another embedder first.")
    held = (
        "SELECT content_id AS id FROM checkpoints WHERE run_id = ?1 UNION "
        "SELECT truth_content_id FROM run_images WHERE run_id = ?1 AND truth_content_id IS NOT NULL UNION "
        "SELECT t.content_id FROM traces t JOIN checkpoints k ON k.id = t.checkpoint_id WHERE k.run_id = ?1"
    )
    content_ids = project.ids(held, (run_id,))
    image_ids = project.ids("SELECT DISTINCT image_id AS id FROM detections WHERE run_id = ?", (run_id,))
    recipe_id = project.value("SELECT recipe_id FROM runs WHERE id = ?", (run_id,))
    project.execute("DELETE FROM runs WHERE id = ?", (run_id,))
    run_settings.forget(project, run_id)
    unused = "NOT EXISTS (SELECT 1 FROM runs WHERE recipe_id = recipes.id)"
    project.execute(f"DELETE FROM recipes WHERE id = ? AND {unused}", (recipe_id,))
    contents.release(project, content_ids)
    is_gallery = bool(embedder_ids) or settings.find_run_id == run_id
    project.note(Change(runs=frozenset({run_id}), detected=frozenset(image_ids), gallery=is_gallery))


def _embedders_of(project: Project, run_id: int) -> frozenset[int]:
    sql = "SELECT e.id FROM checkpoints k JOIN embedders e ON e.checkpoint_id = k.id WHERE k.run_id = ?"
    return frozenset(project.ids(sql, (run_id,)))


def set_state(project: Project, run_id: int, state: RunState, *, message: str = "", device: str = "") -> None:
    """Move a run on, inside `atomic()`; notes when it started and ended, and which process runs it: this one."""
    project.execute(
        "UPDATE runs SET state = ?1, message = ?2, device = CASE ?3 WHEN '' THEN device ELSE ?3 END, "
        "process = CASE ?1 WHEN 'running' THEN ?7 ELSE process END, "
        "started = CASE WHEN ?1 = 'running' THEN COALESCE(started, ?4) ELSE started END, "
        "ended = CASE WHEN ?5 THEN ?4 END WHERE id = ?6",
        (state, message, device, now(), int(state in _ENDED), run_id, str(Process.current())),
    )
    project.note(Change(runs=frozenset({run_id})))


def set_device(project: Project, run_id: int, device: str) -> None:
    """Note, inside `atomic()`, what a run computes on."""
    project.execute("UPDATE runs SET device = ? WHERE id = ?", (device, run_id))
    project.note(Change(runs=frozenset({run_id})))


def mark_interrupted(project: Project) -> list[int]:
    """Mark, inside `atomic()`, the runs whose process ended while they ran; returns their ids."""
    running = project.rows("SELECT id, process FROM runs WHERE state = 'running' ORDER BY id")
    processes = {run_id: Process.parsed(text) for run_id, text in running}
    ids = [run_id for run_id, process in processes.items() if process is None or process.is_gone]
    for run_id in ids:
        set_state(project, run_id, "interrupted", message="Boxwright ended while it ran.")
    return ids


def add_metrics(project: Project, run_id: int, step: int, values: Mapping[str, float]) -> None:
    """Keep numbers of one step, inside `atomic()`; a number that is not finite is kept as undefined."""
    project.execute_many(
        "INSERT OR REPLACE INTO metrics (run_id, name, step, value) VALUES (?, ?, ?, ?)",
        ((run_id, name, step, value if math.isfinite(value) else None) for name, value in values.items()),
    )
    project.note(Change(runs=frozenset({run_id})))


def metrics(project: Project, run_id: int, *, after_step: int = -1) -> list[Metric]:
    """The metrics of a run that came after a step, by step."""
    sql = "SELECT run_id, step, name, value FROM metrics WHERE run_id = ? AND step > ? ORDER BY step, name"
    return [Metric(*row) for row in project.rows(sql, (run_id, after_step))]


def metrics_named(project: Project, run_id: int, beginning: str) -> list[Metric]:
    """The metrics of a run whose names begin so, by step."""
    sql = (
        "SELECT run_id, step, name, value FROM metrics WHERE run_id = ?1 AND substr(name, 1, length(?2)) = ?2 "
        "ORDER BY step, name"
    )
    return [Metric(*row) for row in project.rows(sql, (run_id, beginning))]


@dataclass(frozen=True, slots=True)
class NewCheckpoint:
    """Weights to keep: their bytes (safetensors), and the card (JSON) that says how to rebuild the network."""

    kind: CheckpointKind
    step: int
    weights: bytes
    card: str


def add_checkpoint(project: Project, run_id: int, new: NewCheckpoint) -> int:
    """Keep a run's checkpoint inside `atomic()`, in place of its earlier one of the same kind; returns its id."""
    remove_checkpoint(project, run_id, new.kind)
    content_id = contents.put(project, new.weights)
    return project.execute(
        "INSERT INTO checkpoints (run_id, kind, step, content_id, card, created) VALUES (?, ?, ?, ?, ?, ?)",
        (run_id, new.kind, new.step, content_id, new.card, now()),
    )


def remove_checkpoint(project: Project, run_id: int, kind: CheckpointKind) -> None:
    """Let go, inside `atomic()`, of a run's checkpoint of a kind, if it has one.

    One stays that an embedder's vectors were made with: they could be compared with no others.
    """
    which = (
        "FROM checkpoints WHERE run_id = ? AND kind = ? "
        "AND NOT EXISTS (SELECT 1 FROM embedders WHERE checkpoint_id = checkpoints.id)"
    )
    content_ids = project.ids(f"SELECT content_id AS id {which}", (run_id, kind))
    project.execute(f"DELETE {which}", (run_id, kind))
    contents.release(project, content_ids)
    project.note(Change(runs=frozenset({run_id})))


def has_checkpoint(project: Project, run_id: int, kind: CheckpointKind) -> bool:
    """Whether a run has a checkpoint of a kind."""
    asked = "SELECT EXISTS (SELECT 1 FROM checkpoints WHERE run_id = ? AND kind = ?)"
    return bool(project.value(asked, (run_id, kind)))


def checkpoint(project: Project, run_id: int, kind: CheckpointKind | None = None) -> Checkpoint:
    """A run's checkpoint of a kind, or its best there is; raises UserError when there is none."""
    order = "ORDER BY CASE kind WHEN 'best' THEN 0 WHEN 'imported' THEN 1 ELSE 2 END, id DESC"
    row = project.row(_CHECKPOINT + f"WHERE run_id = ?1 AND (?2 IS NULL OR kind = ?2) {order}", (run_id, kind))
    if row is None:
        raise UserError(f"Run {run_id} in {project.path} has no checkpoint.")
    return Checkpoint(*row)


def checkpoint_with_id(project: Project, checkpoint_id: int) -> Checkpoint:
    """One checkpoint; raises UserError when there is none with this id."""
    row = project.row(_CHECKPOINT + "WHERE id = ?", (checkpoint_id,))
    if row is None:
        raise UserError(f"There is no checkpoint {checkpoint_id} in {project.path}.")
    return Checkpoint(*row)


def set_images(project: Project, run_id: int, images: Iterable[tuple[int, Split, int | None]]) -> None:
    """Remember, inside `atomic()`, the images a run learns from: (image id, split, content id of its truth)."""
    project.execute_many(
        "INSERT OR REPLACE INTO run_images (run_id, image_id, split, truth_content_id) VALUES (?, ?, ?, ?)",
        ((run_id, *row) for row in images),
    )


def images_of(project: Project, run_id: int) -> list[tuple[int, Split, int | None]]:
    """The images a run learned from, by id: (image id, split, content id of its truth)."""
    sql = "SELECT image_id, split, truth_content_id FROM run_images WHERE run_id = ? ORDER BY image_id"
    return [(image_id, split, content_id) for image_id, split, content_id in project.rows(sql, (run_id,))]
