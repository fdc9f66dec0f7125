"""An annotator's comforts on the real window: another program's keys, nothing in the way while drawing, shapes put
aside and carried on from picture to picture, and the window as it was left."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import annotations, authors
from engine.project.records import Annotation
from engine.project.store import Project
from studio.canvas.minimap import Minimap
from studio.dialogs.cheat_sheet import CheatSheet
from studio.dialogs.copy_on import CopyOn
from studio.dialogs.keys import KeysDialog
from studio.dialogs.your_name import YourName
from studio.searching.field import QueryField
from studio.view_state import Selection
from tests.studio import projects
from tests.studio.windows import Opened, dialogs, opened

LEFT = Qt.MouseButton.LeftButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
XY = tuple[float, float]


class Hand:
    """A person's hand over the window: everything by pointer and keys."""

    def __init__(self, seen: Opened) -> None:
        self.seen = seen

    def at(self, xy: XY) -> QPoint:
        return QPoint(*self.seen.view_point(*xy))

    def click(self, *points: XY, held: Qt.KeyboardModifier = NONE) -> None:
        for xy in points:
            self.seen.qtbot.mouseMove(self.seen.canvas, self.at(xy))
            self.seen.qtbot.mouseClick(self.seen.canvas, LEFT, held, self.at(xy))

    def drag(self, *way: XY) -> None:
        self.seen.drag(*way)

    def saves(self, act: Callable[[], None]) -> None:
        """Do something and wait until it is saved and seen."""
        with self.seen.qtbot.waitSignal(self.seen.session.saved):
            act()
        self.seen.settle()

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        self.seen.key(key, held)

    def on(self, image_id: int) -> list[Annotation]:
        assert isinstance(self.seen.session.project, Project)
        return annotations.of_image(self.seen.session.project, image_id)


@pytest.fixture
def hand(seen: Opened, tmp_path: Path) -> Hand:
    seen.open(projects.make(tmp_path / "p.boxwright", 5))
    seen.qtbot.waitUntil(lambda: len(seen.session.listing.ids) == 5)
    seen.canvas.setFocus()
    return Hand(seen)


def test_hands_that_know_cvat_work_at_once(hand: Hand, tmp_path: Path, qtbot: QtBot) -> None:
    seen = hand.seen
    hand.press(Qt.Key.Key_K, CTRL)
    dialog = seen.dialog()
    assert isinstance(dialog, KeysDialog)
    profile = dialog.findChild(QComboBox)
    assert profile is not None
    profile.setFocus()
    qtbot.keyClick(profile, Qt.Key.Key_Down)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    seen.canvas.setFocus()
    hand.press(Qt.Key.Key_N)
    for n in range(3):
        hand.saves(lambda n=n: hand.drag((10 + 40 * n, 20), (35 + 40 * n, 50)))  # type: ignore[misc]
    hand.press(Qt.Key.Key_N)
    hand.click((20, 30))
    assert len(seen.session.selection.annotations) == 1
    (chosen,) = seen.session.selection.annotations
    hand.saves(lambda: hand.press(Qt.Key.Key_2, CTRL))
    assert [each.class_id for each in hand.on(1)] == [2, 1, 1]
    hand.press(Qt.Key.Key_L)
    hand.press(Qt.Key.Key_Escape)
    hand.click((20, 30))
    assert not seen.session.selection
    seen.session.select(Selection(annotations=frozenset({chosen})))
    hand.press(Qt.Key.Key_L)
    hand.press(Qt.Key.Key_H)
    assert seen.session.visibility.hidden == {chosen}
    hand.press(Qt.Key.Key_F)
    assert seen.session.image_id == 2
    hand.press(Qt.Key.Key_D)
    assert seen.session.image_id == 1
    action = seen.window.menus.action("image.next")
    assert action.toolTip().endswith("(F)")
    hand.press(Qt.Key.Key_F1)
    sheet = seen.dialog()
    assert isinstance(sheet, CheatSheet)
    sheet.close()
    seen.window.close()
    with opened(qtbot, tmp_path / "settings.ini") as again:  # the hands' keys are kept
        again.open(tmp_path / "p.boxwright")
        again.canvas.setFocus()
        again.key(Qt.Key.Key_F)
        assert again.session.image_id == 2


