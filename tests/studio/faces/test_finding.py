"""Faces found in whole pictures, on the real window: the choice is shown, kept, undone, and followed everywhere."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.cropping import crop_of
from engine.faces.finding import Finder
from engine.faces.sources import FaceFiles, FaceFolders, FaceIn
from engine.geometry.shapes import Box
from engine.project import classes, gallery, runs
from engine.project.runs import NewCheckpoint
from engine.project.store import Change, Project
from studio.dialogs.enrol_as import EnrolAs
from studio.enrolling import enrol_dropped
from studio.faces.compare_pane import ComparePane
from studio.faces.identify_pane import IdentifyPane
from studio.faces.people_pane import PeoplePane
from studio.finder_box import NO_RUN, WHOLE, FinderBox
from studio.jobs import Job, Jobs
from studio.orders import Task
from studio.pages.faces import FacesPage
from tests.studio.faces.people_at_work import answer_here, file_of, make
from tests.studio.windows import Opened

FOUND = "Found by run 1, yolo"


def with_runs(path: Path) -> None:
    """Run 1 knows faces, run 2 knows dogs."""
    with Project.open(path) as project, project.atomic():
        for name in ("face", "dog"):
            class_id = classes.add(project, name)
            run_id = runs.add(project, "detector", "yolo", "{}")
            card = msgspec.json.encode({"class_names": {str(class_id): name}}).decode()
            runs.add_checkpoint(project, run_id, NewCheckpoint("best", 1, b"weights", card))


class Halves:
    """Finds a face in each half of a picture that is as wide as two."""

    def faces(self, picture: NDArray[np.uint8]) -> tuple[FaceIn, ...]:
        height, width = picture.shape[:2]
        if width < height:
            return ()
        halves = (Box(0, 0, width / 2, height), Box(width / 2, 0, width, height))
        return tuple(FaceIn(crop_of(picture, each), each.bounds) for each in halves)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = make(tmp_path_factory.mktemp("people") / "p.boxwright")
    with_runs(path)
    return path.read_bytes()


@pytest.fixture
def at_work(seen: Opened, made: bytes, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Opened:
    path = tmp_path / "p.boxwright"
    path.write_bytes(made)
    answer_here(monkeypatch, seen)
    monkeypatch.setattr(Finder, "load", lambda *_: Halves())
    seen.open(path)
    qtbot.waitUntil(lambda: seen.studio.faces.calibration is not None, timeout=10_000)
    return seen


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """The jobs that were begun; none is carried out."""
    tasks: list[Task] = []

    def start(jobs: Jobs, task: Task) -> Job:
        tasks.append(task)
        return Job(task, jobs)

    monkeypatch.setattr(Jobs, "start", start)
    return tasks


def view(seen: Opened, name: str) -> object:
    seen.studio.faces.show_view(name)
    page = seen.window.pages.made["faces"]
    assert isinstance(page, FacesPage)
    return page.made[name]


def titles(box: FinderBox) -> list[str]:
    return [box.itemText(at) for at in range(box.count())]


def choose(seen: Opened, box: FinderBox, title: str) -> None:
    """By its keys."""
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home if title == WHOLE else Qt.Key.Key_End)
    seen.qtbot.waitUntil(lambda: seen.studio.faces.settings.find_run_id == (None if title == WHOLE else 1))
    assert box.currentText() == title


def test_runs_that_know_faces_can_be_chosen_and_the_choice_is_undone(at_work: Opened, qtbot: QtBot) -> None:
    people = view(at_work, "people")
    assert isinstance(people, PeoplePane)
    qtbot.waitUntil(lambda: titles(people.finder) == [WHOLE, FOUND])
    assert people.finder.isEnabled() and people.finder.currentText() == WHOLE
    choose(at_work, people.finder, FOUND)
    identify = view(at_work, "identify")
    assert isinstance(identify, IdentifyPane)
    qtbot.waitUntil(lambda: identify.finder.currentText() == FOUND)
    assert at_work.session.project is not None
    assert gallery.settings(at_work.session.project).find_run_id == 1
    at_work.session.undo()
    qtbot.waitUntil(lambda: people.finder.currentText() == identify.finder.currentText() == WHOLE)


def test_a_run_that_is_deleted_is_chosen_no_more_and_a_class_that_is_renamed_is_offered(
    at_work: Opened, qtbot: QtBot
) -> None:
    people = view(at_work, "people")
    assert isinstance(people, PeoplePane)
    qtbot.waitUntil(lambda: titles(people.finder) == [WHOLE, FOUND])
    choose(at_work, people.finder, FOUND)
    session = at_work.session
    assert session.project is not None
    with Project.open(session.project.path) as project, project.atomic():
        runs.delete(project, 1)
        project.execute("UPDATE classes SET name = 'head' WHERE name = 'dog'")
    session.announce(Change(runs=frozenset({1}), gallery=True))
    qtbot.waitUntil(lambda: titles(people.finder) == [WHOLE, "Found by run 2, yolo"])
    assert people.finder.currentText() == WHOLE


def test_without_a_run_that_knows_faces_it_says_what_is_missing(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(make(tmp_path / "p.boxwright"))
    people = view(seen, "people")
    assert isinstance(people, PeoplePane)
    qtbot.waitUntil(lambda: titles(people.finder) == [WHOLE])
    assert not people.finder.isEnabled()
    assert NO_RUN in people.finder.toolTip()


def test_every_face_of_a_picture_is_identified(at_work: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    pane, probes = view(at_work, "identify"), at_work.studio.identifying
    assert isinstance(pane, IdentifyPane)
    qtbot.waitUntil(lambda: titles(pane.finder) == [WHOLE, FOUND])
    group = group_of(tmp_path, 1, 2)
    choose(at_work, pane.finder, FOUND)
    probes.add_files([group, file_of(tmp_path, 3, 5)])
    probes.add_picture("Clipboard", group.read_bytes())
    qtbot.waitUntil(lambda: not probes.n_awaited)
    assert [each.face.source for each in probes.all] == [
        "group.png",
        "group.png",
        "3_5.png",
    ]  # the pasted ones are known
    assert "No face was found" in probes.all[2].face.refusal
    qtbot.waitUntil(lambda: all(probes.deciding.decision(each) is not None for each in probes.all[:2]))
    nearest = [probes.deciding.decision(each).ranking[0].identity_id for each in probes.all[:2]]  # type: ignore[union-attr]
    assert [at_work.studio.faces.name(each) for each in nearest] == ["Person 1", "Person 2"]


def test_one_face_of_a_picture_is_compared_and_several_are_refused(
    at_work: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    pane = view(at_work, "compare")
    assert isinstance(pane, ComparePane)
    qtbot.waitUntil(lambda: titles(pane.finder) == [WHOLE, FOUND] and len(pane.cards) == 1)
    group = group_of(tmp_path, 1, 2)
    choose(at_work, pane.finder, FOUND)
    told: list[Exception] = []
    at_work.session.failed.connect(told.append)
    pane.places[0].file_given.emit(group)
    qtbot.waitUntil(lambda: bool(told))
    assert str(told[0]).startswith("group.png shows 2 faces.") and pane.comparing.places == [None, None]
    pane.places[0].given.emit("Clipboard", file_of(tmp_path, 3, 5).read_bytes())
    qtbot.waitUntil(lambda: len(told) == 2)
    assert "No face was found" in str(told[1])
    choose(at_work, pane.finder, WHOLE)
    pane.places[0].file_given.emit(group)
    qtbot.waitUntil(lambda: pane.comparing.places[0] is not None)


def test_what_is_dropped_is_enrolled_as_it_was_chosen(
    at_work: Opened, qtbot: QtBot, tmp_path: Path, begun: list[Task]
) -> None:
    people = view(at_work, "people")
    assert isinstance(people, PeoplePane)
    qtbot.waitUntil(lambda: titles(people.finder) == [WHOLE, FOUND])
    choose(at_work, people.finder, FOUND)
    (tmp_path / "all" / "Ben").mkdir(parents=True)
    (tmp_path / "Cleo").mkdir()
    own = file_of(tmp_path / "Cleo", 1, 6)
    enrol_dropped(at_work.studio, (tmp_path / "all", tmp_path / "Cleo"))
    enrol_dropped(at_work.studio, (own,), "Dora")
    enrol_dropped(at_work.studio, (own,))
    dialog = at_work.dialog()
    assert isinstance(dialog, EnrolAs)
    finder = dialog.finder
    qtbot.waitUntil(lambda: finder.currentText() == FOUND)
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    assert [each for task in begun for each in task.arguments[0].sources] == [
        FaceFolders(tmp_path / "all", 1),
        FaceFiles((own,), "Cleo", 1),
        FaceFiles((own,), "Dora", 1),
        FaceFiles((own,), "", 1),
    ]


def group_of(folder: Path, *people: int) -> Path:
    """People side by side on one picture."""
    path = folder / "group.png"
    shots = [np.asarray(Image.open(file_of(folder, person, 5))) for person in people]
    Image.fromarray(np.concatenate(shots, axis=1)).save(path)
    return path
