"""Networks watched for the window: one image on its way, the newest waits; what is said where there is nothing."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import images, runs
from engine.project.records import Detection
from engine.project.runs import NewCheckpoint
from engine.project.store import Change, Project
from engine.tracing import files
from engine.tracing.stages import FeatureMaps, Scores
from engine.tracing.trace import Trace
from studio.inspection import NO_CHECKPOINT, NO_IMAGE, NO_RUN, STOPPED, Aim, Inspection, Picked
from studio.looks import Looked
from studio.orders import Failure
from studio.session import Session
from tests.engine.tracing.traces import one_stage, two_stages
from tests.studio import projects
from tests.studio.asked import Asked, AskedJobs


class Desk:
    """A session on a project of three pictures, and what is inspected there."""

    def __init__(self, path: Path) -> None:
        self.session, self.jobs = Session("Ann"), AskedJobs()
        self.of = Inspection(self.session, self.jobs)  # type: ignore[arg-type]
        self.session.open(path)

    @property
    def job(self) -> Asked:
        return self.jobs.started[-1]

    @property
    def asked(self) -> list[tuple[int, bool]]:
        """Images that were asked about, and whether it was for more."""
        return [(look.image_id, look.asks_more) for look in self.jobs.told]

    def answer(self, trace: Trace, of: Asked | None = None) -> None:
        """A trace of what was asked last, as the worker writes it."""
        job = of or self.job
        look = job.told[-1]
        origin = replace(trace.origin, image_id=look.image_id, run_id=look.run_id)
        files.save(replace(trace, origin=origin), look.path, has_features=not look.is_more)
        job.answer(Looked(look))

    def refuse(self, words: str) -> None:
        self.job.answer(Looked(self.job.told[-1], Failure(words, "Try this.")))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = projects.make(tmp_path / "p.boxwright")
    with Project.open(path) as project, project.atomic():
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        runs.set_state(project, run_id, "done")
        runs.add_checkpoint(project, run_id, NewCheckpoint("best", 1, b"weights", "{}"))
    return path


@pytest.fixture
def desk(qtbot: QtBot, path: Path) -> Iterator[Desk]:
    desk = Desk(path)
    yield desk
    desk.session.close()


def test_nothing_is_watched_before_the_page_is_seen(desk: Desk) -> None:
    assert not desk.jobs.started
    desk.of.follow(True)
    assert desk.asked == [(1, False)]
    assert desk.of.is_busy


def test_what_comes_is_shown_then_the_heads_are_asked_more(desk: Desk) -> None:
    desk.of.follow(True)
    trace, widened = two_stages(), list[bool]()
    desk.of.widened.connect(lambda: widened.append(True))
    desk.answer(trace)
    assert desk.of.trace is not None
    assert desk.of.stage_name == "input"
    assert not desk.of.is_busy
    assert desk.asked == [(1, False), (1, True)]
    picked = Picked("anchors", 3)
    desk.of.show_stage("anchors")
    desk.of.pick(picked)
    desk.answer(trace)
    assert widened == [True]
    assert (desk.of.stage_name, desk.of.picked) == ("anchors", picked)
    assert [stage.name for stage in desk.of.trace.stages] == [stage.name for stage in trace.stages]
    np.testing.assert_array_equal(desk.of.trace.first(FeatureMaps).levels[0], trace.first(FeatureMaps).levels[0])


def test_only_the_newest_image_is_watched_of_those_that_were_passed(desk: Desk) -> None:
    desk.of.follow(True)
    desk.session.go_to(2)
    desk.session.go_to(3)
    assert desk.asked == [(1, False)]
    desk.answer(one_stage())
    assert desk.of.trace is None, "it is of the first image"
    assert desk.of.is_busy
    assert desk.asked == [(1, False), (3, False)]
    desk.answer(one_stage())
    assert desk.of.trace is not None
    assert desk.of.trace.origin.image_id == 3
    assert desk.asked == [(1, False), (3, False)], "one stage has no heads that can be asked more"


def test_an_aim_waits_for_the_image_though_more_is_asked_of_another(desk: Desk) -> None:
    desk.of.follow(True)
    desk.answer(two_stages())
    assert desk.asked[-1] == (1, True)
    desk.session.go_to(2)
    assert desk.of.is_busy, "it waits behind what is asked of the first image"
    away = Detection(0, 2, 1, 0.9, Box(0, 0, 2, 2), 1)
    desk.of.aim_at(Aim(2, detection=away))
    desk.answer(two_stages())
    desk.answer(two_stages())
    assert desk.of.stage_name == "detections"


def test_the_same_stage_stays_in_sight_from_image_to_image(desk: Desk) -> None:
    desk.of.follow(True)
    desk.answer(one_stage())
    desk.of.show_stage("scores")
    desk.session.go_to(2)
    desk.answer(one_stage())
    assert isinstance(desk.of.stage, Scores)


def test_no_more_files_are_kept_than_are_shown(desk: Desk) -> None:
    desk.of.follow(True)
    for image_id in (2, 3, 1, 2):
        desk.answer(one_stage())
        desk.session.go_to(image_id)
    folder = desk.job.told[-1].path.parent
    assert len(list(folder.iterdir())) == 1
    assert desk.of.trace is not None
    assert desk.of.trace.first(FeatureMaps).levels[0].shape[0] == 8  # what is shown can be read


def test_a_refusal_is_said_and_the_next_image_is_watched(desk: Desk) -> None:
    desk.of.follow(True)
    desk.refuse("The picture cannot be read.")
    assert (desk.of.trace, desk.of.words) == (None, "The picture cannot be read.\nTry this.")
    desk.session.go_to(2)
    assert desk.asked[-1] == (2, False)


def test_a_worker_that_breaks_down_is_told_and_one_that_was_idle_begins_again(desk: Desk) -> None:
    desk.of.follow(True)
    desk.job.end(Failure("The process ended.", ""))
    assert (desk.of.trace, desk.of.words) == (None, "The process ended.")
    desk.of.look_again()
    assert len(desk.jobs.started) == 2
    desk.job.end()
    assert len(desk.jobs.started) == 3
    desk.answer(one_stage())
    assert desk.of.trace is not None


def test_without_a_run_or_an_image_a_sentence_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Desk(projects.make(tmp_path / "p.boxwright"))
    desk.of.follow(True)
    assert desk.of.words == NO_RUN
    project = desk.session.project
    assert project is not None
    desk.session.close()
    assert desk.of.words == NO_IMAGE
    assert not desk.jobs.started


def test_a_run_without_a_checkpoint_says_so_also_beside_one_that_has_one(desk: Desk, path: Path) -> None:
    with Project.open(path) as project, project.atomic():
        new_id = runs.add(project, "detector", "yolo", "{}")
    desk.session.show_run(new_id)
    desk.of.follow(True)
    assert (desk.of.words, desk.of.is_busy) == (NO_CHECKPOINT, False)
    desk.session.show_run(1)
    assert desk.asked == [(1, False)]


def test_a_run_that_has_learned_meanwhile_is_watched(qtbot: QtBot, tmp_path: Path) -> None:
    path = projects.make(tmp_path / "p.boxwright")
    with Project.open(path) as project, project.atomic():
        run_id = runs.add(project, "detector", "yolo", "{}")
        runs.set_state(project, run_id, "running")
    desk = Desk(path)
    desk.session.show_run(run_id)
    desk.of.follow(True)
    assert desk.of.words == NO_CHECKPOINT
    with Project.open(path) as project, project.atomic():
        runs.add_checkpoint(project, run_id, NewCheckpoint("best", 1, b"weights", "{}"))
        assert images.all_ids(project)
    desk.session.changed.emit(Change(runs=frozenset({run_id})))
    assert desk.asked == [(1, False)]
    desk.session.close()


def test_a_look_that_is_stopped_is_let_go_of_and_what_is_shown_stays(desk: Desk) -> None:
    desk.of.follow(True)
    late = desk.job
    desk.of.stop()
    assert desk.jobs.stopped == [late]
    assert (desk.of.trace, desk.of.words, desk.of.is_busy) == (None, STOPPED, False)
    desk.answer(one_stage(), late)  # it was on its way
    assert desk.of.trace is None
    desk.of.look_again()
    assert desk.of.is_busy
    desk.answer(one_stage())
    shown = desk.of.trace
    desk.session.go_to(2)
    assert desk.of.is_busy
    desk.of.stop()
    assert desk.of.trace is shown


def test_another_project_ends_the_worker(desk: Desk, tmp_path: Path) -> None:
    desk.of.follow(True)
    desk.answer(one_stage())
    desk.session.open(projects.make(tmp_path / "other.boxwright"))
    assert desk.jobs.stopped == [desk.jobs.started[0]]
    assert desk.of.trace is None
    assert desk.of.words == NO_RUN