DRAWN: tuple[tuple[str, str, tuple[XY, ...]], ...] = (
    ("box", "drag", ((20, 20), (50, 40), (70, 60))),
    ("box", "click", ((20, 20), (70, 60))),
    ("rotated_box", "click", ((20, 20), (70, 30), (60, 60))),
    ("extreme_points", "click", ((20, 40), (70, 40), (40, 20), (40, 60))),
    ("polygon", "click and Enter", ((20, 20), (70, 20), (60, 60))),
    ("polygon", "drag", ((20, 20), (60, 20), (70, 50), (30, 60), (20, 21))),
    ("brush", "drag", ((30, 30), (50, 40), (70, 60))),
    ("wand", "click and Enter", ((5, 5),)),
)


@pytest.mark.parametrize(("tool", "way", "points"), DRAWN)
def test_drawing_never_opens_anything(hand: Hand, tool: str, way: str, points: tuple[XY, ...]) -> None:
    seen = hand.seen
    shown_before = {each for each in QApplication.topLevelWidgets() if each.isVisible()}
    seen.session.use_tool(tool)

    def draw() -> None:
        (hand.drag if way == "drag" else hand.click)(*points)
        if way.endswith("Enter"):
            hand.press(Qt.Key.Key_Return)

    for n in (1, 2):
        hand.saves(draw)
        assert len(hand.on(1)) == n
        assert {each for each in QApplication.topLevelWidgets() if each.isVisible()} == shown_before
        assert QApplication.activeModalWidget() is None and QApplication.activePopupWidget() is None
        assert seen.session.tool == tool
        assert seen.window.focusWidget() is seen.canvas
        seen.session.select(Selection())
    assert not dialogs()


def test_shapes_are_put_aside_and_carried_on(hand: Hand) -> None:
    seen = hand.seen
    seen.session.use_tool("box")
    for x in (10, 60, 110):
        hand.saves(lambda x=x: hand.drag((x, 20), (x + 30, 60)))  # type: ignore[misc]
    hand.press(Qt.Key.Key_Escape)
    hand.click((25, 40))
    hand.press(Qt.Key.Key_I)  # alone
    hand.click((75, 40))
    assert not seen.session.selection
    hand.press(Qt.Key.Key_H, ALT)
    hand.click((75, 40))
    (middle,) = seen.session.selection.annotations
    hand.press(Qt.Key.Key_L)
    hand.press(Qt.Key.Key_A, CTRL)
    seen.qtbot.waitUntil(lambda: len(seen.session.selection.annotations) == 2)  # the locked one is left out
    hand.saves(lambda: hand.press(Qt.Key.Key_Delete))
    assert [each.id for each in hand.on(1)] == [middle]
    hand.saves(lambda: hand.press(Qt.Key.Key_Z, CTRL))
    assert len(hand.on(1)) == 3
    seen.session.select(Selection())
    for image_id in (2, 3):
        hand.saves(lambda: hand.press(Qt.Key.Key_B, CTRL | SHIFT))
        assert seen.session.image_id == image_id
        assert len(hand.on(image_id)) == 3
    hand.press(Qt.Key.Key_C, CTRL)
    seen.qtbot.waitUntil(lambda: len(seen.session.copied) == 3)
    hand.press(Qt.Key.Key_End, CTRL)
    seen.settle()
    hand.saves(lambda: hand.press(Qt.Key.Key_V, CTRL))
    assert [each.shape for each in hand.on(5)] == [each.shape for each in hand.on(1)]
    for image_id in (5, 3, 2):
        hand.saves(lambda: hand.press(Qt.Key.Key_Z, CTRL))
        assert hand.on(image_id) == []


