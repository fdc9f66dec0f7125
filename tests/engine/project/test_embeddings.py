"""Vectors come out as they went in, of one embedder at a time, and fall with their faces and weights."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UserError
from engine.project import embeddings, runs
from engine.project.gallery_edits import NameTemplates, RemoveTemplates
from engine.project.history import History
from engine.project.records import EmbedderRecord
from engine.project.runs import NewCheckpoint
from engine.project.store import Change, Project
from tests.engine.project.people import DIM, add, embed, face, vector

RECORD = EmbedderRecord(0, "siamese", None, "0" * 64, "1" * 64, "cosine", DIM)


def put(project: Project, record: EmbedderRecord = RECORD) -> int:
    with project.atomic():
        return embeddings.put_embedder(project, record)


@pytest.fixture
def people(project: Project) -> Project:
    add(project, [face(1, "Anna"), face(2), face(3, "Ben"), face(4, "Anna")])
    return project


def test_the_equal_embedder_is_found_and_any_other_is_another(project: Project) -> None:
    heard: list[Change] = []
    project.on_change(heard.append)
    first = put(project)
    assert put(project) == first
    assert [each.gallery for each in heard] == [True]
    for other in (
        replace(RECORD, name="pixels"), replace(RECORD, preprocessing_sha256="2" * 64),
        replace(RECORD, weights_sha256="2" * 64), replace(RECORD, metric="euclidean"), replace(RECORD, dim=2),
    ):  # fmt: skip
        assert put(project, other) not in {first}
    assert len(embeddings.embedders(project)) == 6
    assert embeddings.embedder(project, first) == replace(RECORD, id=first)
    with pytest.raises(UserError, match="no embedder 99"):
        embeddings.embedder(project, 99)


def test_vectors_come_out_by_state_and_person(people: Project) -> None:
    embedder_id = embed(people)
    found = embeddings.vectors(people, embedder_id)
    assert found.template_ids.tolist() == [1, 2, 3, 4]
    assert found.vectors.dtype == np.float32
    assert (found.vectors == np.stack([vector(n) for n in (1, 2, 3, 4)])).all()
    gallery = embeddings.gallery(people, embedder_id)
    assert (gallery.template_ids.tolist(), gallery.identity_ids.tolist()) == ([1, 3, 4], [1, 2, 1])
    assert (gallery.vectors == np.stack([vector(n) for n in (1, 3, 4)])).all()
    assert (gallery.metric, found.metric) == ("cosine", "cosine")
    unknown = embeddings.vectors(people, embedder_id, {"unknown"})
    assert unknown.template_ids.tolist() == [2]
    few = embeddings.vectors_of(people, embedder_id, [4, 2, 99])
    assert few.template_ids.tolist() == [2, 4]
    assert (few.vectors == np.stack([vector(2), vector(4)])).all()


def test_what_lacks_a_vector_is_told(people: Project) -> None:
    embedder_id = put(people)
    assert embeddings.missing(people, embedder_id) == (1, 2, 3, 4)
    assert embeddings.missing(people, embedder_id, ("confirmed",)) == (1, 3, 4)
    with people.atomic():
        embeddings.store(people, embedder_id, [1, 4], np.ones((2, DIM), np.float32))
    assert embeddings.missing(people, embedder_id) == (2, 3)
    assert embeddings.missing(people, put(people, replace(RECORD, dim=3))) == (1, 2, 3, 4)


def test_an_empty_gallery_has_vectors_of_the_right_length(project: Project) -> None:
    embedder_id = put(project)
    assert embeddings.gallery(project, embedder_id).vectors.shape == (0, DIM)
    assert embeddings.vectors(project, embedder_id, ()).vectors.shape == (0, DIM)


def test_a_newer_vector_takes_the_place_of_the_older_and_a_face_that_has_gone_gets_none(people: Project) -> None:
    embedder_id = embed(people)
    heard: list[Change] = []
    people.on_change(heard.append)
    with people.atomic():
        embeddings.store(people, embedder_id, [2, 99], np.full((2, DIM), 2, np.float32))
    assert embeddings.vectors_of(people, embedder_id, [2, 99]).vectors.tolist() == [[2] * DIM]
    assert heard == [Change(templates=frozenset({2}))]


def test_vectors_of_another_length_or_without_numbers_are_refused(people: Project) -> None:
    embedder_id = put(people)
    for wrong in (np.ones((1, DIM + 1), np.float32), np.full((1, DIM), np.nan, np.float32)):
        with pytest.raises(UserError), people.atomic():
            embeddings.store(people, embedder_id, [1], wrong)
    with people.atomic():
        embeddings.store(people, embedder_id, [1], np.ones((1, DIM), np.float32))
        people.execute("UPDATE embeddings SET vector = x'00'")
    with pytest.raises(UserError, match="is damaged"):
        embeddings.vectors(people, embedder_id)


def test_vectors_fall_with_faces_and_come_back_with_them(people: Project) -> None:
    embedder_id, history = embed(people), History(people)
    before = embeddings.vectors(people, embedder_id).vectors
    history.do(RemoveTemplates((1, 2)))
    assert embeddings.vectors(people, embedder_id).template_ids.tolist() == [3, 4]
    history.undo()
    assert (embeddings.vectors(people, embedder_id).vectors == before).all()
    history.do(NameTemplates((2,), 2))
    assert embeddings.gallery(people, embedder_id).identity_ids.tolist() == [1, 2, 2, 1]


def test_an_embedder_goes_with_its_weights(people: Project) -> None:
    with people.atomic():
        run_id = runs.add(people, "embedder", "siamese", "{}")
        checkpoint_id = runs.add_checkpoint(people, run_id, NewCheckpoint("best", 1, b"weights", "{}"))
    embed(people)
    trained = put(people, replace(RECORD, checkpoint_id=checkpoint_id))
    with people.atomic():
        embeddings.store(people, trained, [1], np.ones((1, DIM), np.float32))
        runs.delete(people, run_id)
    assert [each.id for each in embeddings.embedders(people)] == [1]
    assert people.value("SELECT COUNT(*) FROM embeddings") == 4


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=DIM, max_size=DIM))
def test_numbers_are_kept_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    path = tmp_path_factory.mktemp("bits") / "a.boxwright"
    with Project.create(path) as project:
        project.rows("PRAGMA synchronous = OFF")
        add(project, [face(1)])
        embedder_id, wanted = put(project), np.asarray([numbers], np.float32)
        with project.atomic():
            embeddings.store(project, embedder_id, [1], wanted)
        assert embeddings.vectors(project, embedder_id).vectors.tobytes() == wanted.tobytes()
