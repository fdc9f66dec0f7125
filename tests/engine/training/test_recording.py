"""Runs in the project file: what is written while they train, when they are stopped, and when they fail."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from engine import checkpoints
from engine.detecting.suggesting import DetectRequest, judge, suggest
from engine.errors import UserError
from engine.evaluation.detection import evaluate
from engine.evaluation.stored import tables_of_run
from engine.feeding.project_data import ProjectData
from engine.geometry.shapes import Box
from engine.progress import finish
from engine.project import annotations, classes, detections, images, runs
from engine.project.edits import SetImages
from engine.project.processes import Process
from engine.project.records import Annotation, RunState
from engine.project.store import Project
from engine.training import recording
from engine.training.events import CheckpointReady, Event, StepDone
from engine.training.recipe import Recipe
from engine.training.recording import queue, recorded, train_run
from engine.training.remembering import recall
from tests.engine.detectors.scenes import CLASS_NAMES, Scenes
from tests.engine.training.conftest import SETTINGS, add_image


def recipe(**changed: Any) -> Recipe:
    return Recipe(**{**SETTINGS, "epochs": 2, **changed})


def test_a_project_is_seen_as_data(project: Project) -> None:
    data = ProjectData(project)
    scenes = Scenes(4, 2)
    assert list(data.class_names.values()) == list(CLASS_NAMES.values())
    assert (len(data.train), len(data.val)) == (4, 2)
    assert np.array_equal(data.train[1].picture, scenes.train[1].picture)
    assert np.array_equal(data.train[1].truth.boxes, scenes.train[1].truth.boxes)
    survey = data.survey()
    assert survey.boxes.shape == (16, 4)
    assert survey.picture_of.tolist() == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4
    assert survey.sizes.tolist() == [[96, 96]] * 4


def test_unannotated_images_are_learned_from_only_when_marked_done(project: Project) -> None:
    with project.atomic():
        bare = [add_image(project, f"{n}.png", np.full((9, 9, 3), n, np.uint8), None) for n in (1, 2, 3)]
        SetImages((bare[1],), state="done").apply(project)
        class_id = classes.all_classes(project)[0].id
        annotations.add(project, [Annotation(0, bare[2], class_id, Box(1, 1, 5, 5))])
    data = ProjectData(project)
    assert [each.id for each in data.train_images][-2:] == bare[1:]
    assert len(data.train) == 6


def test_a_run_is_written_as_it_trains(trained: Project) -> None:
    project, run = trained, runs.get(trained, 1)
    assert (run.state, run.device) == ("done", "cpu")
    assert run.started
    assert run.ended
    found = runs.metrics(project, run.id)
    assert {"train/loss", "train/loss_mask", "train/learning_rate", "bbox/AP", "segm/AP50", "val/loss_box"} <= {
        each.name for each in found
    }
    last_losses = {each.name: each.value for each in found if each.name.startswith("train/loss_")}
    total = [each.value for each in found if each.name == "train/loss"][-1]
    assert total == pytest.approx(sum(value or 0 for value in last_losses.values()))
    assert max(each.step for each in found) == 4
    checkpoint = runs.checkpoint(project, run.id, "best")
    assert json.loads(checkpoint.card)["position"]["step"] == checkpoint.step
    with pytest.raises(UserError, match="is done"):
        finish(train_run(project, run.id))


def test_a_run_that_is_done_keeps_no_more_than_its_best_checkpoint(trained: Project) -> None:
    assert runs.has_checkpoint(trained, 1, "best")
    assert not runs.has_checkpoint(trained, 1, "last")
    assert trained.value("PRAGMA freelist_count") == 0
    kept = trained.value("SELECT SUM(size) FROM contents")
    assert trained.path.stat().st_size < 1.2 * kept + 1_000_000


def stopped_after(project: Project, n_steps: int) -> int:
    """A run that was closed after some steps; returns its id."""
    run_id = queue(project, recipe())
    work = train_run(project, run_id)
    for event in work:
        if isinstance(event, StepDone) and event.step >= n_steps:
            break
    work.close()
    return run_id


def test_closing_keeps_the_last_checkpoint_and_the_run_goes_on_exactly(trained: Project) -> None:
    project = trained
    run_id = stopped_after(project, 3)
    assert runs.get(project, run_id).state == "stopped"
    assert 3 <= runs.checkpoint(project, run_id, "last").step < 4
    assert recording.resumable(project, None) == run_id
    resumed = last_state(project, run_id)
    assert runs.get(project, run_id).state == "done"
    assert resumed == last_state(project, queue(project, recipe()))


def last_state(project: Project, run_id: int) -> dict[str, bytes]:
    """Everything that a run holds at its end, optimizer and all; it is carried out for this."""
    events: list[Event] = []
    finish(train_run(project, run_id), events.append)
    last = [event for event in events if isinstance(event, CheckpointReady) and event.kind == "last"][-1]
    state, _ = checkpoints.decode(last.weights)
    return {name: value.numpy().tobytes() for name, value in state.items()}


def test_an_interrupted_run_without_a_checkpoint_begins_anew(project: Project) -> None:
    run_id = queue(project, recipe(epochs=1))
    with project.atomic():
        runs.set_state(project, run_id, "interrupted")
    assert finish(train_run(project, run_id)).state == "done"


def test_a_run_whose_process_was_killed_goes_on_from_its_last_checkpoint(trained: Project) -> None:
    run_id = stopped_after(trained, 2)
    with trained.atomic():
        runs.set_state(trained, run_id, "running")
        trained.execute("UPDATE runs SET process = ? WHERE id = ?", (str(dead()), run_id))
    assert recording.resumable(trained, None) == run_id
    assert runs.get(trained, run_id).state == "interrupted"
    events: list[Event] = []
    assert finish(train_run(trained, run_id), events.append).state == "done"
    assert min(event.step for event in events if isinstance(event, StepDone)) > 2


def dead() -> Process:
    """A process of this computer that has ended."""
    mine = Process.current()
    return Process(mine.host, mine.pid, "another-start")


def failing(error: BaseException) -> Iterator[Event]:
    yield StepDone(1, 0, {"loss": 2.0}, 0.1, 1.0, 0.5, 1.0)
    raise error


@pytest.mark.parametrize(("error", "words"), [(UserError("Bad luck."), "Bad luck."), (ValueError("oh"), "oh")])
def test_a_failing_run_says_why_and_keeps_what_it_told(project: Project, error: Exception, words: str) -> None:
    run_id = queue(project, recipe())
    with pytest.raises(type(error)):
        finish(recorded(failing(error), project, run_id))  # type: ignore[arg-type]
    run = runs.get(project, run_id)
    assert run.state == "failed"
    assert words in run.message
    assert [each.value for each in runs.metrics(project, run_id) if each.name == "train/loss"] == [2.0]


def test_what_a_run_learned_from_can_be_had_back_after_edits(trained: Project) -> None:
    project = trained
    before = {each.id: annotations.of_image(project, each.id) for each in images.all_images(project)}
    with project.atomic():
        annotations.remove(project, [each.id for found in before.values() for each in found])
    remembered = recall(project, 1)
    assert {image_id: found for image_id, (_, found) in remembered.items()} == before
    assert [split for split, _ in remembered.values()] == ["train"] * 4 + ["val"] * 2


def test_suggestions_are_kept_and_judged(trained: Project) -> None:
    project = trained
    suggested = finish(suggest(project, DetectRequest(split="val", device="cpu")))
    kept = detections.of_run(project, 1)
    assert (suggested.run_id, suggested.images, suggested.detections) == (1, 2, len(kept))
    assert all(each.state == "suggested" for each in kept)
    again = finish(suggest(project, DetectRequest(split="val", device="cpu")))
    assert len(detections.of_run(project, 1)) == again.detections == suggested.detections
    judged = finish(judge(project, DetectRequest(split="val", device="cpu")))
    assert judged.images == 2
    assert judged.segm is not None
    best = json.loads(runs.checkpoint(project, 1, "best").card)["metrics"]
    assert pytest.approx(best["bbox/AP50"], abs=1e-6) == judged.bbox.AP50
    assert pytest.approx(best["segm/AP"], abs=1e-6) == judged.segm.AP


def test_stopping_keeps_the_suggestions_so_far(trained: Project) -> None:
    project = trained
    work = suggest(project, DetectRequest(device="cpu"))
    first = next(work)
    work.close()
    found = detections.of_run(project, 1)
    assert len(found) == len(first.detections)
    assert {each.image_id for each in found} <= {first.image.id}


@pytest.mark.parametrize(
    ("request_", "words"),
    [(DetectRequest(run_id=77), "no run 77"), (DetectRequest(), "checkpoint"), (DetectRequest(split="test"), "check")],
)
def test_detecting_without_a_trained_run_says_so(project: Project, request_: DetectRequest, words: str) -> None:
    with pytest.raises(UserError, match=words):
        finish(suggest(project, request_))


def test_a_queued_run_waits_and_a_running_one_is_left_alone(project: Project) -> None:
    run_id = queue(project, recipe())
    state: RunState = runs.get(project, run_id).state
    assert state == "queued"
    with project.atomic():
        runs.set_state(project, run_id, "running")
    with pytest.raises(UserError, match="is running"):
        finish(train_run(project, run_id))
    with pytest.raises(UserError, match="stopped or interrupted"):
        recording.resumable(project, None)


def test_what_a_run_suggested_is_compared_without_its_network_and_by_its_ids(trained: Project) -> None:
    report = finish(suggest(trained, DetectRequest(split="val", device="cpu")))
    judged = finish(judge(trained, DetectRequest(split="val", device="cpu")))
    tables = tables_of_run(trained, report.run_id, "val")
    assert evaluate(tables, "bbox", judged.max_detections) == judged.bbox
    kept = {each.id for image in images.all_images(trained, "val") for each in detections.of_image(trained, image.id)}
    assert set(tables.sides("bbox").found.ids.tolist()) == kept
