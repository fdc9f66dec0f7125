"""Runs: their states, metrics and checkpoints, of which only the newest of each kind is kept."""

import json
import math

import pytest

from engine.errors import UserError
from engine.project import contents, runs
from engine.project.listings import series
from engine.project.records import RunState
from engine.project.store import Change, Project


@pytest.fixture
def run_id(project: Project) -> int:
    with project.atomic():
        return runs.add(project, "detector", "mask_rcnn", json.dumps({"epochs": 3}))


def checkpoint(kind: str = "best", step: int = 1, weights: bytes = b"weights") -> runs.NewCheckpoint:
    return runs.NewCheckpoint(kind, step, weights, "{}")  # type: ignore[arg-type]


def test_a_run_from_queue_to_end(project: Project, run_id: int) -> None:
    run = runs.get(project, run_id)
    assert (run.state, run.network, run.recipe, run.started) == ("queued", "mask_rcnn", '{"epochs": 3}', None)
    with project.atomic():
        runs.set_state(project, run_id, "running", device="cpu")
    started = runs.get(project, run_id).started
    assert started is not None
    with project.atomic():
        runs.set_state(project, run_id, "paused")
        runs.set_state(project, run_id, "running")
        runs.set_state(project, run_id, "done", message="as planned")
    run = runs.get(project, run_id)
    assert (run.state, run.device, run.message, run.started) == ("done", "cpu", "as planned", started)
    assert run.ended is not None


@pytest.mark.parametrize("state", ["stopped", "failed", "interrupted", "done"])
def test_a_run_that_goes_on_again_has_not_ended(project: Project, run_id: int, state: RunState) -> None:
    with project.atomic():
        runs.set_state(project, run_id, state)
        assert runs.get(project, run_id).ended is not None
        runs.set_state(project, run_id, "running")
        assert runs.get(project, run_id).ended is None


def test_runs_are_listed_newest_first_and_the_latest_has_a_checkpoint(project: Project, run_id: int) -> None:
    with pytest.raises(UserError, match="No run"):
        runs.latest(project)
    with project.atomic():
        second = runs.add(project, "detector", "yolo", "{}")
        third = runs.add(project, "embedder", "siamese", "{}")
        for one in (run_id, third):
            runs.add_checkpoint(project, one, checkpoint())
    assert [run.id for run in runs.all_runs(project)] == [third, second, run_id]
    assert runs.latest(project).id == run_id
    assert runs.latest(project, "embedder").id == third
    with pytest.raises(UserError, match="no run 99"):
        runs.get(project, 99)


def test_metrics_are_numbers_or_undefined(project: Project, run_id: int) -> None:
    with project.atomic():
        runs.add_metrics(project, run_id, 1, {"loss": 2.5, "AP": math.nan, "norm": math.inf})
        runs.add_metrics(project, run_id, 2, {"loss": 1.5})
        runs.add_metrics(project, run_id, 2, {"loss": 1.25})
    told = [(metric.step, metric.name, metric.value) for metric in runs.metrics(project, run_id)]
    assert told == [(1, "AP", None), (1, "loss", 2.5), (1, "norm", None), (2, "loss", 1.25)]
    assert [metric.step for metric in runs.metrics(project, run_id, after_step=1)] == [2]


def test_a_newer_checkpoint_takes_the_place_of_the_older_of_its_kind(project: Project, run_id: int) -> None:
    with project.atomic():
        staged = contents.put(project, b"a picture that an import is about to refer to")
        runs.add_checkpoint(project, run_id, checkpoint("last", 1, b"first"))
        runs.add_checkpoint(project, run_id, checkpoint("best", 1, b"first"))
        runs.add_checkpoint(project, run_id, checkpoint("last", 2, b"second"))
        runs.add_checkpoint(project, run_id, checkpoint("best", 2, b"second"))
    assert runs.checkpoint(project, run_id).kind == "best"
    last = runs.checkpoint(project, run_id, "last")
    assert (last.step, contents.get(project, last.content_id)) == (2, b"second")
    assert project.rows("SELECT id FROM contents ORDER BY id") == [(staged,), (last.content_id,)]
    with pytest.raises(UserError, match="no checkpoint"):
        runs.checkpoint(project, run_id, "imported")


def test_every_change_of_a_run_is_announced(project: Project, run_id: int) -> None:
    heard: list[Change] = []
    project.on_change(heard.append)
    for act in (
        lambda: runs.set_state(project, run_id, "running"),
        lambda: runs.add_metrics(project, run_id, 1, {"loss": 1.0}),
        lambda: runs.add_checkpoint(project, run_id, checkpoint()),
    ):
        with project.atomic():
            act()
    assert heard == [Change(runs=frozenset({run_id}))] * 3


def test_a_run_knows_what_it_learned_from_even_after_an_image_is_gone(project: Project, run_id: int) -> None:
    with project.atomic():
        truth = contents.put(project, b"truth")
        runs.set_images(project, run_id, [(7, "train", truth), (8, "val", None)])
        assert contents.release(project) == 0
    assert project.rows("SELECT image_id, split, truth_content_id FROM run_images ORDER BY image_id") == [
        (7, "train", truth),
        (8, "val", None),
    ]


def test_metrics_as_series_are_those_by_row(project: Project, run_id: int) -> None:
    with project.atomic():
        for step in range(5):
            runs.add_metrics(project, run_id, step, {"a": step / 2, "b": math.nan if step % 2 else 1.0})
        runs.add_metrics(project, run_id, 7, {"c": math.nan})
    for after in (-1, 2, 9):
        found = {each.name: dict(zip(each.steps, each.values, strict=True)) for each in series(project, run_id, after)}
        rows: dict[str, dict[float, float]] = {}
        for each in runs.metrics(project, run_id, after_step=after):
            if each.value is not None:
                rows.setdefault(each.name, {})[each.step] = each.value
        assert found == rows
