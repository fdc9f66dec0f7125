"""Classes are added, renamed, chosen and deleted in their list, each as an edit."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from engine.project import annotations, classes
from engine.project.store import Project
from studio.panels.classes import COUNT, NAME, ClassPanel
from studio.session import Selection
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


def test_counts_are_shown(panel: ClassPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: panel.rows.index(0, COUNT).data() == "6")
    assert panel.rows.index(0, 0).data() == "1"


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


def test_deleting_a_class_is_asked_and_can_be_undone(panel: ClassPanel, seen: Opened, qtbot: QtBot) -> None:
    seen.answers.confirms = False
    panel._delete(panel.rows.records[0])
    seen.answers.confirms = True
    with qtbot.waitSignal(seen.session.saved):
        panel._delete(panel.rows.records[0])
    assert names(seen) == ["nucleus"]
    assert seen.session.class_id == 2
    with qtbot.waitSignal(seen.session.saved):
        seen.session.undo()
    assert names(seen) == ["cell", "nucleus"]
