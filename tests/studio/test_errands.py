"""Errands as workers run them, here in this process: what they yield needs no torch to be read."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.progress import Progress, Work, finish, progress_of
from engine.project import images
from engine.project.store import Project
from engine.training.events import CheckpointReady, Paused, StepDone, ValidationDone
from studio import errands
from studio.errand_values import Chosen
from tests.engine.training.conftest import trained, trained_file
from tests.studio import projects

__all__ = ["trained", "trained_file"]


@dataclass(frozen=True)
class Began:
    weights: str
    reasons: tuple[str, ...]


STEP = StepDone(3, 0, {"loss_box": 1.0}, 1e-3, 1.5, 0.25, 90.0)
TRIED = ValidationDone(3, 0, {"bbox/AP": 0.5}, 1.0, is_best=True)


def training() -> Work[str]:
    yield Began("from scratch", ("Small objects.",))
    yield STEP
    yield CheckpointReady("best", 3, b"weights", "{}", {})
    yield TRIED
    yield Paused(3)
    return "report"


def test_events_of_a_training_are_told_without_what_is_large() -> None:
    heard: list[object] = []
    assert finish(errands.told(training()), heard.append) == "report"
    assert heard == [
        Chosen(("from scratch", "Small objects.")),
        STEP,
        TRIED,
        Paused(3),
    ]


def test_a_step_says_how_far_the_training_is_and_how_long_it_takes() -> None:
    words = "Epoch 1, 1.5 pictures a second"
    assert progress_of(STEP) == Progress(250, 1000, words, 90.0, is_counted=False)
    assert progress_of(replace(STEP, eta_seconds=math.inf)) == Progress(250, 1000, words, is_counted=False)


def test_stopping_closes_the_work_within() -> None:
    closed: list[str] = []

    def work() -> Work[None]:
        try:
            while True:
                yield Progress(0, None)
        finally:
            closed.append("yes")

    told = errands.told(work())
    next(told)
    told.close()
    assert closed == ["yes"]


def test_single_pictures_are_looked_at_together(tmp_path: Path) -> None:
    paths = tuple(tmp_path / f"{n}.png" for n in range(3))
    for n, path in enumerate(paths):
        path.write_bytes(projects.picture(n))
    (found,) = finish(errands.look_into(paths))
    assert (found.title, found.n_pictures, found.n_annotations) == (errands.BARE, 3, 0)


def test_a_folder_is_told_with_what_is_in_it(tmp_path: Path) -> None:
    with Project.open(projects.make_annotated(tmp_path / "p.boxwright")) as project:
        finish(errands.write_out(project, tmp_path / "out", {"format": "coco", "proof": False}))
    (found,) = finish(errands.look_into((tmp_path / "out",)))
    assert (found.format, found.n_pictures, found.n_annotations) == ("coco", 3, 12)
    assert found.classes == ("cell", "nucleus")


def test_nothing_to_import_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        finish(errands.look_into((tmp_path,)))


def test_pictures_are_taken_in_one_path_after_the_other(tmp_path: Path) -> None:
    paths = tuple(tmp_path / f"{n}.png" for n in range(3))
    for n, path in enumerate(paths):
        path.write_bytes(projects.picture(n))
    with Project.create(tmp_path / "p.boxwright") as project:
        reports = finish(errands.take_in(project, paths, {"split": "train"}))
        assert sum(report.images for report in reports) == 3
        assert images.by_split(project) == {"train": 3}


def test_a_copy_and_a_check(tmp_path: Path) -> None:
    path = projects.make_annotated(tmp_path / "p.boxwright")
    with Project.open(path) as project:
        finish(errands.save_copy(project, tmp_path / "copy.boxwright"))
    report = finish(errands.check(tmp_path / "copy.boxwright"))
    assert report.is_whole


def test_what_a_run_learned_from_is_written_and_what_is_gone_is_told(trained: Project, tmp_path: Path) -> None:
    options = {"format": "coco", "split": None, "proof": True}
    written = finish(errands.write_training_set(trained, tmp_path / "set", options, 1))
    assert (written.export.images, written.lost) == (6, ())
    assert written.export.proof is not None
    assert written.export.proof.is_kept


def test_weights_are_taken_away(trained: Project, tmp_path: Path) -> None:
    taken = finish(errands.take_away(trained, tmp_path / "weights", 1, has_onnx=False))
    assert taken.likeness == ""
    assert {each.name for each in (tmp_path / "weights").iterdir()} == set(taken.files)


def test_pictures_that_were_watched_are_read_again(trained: Project) -> None:
    moments = finish(errands.glimpses(trained, 1))
    assert moments
    assert {each.image_id for each in moments[-1].glimpses} == set(images.all_ids(trained)[4:])


def test_runs_are_put_side_by_side(trained: Project) -> None:
    found = finish(errands.compare_runs(trained, (1, 1)))
    assert (found.run_ids, found.differences) == ((1, 1), ())
