"""The grid reads what is in sight, is worked by pointer and keys, and is in step with the list and the session."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import images
from engine.project.edits import AddAnnotations
from engine.project.image_edits import TagImages
from engine.project.records import Annotation
from studio.pages._cell_painting import chips
from studio.pages._grid import Grid
from studio.pages.pictures import PicturesPage
from studio.panels.images import ImagePanel
from studio.view_state import Selection
from tests.studio import projects
from tests.studio.windows import Opened, opened

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def shown(seen: Opened, path: Path) -> PicturesPage:
    """The page of a project's pictures."""
    seen.open(path)
    seen.key(Qt.Key.Key_2, CONTROL)
    page = seen.window.pages.made["pictures"]
    assert isinstance(page, PicturesPage)
    seen.qtbot.waitUntil(lambda: page.rows.rowCount() > 0)
    return page


@pytest.fixture
def page(seen: Opened, tmp_path: Path) -> PicturesPage:
    """Twenty pictures."""
    return shown(seen, projects.make(tmp_path / "p.boxwright", n_images=20))


def middle(grid: Grid, row: int) -> QPoint:
    return grid.visualRect(grid.model().index(row, 0)).center()


def click(grid: Grid, qtbot: QtBot, row: int, keys: Qt.KeyboardModifier = NONE) -> None:
    qtbot.mouseClick(grid.viewport(), LEFT, keys, middle(grid, row))


def chosen(seen: Opened, *ids: int) -> None:
    seen.qtbot.waitUntil(lambda: seen.session.listing.subjects == ids)


