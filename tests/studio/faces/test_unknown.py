"""Faces without a name: together by likeness, chosen by pointer and keys, named, confirmed, rejected, ignored."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from studio.faces.face_grid import FaceGrid
from studio.faces.model import FacesModel
from studio.faces.unknown_pane import UnknownPane
from tests.studio.faces import gallery_window as faces
from tests.studio.windows import Opened

KNOWN = {"Anna": 3, "Bert": 3, "Cleo": 2}
STRANGERS = {"Anna": 4, "Dora": 5, "Emil": 3, "Fritz": 1}


@pytest.fixture
def model(at_work: Opened) -> FacesModel:
    return faces.stock(at_work, KNOWN, STRANGERS)


@pytest.fixture
def pane(at_work: Opened, model: FacesModel) -> UnknownPane:
    shown = faces.view(at_work, "unknown")
    assert isinstance(shown, UnknownPane)
    at_work.qtbot.waitUntil(lambda: len(shown.grid.sections) == 4)
    return shown


def ids_of(model: FacesModel, name: str, state: str) -> set[int]:
    return {each.id for each in model.templates.values() if each.source.startswith(name) and each.state == state}


def named(model: FacesModel, name: str) -> set[int]:
    person = model.named(name)
    return {each.id for each in model.templates.values() if each.state == "confirmed" and each.identity_id == person}


def test_faces_that_look_alike_stand_together(pane: UnknownPane) -> None:
    assert faces.sections(pane.grid) == [
        ("Probably one person", 5),
        ("Probably one person", 4),
        ("Probably one person", 3),
        ("Alone", 1),
    ]


def test_one_name_goes_to_a_whole_group_and_the_next_group_is_chosen(
    at_work: Opened, model: FacesModel, pane: UnknownPane
) -> None:
    doras = ids_of(model, "Dora", "unknown")
    faces.click_heading(at_work, pane.grid, 0)
    assert model.selection == doras
    at_work.qtbot.keyClicks(pane.grid, "D")
    assert pane.bar.name.hasFocus()
    at_work.qtbot.keyClicks(pane.bar.name, "ora")
    assert pane.bar.name.text() == "Dora"
    at_work.qtbot.keyClick(pane.bar.name, Qt.Key.Key_Return)
    at_work.qtbot.waitUntil(lambda: named(model, "Dora") == doras)
    at_work.qtbot.waitUntil(lambda: model.selection == ids_of(model, "Anna", "unknown"))
    assert pane.grid.hasFocus()
    at_work.session.undo()
    at_work.qtbot.waitUntil(lambda: model.named("Dora") is None)
    at_work.qtbot.waitUntil(lambda: ("Probably one person", 5) in faces.sections(pane.grid))


def test_a_known_name_is_taken_whatever_its_case(at_work: Opened, model: FacesModel, pane: UnknownPane) -> None:
    faces.click_heading(at_work, pane.grid, 1)
    pane.bar.give_name("anna")
    at_work.qtbot.waitUntil(lambda: len(named(model, "Anna")) == 7)
    assert len(model.identities) == len(KNOWN)


def suggested(at_work: Opened, model: FacesModel, pane: UnknownPane) -> set[int]:
    """Have names suggested by the button; the faces of Anna's are."""
    at_work.qtbot.mouseClick(pane.suggest, Qt.MouseButton.LeftButton)
    at_work.qtbot.waitUntil(lambda: faces.sections(pane.grid)[0] == ("Anna?", 4))
    return ids_of(model, "Anna", "suggested")


def test_enter_confirms_and_backspace_rejects_face_by_face(
    at_work: Opened, model: FacesModel, pane: UnknownPane
) -> None:
    first, second, *_ = sorted(suggested(at_work, model, pane))
    faces.click_tile(at_work, pane.grid, 0)
    assert model.selection == {first}
    at_work.qtbot.keyClick(pane.grid, Qt.Key.Key_Return)
    at_work.qtbot.waitUntil(lambda: model.templates[first].state == "confirmed")
    at_work.qtbot.waitUntil(lambda: model.selection == {second})
    at_work.qtbot.keyClick(pane.grid, Qt.Key.Key_Backspace)
    at_work.qtbot.waitUntil(lambda: model.templates[second].state == "rejected")
    assert model.rejected[second] == {model.named("Anna")}
    at_work.qtbot.mouseClick(pane.suggest, Qt.MouseButton.LeftButton)
    at_work.qtbot.wait(200)
    assert model.templates[second].state == "rejected"  # what was rejected is not suggested again


