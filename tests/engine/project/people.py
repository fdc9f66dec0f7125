"""A project with people in it, for tests of the gallery: each face with a crop and a vector of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.project import embeddings
from engine.project.edits import Edit
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import (
    AddTemplates,
    ConfirmTemplates,
    ForgetTemplates,
    IgnoreTemplates,
    KeepGallerySettings,
    MergeIdentities,
    NameTemplates,
    NewTemplate,
    RejectTemplates,
    RemoveIdentities,
    RemoveTemplates,
    SuggestTemplates,
)
from engine.project.history import History
from engine.project.records import EmbedderRecord
from engine.project.store import Project
from tests.engine.project.pictures import png

DIM = 16
SIDE = 48


def face(seed: int, person: str = "", **more: Any) -> NewTemplate:
    """A face that is nobody's, or enrolled for a person."""
    state = "confirmed" if person else "unknown"
    return NewTemplate(**({"png": png(seed, SIDE), "state": state, "person": person} | more))


def add(project: Project, faces: Sequence[NewTemplate]) -> tuple[int, ...]:
    """Bring faces in, as a step to undo; their ids."""
    before = set(project.ids("SELECT id FROM templates"))
    History(project).do(AddTemplates(tuple(faces)))
    return tuple(sorted(set(project.ids("SELECT id FROM templates")) - before))


def embed(project: Project) -> int:
    """Have an embedder that has seen every face, as a vector by its id; the embedder's id."""
    record = EmbedderRecord(0, "siamese", None, "0" * 64, "1" * 64, "cosine", DIM)
    with project.atomic():
        embedder_id = embeddings.put_embedder(project, record)
        ids = embeddings.missing(project, embedder_id)
        embeddings.store(project, embedder_id, ids, np.stack([vector(id_) for id_ in ids]))
        KeepGallerySettings(GallerySettings(embedder_id)).apply(project)
    return embedder_id


def vector(template_id: int) -> NDArray[np.float32]:
    """That of a face."""
    found = np.random.default_rng(template_id).normal(size=DIM)
    unit: NDArray[np.float32] = (found / np.linalg.norm(found)).astype(np.float32)
    return unit


_ids = st.lists(st.integers(1, 9), max_size=4, unique=True).map(tuple)
_who = st.integers(1, 3)
random_edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(NameTemplates, _ids, st.none(), st.sampled_from(["Anna", "Ben", "Clara"])),
    st.builds(SuggestTemplates, st.dictionaries(st.integers(1, 9), st.none() | _who, max_size=5)),
    st.builds(ConfirmTemplates, _ids),
    st.builds(RejectTemplates, _ids),
    st.builds(IgnoreTemplates, _ids),
    st.builds(ForgetTemplates, _ids),
    st.builds(RemoveTemplates, _ids),
    st.builds(MergeIdentities, _who, _who.map(lambda n: (n,))),
    st.builds(RemoveIdentities, _who.map(lambda n: (n,))),
    st.builds(lambda n: AddTemplates((face(n, "Ben"), face(n + 1))), st.integers(20, 30)),
)
"""Edits of faces 1 to 9 and people 1 to 3, whether they are there or not."""
