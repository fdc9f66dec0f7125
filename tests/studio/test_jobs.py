"""Jobs run elsewhere, tell how they go, stop when asked, and nothing that befalls one of them harms the others."""

import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot

from engine.progress import Progress
from engine.project.store import Change, Project
from engine.training.events import StepDone
from studio import serving
from studio.jobs import Job, Jobs
from studio.orders import Ended, LaneName, Start, Task


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.finish()


def task(name: str, *arguments: object, lane: LaneName = "files", project: Path | None = None) -> Task:
    return Task(name, lane, f"tests.studio.works:{name}", project, arguments)


def over(qtbot: QtBot, *several: Job) -> None:
    qtbot.waitUntil(lambda: all(job.is_over for job in several), timeout=20_000)


def test_a_job_tells_its_progress_and_returns_its_result(qtbot: QtBot, jobs: Jobs) -> None:
    job = jobs.start(task("count", 5))
    heard: list[object] = []
    job.heard.connect(heard.append)
    over(qtbot, job)
    assert (job.state, job.result, job.progress) == ("done", 5, Progress(5, 5))
    assert heard[0] == Progress(0, 5, "Counting")


def test_changes_in_the_project_are_announced(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    path = tmp_path / "p.boxwright"
    Project.create(path).close()
    seen: list[tuple[Path, Change]] = []
    jobs.changed.connect(lambda *both: seen.append(both))
    job = jobs.start(task("add_classes", "cell", "nucleus", project=path))
    over(qtbot, job)
    assert job.result == 2
    assert {where for where, _ in seen} == {path}
    assert frozenset().union(*(change.classes for _, change in seen)) == {1, 2}


def test_stopping_runs_the_finally_blocks(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    log = tmp_path / "log"
    job = jobs.start(task("wait", log))
    with qtbot.waitSignal(job.heard, timeout=20_000):
        pass
    jobs.stop(job)
    assert job.state == "stopping"
    over(qtbot, job)
    assert job.state == "stopped"
    assert log.read_text() == "whole"


def test_jobs_of_a_lane_take_turns_and_a_waiting_one_can_be_dropped(qtbot: QtBot, jobs: Jobs) -> None:
    first, second, third = (jobs.start(task("count", 3, 0.02)) for _ in range(3))
    assert [job.state for job in (first, second, third)] == ["running", "queued", "queued"]
    jobs.stop(second)
    assert second.state == "stopped"
    over(qtbot, first, third)
    assert (first.state, third.state) == ("done", "done")


def test_a_worker_is_used_again(qtbot: QtBot, jobs: Jobs) -> None:
    first, second = jobs.start(task("process_id")), jobs.start(task("process_id"))
    over(qtbot, first, second)
    assert first.result == second.result


@pytest.mark.parametrize(
    ("name", "words", "is_ours"),
    [
        ("refuse", "cat.jpg is no picture.", False),
        ("break_down", "KeyError: 'ours'", True),
        ("lose_network", "ConnectionResetError: the far end hung up", True),
        ("return_what_cannot_cross", "The result cannot leave the worker process", True),
        ("no_such_work", "has no attribute 'no_such_work'", True),
    ],
)
def test_failures_are_told_apart(qtbot: QtBot, jobs: Jobs, name: str, words: str, is_ours: bool) -> None:
    job, next_one = jobs.start(task(name)), jobs.start(task("count", 1))
    over(qtbot, job, next_one)
    assert job.state == "failed"
    assert job.failure is not None
    assert words in job.failure.words
    assert job.failure.is_ours is is_ours
    assert next_one.state == "done"


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_a_worker_that_dies_is_noticed_and_the_others_go_on(qtbot: QtBot, jobs: Jobs) -> None:
    dying, waiting, beside = (
        jobs.start(task("die", lane="train")),
        jobs.start(task("count", 2, lane="train")),
        jobs.start(task("count", 2)),
    )
    over(qtbot, dying, waiting, beside)
    assert [job.state for job in (dying, waiting, beside)] == ["failed", "done", "done"]
    assert dying.failure is not None
    assert "signal 9" in dying.failure.words
    assert not dying.failure.is_ours


def test_finish_ends_even_what_does_not_stop(qtbot: QtBot, jobs: Jobs) -> None:
    stuck = jobs.start(task("hang", lane="infer"))
    with qtbot.waitSignal(stuck.heard, timeout=20_000):
        pass
    jobs.finish(seconds=0.2)
    assert not [child for child in psutil.Process().children() if "boxwright" in child.name() or _is_worker(child)]


def test_finish_lets_work_end_cleanly(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    log = tmp_path / "log"
    job = jobs.start(task("wait", log))
    with qtbot.waitSignal(job.heard, timeout=20_000):
        pass
    jobs.finish()
    assert log.read_text() == "whole"


def _is_worker(process: psutil.Process) -> bool:
    return "spawn_main" in " ".join(process.cmdline())


def test_a_job_that_listens_hears_all_it_is_told_in_order(qtbot: QtBot, jobs: Jobs) -> None:
    before, job = jobs.start(task("count", 2, 0.02)), jobs.start(task("echo", "bye"))
    heard: list[object] = []
    job.heard.connect(heard.append)
    for word in ("one", "two"):
        jobs.tell(job, word)  # before it has begun, and before the one before it is done
    qtbot.waitUntil(lambda: heard == ["heard one", "heard two"], timeout=20_000)
    assert before.is_over and job.state == "running"
    jobs.tell(job, "bye")
    over(qtbot, job)
    assert (job.state, job.result) == ("done", "bye")
    jobs.tell(job, "too late")


def test_a_job_that_listens_is_stopped_while_it_waits(qtbot: QtBot, jobs: Jobs) -> None:
    job = jobs.start(task("echo", "bye"))
    jobs.tell(job, "one")
    with qtbot.waitSignal(job.heard, timeout=20_000):
        pass
    jobs.stop(job)
    over(qtbot, job)
    assert job.state == "stopped"


def test_a_job_that_nobody_tells_anything_ends(qtbot: QtBot, jobs: Jobs) -> None:
    pipe, theirs = multiprocessing.Pipe()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serving, "IDLE_SECONDS", 0.01)
        ended = serving._done(theirs, Start(1, task("echo", "bye")))
    assert ended == Ended(1, "done")
    pipe.close()
    theirs.close()


def posted(*events: object) -> list[object]:
    """What arrives of events that are posted one right after the other."""
    theirs, ours = multiprocessing.Pipe()
    post = serving.Post(ours, 1)
    for event in events:
        post.heard(event)
    arrived = []
    while theirs.poll():
        arrived.append(theirs.recv().event)
    return arrived


def test_progress_that_comes_too_fast_gives_way_to_newer_progress() -> None:
    first, second, third = (Progress(n, 3) for n in range(3))
    assert posted(first, second, third) == [first]
    assert posted(first, second, StepDone(1, 0, {}, 0.1, 1.0, 0.5, 60.0)) == [
        first,
        StepDone(1, 0, {}, 0.1, 1.0, 0.5, 60.0),
    ]


def test_progress_that_was_held_back_is_told_before_what_tells_of_none() -> None:
    first, second = Progress(0, 2), Progress(1, 2)
    assert posted(first, second, "words") == [first, second, "words"]
