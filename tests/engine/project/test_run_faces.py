"""Whom weights learned from: by their card and by the faces of their run, as people are known now."""

from pathlib import Path

import pytest

from engine.project import embeddings, gallery, run_faces, runs
from engine.project.gallery_edits import AddTemplates, MergeIdentities, NameTemplates, NewTemplate
from engine.project.records import CheckpointKind, EmbedderRecord
from engine.project.run_faces import RunFace
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from tests.engine.project.pictures import png

NAMES = ("Anna", "Ben", "Cleo", "Dora")


@pytest.fixture
def people(tmp_path: Path) -> Project:
    """Four people with two faces each; those of Anna were learned from, those of Ben tried."""
    project = Project.create(tmp_path / "p.boxwright")
    faces = [NewTemplate(png(n), "confirmed", person=NAMES[n // 2]) for n in range(8)]
    with project.atomic():
        AddTemplates(tuple(faces)).apply(project)
        run_id = runs.add(project, "embedder", "siamese", "{}")
        split = {1: "train", 2: "val"}
        listed = [each for each in gallery.templates(project) if each.identity_id in split]
        run_faces.keep(
            project,
            run_id,
            [RunFace(each.id, each.identity_id, split[each.identity_id or 0]) for each in listed],  # type: ignore[arg-type]
        )
    return project


def checkpoint(project: Project, card: str, kind: CheckpointKind = "best") -> int:
    with project.atomic():
        return runs.add_checkpoint(project, 1, NewCheckpoint(kind, 1, b"weights", card))


def test_the_faces_of_the_run_and_the_people_on_the_card_are_learned_from(people: Project) -> None:
    assert run_faces.learned_from(people, checkpoint(people, '{"identity_ids": [3], "dim": 8}')) == {1, 3}
    assert run_faces.learned_from(people, checkpoint(people, '{"dim": 8}')) == {1}


@pytest.mark.parametrize("card", ["", "no card", "[1]", '{"identity_ids": "x"}'])
def test_another_card_tells_of_nobody(people: Project, card: str) -> None:
    assert run_faces.learned_from(people, checkpoint(people, card)) == {1}


def test_weights_that_were_brought_in_and_none_at_all_learned_from_nobody_here(people: Project) -> None:
    assert run_faces.learned_from(people, checkpoint(people, '{"identity_ids": [3]}', "imported")) == frozenset()
    assert run_faces.learned_from(people, None) == frozenset()


def test_whoever_was_given_a_face_that_was_learned_from_is_known_since(people: Project) -> None:
    card = checkpoint(people, "{}")
    with people.atomic():
        NameTemplates((1,), identity_id=4).apply(people)
    assert run_faces.learned_from(people, card) == {1, 4}
    with people.atomic():
        MergeIdentities(3, (1,)).apply(people)
    assert run_faces.learned_from(people, card) == {3, 4}


def test_the_gallery_of_an_embedder_says_whom_it_learned_from(people: Project) -> None:
    with people.atomic():
        card = checkpoint(people, '{"identity_ids": [3]}')
        record = EmbedderRecord(0, "siamese", card, "a", "b", "cosine", 2)
        embedder_id = embeddings.put_embedder(people, record)
    assert embeddings.gallery(people, embedder_id).learned_ids.tolist() == [1, 3]