def test_enter_asks_for_the_name_where_nobody_is_suggested(
    at_work: Opened, model: FacesModel, pane: UnknownPane
) -> None:
    faces.click_tile(at_work, pane.grid, 0)
    at_work.qtbot.keyClick(pane.grid, Qt.Key.Key_Return)
    assert pane.bar.name.hasFocus()
    at_work.qtbot.keyClick(pane.bar.name, Qt.Key.Key_Escape)
    assert pane.grid.hasFocus()
    assert len(model.selection) == 1


def test_shift_ctrl_arrows_and_a_rubber_band_choose(at_work: Opened, model: FacesModel, pane: UnknownPane) -> None:
    grid = pane.grid
    faces.click_tile(at_work, grid, 1)
    faces.click_tile(at_work, grid, 3, Qt.KeyboardModifier.ShiftModifier)
    assert model.selection == set(grid.rows.ids[1:4])
    faces.click_tile(at_work, grid, 6, Qt.KeyboardModifier.ControlModifier)
    assert model.selection == {*grid.rows.ids[1:4], grid.rows.ids[6]}
    faces.click_tile(at_work, grid, 0)
    at_work.qtbot.keyClick(grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert model.selection == set(grid.rows.ids[:2])
    at_work.qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert model.selection == {grid.rows.ids[6]}  # below the second of the first group is the second of the next
    pull(at_work, grid, grid.visualRect(grid.model().index(0, 0)).topLeft() - QPoint(4, 4), 2)
    assert model.selection == set(grid.rows.ids[:3])


def pull(at_work: Opened, grid: FaceGrid, start: QPoint, last: int) -> None:
    """Pull a rubber band from a point to a tile."""
    port, end = grid.viewport(), grid.visualRect(grid.model().index(last, 0)).center()
    at_work.qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 5):
        at_work.qtbot.mouseMove(port, start + (end - start) * step / 4)
        QApplication.processEvents()
    at_work.qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=end)


def test_ignored_faces_go_and_can_be_seen_and_forgotten(at_work: Opened, model: FacesModel, pane: UnknownPane) -> None:
    emils = ids_of(model, "Emil", "unknown")
    faces.click_heading(at_work, pane.grid, 2)
    at_work.qtbot.mouseClick(pane.bar.buttons["faces.ignore"], Qt.MouseButton.LeftButton)
    at_work.qtbot.waitUntil(lambda: ids_of(model, "Emil", "ignored") == emils)
    assert not emils & set(pane.grid.rows.ids)
    at_work.qtbot.mouseClick(pane.ignored, Qt.MouseButton.LeftButton)
    assert faces.sections(pane.grid)[-1] == ("Ignored", 3)
    model.select(emils)
    at_work.qtbot.mouseClick(pane.bar.buttons["faces.forget"], Qt.MouseButton.LeftButton)
    at_work.qtbot.waitUntil(lambda: ids_of(model, "Emil", "unknown") == emils)


def test_delete_can_be_undone(at_work: Opened, model: FacesModel, pane: UnknownPane) -> None:
    faces.click_tile(at_work, pane.grid, 0)
    (gone,) = model.selection
    at_work.qtbot.keyClick(pane.grid, Qt.Key.Key_Delete)
    at_work.qtbot.waitUntil(lambda: gone not in model.templates)
    at_work.session.undo()
    at_work.qtbot.waitUntil(lambda: gone in model.templates)


def test_every_state_has_a_sign_and_words(model: FacesModel, pane: UnknownPane) -> None:
    tip = pane.grid.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "Unknown" in tip
    assert "From Dora/" in tip
    assert pane.grid.rows.tile(0).words == "Unknown"


def test_thousands_of_faces_are_laid_out_and_reached(at_work: Opened) -> None:
    model = faces.stock(at_work, {"Anna": 2}, {"Dora": 1000, "Emil": 1000})
    pane = faces.view(at_work, "unknown")
    assert isinstance(pane, UnknownPane)
    at_work.qtbot.waitUntil(lambda: len(pane.grid.sections) == 2, timeout=60_000)
    assert faces.sections(pane.grid) == [("Probably one person", 1000)] * 2
    pane.grid.setFocus()
    at_work.qtbot.keyClick(pane.grid, Qt.Key.Key_End)
    at_work.qtbot.keyClick(pane.grid, Qt.Key.Key_End)
    assert pane.grid.currentIndex().row() == 1999
    bar = pane.grid.verticalScrollBar()
    assert bar.value() > bar.maximum() - 200
    at_work.qtbot.waitUntil(lambda: model.crop(pane.grid.rows.ids[-1]) is not None)
