"""Prompting: one prompt on its way, the newest waits, certain ones are all answered; what becomes of a lost worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import runs
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from studio.orders import Failure
from studio.prompting import Prompting
from studio.prompts import NO_NETWORK, Prompt, Prompted
from studio.session import Session
from tests.studio import projects
from tests.studio.asked import AskedJobs


class Desk:
    """A session on a project with a checkpoint, and what prompting says."""

    def __init__(self, path: Path) -> None:
        self.session, self.jobs = Session(), AskedJobs()
        self.session.open(path)
        self.prompting = Prompting(self.session, self.jobs)
        self.heard: list[tuple[int, Prompted]] = []
        self.prompting.answered.connect(lambda ticket, prompted: self.heard.append((ticket, prompted)))

    @property
    def told(self) -> list[tuple[Box, ...]]:
        return [prompt.boxes for prompt in self.jobs.told]

    def answer(self, of: int = 0) -> None:
        job = self.jobs.started[of]
        job.answer(Prompted(job.told[-1]))


def box(n: int) -> Prompt:
    return Prompt(1, (Box(n, n, n + 9, n + 9),), (1,))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = projects.make(tmp_path / "p.boxwright")
    with Project.open(made) as project, project.atomic():
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        runs.add_checkpoint(project, run_id, NewCheckpoint("best", 0, b"weights", "{}"))
    return made


@pytest.fixture
def desk(qtbot: QtBot, path: Path) -> Iterator[Desk]:
    made = Desk(path)
    yield made
    made.session.close()


def test_one_is_on_its_way_and_only_the_newest_waits(desk: Desk) -> None:
    for n in range(5):
        desk.prompting.ask(n, box(n))
    (job,) = desk.jobs.started
    assert job.task.lane == "prompt" and job.task.project == desk.session.project.path
    assert desk.told == [box(0).boxes]
    desk.answer()
    assert desk.told == [box(0).boxes, box(4).boxes]
    desk.answer()
    assert [(ticket, prompted.prompt.boxes) for ticket, prompted in desk.heard] == [
        (0, box(0).boxes),
        (4, box(4).boxes),
    ]


def test_the_shown_run_is_preferred(desk: Desk) -> None:
    desk.session.show_run(1)
    desk.prompting.ask(1, box(1))
    assert desk.jobs.started[0].told[0].run_id == 1


def test_certain_ones_come_first_and_none_is_left_out(desk: Desk) -> None:
    answers: list[Prompted] = []
    desk.prompting.ask(1, box(1))
    for n in (2, 3):
        desk.prompting.ask_surely(box(n), answers.append)
    desk.prompting.ask(4, box(4))
    for _ in range(4):
        desk.answer()
    assert desk.told == [box(n).boxes for n in (1, 2, 3, 4)]
    assert [answer.prompt.boxes for answer in answers] == [box(2).boxes, box(3).boxes]
    assert [ticket for ticket, _ in desk.heard] == [1, 4]


def test_a_worker_that_went_idle_is_followed_by_another(desk: Desk) -> None:
    desk.prompting.ask(1, box(1))
    desk.jobs.started[0].end()
    assert len(desk.jobs.started) == 2 and desk.told == [box(1).boxes] * 2
    desk.answer(1)
    desk.jobs.started[1].end()
    assert len(desk.jobs.started) == 2
    desk.prompting.ask(2, box(2))
    assert len(desk.jobs.started) == 3


def test_a_worker_that_died_is_a_refusal_and_the_next_prompt_begins_anew(desk: Desk, qtbot: QtBot) -> None:
    desk.prompting.ask(1, box(1))
    desk.jobs.started[0].end(Failure("It died."))
    qtbot.waitUntil(lambda: bool(desk.heard))
    assert desk.heard[0][1].refusal == Failure("It died.")
    desk.prompting.ask(2, box(2))
    desk.answer(1)
    assert desk.heard[1][1].refusal is None


def test_another_project_forgets_all_and_stops_the_worker(desk: Desk, path: Path) -> None:
    desk.prompting.ask(1, box(1))
    desk.prompting.ask(2, box(2))
    desk.session.close()
    assert desk.jobs.stopped == desk.jobs.started
    desk.answer()
    assert desk.heard == []
    desk.session.open(path)
    desk.prompting.ask(3, box(3))
    assert len(desk.jobs.started) == 2


def test_where_nothing_was_trained_no_process_is_started(qtbot: QtBot, tmp_path: Path) -> None:
    desk = Desk(projects.make(tmp_path / "bare.boxwright"))
    desk.prompting.ask(1, box(1))
    assert desk.heard == []  # never within the question
    qtbot.waitUntil(lambda: bool(desk.heard))
    assert desk.heard[0][1].refusal == NO_NETWORK and desk.jobs.started == []
    desk.session.close()
