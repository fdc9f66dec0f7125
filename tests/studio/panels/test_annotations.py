"""What is on the image is listed, selected both ways, and its suggestions stand under their own heading."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.project import annotations
from studio.panels.annotations import NAME, SCORE, AnnotationPanel
from studio.session import Selection
from tests.studio import projects
from tests.studio.windows import Opened


@pytest.fixture
def panel(seen: Opened, tmp_path: Path) -> AnnotationPanel:
    seen.open(projects.make_annotated(tmp_path / "p.boxwright"))
    found = seen.window.findChild(AnnotationPanel)
    assert isinstance(found, AnnotationPanel)
    seen.qtbot.waitUntil(lambda: found.rows.rowCount() == 9)
    return found


def test_annotations_then_a_heading_then_suggestions_best_first(panel: AnnotationPanel) -> None:
    assert panel.rows.heading == 4
    assert panel.rows.index(4, NAME).data() == "Suggestions (4)"
    assert [panel.rows.index(row, SCORE).data() for row in (5, 6, 7, 8)] == ["0.95", "0.85", "0.75", "0.65"]
    assert panel._count.text() == "4 annotations"


def test_suggestions_that_score_too_little_are_not_shown(panel: AnnotationPanel, seen: Opened, qtbot: QtBot) -> None:
    panel.slider.setValue(80)
    assert panel.rows.rowCount() == 7
    assert panel.rows.index(4, NAME).data() == "Suggestions (2 of 4)"
    seen.settle()
    shown = [key for key in seen.canvas._shown.holding.items if key < 0]
    assert shown == [-2, -1]
    panel.slider.setValue(100)
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_Return)
    assert not seen.session.selection


def test_a_click_selects_on_the_canvas(panel: AnnotationPanel, seen: Opened, qtbot: QtBot) -> None:
    for row, modifier in ((1, Qt.KeyboardModifier.NoModifier), (6, Qt.KeyboardModifier.ControlModifier)):
        at = panel.view.visualRect(panel.rows.index(row, NAME)).center()
        qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, modifier, pos=at)
    assert seen.session.selection == Selection(frozenset({2}), frozenset({2}))


def test_what_is_selected_elsewhere_is_selected_here(panel: AnnotationPanel, seen: Opened) -> None:
    seen.session.select(Selection(frozenset({1, 2, 4}), frozenset({3})))
    assert sorted(index.row() for index in panel.view.selectionModel().selectedRows()) == [0, 1, 3, 7]


def test_tab_goes_through_all_of_them(panel: AnnotationPanel, seen: Opened) -> None:
    seen.canvas.setFocus()
    met = []
    for _ in range(9):
        seen.key(Qt.Key.Key_Tab)
        met.append(seen.session.selection)
    assert met[:4] == [Selection(annotations=frozenset({n})) for n in (1, 2, 3, 4)]
    assert met[4:8] == [Selection(detections=frozenset({n})) for n in (1, 2, 3, 4)]
    assert met[8] == met[0]
    seen.key(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert seen.session.selection == met[7]


def test_a_duplicate_lies_beside_its_original_and_within_the_picture(
    panel: AnnotationPanel, seen: Opened, qtbot: QtBot
) -> None:
    seen.canvas.setFocus()
    seen.session.select(Selection(annotations=frozenset({1})))
    with qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert seen.session.project is not None
    original, copy = annotations.get(seen.session.project, [1, *seen.session.selection.annotations])
    assert copy.shape != original.shape
    assert copy.shape.area == pytest.approx(original.shape.area)
    assert max(copy.shape.bounds) <= 160


def test_del_deletes_and_copies_are_pasted_on_another_image(panel: AnnotationPanel, seen: Opened, qtbot: QtBot) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    seen.canvas.setFocus()
    seen.session.select(Selection(annotations=frozenset({1, 2})))
    seen.key(Qt.Key.Key_C, control)
    qtbot.waitUntil(lambda: len(seen.session.copied) == 2)
    seen.key(Qt.Key.Key_D)
    with qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_V, control)
    qtbot.waitUntil(lambda: panel.rows.heading == 6)
    assert len(seen.session.selection.annotations) == 2
    with qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: panel.rows.heading == 4)
