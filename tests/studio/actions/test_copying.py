"""Copies: pasted at the pointer or in place, carried on to the next picture or to many; each is one edit."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from engine.geometry.shapes import Bounds, Box
from engine.project import annotations
from engine.project.edits import AddAnnotations
from engine.project.history import History
from engine.project.records import Annotation
from engine.project.store import Project
from studio.dialogs.copy_on import CopyOn
from studio.view_state import Selection
from tests.studio import projects
from tests.studio.windows import Opened

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
FIRST, SECOND = (20.0, 20.0, 60.0, 50.0), (100.0, 70.0, 140.0, 110.0)


@pytest.fixture
def shown(seen: Opened, tmp_path: Path) -> Opened:
    path = projects.make(tmp_path / "p.boxwright", 4)
    with Project.open(path) as project, project.atomic():
        annotations.add(project, [Annotation(0, 1, 1, Box(*FIRST)), Annotation(0, 1, 2, Box(*SECOND))])
    seen.open(path)
    seen.qtbot.waitUntil(lambda: len(seen.session.listing.ids) == 4)
    seen.canvas.setFocus()
    seen.qtbot.mouseMove(seen.canvas, QPoint(2, 2))  # beside the picture
    return seen


def on(seen: Opened, image_id: int) -> list[Bounds]:
    assert isinstance(seen.session.project, Project)
    return [each.shape.bounds for each in annotations.of_image(seen.session.project, image_id)]


def press(seen: Opened, key: Qt.Key, held: Qt.KeyboardModifier = CTRL) -> None:
    """Press a key and wait until what it asked for is saved."""
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.key(key, held)


def copy(seen: Opened, *ids: int) -> None:
    seen.session.select(Selection(annotations=frozenset(ids)))
    seen.key(Qt.Key.Key_C, CTRL)
    seen.qtbot.waitUntil(lambda: len(seen.session.copied) == len(ids))


def test_a_copy_comes_to_the_pointer_on_the_same_picture(shown: Opened) -> None:
    copy(shown, 1)
    shown.qtbot.mouseMove(shown.canvas, QPoint(*shown.view_point(80, 60)))
    x, y = shown.canvas.pointer_image or (0, 0)
    press(shown, Qt.Key.Key_V)
    dx, dy = round(x - 40), round(y - 35)
    assert on(shown, 1)[2] == (20 + dx, 20 + dy, 60 + dx, 50 + dy)
    assert shown.session.selection.annotations == {3}
    press(shown, Qt.Key.Key_Z)
    assert on(shown, 1) == [FIRST, SECOND]


def test_a_copy_at_the_border_is_clipped_to_the_picture(shown: Opened) -> None:
    copy(shown, 1)
    shown.qtbot.mouseMove(shown.canvas, QPoint(*shown.view_point(150, 60)))
    press(shown, Qt.Key.Key_V)
    x0, _, x1, _ = on(shown, 1)[2]
    assert x1 == 160 and x0 > 120


def test_a_copy_lies_in_the_same_place_on_another_picture_wherever_the_pointer_is(shown: Opened) -> None:
    copy(shown, 1, 2)
    shown.key(Qt.Key.Key_D)
    shown.settle()
    shown.qtbot.mouseMove(shown.canvas, QPoint(*shown.view_point(80, 60)))
    press(shown, Qt.Key.Key_V)
    assert on(shown, 2) == [FIRST, SECOND]
    press(shown, Qt.Key.Key_V)  # it is there already
    assert on(shown, 2) == [FIRST, SECOND]
    assert shown.window.status.currentMessage() == "All of it is there already."


def test_a_duplicate_lies_beside_its_original_and_on_the_picture(shown: Opened) -> None:
    shown.session.select(Selection(annotations=frozenset({2})))
    press(shown, Qt.Key.Key_D)
    assert on(shown, 1)[2] == (112, 80, 152, 120)
    assert shown.session.next_undo is not None and shown.session.next_undo.title == "Duplicate annotation"
    press(shown, Qt.Key.Key_D)
    assert on(shown, 1)[3] == (120, 80, 160, 120)
    press(shown, Qt.Key.Key_D)  # in the corner already
    assert on(shown, 1)[4] == (108, 68, 148, 108)


def test_all_are_copied_to_the_next_picture_and_not_twice(shown: Opened) -> None:
    press(shown, Qt.Key.Key_B)
    assert shown.session.image_id == 1
    assert on(shown, 2) == [FIRST, SECOND]
    press(shown, Qt.Key.Key_B)
    assert on(shown, 2) == [FIRST, SECOND]
    shown.session.select(Selection())
    with shown.qtbot.waitSignal(shown.session.saved):
        shown.session.do(AddAnnotations((Annotation(0, 1, 1, Box(70, 20, 90, 40)),)))
    shown.session.select(Selection())
    press(shown, Qt.Key.Key_B)
    assert on(shown, 2) == [FIRST, SECOND, (70, 20, 90, 40)]
    for _ in range(4):
        if shown.session.next_undo is not None:
            press(shown, Qt.Key.Key_Z)
    assert on(shown, 2) == [] and on(shown, 1) == [FIRST, SECOND]


def test_the_selected_are_copied_on_and_followed_to_the_end(shown: Opened) -> None:
    shown.session.select(Selection(annotations=frozenset({2})))
    for image_id in (2, 3, 4):
        press(shown, Qt.Key.Key_B, CTRL | SHIFT)
        shown.settle()
        assert shown.session.image_id == image_id
        assert on(shown, image_id) == [SECOND]
        assert len(shown.session.selection.annotations) == 1
    assert not shown.window.menus.action("edit.propagate_and_go").isEnabled()
    assert on(shown, 1) == [FIRST, SECOND]


def test_many_pictures_get_copies_by_one_edit(shown: Opened) -> None:
    shown.key(Qt.Key.Key_B, CTRL | ALT)
    dialog = shown.dialog()
    assert isinstance(dialog, CopyOn)
    assert not dialog.selected.isEnabled()
    dialog.number.setValue(2)
    words = [label.text() for label in dialog.findChildren(QLabel)]
    shown.qtbot.waitUntil(lambda: "2 annotations to 2 images." in [e.text() for e in dialog.findChildren(QLabel)])
    assert words
    dialog.rest.click()
    dialog.go.click()
    with shown.qtbot.waitSignal(shown.session.saved):
        shown.qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    assert [on(shown, image_id) for image_id in (2, 3, 4)] == [[FIRST, SECOND]] * 3
    assert shown.session.image_id == 4
    assert isinstance(shown.session.project, Project)
    entry = History(shown.session.project).next_undo()
    assert entry is not None and entry.title == "Copy 2 annotations to 3 images"
    press(shown, Qt.Key.Key_Z)
    assert [on(shown, image_id) for image_id in (2, 3, 4)] == [[]] * 3


def test_copies_go_to_the_pictures_that_are_chosen(shown: Opened) -> None:
    shown.session.select(Selection(annotations=frozenset({1})))
    shown.session.listing.choose(frozenset({1, 3}))
    shown.key(Qt.Key.Key_B, CTRL | ALT)
    dialog = shown.dialog()
    assert isinstance(dialog, CopyOn)
    assert dialog.chosen.isChecked() and dialog.image_ids == (3,)
    with shown.qtbot.waitSignal(shown.session.saved):
        shown.qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    assert on(shown, 3) == [FIRST] and on(shown, 2) == on(shown, 4) == []
