"""Pauses, the queue of runs, and a process that is killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import UserError
from engine.progress import finish
from engine.project import pauses, runs
from engine.project.processes import Process, started
from engine.project.store import Project
from engine.training import recording
from engine.training.budget import RestingClock
from engine.training.events import CheckpointReady, Event, Paused, RunBegan, StepDone, Validating, WentOn
from engine.training.loop import Wish
from engine.training.recipe import Recipe
from engine.training.recording import TrainReport, queue, recorded, train_queued, train_run
from tests.engine.training.conftest import SETTINGS
from tests.engine.training.test_recording import last_state

PARENT = Process(socket.gethostname(), os.getppid(), started(os.getppid()) or "")
"""Some other process that lives."""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.run_record.SECONDS_BETWEEN_LOOKS", 0.0)
    monkeypatch.setattr("engine.training.loop.SECONDS_BETWEEN_STEPS_TOLD", 0.0)


def recipe(**changed: Any) -> Recipe:
    return Recipe(**{**SETTINGS, "epochs": 2, **changed})


class Hand:
    """Pauses a run at the first event of a kind and has it go on after a few looks, as another process would."""

    def __init__(self, project: Project, run_id: int, at: type[Any]) -> None:
        self.project, self.run_id, self.at = project, run_id, at
        self.events: list[Event] = []
        self.seen: list[tuple[str, int]] = []

    def __call__(self, event: Event) -> None:
        is_first = not any(isinstance(each, self.at) for each in self.events)
        self.events.append(event)
        with self.project.atomic():
            if isinstance(event, self.at) and is_first:
                pauses.pause(self.project, self.run_id)
            if isinstance(event, Paused) and len(self.seen) < 3:
                last = runs.checkpoint(self.project, self.run_id, "last")
                self.seen.append((runs.get(self.project, self.run_id).state, last.step))
                if len(self.seen) == 3:
                    self.project.execute("UPDATE runs SET process = ?", (str(PARENT),))
                    assert pauses.go_on(self.project, self.run_id)


@pytest.mark.parametrize("at", [StepDone, Validating])
def test_a_paused_run_stores_its_checkpoint_rests_and_goes_on_as_if_nothing_was(
    project: Project, at: type[Any]
) -> None:
    run_id, other = queue(project, recipe()), queue(project, recipe())
    hand = Hand(project, run_id, at)
    assert finish(train_run(project, run_id), hand).state == "done"
    rested = [event for event in hand.events if isinstance(event, Paused)]
    assert hand.seen == [("paused", rested[0].step)] * 3
    kinds = [type(event) for event in hand.events if isinstance(event, Paused | WentOn | StepDone)]
    at_pause = kinds.index(Paused)
    assert kinds[at_pause:].count(Paused) == 3
    assert kinds[at_pause + 3] is WentOn
    assert runs.get(project, run_id).state == "done"
    last = [event for event in hand.events if isinstance(event, CheckpointReady) and event.kind == "last"][-1]
    assert last_state(project, other) == state_of(last)


def state_of(last: CheckpointReady) -> dict[str, bytes]:
    from engine import checkpoints

    return {name: value.numpy().tobytes() for name, value in checkpoints.decode(last.weights)[0].items()}


def test_time_stands_still_while_a_run_rests() -> None:
    now = [0.0]
    clock = RestingClock(lambda: now[0])
    now[0] = 5.0
    clock.hold()
    now[0] = 90.0
    assert clock() == 5.0
    clock.hold()
    clock.release()
    assert clock() == 5.0
    now[0] = 93.0
    clock.release()
    assert clock() == 8.0


def test_stopping_a_paused_run_leaves_it_stopped_and_resumable(project: Project) -> None:
    run_id = queue(project, recipe())
    work = train_run(project, run_id)
    for event in work:
        if isinstance(event, StepDone):
            with project.atomic():
                pauses.pause(project, run_id)
        if isinstance(event, Paused):
            break
    work.close()
    assert runs.get(project, run_id).state == "stopped"
    assert finish(train_run(project, run_id)).state == "done"


def test_a_run_can_be_paused_only_while_it_runs_and_goes_on_only_where_it_rests(project: Project) -> None:
    run_id = queue(project, recipe())
    with project.atomic():
        with pytest.raises(UserError, match="is queued"):
            pauses.pause(project, run_id)
        with pytest.raises(UserError, match="not paused"):
            pauses.go_on(project, run_id)
        runs.set_state(project, run_id, "paused")
        assert not pauses.go_on(project, run_id)
        project.execute("UPDATE runs SET process = ?", (str(PARENT),))
    with pytest.raises(UserError, match="rests in another process"):
        finish(train_run(project, run_id))
    assert runs.get(project, run_id).state == "paused"
    with project.atomic():
        project.execute("UPDATE runs SET process = ?", (str(Process(PARENT.host, PARENT.pid, "another-start")),))
        assert not pauses.go_on(project, run_id)
    assert recording.resumable(project, None) == run_id


def test_a_run_that_is_deleted_while_it_is_carried_out_ends_in_words(project: Project) -> None:
    def told() -> Generator[Event, Wish | None, None]:
        yield StepDone(1, 0, {"loss": 2.0}, 0.1, 1.0, 0.5, 1.0)

    run_id = queue(project, recipe())
    work = recorded(told(), project, run_id)
    next(work)
    with project.atomic():
        runs.delete(project, run_id)
    with pytest.raises(UserError, match="was deleted"):
        finish(work)


def test_the_queue_is_carried_out_from_its_front_and_a_failure_holds_nobody_up(project: Project) -> None:
    first = queue(project, recipe(epochs=1))
    bad = queue(project, recipe(epochs=1, options={"min_sighed": 3}))
    torn = queue(project, recipe(epochs=1))
    with project.atomic():
        project.execute("UPDATE recipes SET json = '{' WHERE id = (SELECT recipe_id FROM runs WHERE id = ?)", (torn,))
    events: list[Any] = []

    def hear(event: Any) -> None:
        events.append(event)
        if event == RunBegan(first, 2):
            queue(project, recipe(epochs=1))  # while another is carried out

    reports = finish(train_queued(project), hear)
    assert [(each.run_id, each.state) for each in reports] == [
        (first, "done"), (bad, "failed"), (torn, "failed"), (torn + 1, "done"),
    ]  # fmt: skip
    assert "no option min_sighed" in reports[1].message
    assert "no training recipe" in reports[2].message
    assert [runs.get(project, each.run_id).state for each in reports] == [each.state for each in reports]
    assert [event for event in events if isinstance(event, RunBegan)] == [
        RunBegan(first, 2), RunBegan(bad, 2), RunBegan(torn, 1), RunBegan(torn + 1, 0),
    ]  # fmt: skip
    assert [event for event in events if isinstance(event, TrainReport)] == list(reports)


def test_stopping_the_queue_leaves_the_rest_waiting(project: Project) -> None:
    ids = [queue(project, recipe()) for _ in range(3)]
    work = train_queued(project)
    while not isinstance(next(work), StepDone):
        pass
    work.close()
    assert [runs.get(project, each).state for each in ids] == ["stopped", "queued", "queued"]


def test_a_run_that_is_never_taken_up_ends_the_queue(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> Iterator[TrainReport]:
        raise UserError("The disk is full.")
        yield

    queue(project, recipe())
    monkeypatch.setattr(recording, "train_run", refused)
    with pytest.raises(UserError, match="disk is full"):
        finish(train_queued(project))


PROGRAM = """
import sys
from pathlib import Path
from engine.progress import finish
from engine.project.store import Project
from engine.training import loop, recording

