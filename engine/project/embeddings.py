"""Vectors of faces: which embedder made them, and all of one embedder's as one array. Vectors never mix.

They are derived from crops and kept so that they need not be computed again; nothing here is an edit. Numbers are kept
as little-endian float32.

Legend: N templates, D numbers of a vector.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.errors import UserError
from engine.gallery import Gallery, Vectors
from engine.project import run_faces
from engine.project.gallery import settings as gallery_of
from engine.project.records import EmbedderRecord, TemplateState
from engine.project.store import Change, Project, Row

_EMBEDDER = "SELECT id, name, checkpoint_id, preprocessing_sha256, weights_sha256, metric, dim FROM embedders "
_STORED = np.dtype("<f4")
_AT_ONCE = 4096
"""Vectors that are put together at a time."""


def embedder(project: Project, embedder_id: int) -> EmbedderRecord:
    """One embedder; raises UserError where there is none with this id."""
    row = project.row(_EMBEDDER + "WHERE id = ?", (embedder_id,))
    if row is None:
        raise UserError(f"There is no embedder {embedder_id} in {project.path}.")
    return EmbedderRecord(*row)


def embedders(project: Project) -> tuple[EmbedderRecord, ...]:
    """Every embedder whose vectors the project may hold, oldest first."""
    return tuple(EmbedderRecord(*row) for row in project.rows(_EMBEDDER + "ORDER BY id"))


def run_in_use(project: Project) -> int | None:
    """The run whose weights decide who faces are; None where no embedder does, or one without a run."""
    embedder_id = gallery_of(project).embedder_id
    sql = "SELECT k.run_id FROM embedders e JOIN checkpoints k ON k.id = e.checkpoint_id WHERE e.id = ?"
    found: int | None = None if embedder_id is None else project.value(sql, (embedder_id,))
    return found


def put_embedder(project: Project, record: EmbedderRecord) -> int:
    """Note an embedder inside `atomic()`, or find the equal one; returns its id."""
    known = next((each.id for each in embedders(project) if replace(each, id=record.id) == record), None)
    if known is not None:
        return known
    project.note(Change(gallery=True))
    return project.execute(
        "INSERT INTO embedders (name, checkpoint_id, preprocessing_sha256, weights_sha256, metric, dim) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            record.name,
            record.checkpoint_id,
            record.preprocessing_sha256,
            record.weights_sha256,
            record.metric,
            record.dim,
        ),
    )


def store(project: Project, embedder_id: int, template_ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
    """Keep the (N, D) vectors of N templates inside `atomic()`, in place of those that they had of this embedder.

    A template that has gone meanwhile is left out. Raises UserError where the vectors are not of the embedder's length.
    """
    record = embedder(project, embedder_id)
    if vectors.shape != (len(template_ids), record.dim):
        raise UserError(
            f"Vectors of {record.name!r} have {record.dim} numbers, not {' x '.join(map(str, vectors.shape[1:]))}."
        )
    if not np.isfinite(vectors).all():
        raise UserError(f"{record.name!r} gave a vector that is no number.", "Train it again, or choose another.")
    there = _there(project, template_ids)
    packed = np.ascontiguousarray(vectors, _STORED)
    project.execute_many(
        "INSERT OR REPLACE INTO embeddings (embedder_id, template_id, vector) VALUES (?, ?, ?)",
        (
            (embedder_id, template_id, vector.tobytes())
            for template_id, vector in zip(template_ids, packed, strict=True)
            if template_id in there
        ),
    )
    project.note(Change(templates=there))


def missing(project: Project, embedder_id: int, states: Collection[TemplateState] | None = None) -> tuple[int, ...]:
    """The templates, all or those in some states, that have no vector of an embedder yet; by id."""
    sql = (
        f"SELECT t.id FROM templates t WHERE {_in(states)} AND NOT EXISTS "
        "(SELECT 1 FROM embeddings e WHERE e.embedder_id = ? AND e.template_id = t.id) ORDER BY t.id"
    )
    return tuple(project.ids(sql, (*(states or ()), embedder_id)))


def vectors(project: Project, embedder_id: int, states: Collection[TemplateState] | None = None) -> Vectors:
    """What an embedder made of all templates, or of those in some states."""
    record = embedder(project, embedder_id)
    if states is None:
        sql = "SELECT template_id, vector FROM embeddings WHERE embedder_id = ? ORDER BY template_id"
        rows = project.rows(sql, (embedder_id,))
    else:
        sql = (
            "SELECT e.template_id, e.vector FROM embeddings e CROSS JOIN templates t ON t.id = e.template_id "
            f"WHERE e.embedder_id = ? AND {_in(states)} ORDER BY e.template_id"
        )
        rows = project.rows(sql, (embedder_id, *states))
    return Vectors(_ids(row[0] for row in rows), _array(project, record, rows), record.metric)


def vectors_of(project: Project, embedder_id: int, template_ids: Sequence[int]) -> Vectors:
    """What an embedder made of some templates; those that it has not seen are left out."""
    record = embedder(project, embedder_id)
    sql = (
        "SELECT template_id, vector FROM embeddings WHERE embedder_id = ? "
        "AND template_id IN (SELECT value FROM json_each(?)) ORDER BY template_id"
    )
    rows = project.rows(sql, (embedder_id, json.dumps([int(each) for each in template_ids])))
    return Vectors(_ids(row[0] for row in rows), _array(project, record, rows), record.metric)


def gallery(project: Project, embedder_id: int) -> Gallery:
    """What an embedder made of the confirmed templates, whose they are, and whom of them it learned from."""
    record = embedder(project, embedder_id)
    sql = (
        "SELECT e.template_id, e.vector, t.identity_id FROM embeddings e CROSS JOIN templates t "
        "ON t.id = e.template_id WHERE e.embedder_id = ? AND t.state = 'confirmed' AND t.identity_id IS NOT NULL "
        "ORDER BY e.template_id"
    )
    rows = project.rows(sql, (embedder_id,))
    found = _array(project, record, rows)
    learned = _ids(sorted(run_faces.learned_from(project, record.checkpoint_id)))
    return Gallery(_ids(row[0] for row in rows), found, record.metric, _ids(row[2] for row in rows), learned)


def _there(project: Project, template_ids: Sequence[int]) -> frozenset[int]:
    sql = "SELECT id FROM templates WHERE id IN (SELECT value FROM json_each(?))"
    return frozenset(project.ids(sql, (json.dumps([int(each) for each in template_ids]),)))


def _in(states: Collection[TemplateState] | None) -> str:
    """SQL that holds for templates `t` in these states, each one parameter."""
    return "1" if states is None else f"t.state IN ({', '.join('?' * len(states))})"


def _ids(found: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(found, np.int64)


def _array(project: Project, record: EmbedderRecord, rows: Sequence[Row]) -> NDArray[np.float32]:
    """The vectors in the second column of rows, (N, D); raises UserError where one is of another length."""
    size = record.dim * _STORED.itemsize
    if any(len(row[1]) != size for row in rows):
        raise UserError(
            f"{project.path} is damaged: a vector of {record.name!r} has not {record.dim} numbers.",
            "Run: boxwright check",
        )
    found = np.empty(
        (len(rows), record.dim), np.float32
    )  # numpy's own memory has large pages: searches are a sixth faster
    for start in range(0, len(rows), _AT_ONCE):
        portion = rows[start : start + _AT_ONCE]
        packed = np.frombuffer(b"".join(row[1] for row in portion), _STORED)
        found[start : start + len(portion)] = packed.reshape(len(portion), record.dim)
    return found