@pytest.mark.parametrize("grouped", [False, True])
def test_shift_and_a_click_takes_a_shape_or_its_group_out_of_the_selection(hand: Hand, grouped: bool) -> None:
    seen = hand.seen
    seen.session.use_tool("box")
    for x in (10, 60, 110):
        hand.saves(lambda x=x: hand.drag((x, 20), (x + 30, 60)))  # type: ignore[misc]
    first, second, third = (each.id for each in hand.on(1))
    hand.press(Qt.Key.Key_Escape)
    hand.press(Qt.Key.Key_Escape)
    hand.click((25, 40))
    hand.click((75, 40), held=SHIFT)
    assert seen.session.selection.annotations == {first, second}
    if grouped:
        hand.saves(lambda: hand.press(Qt.Key.Key_G, CTRL))
    hand.click((75, 40))
    assert seen.session.selection.annotations == ({first, second} if grouped else {second})
    hand.click((25, 40), held=SHIFT)
    assert seen.session.selection.annotations == (set() if grouped else {first, second})
    hand.click((25, 40), held=SHIFT)
    hand.click((125, 40), held=SHIFT)
    assert seen.session.selection.annotations == ({first, second, third} if grouped else {second, third})
    hand.click((75, 40), held=SHIFT)
    assert seen.session.selection.annotations == {third}
    hand.click((125, 40), held=SHIFT)
    assert not seen.session.selection


def test_what_is_hidden_is_not_copied_along(hand: Hand) -> None:
    seen = hand.seen
    seen.session.use_tool("box")
    for x in (10, 60, 110):
        hand.saves(lambda x=x: hand.drag((x, 20), (x + 30, 60)))  # type: ignore[misc]
    hand.press(Qt.Key.Key_Escape)
    hand.click((25, 40))
    hand.press(Qt.Key.Key_H, CTRL)
    hand.click((75, 40))
    hand.press(Qt.Key.Key_L)
    hand.press(Qt.Key.Key_Escape)
    hand.saves(lambda: hand.press(Qt.Key.Key_B, CTRL))
    assert [each.shape for each in hand.on(2)] == [each.shape for each in hand.on(1)[1:]], "locked ones are seen"
    hand.press(Qt.Key.Key_B, CTRL | ALT)
    dialog = seen.dialog()
    assert isinstance(dialog, CopyOn)
    seen.qtbot.waitUntil(lambda: dialog.says.text().startswith("2 annotations"))
    dialog.reject()
    seen.canvas.setFocus()
    hand.press(Qt.Key.Key_H)  # all out of sight
    with seen.qtbot.waitSignal(seen.session.said) as said:
        hand.press(Qt.Key.Key_B, CTRL)
    assert said.args == ["There is nothing in sight to copy on this picture."]


def test_a_click_on_the_padlock_unlocks(hand: Hand) -> None:
    seen = hand.seen
    seen.session.use_tool("box")
    hand.saves(lambda: hand.drag((10, 20), (60, 80)))
    (drawn,) = hand.on(1)
    hand.press(Qt.Key.Key_Escape)
    hand.click((30, 50))
    hand.press(Qt.Key.Key_L)
    hand.press(Qt.Key.Key_Escape)
    hand.click((30, 50))
    assert not seen.session.selection
    right, top = seen.view_point(60, 20)
    mark = QPoint(right - 8, top + 8)
    seen.qtbot.mouseMove(seen.canvas, mark)
    assert seen.canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    seen.qtbot.mouseClick(seen.canvas, LEFT, pos=mark)
    assert seen.session.visibility.locked == set()
    assert not seen.session.selection
    seen.qtbot.mouseClick(seen.canvas, LEFT, pos=mark)
    assert seen.session.selection.annotations == {drawn.id}, "where no padlock is, a click selects"


