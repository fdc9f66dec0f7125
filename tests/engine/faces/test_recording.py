"""Runs of embedders in the project file: what is kept of them, and how they stop, rest, go on and fail."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.embedders import EmbedderCard, decode
from engine.errors import UserError
from engine.faces import recording, training
from engine.faces.events import FacesCheckpoint, FacesStarted, FacesStepDone, HardestFaces
from engine.faces.gathering import taken
from engine.faces.hardest import hardest_of
from engine.faces.recipe import FaceRecipe
from engine.faces.recording import FaceReport, carry_out, queue_faces, resumable, train_faces
from engine.faces.training import FaceTraining
from engine.faces.trying import tried
from engine.progress import finish
from engine.project import contents, embeddings, gallery, pauses, run_faces, run_queue, runs
from engine.project.erasing import erase
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import KeepGallerySettings, RejectTemplates
from engine.project.records import EmbedderRecord
from engine.project.store import Project
from engine.training.events import Paused, WentOn
from engine.training.recording import train_queued
from tests.engine.faces.drawn_people import SHORT, enrolled, faces


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "SECONDS_BETWEEN_STEPS_TOLD", 0.0)
    monkeypatch.setattr("engine.training.run_record.SECONDS_BETWEEN_LOOKS", 0.0)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with enrolled(tmp_path / "faces.boxwright") as made:
        yield made


def trained(project: Project, recipe: FaceRecipe = SHORT, heard: Callable[[Any], None] = lambda _: None) -> int:
    run_id = queue_faces(project, recipe)
    assert finish(train_faces(project, run_id), heard).state == "done"
    return run_id


def stopped_after(project: Project, n_steps: int, recipe: FaceRecipe = SHORT) -> int:
    run_id = queue_faces(project, recipe)
    work = train_faces(project, run_id)
    for event in work:
        if isinstance(event, FacesStepDone) and event.step >= n_steps:
            break
    work.close()
    return run_id


def weights_of(project: Project, run_id: int) -> bytes:
    return contents.get(project, runs.checkpoint(project, run_id, "best").content_id)


def test_a_run_is_written_as_it_trains(project: Project) -> None:
    heard: list[Any] = []
    run = runs.get(project, trained(project, heard=heard.append))
    assert (run.kind, run.network, run.state, run.device) == ("embedder", "siamese", "done", "cpu")
    found = runs.metrics(project, run.id)
    last = {each.name: each.value or 0.0 for each in found if each.step == 12}
    assert last["train/loss"] == pytest.approx(last["train/angles"] + 4 * last["train/triplet"])
    assert {"val/rank1", "val/order", "val/apart"} <= last.keys()
    started = next(each for each in heard if isinstance(each, FacesStarted))
    assert (started.n_people, started.n_tried_people) == (6, 2)


def test_what_is_done_keeps_its_best_network_and_who_is_in_it(project: Project) -> None:
    run_id = trained(project)
    assert not runs.has_checkpoint(project, run_id, "last")
    _, card = decode(weights_of(project, run_id))
    assert msgspec.json.decode(runs.checkpoint(project, run_id).card, type=EmbedderCard) == card
    kept = run_faces.of_run(project, run_id)
    assert {each.identity_id for each in kept if each.split == "train"} == set(card.identity_ids)
    assert {each.identity_id for each in kept if each.split == "val"}.isdisjoint(card.identity_ids)
    assert len(kept) == 32


def test_the_hardest_pairs_are_faces_of_people_it_never_learned_from(project: Project) -> None:
    heard: list[Any] = []
    run_id = trained(project, heard=heard.append)
    tried_on = {each.template_id for each in run_faces.of_run(project, run_id) if each.split == "val"}
    person = {each.id: each.identity_id for each in gallery.templates(project)}
    pairs = [pair for each in heard if isinstance(each, HardestFaces) for pair in each.pairs]
    assert pairs
    for pair in pairs:
        assert {pair.first_template_id, pair.second_template_id} <= tried_on
        assert pair.is_same == (person[pair.first_template_id] == person[pair.second_template_id])


def test_closing_keeps_the_last_checkpoint_and_the_run_goes_on_exactly(project: Project) -> None:
    whole = trained(project)
    run_id = stopped_after(project, 5)
    assert runs.get(project, run_id).state == "stopped"
    assert runs.checkpoint(project, run_id, "last").step >= 5
    assert resumable(project, None) == run_id
    assert finish(train_faces(project, run_id)).state == "done"
    assert weights_of(project, run_id) == weights_of(project, whole)


def test_a_run_that_goes_on_takes_no_faces_that_came_since(project: Project) -> None:
    run_id = stopped_after(project, 3)
    before = run_faces.of_run(project, run_id)
    with project.atomic():
        faces((20, 21), range(4)).apply(project)
    finish(train_faces(project, run_id))
    assert run_faces.of_run(project, run_id) == before


def test_a_run_that_lost_a_person_cannot_go_on_and_says_so(project: Project) -> None:
    run_id = stopped_after(project, 3)
    learned = [each for each in run_faces.of_run(project, run_id) if each.split == "train"]
    with project.atomic():
        RejectTemplates(tuple(each.template_id for each in learned[:4])).apply(project)
    with pytest.raises(UserError, match="other people"):
        finish(train_faces(project, run_id))
    run = runs.get(project, run_id)
    assert run.state == "failed"
    assert "other people" in run.message


def test_who_is_erased_while_a_training_is_made_ready_is_not_learned_from(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def erasing(*given: Any, **more: Any) -> FaceTraining:
        finish(erase(project, gallery.person(project, "Person 0").id))
        return training.train(*given, **more)

    monkeypatch.setattr(recording, "train", erasing)
    run_id = queue_faces(project, SHORT)
    with pytest.raises(UserError, match="removed while"):
        finish(train_faces(project, run_id))
    assert runs.get(project, run_id).state == "failed"
    assert run_faces.of_run(project, run_id) == ()
    assert not runs.has_checkpoint(project, run_id, "last")


def test_what_goes_on_from_weights_that_know_somebody_erased_is_marked_as_they_are(project: Project) -> None:
    before = trained(project)
    checkpoint_id = runs.checkpoint(project, before, "best").id
    learned = next(each for each in run_faces.of_run(project, before) if each.split == "train")
    unmarked = queue_faces(project, replace(SHORT, start_checkpoint_id=None))
    assert learned.identity_id is not None
    assert finish(erase(project, learned.identity_id)).runs == (before,)
    after = queue_faces(project, replace(SHORT, start_checkpoint_id=checkpoint_id))
    assert gallery.runs_with_erased(project) == {before, after}
    assert unmarked not in gallery.runs_with_erased(project)


@pytest.mark.slow
def test_a_run_rests_when_it_is_asked_to_and_goes_on(project: Project) -> None:
    run_id = queue_faces(project, SHORT)
    heard: list[Any] = []

    def hear(event: Any) -> None:
        heard.append(event)
        if isinstance(event, FacesStepDone) and event.step == 2:
            with project.atomic():
                pauses.pause(project, run_id)
        if isinstance(event, Paused):
            assert runs.has_checkpoint(project, run_id, "last")
            with project.atomic():
                runs.set_state(project, run_id, "running")

    finish(train_faces(project, run_id), hear)
    kinds = [type(each) for each in heard]
    assert kinds[kinds.index(Paused) - 1] is FacesCheckpoint
    assert WentOn in kinds
    assert weights_of(project, run_id) == weights_of(project, trained(project))


def test_a_checkpoint_is_kept_from_time_to_time(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    heard: list[Any] = []
    trained(project, replace(SHORT, epochs=1), heard.append)
    steps = {each.step for each in heard if isinstance(each, FacesStepDone)}
    assert steps <= {each.step for each in heard if isinstance(each, FacesCheckpoint)}


def test_too_few_people_are_refused_with_what_is_needed(tmp_path: Path) -> None:
    with enrolled(tmp_path / "few.boxwright", n_people=2) as project:
        run_id = queue_faces(project, SHORT)
        with pytest.raises(UserError, match=r"2 people have two confirmed faces or more.* 3 people"):
            finish(train_faces(project, run_id))
        assert runs.get(project, run_id).state == "failed"


def test_only_people_with_two_confirmed_faces_are_learned_from(project: Project) -> None:
    with project.atomic():
        faces((30,), (0,)).apply(project)
        faces((31,), (0, 1), "suggested").apply(project)
        faces((32,), (0, 1), "unknown").apply(project)
    assert (taken(project).n_people, taken(project).n_faces) == (8, 32)
    assert taken(project, identity_ids=(1, 2)).n_people == 2


def test_a_rejection_becomes_a_pair_to_learn_from(project: Project) -> None:
    with project.atomic():
        faces((1,), (9,), "suggested", of="Person 0").apply(project)
        wrong = gallery.templates(project)[-1].id
        RejectTemplates((wrong,)).apply(project)
    found = taken(project)
    assert found.identity_by_template[wrong] is None
    assert len(found.pairs) == 4
    assert not any(is_same for _, _, is_same in found.pairs)
    heard: list[Any] = []
    run_id = trained(project, replace(SHORT, validation_share=0.0), heard.append)
    assert next(each for each in heard if isinstance(each, FacesStarted)).n_clicked == 4
    assert {each.name for each in runs.metrics(project, run_id)} >= {"train/clicked"}


@pytest.mark.parametrize(("loss", "difference"), [("pair", "absolute"), ("pair-chi-squared", "chi-squared")])
def test_a_head_of_pairs_is_kept_and_reported(project: Project, loss: Any, difference: str) -> None:
    run_id = trained(project, replace(SHORT, loss=loss))
    network, card = decode(weights_of(project, run_id))
    assert card.head is not None
    assert card.head.difference == difference
    assert len(card.head.weights) == network.dim
    assert min(card.head.weights) >= 0
    assert card.metrics["val/order_of_head"] is not None


@pytest.mark.slow
def test_the_queue_carries_both_kinds(project: Project) -> None:
    first, second = queue_faces(project, SHORT), queue_faces(project, replace(SHORT, seed=1))
    with project.atomic():
        runs.add(project, "detector", "mask_rcnn", "{")
        run_queue.move(project, second, 1)
    assert [runs.get(project, each).kind for each in (1, 2, 3)] == ["embedder", "detector", "embedder"]
    reports = finish(train_queued(project, carry_out))
    assert isinstance(reports[0], FaceReport)
    assert [each.state for each in reports] == ["done", "failed", "done"]
    assert FaceRecipe.from_json(runs.get(project, 3).recipe).seed == 1
    assert first == 1


def test_weights_that_vectors_were_made_with_stay_when_the_run_goes_on(project: Project) -> None:
    run_id = stopped_after(project, 5)
    used = runs.checkpoint(project, run_id, "best")
    record = EmbedderRecord(0, "siamese", used.id, "p", "w", "cosine", 16)
    with project.atomic():
        embedder_id = embeddings.put_embedder(project, record)
    finish(train_faces(project, run_id))
    assert runs.checkpoint(project, run_id, "best").id != used.id
    assert contents.get(project, used.content_id)
    assert embeddings.embedder(project, embedder_id).checkpoint_id == used.id


def test_a_run_that_recognises_faces_is_not_deleted(project: Project) -> None:
    run_id = trained(project)
    record = EmbedderRecord(0, "siamese", runs.checkpoint(project, run_id).id, "p", "w", "cosine", 16)
    with project.atomic():
        embedder_id = embeddings.put_embedder(project, record)
        KeepGallerySettings(GallerySettings(embedder_id)).apply(project)
    with pytest.raises(UserError, match="recognises the faces"), project.atomic():
        runs.delete(project, run_id)
    with project.atomic():
        KeepGallerySettings(GallerySettings(None)).apply(project)
        runs.delete(project, run_id)
    assert embeddings.embedders(project) == ()
    assert run_faces.of_run(project, run_id) == ()


def test_runs_of_the_other_kind_are_refused(project: Project) -> None:
    from engine.training.recording import train_run

    with pytest.raises(UserError, match="an embedder of faces, not a detector"):
        finish(train_run(project, queue_faces(project, SHORT)))


def test_the_hardest_pairs_are_found_again_as_they_were_told(project: Project) -> None:
    heard: list[Any] = []
    run_id = trained(project, heard=heard.append)
    step = runs.checkpoint(project, run_id, "best").step
    told = [each for each in heard if isinstance(each, HardestFaces) and each.step == step][-1]
    found = hardest_of(project, run_id)
    assert found is not None
    assert [(each.first_template_id, each.second_template_id, each.is_same) for each in found.pairs] == [
        (each.first_template_id, each.second_template_id, each.is_same) for each in told.pairs
    ]
    assert hardest_of(project, queue_faces(project, SHORT)) is None


def test_an_earlier_network_stays_the_best_where_later_ones_are_worse(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = iter([0.9, 0.96, 0.958, 0.954, *[0.6] * 20])
    monkeypatch.setattr(training, "tried", lambda *a, **k: replace(tried(*a, **k), order=next(orders)))
    heard: list[Any] = []
    run_id = trained(project, heard=heard.append)
    found = [each for each in heard if isinstance(each, FacesCheckpoint)]
    assert [each.is_best for each in found][:4] == [True, True, True, False]
    assert runs.checkpoint(project, run_id, "best").step == found[2].step
    ended = heard[-1]
    assert ended.metrics["val/order"] == 0.958
