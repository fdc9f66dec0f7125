"""Classes are found, added, renamed, chosen, hidden and dragged in their tree, each change as an edit."""

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from engine.project import annotations, class_tree, classes
from engine.project.class_edits import AddClass
from engine.project.class_tree import MoveClass
from engine.project.store import Project
from studio.commands import named, perform
from studio.panels._class_rows import COUNT, EYE, KEY, NAME
from studio.panels.classes import ClassPanel
from studio.view_state import Selection
from tests.studio import projects
from tests.studio.windows import Opened


@pytest.fixture
def panel(seen: Opened, tmp_path: Path) -> ClassPanel:
    seen.open(projects.make_annotated(tmp_path / "p.boxwright"))
    found = seen.window.findChild(ClassPanel)
    assert isinstance(found, ClassPanel)
    return found


def names(seen: Opened) -> list[str]:
    assert isinstance(seen.session.project, Project)
    return [record.name for record in classes.all_classes(seen.session.project)]


def tree(seen: Opened) -> list[tuple[str, int]]:
    assert isinstance(seen.session.project, Project)
    found = classes.all_classes(seen.session.project)
    return [(placed.record.name, placed.depth) for placed in class_tree.in_order(found)]


def shown(panel: ClassPanel, parent: QModelIndex | None = None) -> list[str]:
    """The names in the view, from top to bottom."""
    found = []
    for row in range(panel.rows.rowCount(parent or QModelIndex())):
        index = panel.rows.index(row, NAME, parent or QModelIndex())
        found += [index.data(), *shown(panel, panel.rows.index(row, KEY, parent or QModelIndex()))]
    return found


def do(seen: Opened, name: str) -> None:
    with seen.qtbot.waitSignal(seen.session.saved):
        perform(seen.studio, named(name)[0])


def add(seen: Opened, *more: str) -> None:
    for name in more:
        with seen.qtbot.waitSignal(seen.session.saved):
            seen.session.do(AddClass(name))


def test_counts_are_shown(panel: ClassPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: panel.rows.index(0, COUNT).data() == "6")
    assert panel.rows.index(0, KEY).data() == "1"


def test_a_name_is_edited_in_place(panel: ClassPanel, seen: Opened, qtbot: QtBot) -> None:
    panel.view.edit(panel.rows.index(0, NAME))
    editor = panel.view.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "red cell")
    with qtbot.waitSignal(seen.session.saved):
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert names(seen) == ["red cell", "nucleus"]
    assert panel.rows.index(0, NAME).data() == "red cell"


def test_a_name_that_is_taken_is_refused_in_words(panel: ClassPanel, seen: Opened, qtbot: QtBot) -> None:
    with qtbot.waitSignal(seen.session.failed) as failed:
        panel.rows.setData(panel.rows.index(0, NAME), "nucleus")
    assert "nucleus" in str(failed.args[0])
    assert panel.rows.index(0, NAME).data() == "cell"


def test_a_click_takes_the_class_and_gives_it_to_what_is_selected(
    panel: ClassPanel, seen: Opened, qtbot: QtBot
) -> None:
    seen.session.select(Selection(annotations=frozenset({1, 3})))
    at = panel.view.visualRect(panel.rows.index(1, NAME)).center()
    with qtbot.waitSignal(seen.session.saved):
        qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert seen.session.class_id == 2
    assert isinstance(seen.session.project, Project)
    assert [each.class_id for each in annotations.get(seen.session.project, [1, 2, 3])] == [2, 2, 2]
    assert seen.session.next_undo is not None
    assert seen.session.next_undo.title == "Make 2 annotations nucleus"


def test_the_field_finds_takes_and_adds(panel: ClassPanel, seen: Opened, qtbot: QtBot) -> None:
    add(seen, "red blood cell")
    panel.field.setFocus()
    qtbot.keyClicks(panel.field, "cell")
    assert shown(panel) == ["cell", "red blood cell"]
    assert not panel.hint.isVisible()
    qtbot.keyClicks(panel.field, "s")
    assert shown(panel) == []
    assert panel.hint.isVisible() and panel.hint.toolTip() == "Enter adds the class “cells”."
    with qtbot.waitSignal(seen.session.saved):
        qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    assert names(seen)[-1] == "cells"
    assert len(shown(panel)) == 4 and panel.field.text() == ""
    qtbot.keyClicks(panel.field, "nucleus")
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    assert seen.session.class_id == 2 and len(names(seen)) == 4


