"""Identify, on the real window: probes come in, are decided, answered by pointer and keys, and kept only then."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from engine.project import gallery
from engine.project.gallery import GallerySettings
from studio.charts.card import TITLE
from studio.faces.decision_chart import ROW
from studio.faces.identify_pane import IdentifyPane
from studio.faces.probe_telling import UNKEPT
from studio.identifying import Identifying
from studio.pages.faces import FacesPage
from tests.studio.faces.people_at_work import N_EACH, N_PEOPLE, answer_here, file_of, make
from tests.studio.windows import Opened

LEFT = Qt.MouseButton.LeftButton
N_FACES = N_PEOPLE * N_EACH + 1


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make(tmp_path_factory.mktemp("people") / "p.boxwright").read_bytes()


@pytest.fixture
def pane(seen: Opened, made: bytes, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> IdentifyPane:
    """The view, with the threshold worked out and nothing asked about."""
    path = tmp_path / "p.boxwright"
    path.write_bytes(made)
    answer_here(monkeypatch, seen)
    seen.open(path)
    model = seen.studio.faces
    model.show_view("identify")
    qtbot.waitUntil(lambda: model.calibration is not None and len(model.gallery) == N_FACES - 1, timeout=10_000)
    page = seen.window.pages.made["faces"]
    assert isinstance(page, FacesPage)
    shown = page.made["identify"]
    assert isinstance(shown, IdentifyPane)
    return shown


def settle(pane: IdentifyPane, seen: Opened, qtbot: QtBot) -> None:
    """Wait until every answer is in the file and told."""

    def is_settled() -> bool:
        probes = seen.studio.identifying
        return seen.session.n_settled == seen.session.n_asked and all(each.settles_at is None for each in probes.all)

    qtbot.waitUntil(is_settled, timeout=5_000)
    qtbot.wait(80)


def drop(widget: QWidget, data: QMimeData) -> None:
    at, copy, none = widget.rect().center(), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(at, copy, data, LEFT, none)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(QPointF(at), copy, data, LEFT, none))


def ask(pane: IdentifyPane, seen: Opened, qtbot: QtBot, *paths: Path) -> Identifying:
    """Drop files, and wait until they are decided."""
    data, probes = QMimeData(), seen.studio.identifying
    data.setUrls([QUrl.fromLocalFile(str(each)) for each in paths])
    before = len(probes.all)
    drop(pane, data)
    qtbot.waitUntil(lambda: len(probes.all) == before + len(paths), timeout=10_000)
    qtbot.waitUntil(lambda: pane.verdict.verdict is not None and pane.verdict.title.text() != "…", timeout=5_000)
    pane.setFocus()
    return probes


def everything(seen: Opened) -> tuple[object, ...]:
    project = seen.session.project
    return gallery.templates(project), gallery.pairs(project), gallery.identities(project)


def test_a_known_face_is_identified_and_nothing_is_written(
    pane: IdentifyPane, seen: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    before = everything(seen)
    ask(pane, seen, qtbot, file_of(tmp_path, 2, 5))
    assert pane.verdict.title.text() == "Person 2"
    assert "within the threshold" in pane.verdict.lines.text()
    assert "strangers" in pane.verdict.lines.text()
    assert pane.verdict.state.text() == UNKEPT
    assert pane.verdict.confirm.text() == "It is Person 2"
    assert pane.chart.rows[0].name == "Person 2"
    assert len(pane.chart.rows) == N_PEOPLE
    assert all(len(row.templates) == N_EACH for row in pane.chart.rows)
    assert everything(seen) == before


def test_enter_confirms_and_the_face_is_enrolled(
    pane: IdentifyPane, seen: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    ask(pane, seen, qtbot, file_of(tmp_path, 2, 5), file_of(tmp_path, 1, 5))
    seen.key(Qt.Key.Key_Return)
    settle(pane, seen, qtbot)
    newest = gallery.templates(seen.session.project)[-1]
    assert (newest.state, newest.source) == ("confirmed", "2_5.png")
    assert gallery.identity(seen.session.project, newest.identity_id).name == "Person 2"
    assert any(pair.is_same for pair in gallery.pairs(seen.session.project))
    assert pane.verdict.title.text() == "Person 1"
    assert pane.strip.tiles[0].mark == "confirmed"
    seen.session.undo()
    settle(pane, seen, qtbot)
    qtbot.waitUntil(lambda: pane.strip.tiles[0].mark == "somebody", timeout=5_000)
    assert len(gallery.templates(seen.session.project)) == N_FACES


def test_backspace_rejects_and_the_next_person_comes_up(
    pane: IdentifyPane, seen: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    probes = ask(pane, seen, qtbot, file_of(tmp_path, 2, 5))
    second = pane.chart.rows[1].name
    for n, expected in enumerate((second, pane.chart.rows[2].name), 1):
        seen.key(Qt.Key.Key_Backspace)
        settle(pane, seen, qtbot)
        qtbot.waitUntil(lambda n=n: len(probes.deciding.excluded(probes.current)) == n, timeout=5_000)
        assert seen.studio.faces.name(probes.candidate) == expected
        assert sum(row.is_excluded for row in pane.chart.rows) == n
    newest = gallery.templates(seen.session.project)[-1]
    assert newest.state == "rejected"
    assert len(gallery.rejected(seen.session.project)[newest.id]) == 2
    assert "In the project: not " in pane.verdict.state.text()
    seen.key(Qt.Key.Key_Return)
    settle(pane, seen, qtbot)
    qtbot.waitUntil(lambda: (probes.deciding.state_of(probes.current) or ("",))[0] == "confirmed", timeout=5_000)
    assert gallery.templates(seen.session.project)[-1].id == newest.id


def test_another_name_is_typed(pane: IdentifyPane, seen: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    ask(pane, seen, qtbot, file_of(tmp_path, 9, 1))
    pane.verdict.name.setFocus()
    qtbot.keyClicks(pane.verdict.name, "Anna Alba")
    qtbot.keyClick(pane.verdict.name, Qt.Key.Key_Return)
    settle(pane, seen, qtbot)
    assert gallery.identity_named(seen.session.project, "Anna Alba") is not None
    qtbot.waitUntil(lambda: "confirmed as Anna Alba" in pane.verdict.state.text(), timeout=5_000)


def test_a_person_is_picked_in_the_picture(pane: IdentifyPane, seen: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    ask(pane, seen, qtbot, file_of(tmp_path, 2, 5))
    third = pane.chart.rows[2].name
    qtbot.mouseClick(pane.chart, LEFT, pos=QPoint(60, int(TITLE + 2.5 * ROW)))
    assert pane.verdict.confirm.text() == f"It is {third}"
    qtbot.mouseClick(pane.verdict.confirm, LEFT)
    settle(pane, seen, qtbot)
    newest = gallery.templates(seen.session.project)[-1]
    assert gallery.identity(seen.session.project, newest.identity_id).name == third


def test_rule_and_threshold_decide_at_once_without_another_look(
    pane: IdentifyPane, seen: Opened, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = ask(pane, seen, qtbot, file_of(tmp_path, 2, 5))
    monkeypatch.setattr(type(probes.recognising), "ask_surely", lambda *_: pytest.fail("embedded again"))
    nearest = pane.chart.rows[0].distance
    chart = pane.chart
    chart.ensurePolished()
    x, target = round(chart.x_of(chart.threshold)), round(chart.x_of(0.4 * nearest))
    qtbot.mousePress(chart, LEFT, pos=QPoint(x, 60))
    qtbot.mouseMove(chart, QPoint(target, 60))
    assert pane.verdict.title.text() == "No identification"
    assert gallery.settings(seen.session.project).threshold is None
    qtbot.mouseRelease(chart, LEFT, pos=QPoint(target, 60))
    settle(pane, seen, qtbot)
    assert gallery.settings(seen.session.project).threshold == pytest.approx(0.4 * nearest, rel=0.05)
    assert pane.verdict.title.text() == "No identification"
    pane.rules.rule_wanted.emit("mean")
    settle(pane, seen, qtbot)
    qtbot.waitUntil(lambda: pane.chart.rows[0].distance > nearest, timeout=5_000)
    row = pane.chart.rows[0]
    assert row.distance == pytest.approx(sum(row.templates) / len(row.templates))
    pane.rules.far_wanted.emit(0.1)
    settle(pane, seen, qtbot)
    assert gallery.settings(seen.session.project) == GallerySettings(1, "mean", None, 0.1)
    qtbot.waitUntil(lambda: pane.verdict.title.text() == "Person 2", timeout=5_000)


def test_unknown_faces_of_the_project_are_asked_about(pane: IdentifyPane, seen: Opened, qtbot: QtBot) -> None:
    model, probes = seen.studio.faces, seen.studio.identifying
    assert not pane.unknown.isEnabled()
    model.select([N_FACES])
    qtbot.mouseClick(pane.unknown, LEFT)
    qtbot.waitUntil(lambda: len(probes.all) == 1, timeout=5_000)
    assert pane.verdict.title.text() == "Person 0"
    assert pane.verdict.state.text() == "In the project, without a name."
    pane.setFocus()
    seen.key(Qt.Key.Key_Return)
    settle(pane, seen, qtbot)
    found = gallery.template(seen.session.project, N_FACES)
    assert (found.state, gallery.identity(seen.session.project, found.identity_id).name) == ("confirmed", "Person 0")
    qtbot.waitUntil(lambda: len(probes.deciding.gallery(probes.current)) == N_FACES - 1, timeout=5_000)


def test_the_clipboard_is_pasted_and_a_crop_that_is_known_is_told(
    pane: IdentifyPane, seen: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    probes = seen.studio.identifying
    QGuiApplication.clipboard().setImage(QImage(str(file_of(tmp_path, 1, 0))))
    pane.setFocus()
    seen.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(probes.all) == 1, timeout=5_000)
    qtbot.waitUntil(lambda: "confirmed as Person 1" in pane.verdict.state.text(), timeout=5_000)
    assert probes.current.face.source == "Clipboard"


def test_many_probes_are_decided_while_the_window_goes_on_and_a_threshold_looks_nobody_up(
    pane: IdentifyPane, seen: Opened, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes = seen.studio.identifying
    seen.studio.faces.select(range(1, N_FACES + 1))
    qtbot.mouseClick(pane.unknown, LEFT)
    qtbot.waitUntil(lambda: len(probes.all) == N_FACES, timeout=5_000)
    qtbot.waitUntil(lambda: all(each.mark != "waiting" for each in pane.strip.tiles), timeout=5_000)
    assert [each.mark for each in pane.strip.tiles] == ["confirmed"] * (N_FACES - 1) + ["somebody"]
    probes.look_at(probes.all[-1].number)
    monkeypatch.setattr("studio.deciding.identify", lambda *_: pytest.fail("looked up again"))
    pane.rules.threshold_wanted.emit(1e-3)
    settle(pane, seen, qtbot)
    qtbot.waitUntil(lambda: pane.verdict.title.text() == "No identification", timeout=5_000)


def test_who_has_gone_from_the_file_goes_from_memory(
    pane: IdentifyPane, seen: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    probes = ask(pane, seen, qtbot, file_of(tmp_path, 2, 5), file_of(tmp_path, 1, 5))
    seen.key(Qt.Key.Key_Return)
    settle(pane, seen, qtbot)
    probes.forget_gone()
    qtbot.wait(100)
    assert len(probes.all) == 2
    seen.session.undo()
    settle(pane, seen, qtbot)
    qtbot.waitUntil(lambda: probes.all[0].template_id is None, timeout=5_000)
    probes.forget_gone()
    qtbot.waitUntil(lambda: [each.face.source for each in probes.all] == ["1_5.png"], timeout=5_000)


def test_a_file_that_is_no_picture_is_told_and_the_rest_goes_on(
    pane: IdentifyPane, seen: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    probes = ask(pane, seen, qtbot, broken, file_of(tmp_path, 1, 5))
    assert [each.mark for each in pane.strip.tiles] == ["refused", "somebody"]
    assert "broken.png" in pane.verdict.lines.text()
    assert not pane.verdict.confirm.isEnabled()
    seen.key(Qt.Key.Key_Right)
    assert pane.verdict.title.text() == "Person 1"
    seen.key(Qt.Key.Key_Left)
    qtbot.mouseClick(pane.verdict.ignore, LEFT)
    assert len(probes.all) == 1
    qtbot.mouseClick(pane.clear, LEFT)
    assert pane.stack.currentIndex() == 0


def test_what_is_on_its_way_when_all_are_given_up_is_not_asked_about(
    pane: IdentifyPane, seen: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    probes = seen.studio.identifying
    probes.add_files([file_of(tmp_path, 1, 5)])
    assert probes.n_awaited == 1
    probes.clear()
    assert probes.n_awaited == 0
    probes.add_files([file_of(tmp_path, 2, 5)])
    qtbot.waitUntil(lambda: bool(probes.all), timeout=5_000)
    qtbot.wait(50)
    assert [each.face.source for each in probes.all] == ["2_5.png"]
    assert probes.n_awaited == 0


@pytest.mark.parametrize("width", [1280, 800])
def test_no_words_of_a_decision_are_cut_off(
    pane: IdentifyPane, seen: Opened, qtbot: QtBot, tmp_path: Path, width: int
) -> None:
    seen.studio.identifying.add_files([file_of(tmp_path, 1, 5)])
    qtbot.waitUntil(lambda: seen.studio.identifying.candidate is not None, timeout=5_000)
    seen.window.resize(width, 600)
    area = pane.stack.currentWidget()
    assert isinstance(area, QScrollArea)
    qtbot.waitUntil(lambda: pane.verdict.width() <= area.viewport().width())
    qtbot.waitUntil(lambda: pane.rules.width() <= pane.width())
