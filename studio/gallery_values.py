"""What is known of people and faces at one moment, as values: read at once, and the same objects where nothing changed.

No Qt. Whoever works something out from a part of it need not do so again for as long as that is the same object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from engine.gallery import Duplicate, Gallery, Outlier, Vectors
from engine.project import embeddings, gallery
from engine.project.gallery import GallerySettings
from engine.project.records import EmbedderRecord, Identity, Template
from engine.project.store import Project

M = TypeVar("M")

_NO_IDS = np.zeros(0, np.int64)
NO_GALLERY = Gallery(_NO_IDS, np.zeros((0, 0), np.float32), "euclidean", _NO_IDS)


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """All that was read of people and faces at one moment."""

    identities: Mapping[int, Identity] = field(default_factory=dict)
    """By id, in the order of their names."""
    templates: Mapping[int, Template] = field(default_factory=dict)
    """By id, ascending."""
    rejected: Mapping[int, frozenset[int]] = field(default_factory=dict)
    settings: GallerySettings = field(default_factory=GallerySettings)
    embedders: tuple[EmbedderRecord, ...] = ()
    """Those that the project has, by id."""
    embedder: EmbedderRecord | None = None
    """The one in use."""
    vectors: Vectors = NO_GALLERY
    gallery: Gallery = NO_GALLERY

    def is_same(self, other: Faces) -> bool:
        """Whether nothing is different."""
        return (
            self.identities is other.identities
            and self.templates is other.templates
            and self.rejected is other.rejected
            and self.vectors is other.vectors
            and self.gallery is other.gallery
            and (self.settings, self.embedders) == (other.settings, other.embedders)
        )


@dataclass(frozen=True, slots=True)
class Doubts:
    """What may be wrong in the gallery."""

    outliers: tuple[Outlier, ...] = ()
    """Faces that may be under a wrong name."""
    duplicates: tuple[Duplicate, ...] = ()
    """Two people who may be one."""


def read(project: Project, before: Faces) -> Faces:
    """All that is known of people and faces, with the vectors of the embedder in use; of `before` what is unchanged."""
    settings, embedders = gallery.settings(project), embeddings.embedders(project)
    embedder_id = settings.embedder_id
    return Faces(
        _mapping(before.identities, {each.id: each for each in gallery.identities(project)}),
        _mapping(before.templates, {each.id: each for each in gallery.templates(project)}),
        _mapping(before.rejected, gallery.rejected(project)),
        settings,
        embedders,
        next((each for each in embedders if each.id == embedder_id), None),
        NO_GALLERY if embedder_id is None else _vectors(before.vectors, embeddings.vectors(project, embedder_id)),
        NO_GALLERY if embedder_id is None else _gallery(before.gallery, embeddings.gallery(project, embedder_id)),
    )


def due_notice(names: Sequence[str]) -> str:
    """Of whom nothing may be kept any more."""
    shown = ", ".join(names[:3])
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return f"The last day for keeping what is held of {shown}{more} is over."


def _mapping(before: Mapping[int, M], now: Mapping[int, M]) -> Mapping[int, M]:
    """The order counts, too."""
    return before if list(before.items()) == list(now.items()) else now


def _vectors(before: Vectors, now: Vectors) -> Vectors:
    return before if _are_alike(before, now) else now


def _gallery(before: Gallery, now: Gallery) -> Gallery:
    are_theirs = np.array_equal(before.identity_ids, now.identity_ids)
    is_same = are_theirs and np.array_equal(before.learned_ids, now.learned_ids) and _are_alike(before, now)
    return before if is_same else now


def _are_alike(before: Vectors, now: Vectors) -> bool:
    return (
        before.metric == now.metric
        and np.array_equal(before.template_ids, now.template_ids)
        and np.array_equal(before.vectors, now.vectors)
    )
