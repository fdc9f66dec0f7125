"""Compare on the real window: two faces dropped or pasted, the distance and what the gallery's own pairs say of it."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.project import gallery
from engine.project.gallery_edits import RemoveTemplates
from studio.faces.compare_pane import NO_EMBEDDER, NOT_TWO, ComparePane
from studio.faces.face_place import FacePlace
from studio.pages.faces import FacesPage
from tests.studio import projects
from tests.studio.faces.people_at_work import N_EACH, N_PEOPLE, answer_here, file_of, make
from tests.studio.windows import Opened

LEFT = Qt.MouseButton.LeftButton
N_PAIRS = N_PEOPLE * N_EACH * (N_PEOPLE * N_EACH - 1) // 2
N_SAME = N_PEOPLE * N_EACH * (N_EACH - 1) // 2


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make(tmp_path_factory.mktemp("people") / "p.boxwright").read_bytes()


def view(seen: Opened) -> ComparePane:
    seen.studio.faces.show_view("compare")
    page = seen.window.pages.made["faces"]
    assert isinstance(page, FacesPage)
    pane = page.made["compare"]
    assert isinstance(pane, ComparePane)
    return pane


@pytest.fixture
def pane(seen: Opened, made: bytes, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> ComparePane:
    path = tmp_path / "p.boxwright"
    path.write_bytes(made)
    answer_here(monkeypatch, seen)
    seen.open(path)
    shown = view(seen)
    qtbot.waitUntil(lambda: len(shown.cards) == 1, timeout=5_000)
    return shown


def drop(place: FacePlace, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at, copy, none = place.rect().center(), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, copy, data, LEFT, none)
    QApplication.sendEvent(place, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(place, QDropEvent(QPointF(at), copy, data, LEFT, none))


def settle(pane: ComparePane, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: all(each.distance is not None for each in pane.comparing.all), timeout=5_000)


def test_two_of_one_person_and_two_of_different_people(pane: ComparePane, qtbot: QtBot, tmp_path: Path) -> None:
    assert pane.head.text() == NOT_TWO
    drop(pane.places[0], file_of(tmp_path, 2, 5))
    drop(pane.places[1], file_of(tmp_path, 2, 6))
    settle(pane, qtbot)
    assert "✓ The same person: " in pane.head.text()
    assert "says Pixels" in pane.head.text()
    (compared,) = pane.comparing.all
    a, b = compared.vectors
    assert compared.distance == pytest.approx(float(np.linalg.norm(a - b)), rel=1e-5)
    (card,) = pane.cards
    assert (len(card.spread.spread.same), len(card.spread.spread.different)) == (N_SAME, N_PAIRS - N_SAME)
    assert "pairs of different people" in card.words.text()
    drop(pane.places[1], file_of(tmp_path, 0, 6))
    qtbot.waitUntil(lambda: "✕ Not the same person: " in pane.head.text(), timeout=5_000)


def test_pasted_selected_swapped_and_emptied(pane: ComparePane, seen: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    before = gallery.templates(seen.session.project)
    QGuiApplication.clipboard().setImage(QImage(str(file_of(tmp_path, 1, 5))))
    pane.places[1].setFocus()
    seen.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert pane.places[1].name == "Clipboard"
    seen.studio.faces.select([1, 4])
    qtbot.mouseClick(pane.selected, LEFT)
    qtbot.waitUntil(lambda: pane.places[1].name == "Person 1", timeout=5_000)
    qtbot.waitUntil(lambda: pane.places[0].name == "Person 0", timeout=5_000)
    settle(pane, qtbot)
    vectors = pane.comparing.all[0].vectors
    assert vectors is not None
    distance = pane.comparing.all[0].distance
    qtbot.mouseClick(pane.swap, LEFT)
    assert [place.name for place in pane.places] == ["Person 1", "Person 0"]
    assert pane.comparing.all[0].vectors == (vectors[1], vectors[0])
    assert pane.comparing.all[0].distance == pytest.approx(distance)
    pane.places[0].setFocus()
    seen.key(Qt.Key.Key_Delete)
    assert pane.places[0].picture.isNull()
    assert pane.head.text() == NOT_TWO
    assert gallery.templates(seen.session.project) == before


def test_a_face_that_has_gone_from_the_project_is_forgotten(
    pane: ComparePane, seen: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    drop(pane.places[1], file_of(tmp_path, 2, 5))
    seen.studio.faces.select([1])
    qtbot.mouseClick(pane.selected, LEFT)
    qtbot.waitUntil(lambda: pane.places[0].name == "Person 0", timeout=5_000)
    seen.session.do(RemoveTemplates((1,)))
    qtbot.waitUntil(lambda: not pane.places[0].name, timeout=5_000)
    assert not pane.places[1].picture.isNull()  # a file's is nobody's of the project


def test_a_file_is_chosen_and_one_that_is_no_picture_is_told(
    pane: ComparePane, seen: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    seen.answers.path = file_of(tmp_path, 3, 5)
    qtbot.mouseClick(pane.places[0], LEFT)
    qtbot.waitUntil(lambda: pane.places[0].name == "3_5.png", timeout=5_000)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"nothing")
    with qtbot.waitSignal(seen.session.failed, timeout=5_000):
        drop(pane.places[1], broken)
    assert pane.places[1].picture.isNull()


def test_without_an_embedder_it_says_what_to_do(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make(tmp_path / "empty.boxwright"))
    assert view(seen).head.text() == NO_EMBEDDER
