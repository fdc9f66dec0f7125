"""One click: fine-tune on a few small pictures, have it detect on all; then stop another training half way."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import annotations, images, runs
from engine.project.records import Annotation
from engine.project.store import Project
from studio.dialogs.fine_tune import FineTuneDialog
from tests.studio import projects
from tests.studio.windows import Opened

pytestmark = pytest.mark.slow
CONTROL = Qt.KeyboardModifier.ControlModifier


def start(seen: Opened, qtbot: QtBot, *, epochs: int) -> None:
    """Open the dialog by its key, choose a short training from scratch, and press the big button."""
    seen.key(Qt.Key.Key_T, CONTROL)
    dialog = seen.dialog()
    assert isinstance(dialog, FineTuneDialog)
    qtbot.waitUntil(dialog.button.isEnabled, timeout=20_000)
    dialog.limit.setCurrentIndex(dialog.limit.findData("epochs"))
    dialog.epochs.setValue(epochs)
    dialog.weights.setCurrentIndex(dialog.weights.findData("none"))
    assert "From scratch" in dialog._starts.text()
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)


def test_one_click_then_another_that_is_stopped(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(learnable(tmp_path / "p.boxwright"))
    start(seen, qtbot, epochs=1)
    (training,) = seen.studio.jobs.all
    qtbot.waitUntil(lambda: training.is_over, timeout=300_000)
    assert training.state == "done", training.failure
    training, detecting = seen.studio.jobs.all
    qtbot.waitUntil(lambda: detecting.is_over, timeout=120_000)
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
    qtbot.waitUntil(lambda: "Epoch" in stopped.progress.words, timeout=120_000)
    assert seen.window.docks["training"].isVisible()
    seen.studio.jobs.stop(stopped)
    qtbot.waitUntil(lambda: stopped.is_over, timeout=60_000)
    assert stopped.state == "stopped", stopped.failure
    latest = runs.all_runs(project)[0]
    assert (latest.state, latest.id) == ("stopped", run.id + 1)
    assert runs.checkpoint(project, latest.id)


def learnable(path: Path) -> Path:
    """Six small pictures with two boxes on each."""
    projects.make(path, 6)
    with Project.open(path) as project, project.atomic():
        for image_id in images.all_ids(project):
            boxes = (Box(20, 20, 60, 60), Box(90, 40, 130, 80))
            annotations.add(project, [Annotation(0, image_id, 1 + n, box) for n, box in enumerate(boxes)])
    return path
