"""The panel of a training: how it goes, what is kept, pictures growing better, and the buttons that pause and stop."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import images, pauses, runs
from engine.project.history import History
from engine.project.records import CheckpointKind, Detection, Run, RunState
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from engine.training import set_changes
from engine.training.events import BatchHalved, StepDone, ValidationDone
from engine.training.glimpses import Glimpse, Moment
from engine.training.set_changes import SetChanges
from studio.errand_values import Chosen, RunBegan
from studio.jobs import Job
from studio.lane import Outcome
from studio.orders import Task
from studio.panels import _training_facts as facts
from studio.panels.training import TrainingPanel
from tests.studio import projects
from tests.studio.windows import Opened

STEP = StepDone(40, 1, {"loss_box": 1.0}, 4e-4, 2.5, 0.25, 90.0, None, 1_500_000_000)


@pytest.fixture
def panel(seen: Opened, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> TrainingPanel:
    """Of a run that was stopped after two steps; no worker reads what it found before."""
    monkeypatch.setattr(TrainingPanel, "_ask_moments", lambda *_: None)
    path = projects.make_annotated(tmp_path / "p.boxwright", 4)
    with Project.open(path) as project, project.atomic():
        runs.add_checkpoint(project, 1, NewCheckpoint("best", 1, b"best", "{}"))
        runs.add_checkpoint(project, 1, NewCheckpoint("last", 2, b"last", "{}"))
        for step, loss in ((1, 4.0), (2, 2.0)):
            runs.add_metrics(project, 1, step, {"train/loss": loss, "train/loss_box": loss / 2, "bbox/AP": step / 10})
        runs.set_state(project, 1, "stopped")
    seen.open(path)
    seen.window.raise_dock("training")
    qtbot.waitUntil(lambda: isinstance(seen.window.docks["training"].widget(), TrainingPanel))
    found = seen.window.docks["training"].widget()
    assert isinstance(found, TrainingPanel)
    qtbot.waitUntil(lambda: bool(found.losses.lines))
    return found


def began(seen: Opened, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job that carries out the shown run, without any worker."""
    job = Job(77, Task("Resume run 1", "train", "studio.errands:resume"), panel)
    monkeypatch.setattr(type(seen.studio.jobs), "active", [job])
    seen.studio.jobs.listed.emit()
    job.turn("running")
    job.hear(RunBegan(1))
    return job


def set_running(project: Project, _: History) -> Outcome:
    with project.atomic():
        runs.set_state(project, 1, "running")
    return Outcome()


def moment(step: int, image_ids: Sequence[int]) -> Moment:
    found = (Detection(0, 1, 1, 0.9, Box(20, 20, 80, 70)), Detection(0, 1, 1, 0.2, Box(5, 5, 30, 30)))
    return Moment(step, 0, tuple(Glimpse(image_id, 160, 120, found) for image_id in image_ids))


def test_curves_and_what_is_kept_of_a_stopped_run(panel: TrainingPanel) -> None:
    assert set(panel.losses.lines) == {"sum", "box"}
    assert set(panel.scores.lines) == {"AP boxes"}
    assert panel.title.text() == "Run 1"
    words = "Stopped: the best checkpoint is kept, AP 0.200, and it can be resumed exactly."
    assert panel.how.toolTip() == words
    assert (panel.pause.text(), panel.pause.isEnabled(), panel.stop.isVisible()) == ("Resume", True, False)