def test_a_click_on_the_words_that_shapes_are_hidden_shows_them(hand: Hand) -> None:
    seen = hand.seen
    seen.session.use_tool("box")
    hand.saves(lambda: hand.drag((10, 20), (60, 80)))
    words = QPoint(20, seen.canvas.height() - 18)
    hand.press(Qt.Key.Key_Escape)
    hand.click((30, 50))
    hand.press(Qt.Key.Key_H, CTRL)
    seen.session.use_tool("polygon")
    seen.qtbot.mouseClick(seen.canvas, LEFT, pos=words)
    assert seen.session.visibility.hides_any, "a tool that draws is not kept from it"
    hand.press(Qt.Key.Key_Escape)
    hand.press(Qt.Key.Key_Escape)
    seen.qtbot.mouseMove(seen.canvas, words)
    assert seen.canvas.cursor().shape() == Qt.CursorShape.PointingHandCursor
    seen.qtbot.mouseClick(seen.canvas, LEFT, pos=words)
    assert not seen.session.visibility.hides_any
    seen.qtbot.mouseMove(seen.canvas, words + QPoint(1, 0))
    assert seen.canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_there_is_one_search_box_at_a_time(hand: Hand) -> None:
    seen = hand.seen
    boxes = lambda: [each for each in seen.window.findChildren(QueryField) if each.isVisible()]  # noqa: E731
    for page in ("annotate", "pictures", "statistics", "annotate"):
        seen.session.show_page(page)
        assert len(boxes()) == 1
    seen.session.show_page("pictures")
    hand.press(Qt.Key.Key_F, CTRL)
    seen.qtbot.keyClicks(QApplication.focusWidget(), "name:002")
    seen.qtbot.waitUntil(lambda: list(seen.session.listing.ids) == [3])
    seen.session.show_page("annotate")
    assert boxes()[0].text() == "name:002"


def test_two_people_of_one_login_are_told_apart_by_the_name_they_give(hand: Hand, tmp_path: Path) -> None:
    seen = hand.seen
    seen.session.use_tool("box")
    hand.saves(lambda: hand.drag((10, 20), (40, 60)))
    before = seen.session.author_id
    seen.window.menus.action("edit.your_name").trigger()
    dialog = seen.dialog()
    assert isinstance(dialog, YourName)
    assert "@" in dialog.name.text(), "the login name alone is often the same"
    dialog.name.clear()
    assert not dialog.keep.isEnabled()
    seen.qtbot.keyClicks(dialog.name, " Ada  Lovelace ")
    seen.qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    seen.qtbot.waitUntil(lambda: seen.session.author_id != before)
    seen.canvas.setFocus()
    hand.saves(lambda: hand.drag((60, 20), (90, 60)))
    project = seen.session.project
    assert project is not None
    by = authors.names(project)
    assert [by[each.author_id or 0] for each in hand.on(1)] == [seen_name(by, before), "Ada Lovelace"]
    hand.saves(lambda: hand.press(Qt.Key.Key_Z, CTRL))
    assert len(hand.on(1)) == 1
    seen.window.close()
    with opened(seen.qtbot, tmp_path / "settings.ini") as again:
        again.open(tmp_path / "p.boxwright")
        assert again.session.person == "Ada Lovelace"


def seen_name(by: dict[int, str], author_id: int | None) -> str:
    assert author_id is not None
    return by[author_id]


def test_the_window_is_as_it_was_left(hand: Hand, tmp_path: Path, qtbot: QtBot) -> None:
    seen = hand.seen
    hand.press(Qt.Key.Key_X, SHIFT)
    hand.press(Qt.Key.Key_M, CTRL)
    seen.window.menus.action("view.layout_review").trigger()
    seen.window.close()
    with opened(qtbot, tmp_path / "settings.ini") as again:
        again.open(tmp_path / "p.boxwright")
        assert again.window.docks["queue"].isVisible() and not again.window.docks["classes"].isVisible()
        again.canvas.zoom_to(Box(40, 40, 60, 60).bounds)
        minimap = again.canvas.findChild(Minimap)
        assert minimap is not None and not minimap.isVisible()
        assert not again.window.menus.action("view.crosshair").isChecked()