loop.SECONDS_BETWEEN_CHECKPOINTS = loop.SECONDS_BETWEEN_STEPS_TOLD = 0.0

def told(event):
    print(type(event).__name__, getattr(event, "step", ""), flush=True)

with Project.open(Path(sys.argv[1])) as project:
    finish(recording.train_run(project, int(sys.argv[2])), told)
"""


@pytest.mark.slow
def test_a_killed_run_loses_no_more_than_what_came_after_its_checkpoint(trained: Project) -> None:
    """In a process of its own: paused from here, gone on from here, then killed -9."""
    run_id, other = queue(trained, recipe(epochs=5)), queue(trained, recipe(epochs=5))
    arguments = [sys.executable, "-c", PROGRAM, str(trained.path), str(run_id)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as child:
        assert child.stdout is not None
        said = iter(child.stdout)
        until(said, lambda line: line.startswith("StepDone 2"))
        with trained.atomic():
            pauses.pause(trained, run_id)
        step = int(until(said, lambda line: line.startswith("Paused")).split()[1])
        assert runs.checkpoint(trained, run_id, "last").step == step
        with trained.atomic():
            assert pauses.go_on(trained, run_id)
        until(said, lambda line: line.startswith("CheckpointReady") and int(line.split()[1]) > step + 1)
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert recording.resumable(trained, None) == run_id
    assert runs.get(trained, run_id).state == "interrupted"
    stored = runs.checkpoint(trained, run_id, "last").step
    assert step < stored < 10
    events: list[Event] = []
    finish(train_run(trained, run_id), events.append)
    assert [event.step for event in events if isinstance(event, StepDone)] == list(range(stored + 1, 11))
    last = [event for event in events if isinstance(event, CheckpointReady) and event.kind == "last"][-1]
    assert state_of(last) == last_state(trained, other)


def until(lines: Iterator[str], is_it: Callable[[str], bool]) -> str:
    """The first line that is it; fails where none comes for long."""
    end = time.monotonic() + 240
    for line in lines:
        assert time.monotonic() < end
        if is_it(line):
            return line
    raise AssertionError("The process ended before.")


def test_the_clock_of_a_training_stands_still_while_it_rests(project: Project) -> None:
    """What is told and stored meanwhile takes none of its minutes."""
    now, run_id = [0.0], queue(project, recipe())
    clock = RestingClock(lambda: now[0])
    seen: list[float] = []

    def told() -> Generator[Event, Wish | None, None]:
        assert (yield StepDone(1, 0, {"loss": 2.0}, 0.1, 1.0, 0.5, 1.0)) is Wish.CHECKPOINT
        yield CheckpointReady("last", 1, b"weights", "{}", {})
        seen.append(clock())

    def hear(event: Event) -> None:
        with project.atomic():
            if isinstance(event, StepDone):
                runs.set_state(project, run_id, "paused")
            if isinstance(event, Paused):
                now[0] += 1000.0
                runs.set_state(project, run_id, "running")

    finish(recorded(told(), project, run_id, clock), hear)
    assert seen == [0.0]
    assert clock() == 0.0
