"""What is on the image is listed, selected both ways, and its suggestions stand under their own heading."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from engine.project import annotations
from engine.project.attribute_edits import Group, SetAttributes
from studio.commands import named, perform
from studio.panels._shape_rows import AUTHOR, MARK, SORTINGS
from studio.panels.annotations import NAME, SCORE, AnnotationPanel
from studio.view_state import Selection
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


def select(panel: AnnotationPanel, *ids: int) -> None:
    panel._session.select(Selection(frozenset(ids)))


def ids(panel: AnnotationPanel) -> list[int]:
    return [each.id for each in panel.rows.annotations]


def test_what_holds_every_word_is_found(panel: AnnotationPanel, qtbot: QtBot) -> None:
    qtbot.keyClicks(panel.field, "nuc")
    assert ids(panel) == [2, 4] and panel._count.text() == "2 of 4"
    assert panel.rows.index(2, NAME).data() == "Suggestions (0 of 4)"
    qtbot.keyClicks(panel.field, " polygon")
    assert ids(panel) == []
    panel.field.setText("POLYGON cell")
    assert ids(panel) == [1, 3]
    panel.field.clear()
    assert ids(panel) == [1, 2, 3, 4]


def test_attributes_and_authors_are_found(panel: AnnotationPanel, seen: Opened, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.rows.modelReset):
        seen.session.do(SetAttributes((2,), {"stain": "red"}))
    panel.field.setText("stain red")
    assert ids(panel) == [2]
    assert "stain: red" in panel.rows.index(0, NAME).data(Qt.ItemDataRole.ToolTipRole)


def test_orders(panel: AnnotationPanel) -> None:
    areas = {each.id: each.area for each in panel.rows.annotations}
    panel.rows.sort_by("newest")
    assert ids(panel) == [4, 3, 2, 1]
    panel.rows.sort_by("class")
    assert ids(panel) == [1, 3, 2, 4]
    panel.rows.sort_by("largest")
    assert ids(panel) == sorted(areas, key=lambda id_: -areas[id_])
    for sorting in SORTINGS:
        panel.rows.sort_by(sorting)
        assert sorted(ids(panel)) == [1, 2, 3, 4]
    select(panel, 3)
    [row] = {index.row() for index in panel.view.selectionModel().selectedRows()}
    assert panel.rows.annotations[row].id == 3


def test_hidden_and_locked_ones_are_marked(panel: AnnotationPanel, seen: Opened) -> None:
    assert panel.rows.index(0, MARK).data(Qt.ItemDataRole.DecorationRole) is None
    seen.session.see(seen.session.visibility.hiding([1]).locking([2]))
    for row, word in ((0, "Hidden"), (1, "Locked")):
        assert panel.rows.index(row, MARK).data(Qt.ItemDataRole.DecorationRole) is not None
        assert panel.rows.index(row, NAME).data(Qt.ItemDataRole.ToolTipRole).endswith(word)


def test_columns_are_shown_by_choice_and_kept(panel: AnnotationPanel, seen: Opened) -> None:
    assert panel.view.isColumnHidden(AUTHOR)
    action = next(each for each in panel.order.menu().actions() if each.text() == "Show Author")
    action.trigger()
    assert not panel.view.isColumnHidden(AUTHOR)
    assert seen.studio.settings.number_of("list_author", 0) == 1


def test_a_group_is_made_selected_whole_and_dissolved(panel: AnnotationPanel, seen: Opened, qtbot: QtBot) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    seen.canvas.setFocus()
    select(panel, 1, 2)
    with qtbot.waitSignal(panel.rows.modelReset):
        seen.key(Qt.Key.Key_G, control)
    assert panel.rows.annotations[0].group_id == panel.rows.annotations[1].group_id is not None
    select(panel)
    at = panel.view.visualRect(panel.rows.index(0, NAME)).center()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert seen.session.selection.annotations == {1, 2}
    perform(seen.studio, named("annotate.whole_groups")[0])
    select(panel)
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert seen.session.selection.annotations == {1}
    perform(seen.studio, named("annotate.whole_groups")[0])
    select(panel, 1, 2)
    seen.canvas.setFocus()
    with qtbot.waitSignal(panel.rows.modelReset):
        seen.key(Qt.Key.Key_G, control | Qt.KeyboardModifier.ShiftModifier)
    assert panel.rows.annotations[0].group_id is None


def test_a_click_on_the_canvas_selects_the_group(panel: AnnotationPanel, seen: Opened, qtbot: QtBot) -> None:
    seen.session.show_run(None)
    seen.session.do(Group((1, 2, 3)))
    qtbot.waitUntil(lambda: seen.canvas.annotations[2].group_id is not None)
    seen.settle()
    x0, y0, x1, y1 = seen.canvas.annotations[2].shape.bounds
    at = QPoint(*seen.view_point((x0 + x1) / 2, (y0 + y1) / 2))
    select(panel)
    qtbot.mouseClick(seen.canvas, Qt.MouseButton.LeftButton, pos=at)
    assert seen.session.selection.annotations in ({1, 2, 3}, {4})
    if seen.session.selection.annotations == {4}:  # it lies on top
        qtbot.mouseClick(seen.canvas, Qt.MouseButton.LeftButton, pos=at)
        assert seen.session.selection.annotations == {1, 2, 3}


def test_the_list_has_a_menu_of_its_own(panel: AnnotationPanel, seen: Opened) -> None:
    panel._menu(QPoint(4, 4))
    assert panel.findChild(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly) is None
    select(panel, 1, 2)
    panel._menu(QPoint(4, 4))
    menu = panel.findChild(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly)
    texts = [action.text().partition("\t")[0] for action in menu.actions() if action.text()]
    assert {"Group", "Delete", "Hide Selected", "Lock Selected"} <= {*texts}
    menu.close()
