"""One click: fine-tune on a few small pictures, have it detect on all; then stop another training half way."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import annotations, images, run_queue, runs
from engine.project.records import Annotation
from engine.project.store import Project
from studio.dialogs.compare_runs import CompareRunsDialog
from studio.dialogs.fine_tune import FineTuneDialog
from studio.jobs import Job
from studio.panels.training import TrainingPanel
from studio.training import start_queue
from tests.studio import projects
from tests.studio.windows import Opened

pytestmark = pytest.mark.slow
CONTROL = Qt.KeyboardModifier.ControlModifier
LONG = 150_000
"""Milliseconds that nothing here takes; a worker that loads torch beside much other work may take a minute."""


def start(seen: Opened, qtbot: QtBot, *, epochs: int) -> None:
    """Open the dialog by its key, choose a short training from scratch, and press the big button."""
    seen.key(Qt.Key.Key_T, CONTROL)
    dialog = seen.dialog()
    assert isinstance(dialog, FineTuneDialog)
    qtbot.waitUntil(dialog.button.isEnabled, timeout=LONG)
    dialog.choices.limit.setCurrentIndex(dialog.choices.limit.findData("epochs"))
    dialog.choices.epochs.setValue(epochs)
    dialog.choices.weights.setCurrentIndex(dialog.choices.weights.findData("none"))
    assert "From scratch" in dialog._starts.text()
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)


def test_one_click_then_another_that_is_stopped(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(learnable(tmp_path / "p.boxwright"))
    start(seen, qtbot, epochs=1)
    (training,) = seen.studio.jobs.all
    qtbot.waitUntil(lambda: training.is_over, timeout=300_000)
    assert training.state == "done", training.failure
    training, detecting = seen.studio.jobs.all
    qtbot.waitUntil(lambda: detecting.is_over, timeout=LONG)
    assert detecting.state == "done", detecting.failure
    project = seen.session.project
    assert isinstance(project, Project)
    (run,) = runs.all_runs(project)
    assert (run.id, run.state) == (seen.session.run_id, "done")
    assert runs.metrics(project, run.id)
    assert images.by_split(project) == {"train": 5, "val": 1}
    assert seen.session.next_undo is not None
    assert "for validation" in seen.session.next_undo.title

    start(seen, qtbot, epochs=500)
    stopped = seen.studio.jobs.active[0]
    qtbot.waitUntil(lambda: "Epoch" in stopped.progress.words, timeout=LONG)
    assert seen.window.docks["training"].isVisible()
    seen.studio.jobs.stop(stopped)
    qtbot.waitUntil(lambda: stopped.is_over, timeout=LONG)
    assert stopped.state == "stopped", stopped.failure
    latest = runs.all_runs(project)[0]
    assert (latest.state, latest.id) == ("stopped", run.id + 1)
    assert runs.checkpoint(project, latest.id)


def test_what_is_chosen_is_told_and_what_is_changed_is_trained_with(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    """Pause, go on and stop in the panel; another run waits meanwhile, is carried out, and both are compared."""
    seen.open(learnable(tmp_path / "p.boxwright"))
    project = seen.session.project
    assert isinstance(project, Project)
    start_chosen(seen, qtbot)
    training = seen.studio.jobs.all[0]
    panel = seen.window.docks["training"].widget()
    assert isinstance(panel, TrainingPanel)
    pause(training, panel, qtbot)
    add_to_queue(seen, qtbot)
    qtbot.waitUntil(lambda: len(run_queue.waiting(project)) == 1, timeout=LONG)
    assert (panel.title.text(), panel.pause.text(), panel.pause.isEnabled()) == ("Run 1", "Go On", True)
    qtbot.mouseClick(panel.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Epoch" in training.progress.words, timeout=LONG)
    qtbot.mouseClick(panel.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: training.is_over, timeout=LONG)
    first = runs.get(project, 1)
    assert first.state == "stopped"
    assert '"min_side":96' in first.recipe
    qtbot.waitUntil(lambda: not seen.studio.jobs.active, timeout=LONG)
    assert len(run_queue.waiting(project)) == 1  # who stops a training may not want the next one
    start_queue(seen.studio)
    qtbot.waitUntil(lambda: not seen.studio.jobs.active and not run_queue.waiting(project), timeout=300_000)
    assert [run.state for run in runs.all_runs(project)] == ["done", "stopped"]
    compare(seen, qtbot)


def start_chosen(seen: Opened, qtbot: QtBot) -> None:
    """Start what is chosen, but for a smaller side, for long."""
    seen.key(Qt.Key.Key_T, CONTROL)
    dialog = seen.dialog()
    assert isinstance(dialog, FineTuneDialog)
    qtbot.waitUntil(lambda: dialog.plan is not None, timeout=LONG)
    assert dialog.plan is not None
    assert dialog.plan.detector == "faster_rcnn"
    assert dialog.plan.reasons[0] in dialog._why.text()
    qtbot.mouseClick(dialog._toggle, Qt.MouseButton.LeftButton)
    assert dialog.choices.cover.isVisible()
    type_into(dialog, qtbot, "min_side", "96")
    type_into(dialog, qtbot, "max_side", "128")
    qtbot.waitUntil(lambda: not dialog._planning.is_waiting, timeout=LONG)
    choose_short(dialog, 500)
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)


def pause(training: Job, panel: TrainingPanel, qtbot: QtBot) -> None:
    """Pause as soon as it moves."""
    qtbot.waitUntil(lambda: "pictures/s" in panel.how.toolTip(), timeout=LONG)
    qtbot.waitUntil(lambda: panel.pause.isEnabled() and panel.pause.text() == "Pause", timeout=LONG)
    qtbot.mouseClick(panel.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.pause.text() == "Go On", timeout=LONG)
    qtbot.waitUntil(lambda: "Paused" in training.progress.words, timeout=LONG)


def add_to_queue(seen: Opened, qtbot: QtBot) -> None:
    """Have a short training wait for the one that runs."""
    seen.key(Qt.Key.Key_T, CONTROL)
    dialog = seen.dialog()
    assert isinstance(dialog, FineTuneDialog)
    qtbot.waitUntil(lambda: dialog.plan is not None, timeout=LONG)
    choose_short(dialog, 1)
    qtbot.waitUntil(dialog.button.isEnabled, timeout=LONG)
    assert dialog.button.text().startswith("Add to queue")
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)


def compare(seen: Opened, qtbot: QtBot) -> None:
    """Put both runs side by side."""
    seen.studio.ask.show("compare_runs")
    compared = seen.dialog()
    assert isinstance(compared, CompareRunsDialog)
    qtbot.waitUntil(lambda: bool(compared.options.lines), timeout=LONG)
    assert {"Until"} <= {line.name for line in compared.options.lines}
    assert compared.losses.lines.keys() == {"Run 1", "Run 2"}


def type_into(dialog: FineTuneDialog, qtbot: QtBot, name: str, text: str) -> None:
    line = dialog.choices.network.fields[name].editor
    assert isinstance(line, QLineEdit)
    line.selectAll()
    qtbot.keyClicks(line, text)


def choose_short(dialog: FineTuneDialog, epochs: int) -> None:
    dialog.choices.limit.setCurrentIndex(dialog.choices.limit.findData("epochs"))
    dialog.choices.epochs.setValue(epochs)
    dialog.choices.weights.setCurrentIndex(dialog.choices.weights.findData("none"))


def learnable(path: Path) -> Path:
    """Six small pictures with two boxes on each."""
    projects.make(path, 6)
    with Project.open(path) as project, project.atomic():
        for image_id in images.all_ids(project):
            boxes = (Box(20, 20, 60, 60), Box(90, 40, 130, 80))
            annotations.add(project, [Annotation(0, image_id, 1 + n, box) for n, box in enumerate(boxes)])
    return path
