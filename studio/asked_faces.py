"""Faces that are asked about, as values: a probe, and what a project's file knows of it. No Qt, no torch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.gallery import Decision
from engine.project import embeddings
from engine.project import gallery as faces
from engine.project.gallery_edits import NewTemplate
from engine.project.records import TemplateState
from engine.project.store import Project
from studio.probes import ProbeFace

Vector: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """A face that is asked about."""

    number: int
    face: ProbeFace
    template_id: int | None = None
    """The face of the project that has this very crop."""
    vectors: Mapping[int, Vector] = field(default_factory=dict)
    """(D,) each, by embedder."""
    was_kept: bool = False
    """Whether it has been in the project's file."""
    settles_at: int | None = None
    """The number of the edit with an answer that is on its way into the file; None: none is."""


def new_face(face: ProbeFace, state: TemplateState, identity_id: int | None = None, person: str = "") -> NewTemplate:
    """A probe's face as it is brought into the project."""
    quality = face.quality
    score = None if quality is None else quality.score
    flaws = () if quality is None else tuple(map(str, quality.flaws))
    return NewTemplate(face.png, state, identity_id, person, score, flaws, face.source)


def told_by_file(probe: Probe, template_id: int | None, n_settled: int) -> Probe:
    """What the file says of it; an answer that was given up to then is in it."""
    is_settled = probe.settles_at is None or n_settled >= probe.settles_at
    return replace(
        probe,
        template_id=template_id,
        was_kept=probe.was_kept or template_id is not None,
        settles_at=None if is_settled else probe.settles_at,
    )


def is_kept_otherwise(before: Probe, after: Probe) -> bool:
    """Whether the file says something else of it than before."""
    return (before.template_id, before.settles_at) != (after.template_id, after.settles_at)


def seen_by(embedder_id: int | None, face: ProbeFace) -> Mapping[int, Vector]:
    """The vectors of a face that one embedder has answered."""
    return {} if embedder_id is None or face.vector is None else {embedder_id: face.vector}


def also_seen(probe: Probe, embedder_id: int, face: ProbeFace | None) -> Probe:
    """With the vector of a further embedder, where it has one."""
    if face is None or face.vector is None:
        return probe
    return replace(probe, vectors={**probe.vectors, embedder_id: face.vector})


def in_file(project: Project, pngs: Mapping[int, bytes]) -> Mapping[int, int | None]:
    """Which template has each of these crops, by the same keys; None: none has."""
    return dict(zip(pngs, faces.with_crops(project, tuple(pngs.values())), strict=True))


def of_templates(project: Project, template_ids: Sequence[int]) -> Sequence[tuple[int, int | None, ProbeFace]]:
    """Faces of the project with their crops, and their vectors where the embedder in use has made them."""
    embedder_id = faces.settings(project).embedder_id
    vectors: dict[int, Vector] = {}
    if embedder_id is not None:
        there = embeddings.vectors_of(project, embedder_id, template_ids)
        vectors = dict(zip(there.template_ids.tolist(), there.vectors, strict=True))
    return [
        (each.id, embedder_id, ProbeFace(each.source, faces.crop(project, each.id), vectors.get(each.id)))
        for each in (faces.template(project, id_) for id_ in template_ids)
    ]


def without(everybody: Decision, excluded: Collection[int], threshold: float) -> Decision:
    """The decision by a threshold among all but some people."""
    ranking = tuple(each for each in everybody.ranking if each.identity_id not in excluded)
    accepted = ranking[0].identity_id if ranking and ranking[0].distance <= threshold else None
    return Decision(accepted, ranking, threshold, everybody.rule)
