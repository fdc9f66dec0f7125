"""Runs that train embedders of faces, in the panels: charts, the hardest pairs, and what can be done with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from engine.faces.events import Collapsed, FacesStepDone, HardestFaces, HardFaces
from engine.faces.recipe import FaceRecipe
from engine.project import embeddings, run_faces, runs
from engine.project.gallery import GallerySettings
from engine.project.gallery_edits import KeepGallerySettings
from engine.project.records import EmbedderRecord
from engine.project.run_faces import RunFace
from engine.project.runs import NewCheckpoint
from engine.project.store import Project
from studio import face_training
from studio.errand_values import RunBegan
from studio.face_training import use_or_compare
from studio.jobs import Job, Jobs
from studio.orders import Task
from studio.panels.runs import RunPanel
from studio.panels.training import TrainingPanel
from studio.runs import question
from tests.engine.faces.drawn_people import faces
from tests.studio import projects
from tests.studio.windows import Opened

STEP = FacesStepDone(40, {"angles": 2.0, "apart": 1.1}, 90.0, 0.25, 75.0)
PAIRS = (HardFaces(1, 3, 0.4, is_same=False), HardFaces(1, 2, 1.1, is_same=True))


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A detector's run, 1, with detections, and an embedder's, 2, which was stopped; no worker is asked for pairs."""
    monkeypatch.setattr(TrainingPanel, "_ask_moments", lambda *_: None)
    path = projects.make_annotated(tmp_path / "p.boxwright", 4)
    with Project.open(path) as project, project.atomic():
        faces(range(3), range(2)).apply(project)
        run_id = runs.add(project, "embedder", "siamese", FaceRecipe().to_json())
        runs.set_state(project, run_id, "running")
        runs.add_checkpoint(project, run_id, NewCheckpoint("best", 3, b"best", "{}"))
        runs.add_checkpoint(project, run_id, NewCheckpoint("last", 4, b"last", "{}"))
        run_faces.keep(project, run_id, [RunFace(1, 1, "val")])
        for step in (1, 2):
            values = {
                "train/loss": 4.0 / step,
                "train/angles": 2.0,
                "train/apart": 1.2,
                "val/rank1": 0.9,
                "val/order": 0.95,
            }
            runs.add_metrics(project, run_id, step, values)
        runs.set_state(project, run_id, "stopped")
    yield path


def panel_of(seen: Opened, qtbot: QtBot, name: str) -> object:
    seen.window.raise_dock(name)
    qtbot.waitUntil(lambda: isinstance(seen.window.docks[name].widget(), (TrainingPanel, RunPanel)))
    return seen.window.docks[name].widget()


@pytest.fixture
def panel(seen: Opened, path: Path, qtbot: QtBot) -> TrainingPanel:
    """The panel of a training, with the embedder's run in it."""
    seen.open(path)
    found = panel_of(seen, qtbot, "training")
    assert isinstance(found, TrainingPanel)
    seen.session.show_embedder_run(2)
    qtbot.waitUntil(lambda: found.title.text() == "Run 2" and bool(found.losses.lines))
    return found


def test_its_charts_and_what_is_kept(panel: TrainingPanel) -> None:
    assert set(panel.losses.lines) == {"sum", "angles", "strangers apart"}
    assert set(panel.scores.lines) == {"rank-1", "order of pairs"}
    assert "95.0% of pairs in order" in panel.how.toolTip()
    assert "resumed exactly" in panel.how.toolTip()
    assert panel.pause.text() == "Resume"


def test_whose_detections_are_shown_stays_as_it_was(seen: Opened, panel: TrainingPanel, qtbot: QtBot) -> None:
    assert (seen.session.run_id, seen.session.training_id) == (1, 2)
    seen.session.show_run(1)
    qtbot.waitUntil(lambda: panel.title.text() == "Run 1")
    assert (seen.session.run_id, seen.session.training_id) == (1, 1)


