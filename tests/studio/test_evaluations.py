"""Which evaluation is under way, kept, out of date or left alone: with jobs that the test ends itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.evaluation.stored import evaluate_run
from engine.progress import Progress, finish
from engine.project import images
from engine.project.history import History
from engine.project.image_edits import SetImages
from engine.project.store import Change, Project
from studio.evaluations import EVALUATE, Evaluations
from studio.jobs import Job, Jobs, JobState
from studio.orders import Task
from studio.session import Session
from tests.studio import projects


class Made(Jobs):
    """Jobs that nobody does."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[Job] = []
        self.stopped: list[Job] = []
        self._numbers = itertools.count(1)

    def start(self, task: Task, *, quiet: bool = False) -> Job:
        job = Job(next(self._numbers), task, self, is_quiet=quiet)
        self.made.append(job)
        job.turn("running")
        return job

    def stop(self, job: Job) -> None:
        self.stopped.append(job)


@pytest.fixture
def session(qapp: QApplication, tmp_path: Path) -> Iterator[Session]:
    """Two pictures that run 1 has looked at, and one that it has not; all in validation."""
    path = projects.make_annotated(tmp_path / "p.boxwright", 2)
    with Project.open(path) as project:
        with project.atomic():
            projects.add_picture(project, 9)
        History(project).do(SetImages(tuple(images.all_ids(project)), split="val"))
    made = Session("anna")
    made.open(path)
    yield made
    made.close()


def evaluations(session: Session) -> tuple[Evaluations, Made]:
    jobs = Made()
    found = Evaluations(session, jobs, session)
    jobs.setParent(session)
    found.choose_first()
    return found, jobs


def end(job: Job, state: JobState = "done") -> None:
    """Do what the job would have done, and end it."""
    if state == "done" and job.task.function == EVALUATE and job.task.project is not None:
        with Project.open(job.task.project) as project:
            job.result = finish(evaluate_run(project, *job.task.arguments))
    job.turn(state)


def test_the_shown_run_is_chosen_on_the_validation_pictures(session: Session) -> None:
    found, jobs = evaluations(session)
    assert (found.choice.run_id, found.choice.split) == (1, "val")
    assert found.wants_evaluating
    found.evaluate()
    found.evaluate()
    (job,) = jobs.made
    assert (job.task.function, job.task.arguments, job.task.lane) == (EVALUATE, (1, "val"), "files")
    assert found.is_busy
    assert not found.wants_evaluating


def test_a_result_is_kept_and_shown_again(session: Session, qtbot: QtBot) -> None:
    found, jobs = evaluations(session)
    found.evaluate()
    with qtbot.waitSignal(found.looked, timeout=5_000):
        end(jobs.made[0])
    assert found.result is not None
    assert found.at_iou is not None
    found.choose(1, None)
    assert (found.result, found.at_iou, found.wants_evaluating) == (None, None, True)
    with qtbot.waitSignal(found.looked, timeout=5_000):
        found.choose(1, "val")
    assert found.at_iou is not None
    assert len(jobs.made) == 1


@pytest.mark.parametrize("state", ["stopped", "failed"])
def test_what_was_stopped_or_failed_waits_to_be_asked_for(session: Session, state: JobState) -> None:
    found, jobs = evaluations(session)
    found.evaluate()
    found.stop()
    assert jobs.stopped == jobs.made
    end(jobs.made[0], state)
    assert (found.result, found.is_busy, found.wants_evaluating) == (None, False, False)
    found.evaluate()
    assert len(jobs.made) == 2


def test_pictures_left_out_are_detected_on_and_then_everything_is_judged(session: Session) -> None:
    found, jobs = evaluations(session)
    found.detect_waiting()
    assert jobs.made == [], "it is not known yet which they are"
    found.evaluate()
    end(jobs.made[0])
    found.detect_waiting()
    detecting = jobs.made[1]
    assert (detecting.task.function, detecting.task.arguments) == ("studio.errands:detect", (1, (3,)))
    assert detecting.task.lane == "train", "it may take long, and goes by the rules of long work"
    detecting.hear(Progress(1, 3))
    found.evaluate()
    assert len(jobs.made) == 2, "not before it is through"
    end(detecting)
    assert jobs.made[2].task.function == EVALUATE


def test_only_what_concerns_a_result_makes_it_out_of_date(session: Session) -> None:
    found, jobs = evaluations(session)
    found.evaluate()
    end(jobs.made[0])
    for change, is_stale in (
        (Change(runs=frozenset({1})), False), (Change(annotated=frozenset({77})), False),
        (Change(detected=frozenset({3})), True),
    ):  # fmt: skip
        session.changed.emit(change)
        assert found.is_stale == is_stale
    found.evaluate()
    end(jobs.made[1])
    assert not found.is_stale


def test_a_change_while_it_is_compared_makes_it_out_of_date_at_once(session: Session) -> None:
    found, jobs = evaluations(session)
    found.evaluate()
    session.changed.emit(Change(annotated=frozenset({1})))
    end(jobs.made[0])
    assert found.is_stale


def test_another_project_begins_anew(session: Session, tmp_path: Path) -> None:
    found, jobs = evaluations(session)
    found.evaluate()
    session.open(projects.make(tmp_path / "empty.boxwright"))
    assert jobs.stopped == jobs.made
    found.choose_first()
    assert (found.result, found.choice.run_id, found.wants_evaluating) == (None, None, False)
    session.open(projects.make_annotated(tmp_path / "other.boxwright"))
    found.choose_first()
    found.choose(1, "val")
    end(jobs.made[0])
    assert (found.result, found.wants_evaluating) == (None, True), "what comes late is of the first project"
