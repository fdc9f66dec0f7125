"""Hidden, isolated and locked shapes under real keys and pointer: out of sight or out of reach, and back."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage

from engine.geometry.shapes import Box
from engine.project import annotations, listings
from engine.project.edits import AddAnnotations
from engine.project.records import Annotation
from engine.project.store import Project
from studio.view_state import Selection
from tests.studio import projects
from tests.studio.windows import Opened

LEFT = Qt.MouseButton.LeftButton
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
PLACES = {1: (30.0, 30.0), 2: (80.0, 30.0), 3: (30.0, 80.0)}
"""The middles of three boxes by id; the third is a nucleus, the others are cells."""


@pytest.fixture
def three(seen: Opened, tmp_path: Path) -> Opened:
    path = projects.make(tmp_path / "p.boxwright")
    with Project.open(path) as project, project.atomic():
        boxes = [
            Annotation(0, 1, 2 if id_ == 3 else 1, Box(x - 15, y - 15, x + 15, y + 15))
            for id_, (x, y) in PLACES.items()
        ]
        annotations.add(project, boxes)
    seen.open(path)
    seen.canvas.setFocus()
    return seen


def click(seen: Opened, id_: int) -> frozenset[int]:
    """What is selected after a click on the middle of a box."""
    seen.session.select(Selection())
    seen.qtbot.mouseClick(seen.canvas, LEFT, pos=QPoint(*seen.view_point(*PLACES[id_])))
    return seen.session.selection.annotations


def looks(seen: Opened, id_: int) -> QImage:
    """How the middle of a box looks."""
    seen.settle()
    x, y = seen.view_point(*PLACES[id_])
    return seen.canvas.grab().toImage().copy(x - 20, y - 20, 40, 40)


def select(seen: Opened, *ids: int) -> None:
    seen.session.select(Selection(annotations=frozenset(ids)))


def test_what_is_hidden_is_neither_seen_nor_picked_until_all_is_shown(three: Opened) -> None:
    before = looks(three, 1)
    select(three, 1)
    three.key(Qt.Key.Key_H, CTRL)
    assert not three.session.selection
    assert looks(three, 1) != before
    assert click(three, 1) == frozenset()
    assert click(three, 2) == {2}
    three.session.select(Selection())
    three.key(Qt.Key.Key_H, ALT)
    assert looks(three, 1) == before
    assert click(three, 1) == {1}


def test_nothing_is_picked_while_all_is_hidden(three: Opened) -> None:
    three.key(Qt.Key.Key_H)
    assert click(three, 1) == frozenset()
    three.key(Qt.Key.Key_H)
    assert click(three, 1) == {1}


def test_the_selected_are_isolated_and_a_drawn_one_joins_them(three: Opened) -> None:
    select(three, 2)
    three.key(Qt.Key.Key_I)
    assert click(three, 1) == click(three, 3) == frozenset()
    assert click(three, 2) == {2}
    with three.qtbot.waitSignal(three.session.saved):
        three.session.do(AddAnnotations((Annotation(0, 1, 1, Box(100, 60, 140, 100)),)))
    assert three.session.selection.annotations == {4}
    three.settle()
    three.qtbot.mouseClick(three.canvas, LEFT, pos=QPoint(*three.view_point(*PLACES[2])))
    three.qtbot.mouseClick(three.canvas, LEFT, pos=QPoint(*three.view_point(120, 80)))
    assert three.session.selection.annotations == {4}
    three.key(Qt.Key.Key_I)
    assert click(three, 1) == {1}


def test_a_class_is_isolated_or_hidden(three: Opened) -> None:
    three.session.use_class(2)
    three.key(Qt.Key.Key_I, ALT)
    assert click(three, 1) == frozenset()
    assert click(three, 3) == {3}
    three.key(Qt.Key.Key_I, ALT)
    assert click(three, 1) == {1}
    hide = three.window.menus.action("show.hide_class")
    hide.trigger()
    assert hide.isChecked()
    assert click(three, 3) == frozenset()
    assert click(three, 1) == {1}
    hide.trigger()
    assert click(three, 3) == {3}


def test_what_is_locked_is_seen_but_neither_picked_nor_moved_nor_deleted(three: Opened) -> None:
    free = looks(three, 1)
    select(three, 1)
    three.key(Qt.Key.Key_L)
    three.session.select(Selection())
    assert looks(three, 1) != free  # it says so
    assert click(three, 1) == frozenset()
    start, end = QPoint(*three.view_point(5, 5)), QPoint(*three.view_point(110, 60))
    three.qtbot.mousePress(three.canvas, LEFT, pos=start)
    three.qtbot.mouseMove(three.canvas, end)
    three.qtbot.mouseRelease(three.canvas, LEFT, pos=end)
    assert three.session.selection.annotations == {2}
    select(three, 1)  # from the list
    three.key(Qt.Key.Key_Right)
    three.key(Qt.Key.Key_Delete)
    select(three, 1, 2)
    with three.qtbot.waitSignal(three.session.saved):
        three.key(Qt.Key.Key_Delete)
    assert isinstance(three.session.project, Project)
    left = annotations.of_image(three.session.project, 1)
    assert [each.id for each in left] == [1, 3]
    assert left[0].shape.bounds == (15, 15, 45, 45)
    three.key(Qt.Key.Key_L, ALT)
    three.settle()
    assert click(three, 1) == {1}


def test_all_on_the_image_are_locked(three: Opened) -> None:
    three.window.menus.action("show.lock_all").trigger()
    three.qtbot.waitUntil(lambda: three.session.visibility.locked == {1, 2, 3})
    assert click(three, 2) == frozenset()


def test_a_remark_on_the_picture_says_how_many_are_hidden(three: Opened) -> None:
    corner = QRect(0, three.canvas.height() - 40, 160, 40)
    before = three.canvas.grab(corner).toImage()
    select(three, 1, 2)
    three.key(Qt.Key.Key_H, CTRL)
    three.settle()
    assert three.canvas.grab(corner).toImage() != before
    three.key(Qt.Key.Key_H, ALT)
    three.settle()
    assert three.canvas.grab(corner).toImage() == before


def test_all_and_next_are_of_what_can_be_seen_and_taken_hold_of(three: Opened) -> None:
    three.session.see(three.session.visibility.hiding([1]).locking([3]))
    three.key(Qt.Key.Key_A, CTRL)
    three.qtbot.waitUntil(lambda: three.session.selection.annotations == {2})
    three.session.see(three.session.visibility.unlocking())
    three.session.select(Selection())
    three.session.use_class(1)
    chosen: list[int] = []
    for _ in range(3):
        three.key(Qt.Key.Key_Tab)
        chosen += three.session.selection.annotations
    assert chosen == [2, 3, 2]
    three.session.see(three.session.visibility.hiding_class(2))
    three.key(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    three.key(Qt.Key.Key_Tab)
    assert three.session.selection.annotations == {2}


def test_only_suggestions_in_sight_are_decided_unasked(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make_annotated(tmp_path / "q.boxwright"))
    seen.canvas.setFocus()
    seen.session.show_run(1)
    seen.settle()
    assert isinstance(seen.session.project, Project)
    best = listings.suggestions_of(seen.session.project, 1, 1, 0.5)[0].id
    seen.session.see(seen.session.visibility.hiding([-best]))
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_Return)
    left = [each.id for each in listings.suggestions_of(seen.session.project, 1, 1, 0.5)]
    assert best in left and len(left) == 3
