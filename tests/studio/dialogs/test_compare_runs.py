"""Runs side by side: curves of each, only what differs, AP by class, and what is still to be done for it."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.project import runs
from engine.project.store import Project
from engine.training.compared import ClassAp, Difference, RunsCompared
from studio.dialogs.compare_runs import CompareRunsDialog
from studio.jobs import Job, Jobs
from studio.orders import Failure, Task
from tests.studio import projects
from tests.studio.windows import Opened

COMPARED = RunsCompared(
    (1, 2),
    (Difference("Min side", "Pictures are scaled.", ("320", "480")), Difference("Priors", "Shapes.", ("3", "9"))),
    20,
    ClassAp("All classes", (0.4, None)),
    (ClassAp("cell", (0.5, None)), ClassAp("nucleus", (0.3, None))),
    "masks",
    (2, 0),
)


@pytest.fixture
def dialog(seen: Opened, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> CompareRunsDialog:
    """Of two runs with curves; the third has but begun to wait."""

    def start(jobs: Jobs, task: Task, **_: bool) -> Job:
        return Job(1, task, jobs)

    monkeypatch.setattr(Jobs, "start", start)
    path = projects.make_annotated(tmp_path / "p.boxwright")
    with Project.open(path) as project, project.atomic():
        runs.add(project, "detector", "ssd", "{}")
        runs.set_state(project, 2, "stopped")
        runs.add(project, "detector", "ssd", "{}")
        for run_id in (1, 2):
            scores = {"bbox/AP": 0.1 * run_id, "train/loss": 3.0}
            runs.add_metrics(project, run_id, 5, scores | ({"segm/AP": 0.3} if run_id == 1 else {}))
    seen.open(path)
    seen.studio.ask.show("compare_runs")
    shown = seen.dialog()
    assert isinstance(shown, CompareRunsDialog)
    qtbot.waitUntil(lambda: bool(shown.scores.lines))
    return shown


def test_the_two_newest_that_were_begun_are_overlaid_by_what_both_have(dialog: CompareRunsDialog) -> None:
    assert dialog._run_ids == (1, 2)
    assert {name: line.at(5) for name, line in dialog.scores.lines.items()} == {"Run 1": 0.1, "Run 2": 0.2}
    assert set(dialog.losses.lines) == {"Run 1", "Run 2"}


def test_only_what_differs_is_in_the_table_with_its_sentence(dialog: CompareRunsDialog) -> None:
    dialog.show_compared(COMPARED)
    assert [(line.name, line.words) for line in dialog.options.lines] == [
        ("Min side", ("320", "480")),
        ("Priors", ("3", "9")),
    ]
    assert dialog.options.lines[0].told == ("Pictures are scaled.",) * 2
    assert [(line.name, line.words) for line in dialog.classes.lines] == [
        ("All classes", ("0.400", "none yet")),
        ("cell", ("0.500", "none yet")),
        ("nucleus", ("0.300", "none yet")),
    ]
    assert dialog._told.text().endswith("Still to detect there: Run 2.")
    assert not dialog.grab().isNull()


def test_what_cannot_be_read_is_said(dialog: CompareRunsDialog) -> None:
    job = dialog._job
    assert job is not None
    job.failure = Failure("This is no training recipe.")
    job.turn("failed")
    assert dialog._told.text() == "This is no training recipe."


def test_an_answer_after_it_was_closed_is_not_heard(dialog: CompareRunsDialog) -> None:
    job = dialog._job
    assert job is not None
    dialog.accept()
    job.result = COMPARED
    job.turn("done")