def began(seen: Opened, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job that carries out the shown run, without any worker."""
    job = Job(77, Task("Resume run 2", "train", "studio.errands:resume"), panel)
    monkeypatch.setattr(type(seen.studio.jobs), "active", [job])
    seen.studio.jobs.listed.emit()
    job.turn("running")
    job.hear(RunBegan(2))
    return job


def test_while_it_trains_the_hardest_pairs_are_pictures_and_a_collapse_is_said(
    seen: Opened, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    job = began(seen, panel, monkeypatch)
    job.hear(STEP)
    assert "90 faces/s" in panel.how.toolTip()
    job.hear(HardestFaces(40, {"val/order": 0.9}, PAIRS))
    assert panel.hardest.isVisible()
    assert "never learns from" in panel.hardest.words.toolTip()
    qtbot.waitUntil(lambda: seen.studio.faces.crop(3) is not None)
    pictures = panel.hardest.pictures
    first, second = pictures.places()
    assert first.first.bottom() < second.first.top()
    assert first.around.right() <= pictures.width()
    assert pictures.words_of(PAIRS[0]).startswith("Person 0 and Person 1: strangers, yet near, at a distance of 0.40")
    assert pictures.words_of(PAIRS[1]).startswith("Person 0, twice: one person, yet far apart")
    job.hear(Collapsed(41, 0.01, "All faces have become one."))
    assert panel.why.toolTip().startswith("All faces have become one.")


def test_a_click_on_a_pair_shows_both_on_the_page_faces(
    seen: Opened, panel: TrainingPanel, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    began(seen, panel, monkeypatch).hear(HardestFaces(40, {"train/order": 0.9}, PAIRS))
    assert "it learns from" in panel.hardest.words.toolTip()
    pictures = panel.hardest.pictures
    qtbot.waitUntil(lambda: bool(seen.studio.faces.templates))
    at = pictures.places()[1].around.center().toPoint()
    event = QHelpEvent(QEvent.Type.ToolTip, at, pictures.mapToGlobal(at))
    assert pictures.event(event)
    qtbot.mouseClick(pictures, Qt.MouseButton.LeftButton, pos=at)
    assert (seen.session.page, seen.studio.faces.selection) == ("faces", frozenset({1, 2}))
    qtbot.mouseClick(pictures, Qt.MouseButton.LeftButton, pos=QPoint(pictures.width() - 1, 0))
    assert seen.studio.faces.selection == frozenset({1, 2})


@pytest.mark.parametrize("width", [130, 300, 900])
def test_pairs_are_never_wider_than_there_is_room_for(panel: TrainingPanel, width: int) -> None:
    pictures = panel.hardest.pictures
    pictures.show_pairs(PAIRS[:1] * 6)
    pictures.resize(width, 120)
    places = pictures.places()
    assert places
    assert all(QPointF(place.around.right(), 0).x() <= width + 1 for place in places)
    assert all(place.first.width() >= 20 for place in places)


def test_the_list_says_what_it_is_and_offers_nothing_of_detectors(seen: Opened, path: Path, qtbot: QtBot) -> None:
    seen.open(path)
    panel = panel_of(seen, qtbot, "runs")
    assert isinstance(panel, RunPanel)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 2)
    row, detector = panel.rows.rows
    assert row.faces is not None
    assert (row.faces.words, row.has_checkpoint) == ("rank-1 90.0%, pairs in order 95.0%", False)
    assert "faces" in str(panel.rows.data(panel.rows.index(0, 0)))
    menu = QMenu()
    panel.fill(menu, row)
    offered = {action.text(): action.isEnabled() for action in menu.actions() if action.text()}
    assert offered == {"Recognise Faces with It": True, "Resume": True, "Rename…": True, "Delete…": True}
    panel.view.selectAll()
    assert not panel.compare.isEnabled()
    assert detector.faces is None
    panel.view.clearSelection()
    place = panel.view.visualRect(panel.rows.index(0, 0)).center()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (seen.session.run_id, seen.session.training_id) == (1, 2)


def test_the_one_in_use_is_marked_and_told_when_it_is_to_be_deleted(seen: Opened, path: Path, qtbot: QtBot) -> None:
    with Project.open(path) as project, project.atomic():
        checkpoint = runs.checkpoint(project, 2)
        record = EmbedderRecord(0, "siamese", checkpoint.id, "p", "w", "cosine", 4)
        KeepGallerySettings(GallerySettings(embeddings.put_embedder(project, record))).apply(project)
        assert "the vectors that its network made of faces" in question(project, 2)
    seen.open(path)
    panel = panel_of(seen, qtbot, "runs")
    assert isinstance(panel, RunPanel)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 2)
    assert "faces, in use" in str(panel.rows.data(panel.rows.index(0, 0)))
    menu = QMenu()
    panel.fill(menu, panel.rows.rows[0])
    assert not next(each for each in menu.actions() if each.text() == "Recognise Faces with It").isEnabled()


@pytest.mark.parametrize("is_in_use", [False, True])
def test_a_trained_embedder_is_used_at_once_or_compared(
    seen: Opened, path: Path, monkeypatch: pytest.MonkeyPatch, is_in_use: bool
) -> None:
    asked: list[Task] = []

    def start(jobs: Jobs, task: Task, **_: bool) -> Job:
        asked.append(task)
        return Job(1, task, jobs)

    monkeypatch.setattr(Jobs, "start", start)
    if is_in_use:
        with Project.open(path) as project, project.atomic():
            record = EmbedderRecord(0, "pixels", None, "p", "w", "euclidean", 4)
            KeepGallerySettings(GallerySettings(embeddings.put_embedder(project, record))).apply(project)
    seen.open(path)
    asked.clear()
    assert use_or_compare(seen.studio, 2) is not None
    wanted = "studio.face_training_errands:compare" if is_in_use else "studio.face_errands:choose_embedder"
    assert [each.function for each in asked] == [wanted]
    assert face_training.is_embedder_run(seen.studio, 2)
    assert not face_training.is_embedder_run(seen.studio, 1)
    assert not face_training.is_embedder_run(seen.studio, 99)
