"""Detect: on which images and how; what is chosen is what the job gets, and is how it is done the next time."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QRadioButton

from engine.project import detections, runs
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from studio.dialogs.detect import DetectDialog
from studio.errand_values import DetectWay
from studio.jobs import Jobs
from studio.orders import Task
from studio.training import remembered_way, start_detecting
from tests.studio import projects
from tests.studio.windows import Opened


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """What was asked of the worker; none of it is done."""
    asked: list[Task] = []
    monkeypatch.setattr(Jobs, "start", lambda _self, task: asked.append(task))
    return asked


def opened(seen: Opened, path: Path) -> DetectDialog:
    """On a project with suggestions of run 1 on three of four pictures, and a second run."""
    projects.make_annotated(path)
    with Project.open(path) as project, project.atomic():
        projects.add_picture(project, 9)
        other = runs.add(project, "detector", "yolo", "{}")
        runs.add_checkpoint(project, other, NewCheckpoint("best", 1, b"weights", "{}"))
        runs.add(project, "detector", "ssd", "{}")
        assert detections.examined(project, 1) == {1, 2, 3}
    seen.open(path)
    seen.session.show_run(1)
    seen.window.menus.action("train.detect").trigger()
    dialog = seen.dialog()
    assert isinstance(dialog, DetectDialog)
    return dialog


def test_what_is_not_done_yet_is_offered_first(seen: Opened, tmp_path: Path, tasks: list[Task]) -> None:
    dialog = opened(seen, tmp_path / "p.boxwright")
    texts = [button.text() for button in dialog.findChildren(QRadioButton) if button.isVisibleTo(dialog)]
    assert texts == ["All 4 images", "The one image that this run has not seen yet", "This image"]
    assert dialog.missing.isChecked()
    dialog.button.click()
    (task,) = tasks
    assert task.function == "studio.errands:detect"
    assert task.arguments == (1, None, DetectWay(is_only_missing=True))


def test_how_is_folded_away_and_remembered(seen: Opened, tmp_path: Path, tasks: list[Task]) -> None:
    dialog = opened(seen, tmp_path / "p.boxwright")
    assert not dialog.tiling.isVisible()
    dialog.toggle.click()
    assert dialog.tiling.isVisible()
    assert list(dialog.others) == [2], "the third run has no weights"
    dialog.others[2].click()
    dialog.tiling.setCurrentIndex(dialog.tiling.findData("always"))
    dialog.flips.setCurrentIndex(dialog.flips.findData("horizontal"))
    dialog.chosen.click()
    dialog.button.click()
    assert tasks[0].arguments == (1, (1,), DetectWay("always", "horizontal", (2,)))
    assert remembered_way(seen.studio) == DetectWay("always", "horizontal")
    start_detecting(seen.studio, 1, None)
    assert tasks[1].arguments == (1, None, DetectWay("always", "horizontal"))


def test_settings_that_make_no_sense_are_left_alone(seen: Opened) -> None:
    seen.studio.settings.keep_words("detecting", ["tiling=sideways", "flips", "flips=both"])
    assert remembered_way(seen.studio) == DetectWay("auto", "both")