def test_only_cells_in_sight_are_read(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    page = shown(seen, projects.make(tmp_path / "p.boxwright", n_images=200))
    qtbot.waitUntil(lambda: 1 in page.rows._rows)
    qtbot.wait(100)
    n_seen = (page.grid.viewport().height() // page.grid.cells.cell[1] + 2) * page.grid.cells.columns
    assert len(page.rows._rows) <= n_seen
    page.grid.verticalScrollBar().setValue(page.grid.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: 200 in page.rows._rows)
    assert 100 not in page.rows._rows


def test_a_click_with_control_and_shift_chooses_several(seen: Opened, page: PicturesPage, qtbot: QtBot) -> None:
    click(page.grid, qtbot, 1)
    chosen(seen, 2)
    click(page.grid, qtbot, 3, CONTROL)
    chosen(seen, 2, 4)
    assert seen.session.image_id == 4
    click(page.grid, qtbot, 3, CONTROL)
    chosen(seen, 2)
    assert seen.session.image_id == 2
    click(page.grid, qtbot, 1)
    last = page.grid.cells.columns + 1  # Shift chooses in reading order, not within a rectangle
    click(page.grid, qtbot, last, SHIFT)
    chosen(seen, *range(2, last + 2))
    assert page._chosen.text() == f"{last} chosen"


def test_a_rubber_band_chooses_what_it_touches(seen: Opened, page: PicturesPage, qtbot: QtBot) -> None:
    grid, columns = page.grid, page.grid.cells.columns
    start, end = QPoint(2, 2), middle(grid, columns + 1)
    qtbot.mousePress(grid.viewport(), LEFT, pos=start)
    for step in (1, 2, 3):
        qtbot.mouseMove(grid.viewport(), start + (end - start) * step / 3)
    assert not grid._band.isEmpty()
    qtbot.mouseRelease(grid.viewport(), LEFT, pos=end)
    chosen(seen, 1, 2, columns + 1, columns + 2)
    assert grid._band.isEmpty()
    qtbot.mouseClick(grid.viewport(), LEFT, pos=QPoint(2, 2))
    qtbot.waitUntil(lambda: not seen.session.listing.chosen)


def test_arrows_move_shift_extends_and_control_a_chooses_all(seen: Opened, page: PicturesPage) -> None:
    columns = page.grid.cells.columns
    for key, expected in (
        (Qt.Key.Key_Right, 2), (Qt.Key.Key_Down, 2 + columns), (Qt.Key.Key_Left, 1 + columns), (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_Up, 1), (Qt.Key.Key_End, 20), (Qt.Key.Key_Home, 1),
    ):  # fmt: skip
        seen.key(key)
        chosen(seen, expected)
    seen.key(Qt.Key.Key_Right, SHIFT)
    chosen(seen, 1, 2)
    seen.key(Qt.Key.Key_Down, SHIFT)
    chosen(seen, *range(1, columns + 3))
    seen.key(Qt.Key.Key_A, CONTROL)
    chosen(seen, *range(1, 21))
    seen.key(Qt.Key.Key_D)  # next image
    assert len(seen.session.listing.subjects) == 20  # it is among the chosen ones
    assert not seen.session.selection


@pytest.mark.parametrize("way", ["enter", "double click"])
def test_a_picture_is_opened_on_the_canvas(seen: Opened, page: PicturesPage, qtbot: QtBot, way: str) -> None:
    click(page.grid, qtbot, 2)
    if way == "enter":
        seen.key(Qt.Key.Key_Return)
    else:
        qtbot.mouseDClick(page.grid.viewport(), LEFT, pos=middle(page.grid, 2))
    qtbot.waitUntil(lambda: seen.window.focusWidget() is seen.canvas)
    assert (seen.session.page, seen.session.image_id) == ("annotate", 3)


def test_list_and_grid_show_the_same_choice(seen: Opened, page: PicturesPage, qtbot: QtBot) -> None:
    rows = seen.window.findChild(ImagePanel).view.selectionModel()
    click(page.grid, qtbot, 0)
    click(page.grid, qtbot, 2, SHIFT)
    qtbot.waitUntil(lambda: [index.row() for index in rows.selectedIndexes()] == [0, 1, 2])
    flags = QItemSelectionModel.SelectionFlag
    rows.select(rows.model().index(5, 0), flags.Select)
    rows.select(rows.model().index(1, 0), flags.Deselect)
    grid = page.grid.selectionModel()
    qtbot.waitUntil(lambda: sorted(index.row() for index in grid.selectedIndexes()) == [0, 2, 5])
    seen.session.go_to(9)
    assert [index.row() for index in grid.selectedIndexes()] == [8]
    assert page.grid.viewport().rect().contains(middle(page.grid, 8))


def test_the_size_follows_slider_and_wheel(seen: Opened, page: PicturesPage) -> None:
    before = page.grid.cells.columns
    page.side.setValue(80)
    assert page.grid.cells.columns > before
    at, none = page.grid.viewport().rect().center(), Qt.MouseButton.NoButton
    for _ in range(20):
        wheel = QWheelEvent(
            at, page.grid.viewport().mapToGlobal(at), QPoint(), QPoint(0, 120), none, CONTROL,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(page.grid.viewport(), wheel)
    assert page.side.value() == page.grid.side == 256
    assert page.grid.cells.columns < before


def test_size_and_shapes_are_kept_for_the_next_time(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    path = projects.make(tmp_path / "p.boxwright")
    page = shown(seen, path)
    assert (page.side.value(), page.shapes.isChecked()) == (144, False)
    page.side.setValue(200)
    page.shapes.click()
    seen.window.close()
    with opened(qtbot, tmp_path / "settings.ini") as again:
        page = shown(again, path)
        assert (page.grid.side, page.shapes.isChecked()) == (200, True)
        qtbot.waitUntil(lambda: 1 in page.rows._rows)


def test_shapes_are_drawn_on_thumbnails_by_choice_and_follow_edits(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    page = shown(seen, projects.make(tmp_path / "p.boxwright"))

    def blue() -> int:
        """How blue the middle of the picture's upper edge of the box is."""
        found = page.rows._rows.get(1)
        if found is None or found[1].isNull():
            return -1
        thumbnail = found[1]
        colour = thumbnail.pixelColor(thumbnail.width() // 2, round(thumbnail.height() * 20 / 120))
        return colour.blue() - colour.red()

    qtbot.waitUntil(lambda: blue() != -1)
    plain = blue()
    page.shapes.click()
    seen.session.do(AddAnnotations((Annotation(0, 1, 1, Box(20, 20, 140, 100)),)))
    qtbot.waitUntil(lambda: blue() > plain + 30)
    page.shapes.click()
    qtbot.waitUntil(lambda: blue() == plain)


def test_what_was_asked_in_another_way_is_not_shown(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    page = shown(seen, projects.make_annotated(tmp_path / "p.boxwright"))
    qtbot.waitUntil(lambda: len(page.rows._rows) == 3)
    page.shapes.setChecked(True)
    qtbot.waitUntil(lambda: page.rows._rows[1][1].width() > 192)
    page.rows._wanted = dict.fromkeys(page.rows.ids)
    page.rows._ask()
    time.sleep(0.3)  # the answer has come, and nobody has heard it yet
    page.shapes.setChecked(False)
    qtbot.waitUntil(lambda: all(0 < image.width() <= 192 for _, image in page.rows._rows.values()))
    qtbot.wait(100)
    assert all(image.width() <= 192 for _, image in page.rows._rows.values())


def test_delete_removes_the_chosen_after_a_question(seen: Opened, page: PicturesPage, qtbot: QtBot) -> None:
    click(page.grid, qtbot, 1)
    click(page.grid, qtbot, 3, SHIFT)
    chosen(seen, 2, 3, 4)
    seen.answers.confirms = False
    seen.key(Qt.Key.Key_Delete)
    seen.answers.confirms = True
    with qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: page.rows.rowCount() == 17)
    assert seen.session.image_id == 5
    with qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_Z, CONTROL)
    qtbot.waitUntil(lambda: page.rows.rowCount() == 20)


def test_keys_of_the_canvas_do_nothing_to_a_picture_that_is_not_seen(seen: Opened, tmp_path: Path) -> None:
    page = shown(seen, projects.make_annotated(tmp_path / "p.boxwright"))
    seen.session.show_run(1)
    seen.session.select(Selection(annotations=frozenset({1})))
    for target in (page.grid, page.side, seen.window.docks["runs"]):
        target.setFocus()
        for key in (Qt.Key.Key_Backspace, Qt.Key.Key_2, Qt.Key.Key_Tab, Qt.Key.Key_Return):
            seen.key(key)
        seen.session.show_page("pictures")
    assert seen.session.n_asked == 0
    assert seen.session.class_id == 2
    detect = [action for action in seen.window.actions() if action.objectName() == "train.detect_all"]
    assert detect[0].isEnabled()


def test_the_menu_offers_what_can_be_done(seen: Opened, page: PicturesPage, qtbot: QtBot) -> None:
    at = middle(page.grid, 0)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, page.grid.viewport().mapToGlobal(at))
    QApplication.sendEvent(page.grid.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    done = next(action for action in menu.actions() if action.objectName() == "menu.image.done")
    with qtbot.waitSignal(seen.session.saved):
        done.trigger()
    menu.close()
    assert seen.session.project is not None
    assert images.get(seen.session.project, 1).state == "done"


def test_what_is_known_of_a_picture_is_in_its_tip(seen: Opened, page: PicturesPage, qtbot: QtBot) -> None:
    seen.session.do(TagImages((1,), ("night", "rain")))
    qtbot.waitUntil(lambda: 1 in page.rows._rows and bool(page.rows._rows[1][0].tags))
    tip = page.rows.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "000.png\n0 annotations, new\nTags: night, rain"


def test_a_project_that_is_only_read_offers_no_changes(seen: Opened, tmp_path: Path) -> None:
    path = projects.make(tmp_path / "p.boxwright")
    page = shown(seen, path)
    assert all(button.isEnabled() for button in page.buttons)
    seen.session.close()
    seen.session.open(path, read_only=True)
    seen.session.show_page("pictures")
    assert not any(button.isEnabled() for button in page.buttons)


def test_nothing_found_is_said(seen: Opened, page: PicturesPage, qtbot: QtBot) -> None:
    page.bar.field.setText("zzz")
    qtbot.waitUntil(page._nothing.isVisible)
    assert page._nothing.text() == "Nothing is found."
    page.bar.field.clear()
    qtbot.waitUntil(lambda: not page._nothing.isVisible())


@pytest.mark.parametrize("room", [10, 60, 110, 400])
def test_tags_fit_into_their_room(page: PicturesPage, room: int) -> None:
    metrics, tags = QFontMetrics(page.font()), ("night", "rain", "a rather long one")
    words = chips(tags, room, metrics)
    assert words
    if room >= 60:
        assert sum(metrics.horizontalAdvance(each) + 12 for each in words) + 4 * (len(words) - 1) <= room
    assert (words == list(tags)) == (room == 400)
