"""Probes that are kept with their answers: faces, vectors, pairs; all of it taken back by one undo."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.errors import UserError
from engine.project import embeddings, gallery
from engine.project.gallery_edits import AddTemplates, KeepGallerySettings, NewTemplate
from engine.project.history import History
from engine.project.probe_edits import AnswerFace, KeepProbe
from engine.project.records import EmbedderRecord, Template
from engine.project.store import Project
from tests.studio.projects import picture

DIM = 4


def face(n: int, state: str, **more: object) -> NewTemplate:
    return NewTemplate(picture(n, 24, 24), state, source=f"{n}.png", **more)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Anna (1) and Bob (2) with two faces each, and an embedder (1)."""
    with Project.create(tmp_path / "p.boxwright") as made:
        with made.atomic():
            embedder_id = embeddings.put_embedder(made, EmbedderRecord(0, "pixels", None, "p", "", "euclidean", DIM))
        everybody = tuple(face(n, "confirmed", person=("Anna", "Bob")[n // 2]) for n in range(4))
        History(made).do(AddTemplates(everybody))
        with made.atomic():
            embeddings.store(made, embedder_id, (1, 2, 3, 4), np.eye(4, dtype=np.float32))
        History(made).do(KeepGallerySettings(gallery.GallerySettings(embedder_id)))
        yield made


def newest(project: Project) -> Template:
    return gallery.templates(project)[-1]


def as_it_is(project: Project) -> tuple[object, ...]:
    found = embeddings.vectors(project, 1)
    pairs = {(each.template_a_id, each.template_b_id, each.is_same) for each in gallery.pairs(project)}
    return gallery.templates(project), pairs, found.template_ids.tolist(), found.vectors.tolist()


def vector() -> np.ndarray:
    return np.array([0.9, 0.1, 0, 0], np.float32)


def test_a_probe_that_is_confirmed_is_enrolled_with_its_vector_and_teaches(project: Project) -> None:
    before = as_it_is(project)
    history = History(project)
    history.do(KeepProbe(face(9, "suggested", identity_id=1), True, 1, vector()))
    made = newest(project)
    assert (made.state, made.identity_id, made.source) == ("confirmed", 1, "9.png")
    assert embeddings.gallery(project, 1).vectors[-1].tolist() == vector().tolist()
    assert embeddings.missing(project, 1) == ()
    pairs = [(each.template_a_id, each.template_b_id, each.is_same) for each in gallery.pairs(project)]
    assert pairs == [(1, made.id, True), (2, made.id, True)]
    history.undo()
    assert as_it_is(project) == before
    history.redo()
    assert newest(project) == made


def test_a_probe_that_is_rejected_is_remembered_person_by_person(project: Project) -> None:
    before = as_it_is(project)
    history = History(project)
    history.do(KeepProbe(face(9, "suggested", identity_id=1), False, 1, vector()))
    made = newest(project)
    assert (made.state, made.identity_id) == ("rejected", 1)
    assert gallery.rejected(project) == {made.id: frozenset({1})}
    history.do(AnswerFace(made.id, 2, False))
    assert gallery.rejected(project)[made.id] == {1, 2}
    history.undo()
    assert gallery.rejected(project) == {made.id: frozenset({1})}
    history.do(AnswerFace(made.id, 2, True))
    assert (newest(project).state, newest(project).identity_id) == ("confirmed", 2)
    history.undo()
    history.undo()
    assert as_it_is(project) == before


def test_somebody_new_and_nobody_are_kept_without_an_answer(project: Project) -> None:
    History(project).do(KeepProbe(face(9, "confirmed", person="Cleo"), None, 1, vector()))
    assert gallery.identity_named(project, "Cleo") == gallery.identity(project, newest(project).identity_id or 0)
    History(project).do(KeepProbe(face(8, "ignored")))
    assert newest(project).state == "ignored"
    assert embeddings.missing(project, 1) == (newest(project).id,)


def test_who_was_rejected_can_be_confirmed_after_all(project: Project) -> None:
    history = History(project)
    history.do(KeepProbe(face(9, "suggested", identity_id=1), False))
    history.do(AnswerFace(newest(project).id, 1, True))
    assert (newest(project).state, newest(project).identity_id) == ("confirmed", 1)
    assert newest(project).id not in gallery.rejected(project)


def test_somebody_who_has_gone_is_refused_and_nothing_is_kept(project: Project) -> None:
    before = as_it_is(project)
    with pytest.raises(UserError):
        History(project).do(KeepProbe(face(9, "suggested", identity_id=77), True))
    assert as_it_is(project) == before