def test_a_click_on_a_name_takes_its_line_away(panel: TrainingPanel, qtbot: QtBot) -> None:
    place = panel.losses._legend(None)["box"]
    qtbot.mouseClick(panel.losses, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert panel.losses.hidden == {"box"}
    qtbot.mouseClick(panel.losses, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert panel.losses.hidden == set()
    qtbot.mouseClick(panel.losses, Qt.MouseButton.LeftButton, pos=QPoint(4, 40))
    assert panel.losses.hidden == set()


def test_a_moving_training_tells_how_it_goes(
    seen: Opened, panel: TrainingPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = began(seen, panel, monkeypatch)
    panel._take(facts.Facts(RUNNING, [], frozenset(), {}, is_resting=False))
    job.hear(Chosen(("Mask R-CNN: so.", "Small.")))
    job.hear(STEP)
    words = "step 40, epoch 2   ·   2.5 pictures/s   ·   learning rate 4.0e-04   ·   2 min left   ·   1.5 GB of memory"
    assert panel.how.toolTip() == words
    assert panel.why.toolTip() == "Mask R-CNN: so. Small."
    assert (panel.pause.text(), panel.pause.isEnabled()) == ("Pause", True)
    assert (panel.stop.isVisible(), panel.stop.isEnabled()) == (True, True)
    job.hear(BatchHalved(41, 2, "Memory ran out: 2 pictures at once from here on."))
    assert panel.why.toolTip().startswith("Memory ran out")
    stopped: list[Job] = []
    monkeypatch.setattr(type(seen.studio.jobs), "stop", lambda _, each: stopped.append(each))
    qtbot.mouseClick(panel.stop, Qt.MouseButton.LeftButton)
    assert stopped == [job]
    job.turn("stopped")
    seen.studio.jobs.ended.emit(job)
    assert not panel.stop.isVisible()


def test_that_the_training_set_changed_meanwhile_is_told_with_the_reasons(
    seen: Opened, panel: TrainingPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    began(seen, panel, monkeypatch).hear(Chosen(("Small.",)))
    assert panel.why.toolTip() == "Small."
    changes = SetChanges(n_edited=12)

    def keep(project: Project, _: History) -> Outcome:
        with project.atomic():
            set_changes.keep(project, 1, 300, changes)
        return Outcome()

    seen.session.act(keep)
    qtbot.waitUntil(lambda: panel.why.toolTip() == f"{changes.in_words(300)} Small.")
    assert panel.why.isVisible()


RUNNING = Run(1, "detector", "mask_rcnn", "{}", "running", "", "cpu", "2026-01-01T10:00:00Z", None, None, "mine")


def test_another_run_s_events_are_not_told(seen: Opened, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    before = panel.how.toolTip()
    job = began(seen, panel, monkeypatch)
    job.hear(RunBegan(9))
    job.hear(STEP)
    assert panel.how.toolTip() == before


def test_pictures_grow_better_and_can_be_gone_back_to(
    seen: Opened, panel: TrainingPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not panel.watched.isVisible()
    job = began(seen, panel, monkeypatch)
    ids = images.all_ids(seen.session.project) if seen.session.project else []
    for step in (10, 20, 30):
        glimpses = moment(step, ids).glimpses
        job.hear(ValidationDone(step, 0, {"bbox/AP": 0.1}, 1.0, is_best=True, glimpses=glimpses))
    qtbot.waitUntil(lambda: len(panel.watched.pictures.shown) == 4)
    assert panel.watched.words.text() == "Validation 3 of 3, step 30"
    assert [each.n_sure for each in panel.watched.pictures.shown] == [1] * 4
    panel.watched.slider.setFocus()
    qtbot.keyClick(panel.watched.slider, Qt.Key.Key_Home)
    assert panel.watched.words.text() == "Validation 1 of 3, step 10"
    panel.watched.add((moment(40, ids), moment(10, ids)))
    assert panel.watched.words.text() == "Validation 1 of 4, step 10"
    place = panel.watched.pictures.places()[2]
    qtbot.mouseClick(panel.watched.pictures, Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert seen.session.image_id == ids[2]


@pytest.mark.parametrize("size", [(900, 130), (300, 400), (120, 80), (20, 20)])
def test_pictures_lie_within_and_apart(panel: TrainingPanel, seen: Opened, qtbot: QtBot, size: tuple[int, int]) -> None:
    ids = images.all_ids(seen.session.project) if seen.session.project else []
    panel.watched.add((moment(10, ids),))
    qtbot.waitUntil(lambda: bool(panel.watched.pictures.shown))
    pictures = panel.watched.pictures
    pictures.setMinimumSize(1, 1)
    pictures.resize(*size)
    places = pictures.places()
    assert all(place.right() <= size[0] + 1 and place.bottom() <= size[1] + 1 for place in places)
    assert not any(a.intersects(b) for n, a in enumerate(places) for b in places[:n])
    assert all(place.contains(QPointF(place.center())) for place in places)


def test_a_run_is_paused_and_goes_on_by_its_row(
    seen: Opened, panel: TrainingPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    began(seen, panel, monkeypatch)
    seen.session.act(set_running)
    qtbot.waitUntil(lambda: panel.pause.text() == "Pause")
    qtbot.mouseClick(panel.pause, Qt.MouseButton.LeftButton)
    project = seen.session.project
    assert project is not None
    qtbot.waitUntil(lambda: runs.get(project, 1).state == "paused")
    monkeypatch.setattr(pauses, "is_resting", lambda *_: True)
    n_asked = seen.session.n_asked
    panel.pause.setText("Pause")  # as long as the panel has not heard of it
    qtbot.mouseClick(panel.pause, Qt.MouseButton.LeftButton)
    assert seen.session.n_asked == n_asked, "the second click of two asks for nothing"
    panel._ask()
    qtbot.waitUntil(lambda: panel.pause.text() == "Go On")
    assert panel.how.toolTip().startswith("Paused.")
    qtbot.mouseClick(panel.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: runs.get(project, 1).state == "running")


@pytest.mark.parametrize(
    ("state", "message", "kept", "words"),
    [
        ("done", "", {"best"}, "Done. Its best checkpoint is kept, AP 0.500."),
        ("failed", "No room.", {"last"}, "Failed: No room. What it learned until its last checkpoint is kept."),
        ("failed", "No room.", set(), "Failed: No room."),
        ("interrupted", "", set(), "Interrupted: nothing was good enough to keep yet."),
        ("queued", "", set(), "Waits in the queue."),
    ],
)
def test_what_is_kept_is_said(state: RunState, message: str, kept: set[CheckpointKind], words: str) -> None:
    run = Run(1, "detector", "ssd", "{}", state, message, "cpu", "", None, None, "ssd")
    assert facts.resting(facts.Facts(run, [], frozenset(kept), {"bbox/AP": 0.5}, is_resting=False)) == words
