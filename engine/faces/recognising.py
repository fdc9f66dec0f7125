"""Recogniser: an embedder of a project at work on crops; and the vectors that a project lacks, made and kept.

Legend: N crops, D numbers of a vector.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import hardware
from engine.cropping import decoded
from engine.embedders import EmbeddingNetwork, VectorKind, embedded, rebuilt
from engine.gallery import Gallery
from engine.progress import Progress, Work
from engine.project import contents, embeddings, gallery, run_faces, runs
from engine.project.records import EmbedderRecord, TemplateState
from engine.project.store import Project

_CONFIRMED: tuple[TemplateState, ...] = ("confirmed",)
_AT_ONCE = 64
"""Crops whose vectors are kept together: what is lost when the work is stopped is less than this."""


@dataclass(frozen=True, slots=True, eq=False)
class Recogniser:
    """An embedder of a project, loaded once."""

    record: EmbedderRecord
    network: EmbeddingNetwork

    @classmethod
    def load(cls, project: Project, embedder_id: int, device: str = "cpu") -> Recogniser:
        """Raises UserError where its weights are not there, or are not those that its vectors were made with."""
        record = embeddings.embedder(project, embedder_id)
        weights, card = None, ""
        if record.checkpoint_id is not None:
            checkpoint = runs.checkpoint_with_id(project, record.checkpoint_id)
            weights, card = contents.get(project, checkpoint.content_id), checkpoint.card
        network = rebuilt(record.name, weights, card)
        kind_of(record).refuse_other(network.kind(record.name))
        return cls(record, network.to(hardware.device(device)).requires_grad_(False))

    def vectors(self, crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """(N, D) vectors of N crops, each (H, W, 3) RGB of any size."""
        return embedded(self.network, crops)

    def vectors_of(self, project: Project, template_ids: Sequence[int]) -> NDArray[np.float32]:
        """(N, D) vectors of the crops of N templates, computed now and not kept."""
        return self.vectors([decoded(gallery.crop(project, each), f"The crop of face {each}") for each in template_ids])


def kind_of(record: EmbedderRecord) -> VectorKind:
    """What an embedder's vectors must share with others to be compared."""
    return VectorKind(
        record.name, record.preprocessing_sha256, record.weights_sha256, record.metric, record.dim
    )  # fmt: skip


def embed(
    project: Project,
    embedder_id: int,
    states: Collection[TemplateState] | None = None,
    recogniser: Recogniser | None = None,
) -> Work[int]:
    """Make and keep the vectors that templates (all, or those in some states) lack of an embedder; returns how many.

    They are committed a few at a time: after a stop the work goes on where it was. A recogniser that is loaded already
    saves loading it again.
    """
    ids = embeddings.missing(project, embedder_id, states)
    if not ids:
        return 0
    yield Progress(0, len(ids), "Embedding faces")
    recogniser = recogniser or Recogniser.load(project, embedder_id)
    for start in range(0, len(ids), _AT_ONCE):
        portion = ids[start : start + _AT_ONCE]
        found = recogniser.vectors_of(project, portion)
        with project.atomic():
            embeddings.store(project, embedder_id, portion, found)
        yield Progress(start + len(portion), len(ids), "Embedding faces")
    return len(ids)


def whole_gallery(project: Project, recogniser: Recogniser) -> Gallery:
    """The gallery with all confirmed templates: vectors that are not kept are computed, and nothing is written."""
    person = {each.id: each.identity_id for each in gallery.templates(project, states=_CONFIRMED)}
    if recogniser.record.id:
        kept = embeddings.gallery(project, recogniser.record.id)
        lacking = embeddings.missing(project, recogniser.record.id, _CONFIRMED)
    else:
        none = np.zeros(0, np.int64)
        learned = np.array(sorted(run_faces.learned_from(project, recogniser.record.checkpoint_id)), np.int64)
        kept = Gallery(none, np.zeros((0, recogniser.record.dim), np.float32), recogniser.record.metric, none, learned)
        lacking = tuple(person)
    if not lacking:
        return kept
    ids = np.concatenate([kept.template_ids, np.array(lacking, np.int64)])
    vectors = np.concatenate([kept.vectors, recogniser.vectors_of(project, lacking)])
    people = np.concatenate([kept.identity_ids, np.array([person[each] for each in lacking], np.int64)])
    order = np.argsort(ids)
    return Gallery(ids[order], vectors[order], kept.metric, people[order], kept.learned_ids)