def test_what_is_found_is_shown_with_what_it_lies_under(panel: ClassPanel, seen: Opened, qtbot: QtBot) -> None:
    add(seen, "mitosis")
    with qtbot.waitSignal(seen.session.saved):
        seen.session.do(MoveClass(3, 1))
    panel.field.setText("mito")
    assert shown(panel) == ["cell", "mitosis"]
    assert panel.view.isExpanded(panel.rows.index(0, KEY))


def test_classes_are_moved_by_keys_and_by_dragging(panel: ClassPanel, seen: Opened, qtbot: QtBot) -> None:
    add(seen, "mitosis", "dirt")
    seen.session.use_class(4)
    do(seen, "classes.up")
    assert shown(panel) == ["cell", "nucleus", "dirt", "mitosis"]
    do(seen, "classes.into")
    assert tree(seen) == [("cell", 0), ("nucleus", 0), ("dirt", 1), ("mitosis", 0)]
    do(seen, "classes.out")
    assert tree(seen) == [("cell", 0), ("nucleus", 0), ("dirt", 0), ("mitosis", 0)]
    do(seen, "classes.down")
    assert [name for name, _ in tree(seen)] == ["cell", "nucleus", "mitosis", "dirt"]
    dragged = panel.rows.mimeData([panel.rows.index_of(3)])
    with qtbot.waitSignal(seen.session.saved):
        panel.rows.dropMimeData(dragged, Qt.DropAction.MoveAction, -1, -1, panel.rows.index_of(1))
    assert tree(seen) == [("cell", 0), ("mitosis", 1), ("nucleus", 0), ("dirt", 0)]
    with qtbot.waitSignal(seen.session.saved):
        panel.rows.dropMimeData(
            panel.rows.mimeData([panel.rows.index_of(4)]), Qt.DropAction.MoveAction, 1, 0, QModelIndex()
        )
    assert [name for name, depth in tree(seen) if not depth] == ["cell", "dirt", "nucleus"]
    with qtbot.waitSignal(seen.session.saved):
        seen.session.undo()
    assert [name for name, depth in tree(seen) if not depth] == ["cell", "nucleus", "dirt"]


def test_what_was_folded_stays_so(panel: ClassPanel, seen: Opened, qtbot: QtBot) -> None:
    add(seen, "mitosis")
    with qtbot.waitSignal(seen.session.saved):
        seen.session.do(MoveClass(3, 1))
    panel.view.collapse(panel.rows.index_of(1, KEY))
    add(seen, "dirt")
    assert not panel.view.isExpanded(panel.rows.index_of(1, KEY))


def test_the_eye_hides_a_class_and_those_under_it(panel: ClassPanel, seen: Opened, qtbot: QtBot) -> None:
    with qtbot.waitSignal(seen.session.saved):
        seen.session.do(MoveClass(2, 1))
    eye = panel.view.visualRect(panel.rows.index_of(1, EYE)).center()
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=eye)
    assert seen.session.visibility.hidden_classes == {1, 2}
    assert panel.rows.is_hidden(2)
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=eye)
    assert not seen.session.visibility.hides_any


def test_digits_are_given_by_hand(panel: ClassPanel, seen: Opened, qtbot: QtBot) -> None:
    assert panel.rows.index_of(2, KEY).data() == "2"
    with qtbot.waitSignal(seen.session.saved):
        seen.session.do(class_tree.SetClassNumber(2, 7))
    assert [panel.rows.index_of(id_, KEY).data() for id_ in (1, 2)] == ["1", "7"]
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_7)
    assert seen.session.class_id == 2
    do(seen, "classes.number")
    assert panel.rows.index_of(2, KEY).data() == "2"


def test_the_pictures_of_a_class_are_listed(panel: ClassPanel, seen: Opened, qtbot: QtBot) -> None:
    add(seen, "red blood cell")
    seen.session.use_class(3)
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_F, Qt.KeyboardModifier.AltModifier)
    assert seen.session.listing.search.text == 'class:"red blood cell"'
    qtbot.waitUntil(lambda: not len(seen.session.image_ids))
    seen.session.use_class(2)
    perform(seen.studio, named("classes.find")[0])
    qtbot.waitUntil(lambda: len(seen.session.image_ids) == 3)


def test_a_class_has_a_menu_of_its_own(panel: ClassPanel, seen: Opened, qtbot: QtBot) -> None:
    panel._menu(panel.view.visualRect(panel.rows.index_of(2)).center())
    menu = panel.findChild(QMenu)
    titles = [action.text() for action in menu.actions() if action.text()]
    assert titles[0] == "Rename" and {"Edit Class…", "Merge Class into…", "Delete Class…", "Hide Class"} <= {*titles}
    assert seen.session.class_id == 2
    menu.close()
