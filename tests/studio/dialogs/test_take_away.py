"""What a run leaves: its training set and its weights, each into a new folder."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMenu
from pytestqt.qtbot import QtBot

from engine.interchange.exporting import ExportReport
from engine.project import runs
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from studio.dialogs.exporting import Exporting
from studio.dialogs.take_away import TakeAway
from studio.errand_values import TakenAway, TrainingSetWritten
from studio.jobs import Job, Jobs
from studio.orders import Task
from studio.panels.runs import RunPanel
from tests.studio import projects
from tests.studio.windows import Opened


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Jobs that no worker does."""
    found: list[Job] = []

    def start(jobs: Jobs, task: Task, **_: bool) -> Job:
        found.append(Job(len(found) + 1, task, jobs))
        return found[-1]

    monkeypatch.setattr(Jobs, "start", start)
    return found


@pytest.fixture
def panel(seen: Opened, tmp_path: Path, qtbot: QtBot) -> RunPanel:
    path = projects.make_annotated(tmp_path / "p.boxwright")
    with Project.open(path) as project, project.atomic():
        runs.set_state(project, 1, "running")
        runs.set_state(project, 1, "done")
        runs.add_checkpoint(project, 1, NewCheckpoint("best", 1, b"weights", "{}"))
    seen.open(path)
    seen.window.raise_dock("runs")
    qtbot.waitUntil(lambda: isinstance(seen.window.docks["runs"].widget(), RunPanel))
    found = seen.window.docks["runs"].widget()
    assert isinstance(found, RunPanel)
    qtbot.waitUntil(lambda: found.rows.rowCount() == 1)
    return found


def choose(panel: RunPanel, title: str) -> None:
    menu = QMenu()
    panel.fill(menu, panel.rows.rows[0])
    action = next(each for each in menu.actions() if each.text() == title)
    assert action.isEnabled()
    action.trigger()


def words(seen: Opened) -> str:
    return " ".join(label.text() for label in seen.dialog().findChildren(QLabel))


def test_weights_go_into_a_new_folder_and_what_was_written_is_told(
    seen: Opened, panel: RunPanel, qtbot: QtBot, tmp_path: Path, started: list[Job]
) -> None:
    (tmp_path / "run-1-weights").mkdir()
    choose(panel, "Take Weights Away…")
    dialog = seen.dialog()
    assert isinstance(dialog, TakeAway)
    dialog.onnx.setFocus()
    qtbot.keyClick(dialog.onnx, Qt.Key.Key_Space)
    assert dialog._default is not None
    qtbot.mouseClick(dialog._default, Qt.MouseButton.LeftButton)
    job = started[-1]
    folder = tmp_path / "run-1-weights-2"
    assert (job.task.arguments, dict(job.task.options)) == ((folder, 1), {"has_onnx": True})
    job.result = TakenAway(1, folder, ("weights.safetensors", "model.json"), "scores within 1e-6")
    job.turn("done")
    assert "2 files of run 1" in words(seen)
    assert "scores within 1e-6" in words(seen)


def test_a_training_set_is_exported_as_it_was_and_what_is_gone_is_told(
    seen: Opened, panel: RunPanel, qtbot: QtBot, tmp_path: Path, started: list[Job]
) -> None:
    choose(panel, "Export Training Set…")
    dialog = seen.dialog()
    assert isinstance(dialog, Exporting)
    assert dialog.folder.text() == str(tmp_path / "p-run-1-export")
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    job = started[-1]
    assert job.task.function == "studio.errands:write_training_set"
    assert (job.task.arguments[0], job.task.arguments[2]) == (tmp_path / "p-run-1-export", 1)
    job.result = TrainingSetWritten(ExportReport("coco", 5, 9, (), (), None), ("a.png",))
    job.turn("done")
    assert "5 pictures and 9 annotations" in words(seen)
    assert "1 picture is not in the project any more" in words(seen)
