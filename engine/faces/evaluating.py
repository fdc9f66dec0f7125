"""evaluate: how well an embedder recognises people of a folder, by the protocol; nothing is written to the project.

People whom the embedder learned from are told and left out: by the names of the project's people, in its checkpoint.
Their faces set the thresholds whose realised rates are told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from engine.embedders import EmbedderCard, EmbeddingNetwork, embedded
from engine.errors import UserError
from engine.evaluation.verification import Figure, Statistic, measured_all
from engine.faces.bringing import Brought, FromOutside, bringing
from engine.faces.choice import EmbedderChoice
from engine.faces.cutting import cutting
from engine.faces.ensuring import best_choice
from engine.faces.protocol import Plan, triable, tried
from engine.faces.recognising import Recogniser
from engine.faces.sources import FaceFolders, FoundFace, Refused
from engine.gallery import Gallery
from engine.progress import Progress, Work
from engine.project import embeddings, gallery, run_faces, runs
from engine.project.store import Project

_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class EvaluateRequest:
    """What is to be judged, and how."""

    folder: Path
    plan: Plan
    embedder: EmbedderChoice | None = None
    """None: the gallery's."""


@dataclass(frozen=True, slots=True)
class EvaluateReport:
    """How well people of a folder are recognised."""

    embedder: str
    plan: Plan
    figures: Mapping[str, Figure]
    realised: Mapping[str, Figure]
    """At thresholds set on other people; empty where there were too few."""
    n_people: int
    n_probes: int
    n_set_on: int
    learned: tuple[str, ...]
    """People of the folder whom the embedder learned from: left out."""
    too_few: tuple[str, ...]
    """People of the folder who have no more pictures than are enrolled: left out as well."""
    is_learning_known: bool
    """Whether it is known whom the embedder learned from; not of weights from elsewhere that learned from people."""
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Faces:
    """The faces of a folder as vectors, people numbered in the order of their names."""

    gallery: Gallery
    names: tuple[str, ...]
    refused: tuple[Refused, ...]

    def of(self, names: frozenset[str]) -> Gallery:
        """The faces of some of the people."""
        numbers = [number for number, name in enumerate(self.names) if name in names]
        return self.gallery.part(np.isin(self.gallery.identity_ids, numbers))


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """An embedder, and whom it learned from."""

    name: str
    network: EmbeddingNetwork
    learned: frozenset[str]
    is_known: bool


def evaluate(project: Project, request: EvaluateRequest) -> Work[EvaluateReport]:
    """Judge an embedder by people of a folder. Raises UserError where fewer than two of them can be tried."""
    judged = yield from _judged(project, request.embedder)
    faces = yield from _faces(project, request.folder, judged.network)
    learned = judged.learned & set(faces.names)
    tested = faces.of(frozenset(faces.names) - learned)
    n_templates = request.plan.n_templates
    people = {faces.names[each] for each in triable(tested, n_templates).tolist()}
    if len(people) < 2:
        raise UserError(_too_few(request, len(learned)), "Evaluate with people whom the embedder never saw.")
    yield Progress(0, None, "Trying faces")
    found = tried(tested, faces.of(learned), request.plan)
    return EvaluateReport(
        embedder=judged.name,
        plan=request.plan,
        figures=_measured(found.figures),
        realised=_measured(found.realised),
        n_people=found.n_people,
        n_probes=found.n_probes,
        n_set_on=found.n_set_on,
        learned=tuple(sorted(learned)),
        too_few=tuple(sorted(set(faces.names) - learned - people)),
        is_learning_known=judged.is_known,
        refused=faces.refused,
    )


def _measured(statistics: Mapping[str, Statistic]) -> Mapping[str, Figure]:
    return dict(zip(statistics, measured_all(list(statistics.values())), strict=True))


def _judged(project: Project, choice: EmbedderChoice | None) -> Work[_Judged]:
    embedder_id = gallery.settings(project).embedder_id
    if choice is None and embedder_id is not None:
        recogniser = Recogniser.load(project, embedder_id)
        checkpoint_id = embeddings.embedder(project, embedder_id).checkpoint_id
        checkpoint = None if checkpoint_id is None else runs.checkpoint_with_id(project, checkpoint_id)
        brought = Brought(recogniser.record.name, recogniser.network, checkpoint)
    else:
        brought = yield from bringing(project, choice or best_choice(project))
    found = brought.weights
    if found is None:
        return _Judged(brought.name, brought.network, frozenset(), True)
    ids = msgspec.json.decode(found.card, type=EmbedderCard).identity_ids if _is_own_card(found.card) else ()
    is_elsewhere = isinstance(found, FromOutside) or found.kind == "imported"
    names = {each.id: each.name for each in gallery.identities(project)}
    learned = frozenset() if isinstance(found, FromOutside) else run_faces.learned_from(project, found.id)
    is_known = not ids or (not is_elsewhere and all(each in names for each in ids))
    return _Judged(brought.name, brought.network, frozenset(names[each] for each in learned & set(names)), is_known)


def _is_own_card(card: str) -> bool:
    """Whether a card is one of ours: that of somebody's ONNX network says nothing of people."""
    return "preprocessing_sha256" in card


def _faces(project: Project, folder: Path, network: EmbeddingNetwork) -> Work[_Faces]:
    found: list[FoundFace] = []
    refused: list[Refused] = []
    begun = cutting(project, FaceFolders(folder))
    for done, cut in enumerate(begun.cuts, 1):
        if isinstance(cut, FoundFace):
            found.append(cut)
        elif isinstance(cut, Refused):
            refused.append(cut)
        yield Progress(done, begun.n_faces, "Reading faces")
    parts = [np.zeros((0, network.dim), np.float32)]
    for start in range(0, len(found), _AT_ONCE):
        parts.append(embedded(network, [each.crop.pixels for each in found[start : start + _AT_ONCE]]))
        yield Progress(min(len(found), start + _AT_ONCE), len(found), "Embedding faces")
    names = tuple(sorted({each.person for each in found}))
    people = np.array([names.index(each.person) for each in found], np.int64)
    vectors = Gallery(np.arange(len(found)), np.concatenate(parts), network.metric, people)
    return _Faces(vectors, names, tuple(refused))


def _too_few(request: EvaluateRequest, n_learned: int) -> str:
    n = request.plan.n_templates + 1
    left_out = f", besides {n_learned} whom the embedder learned from" if n_learned else ""
    return f"{request.folder} holds fewer than two people with {n} pictures or more{left_out}."
