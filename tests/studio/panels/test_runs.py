"""The list of runs: what became of their suggestions, what waits, how runs are named, compared and deleted."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from engine.project import run_queue, runs
from engine.project.edits import DecideDetections
from engine.project.run_settings import KeepSettings
from engine.tracing.rule_text import settings_json
from engine.tracing.rules import LeastScore, Most, Nms
from engine.tracing.whatif import Settings
from studio import training
from studio.dialogs.compare_runs import CompareRunsDialog
from studio.dialogs.rename_run import RenameRunDialog
from studio.errand_values import FineTune
from studio.jobs import Job, Jobs
from studio.orders import Task
from studio.panels.runs import DISTANCE, HEADINGS, RATE, RunPanel
from studio.runs import question
from tests.studio import projects
from tests.studio.windows import Opened


def test_accept_rate_and_edit_distance_follow(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(projects.make_annotated(tmp_path / "p.boxwright"))
    seen.window.raise_dock("runs")
    panel = seen.window.docks["runs"].widget()
    qtbot.waitUntil(lambda: isinstance(seen.window.docks["runs"].widget(), RunPanel))
    panel = seen.window.docks["runs"].widget()
    assert isinstance(panel, RunPanel)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1)

    def shown(column: int, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> object:
        return panel.rows.data(panel.rows.index(0, column), role)

    assert (HEADINGS[RATE], HEADINGS[DISTANCE]) == ("Accept rate", "Edit distance")
    assert (shown(RATE), shown(DISTANCE)) == ("", "")
    seen.session.do(DecideDetections((1, 2, 3), "accepted"))
    seen.session.do(DecideDetections((4,), "rejected"))
    qtbot.waitUntil(lambda: shown(RATE) == "75%", timeout=10_000)
    assert shown(DISTANCE) == "0.00"
    assert shown(RATE, Qt.ItemDataRole.ToolTipRole) == "cell: 75% of 4 accepted, edit distance 0.00"


def test_kept_settings_are_told_and_let_go_of(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(projects.make_annotated(tmp_path / "p.boxwright"))
    seen.window.raise_dock("runs")
    qtbot.waitUntil(lambda: isinstance(seen.window.docks["runs"].widget(), RunPanel))
    panel = seen.window.docks["runs"].widget()
    assert isinstance(panel, RunPanel)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1)

    def shown(role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> str:
        return str(panel.rows.data(panel.rows.index(0, 0), role))

    settings = Settings({"detections": (LeastScore(0.3), Nms(0.4, "class"), Most(50))})
    seen.session.do(KeepSettings(panel.rows.rows[0].run.id, settings_json(settings)))
    qtbot.waitUntil(lambda: shown().endswith("settings kept"), timeout=10_000)
    assert "least score 0.3, overlap 0.4, at most 50" in shown(Qt.ItemDataRole.ToolTipRole)
    choose(panel, 0, "Back to Its Own Settings")
    qtbot.waitUntil(lambda: "settings" not in shown(), timeout=10_000)
    seen.session.undo()
    qtbot.waitUntil(lambda: shown().endswith("settings kept"), timeout=10_000)


@pytest.fixture
def waiting(seen: Opened, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> RunPanel:
    """A run that is done, and three that wait; nothing is ever carried out."""
    monkeypatch.setattr(training, "resume_training", lambda *_: None)
    seen.open(projects.make_annotated(tmp_path / "p.boxwright"))
    for detector in ("ssd", "yolo", "retinanet"):
        training.queue_training(seen.studio, FineTune(detector, 5.0, None, "none", "cpu", 0))
    seen.window.raise_dock("runs")
    qtbot.waitUntil(lambda: isinstance(seen.window.docks["runs"].widget(), RunPanel))
    panel = seen.window.docks["runs"].widget()
    assert isinstance(panel, RunPanel)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 4)
    return panel


def networks(panel: RunPanel) -> list[str]:
    return [row.run.network for row in panel.rows.rows]


def choose(panel: RunPanel, row: int, title: str) -> None:
    """Choose from the menu of a row."""
    menu = QMenu()
    panel.fill(menu, panel.rows.rows[row])
    action = next(each for each in menu.actions() if each.text() == title)
    assert action.isEnabled()
    action.trigger()


def test_runs_wait_and_are_ordered_and_removed(seen: Opened, waiting: RunPanel, qtbot: QtBot) -> None:
    assert networks(waiting) == ["retinanet", "yolo", "ssd", "mask_rcnn"]
    states = [waiting.rows.data(waiting.rows.index(row, 1)) for row in range(4)]
    assert states == ["waits, 3 of 3", "waits, 2 of 3", "waits, 1 of 3", "done"]
    assert (waiting._queue_words.text(), waiting.start.isVisible(), waiting.start.isEnabled()) == (
        "3 runs wait.",
        True,
        True,
    )
    choose(waiting, 0, "Move Earlier")
    qtbot.waitUntil(lambda: networks(waiting)[:3] == ["yolo", "retinanet", "ssd"])
    choose(waiting, 2, "Move Later")
    qtbot.waitUntil(lambda: networks(waiting)[:3] == ["yolo", "ssd", "retinanet"])
    choose(waiting, 1, "Remove from the Queue")
    qtbot.waitUntil(lambda: networks(waiting) == ["yolo", "retinanet", "mask_rcnn"])
    project = seen.session.project
    assert project is not None
    assert [runs.get(project, each).network for each in run_queue.waiting(project)] == ["retinanet", "yolo"]
    assert '"detector":"yolo"' in runs.get(project, run_queue.waiting(project)[1]).recipe


def test_the_queue_is_started_one_by_one_and_survives_a_restart(
    seen: Opened, waiting: RunPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    monkeypatch.setattr(training, "resume_training", lambda _, run_id: started.append(run_id))
    path = seen.session.project.path if seen.session.project else Path()
    seen.session.close()
    seen.open(path)
    qtbot.waitUntil(lambda: waiting.rows.rowCount() == 4)
    assert started == []  # nobody is surprised by a training
    qtbot.mouseClick(waiting.start, Qt.MouseButton.LeftButton)
    assert started == [2]
    monkeypatch.setattr(training, "is_training", lambda _: True)
    qtbot.mouseClick(waiting.start, Qt.MouseButton.LeftButton)
    assert started == [2]


def test_a_run_is_named(seen: Opened, waiting: RunPanel, qtbot: QtBot) -> None:
    choose(waiting, 3, "Rename…")
    dialog = seen.dialog()
    assert isinstance(dialog, RenameRunDialog)
    qtbot.keyClicks(dialog.name, "first try")
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: waiting.rows.data(waiting.rows.index(3, 0)) == "1  first try")


def test_a_run_is_deleted_only_when_that_is_meant(seen: Opened, waiting: RunPanel, qtbot: QtBot) -> None:
    project = seen.session.project
    assert project is not None
    asked = question(project, 1)
    assert asked.startswith("Delete run 1, with its checkpoints, its curves and 12 detections?")
    seen.answers.confirms = False
    choose(waiting, 3, "Delete…")
    assert seen.session.run_id is not None
    seen.session.show_run(1)
    seen.answers.confirms = True
    choose(waiting, 3, "Delete…")
    qtbot.waitUntil(lambda: networks(waiting) == ["retinanet", "yolo", "ssd"])
    assert seen.session.run_id is None


def test_selected_runs_are_put_side_by_side(
    seen: Opened, waiting: RunPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Task] = []

    def start(jobs: Jobs, task: Task, **_: bool) -> Job:
        asked.append(task)
        return Job(1, task, jobs)

    monkeypatch.setattr(Jobs, "start", start)
    assert not waiting.compare.isEnabled()
    view, shown = waiting.view, seen.session.run_id
    for row, modifier in ((3, Qt.KeyboardModifier.NoModifier), (1, Qt.KeyboardModifier.ControlModifier)):
        view.scrollTo(waiting.rows.index(row, 1))
        at = view.visualRect(waiting.rows.index(row, 1)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, modifier, at)
    assert sorted(waiting.selected) == [1, 3]
    assert seen.session.run_id in (1, shown)
    qtbot.mouseClick(waiting.compare, Qt.MouseButton.LeftButton)
    assert isinstance(seen.dialog(), CompareRunsDialog)
    assert [each.arguments for each in asked] == [((1, 3),)]
