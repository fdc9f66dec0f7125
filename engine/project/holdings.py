"""All that a project holds of a person, written into a new folder for them: what they may ask for, in plain files.

`holdings.json` says everything there is in words and numbers; `crops/` holds the faces as pictures. Vectors are written
as numbers, since they are of the person too. Nothing is changed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from engine.errors import UserError
from engine.progress import Progress, Work
from engine.project import contents, embeddings, gallery
from engine.project.records import Identity, Pair, Template
from engine.project.store import Project
from engine.project.traces_of_person import Asked, Traces, traces

DOCUMENT, CROPS = "holdings.json", "crops"
_PAST = "past-"


@dataclass(frozen=True, slots=True)
class HeldFace:
    """One face of the person."""

    template: Template
    crop: str
    """Where its picture is, in the folder."""
    vectors: dict[str, list[float]]
    """By the embedder's name and id, as 'siamese 2'."""


@dataclass(frozen=True, slots=True)
class HeldAnnotation:
    """Where a picture shows the person, as an annotation says."""

    annotation_id: int
    image: str
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class HeldInRun:
    """A network that was trained on faces of the person, or tried on them."""

    run_id: int
    network: str
    created: str
    learned: int
    """From so many of their faces."""
    tried: int


@dataclass(frozen=True, slots=True)
class HeldStep:
    """A step to undo or redo that holds something of the person."""

    title: str
    stack: str
    created: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that is held of a person."""

    identity: Identity
    other_names: tuple[str, ...]
    """And consents that steps to undo know of."""
    faces: tuple[HeldFace, ...]
    past_crops: tuple[str, ...]
    """Pictures of faces that only undo or redo would bring back, in the folder."""
    pairs: tuple[Pair, ...]
    annotations: tuple[HeldAnnotation, ...]
    runs: tuple[HeldInRun, ...]
    steps: tuple[HeldStep, ...]


def holdings(project: Project, identity_id: int) -> Work[Holdings]:
    """Ask for everything; yields Progress. Raises UserError where there is no such person."""
    found = yield from traces(project, Asked(identity_id))
    return Holdings(
        identity=found.identity,
        other_names=tuple(sorted(found.names - {found.identity.name})),
        faces=tuple(_faces(project, found)),
        past_crops=tuple(f"{CROPS}/{_PAST}{each}.png" for each in sorted(_past_contents(project, found))),
        pairs=tuple(_pairs(project, found)),
        annotations=tuple(_annotations(project, identity_id)),
        runs=tuple(_runs(project, identity_id)),
        steps=tuple(_steps(project, found.history_ids)),
    )


def export(project: Project, identity_id: int, folder: Path) -> Work[Holdings]:
    """Write everything into a new folder; yields Progress.

    Raises UserError where there is such a folder with anything in it, or it cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is there already.", "Name a new folder.")
    found = yield from holdings(project, identity_id)
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        yield from _write(project, found, part)
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}.", "Choose another place.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return found


def _write(project: Project, found: Holdings, folder: Path) -> Iterator[Progress]:
    (folder / CROPS).mkdir(parents=True)
    content_ids = {face.crop: face.template.crop_content_id for face in found.faces}
    content_ids |= {name: int(Path(name).stem.removeprefix(_PAST)) for name in found.past_crops}
    for done, (name, content_id) in enumerate(content_ids.items()):
        yield Progress(done, len(content_ids), "Writing faces")
        (folder / name).write_bytes(contents.get(project, content_id))
    (folder / DOCUMENT).write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2))


def _faces(project: Project, found: Traces) -> Iterable[HeldFace]:
    vectors = dict[int, dict[str, list[float]]]()
    for record in embeddings.embedders(project):
        seen = embeddings.vectors_of(project, record.id, sorted(found.template_ids))
        for template_id, vector in zip(seen.template_ids.tolist(), seen.vectors, strict=True):
            numbers = np.round(vector.astype(np.float64), 7).tolist()
            vectors.setdefault(template_id, {})[f"{record.name} {record.id}"] = numbers
    for template_id in sorted(found.template_ids):
        template = gallery.template(project, template_id)
        yield HeldFace(template, f"{CROPS}/{template_id}.png", vectors.get(template_id, {}))


def _past_contents(project: Project, found: Traces) -> set[int]:
    sql = "SELECT crop_content_id AS id FROM templates WHERE id IN (SELECT value FROM json_each(?))"
    return found.content_ids - set(project.ids(sql, (json.dumps(sorted(found.template_ids)),)))


def _pairs(project: Project, found: Traces) -> list[Pair]:
    sql = (
        "SELECT template_a_id, template_b_id, same FROM pairs WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    )
    rows = project.rows(sql, (json.dumps(sorted(found.pair_ids)),))
    return [Pair(a, b, bool(same)) for a, b, same in rows]


def _annotations(project: Project, identity_id: int) -> list[HeldAnnotation]:
    sql = (
        "SELECT a.id, i.name, a.x0, a.y0, a.x1, a.y1 FROM annotations a JOIN images i ON i.id = a.image_id "
        "WHERE a.identity_id = ? ORDER BY a.id"
    )
    return [HeldAnnotation(*row) for row in project.rows(sql, (identity_id,))]


def _runs(project: Project, identity_id: int) -> list[HeldInRun]:
    sql = (
        "SELECT r.id, r.network, r.created, SUM(f.split = 'train'), SUM(f.split = 'val') "
        "FROM run_faces f JOIN runs r ON r.id = f.run_id WHERE f.identity_id = ? GROUP BY r.id ORDER BY r.id"
    )
    return [HeldInRun(*row) for row in project.rows(sql, (identity_id,))]


def _steps(project: Project, history_ids: set[int]) -> list[HeldStep]:
    sql = "SELECT title, stack, created FROM history WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    return [HeldStep(*row) for row in project.rows(sql, (json.dumps(sorted(history_ids)),))]
