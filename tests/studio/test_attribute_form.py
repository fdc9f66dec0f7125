"""What the selected annotations tell is seen and set in the editor of its kind; different values are said to differ."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit

from engine.project import annotations
from engine.project.attribute_edits import AddAttribute, SetAttributes
from engine.project.attributes import Attribute
from engine.project.history import History
from engine.project.records import AttributeValue
from engine.project.store import Project
from studio.attribute_form import AttributeForm
from studio.dialogs.told_attributes import ToldAttributes
from studio.panels.annotations import AnnotationPanel
from studio.view_state import Selection
from tests.studio import projects
from tests.studio.windows import Opened

DEFINED = (
    Attribute(0, 1, "stain", "choice", ("red", "blue"), "red"),
    Attribute(0, 1, "age", "number"),
    Attribute(0, 1, "note", "text"),
    Attribute(0, 1, "cut", "flag", is_required=True),
    Attribute(0, 2, "note", "text"),
)


@pytest.fixture
def form(seen: Opened, tmp_path: Path) -> AttributeForm:
    """Annotations 1 and 3 are cells, 2 and 4 nuclei."""
    path = projects.make_annotated(tmp_path / "p.boxwright")
    with Project.open(path) as project:
        for attribute in DEFINED:
            History(project).do(AddAttribute(attribute))
        History(project).do(SetAttributes((3,), {"age": 2.5, "odd": "old"}))
    seen.open(path)
    panel = seen.window.findChild(AnnotationPanel)
    assert isinstance(panel, AnnotationPanel)
    return panel.form


def choose(seen: Opened, form: AttributeForm, *ids: int) -> None:
    with seen.qtbot.waitSignal(form.built):
        seen.session.select(Selection(annotations=frozenset(ids)))


def told(seen: Opened, id_: int) -> dict[str, AttributeValue]:
    assert seen.session.project is not None
    return dict(annotations.get(seen.session.project, [id_])[0].attributes)


def box(form: AttributeForm, name: str) -> QComboBox:
    found = form.editors[name]
    assert isinstance(found, QComboBox)
    return found


def line(form: AttributeForm, name: str) -> QLineEdit:
    found = form.editors[name]
    assert isinstance(found, QLineEdit)
    return found


def test_each_kind_has_its_editor(form: AttributeForm, seen: Opened) -> None:
    assert not form.isVisible()
    choose(seen, form, 1)
    assert list(form.editors) == ["stain", "age", "note", "cut"]
    assert form.isVisible()
    seen.qtbot.keyClick(box(form, "stain"), Qt.Key.Key_Down)
    with seen.qtbot.waitSignal(seen.session.saved):
        box(form, "cut").activated.emit(box(form, "cut").findData(True))
        box(form, "cut").setCurrentIndex(1)
        box(form, "cut").activated.emit(1)
    assert told(seen, 1)["cut"] is True


def test_values_are_typed_and_taken_away(form: AttributeForm, seen: Opened) -> None:
    choose(seen, form, 1)
    seen.window.activateWindow()
    line(form, "age").setFocus()
    seen.qtbot.keyClicks(line(form, "age"), "x12")  # no number: the letter is not taken
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.qtbot.keyClick(line(form, "age"), Qt.Key.Key_Return)
    assert told(seen, 1)["age"] == 12.0
    seen.qtbot.waitUntil(lambda: "age" in form.editors and line(form, "age").text() == "12")
    line(form, "age").setFocus()
    line(form, "age").selectAll()
    seen.qtbot.keyClick(line(form, "age"), Qt.Key.Key_Delete)
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.qtbot.keyClick(line(form, "age"), Qt.Key.Key_Return)
    assert "age" not in told(seen, 1)
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.session.undo()
    assert told(seen, 1)["age"] == 12.0


def test_several_are_set_together_and_differences_are_said(form: AttributeForm, seen: Opened) -> None:
    choose(seen, form, 1, 3)
    assert line(form, "age").text() == "" and line(form, "age").placeholderText() == "Different values"
    line(form, "age").setFocus()
    seen.qtbot.keyClicks(line(form, "age"), "4")
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.qtbot.keyClick(line(form, "age"), Qt.Key.Key_Return)
    assert told(seen, 1)["age"] == told(seen, 3)["age"] == 4.0
    assert told(seen, 3)["odd"] == "old"
    assert seen.session.next_undo is not None and seen.session.next_undo.title == "Set age"


def test_different_classes_share_what_both_define(form: AttributeForm, seen: Opened) -> None:
    choose(seen, form, 1, 2)
    assert list(form.editors) == ["note"]


def test_leaving_a_field_untouched_changes_nothing(form: AttributeForm, seen: Opened) -> None:
    choose(seen, form, 3)
    n = seen.session.n_asked
    line(form, "age").setFocus()
    line(form, "note").setFocus()
    assert seen.session.n_asked == n


def test_keys_open_the_form_as_a_dialog(form: AttributeForm, seen: Opened) -> None:
    choose(seen, form, 1)
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_F4)
    dialog = seen.dialog()
    assert isinstance(dialog, ToldAttributes)
    seen.qtbot.waitUntil(lambda: len(dialog.form.editors) == 4)
    assert not dialog._empty.isVisible()


def test_what_is_drawn_tells_the_presets_of_its_class(form: AttributeForm, seen: Opened) -> None:
    seen.session.use_class(1)
    seen.session.use_tool("box")
    with seen.qtbot.waitSignal(seen.session.saved):
        for x, y in ((10, 100), (30, 115)):
            at = seen.canvas.rect().topLeft()
            at.setX(seen.view_point(x, y)[0])
            at.setY(seen.view_point(x, y)[1])
            seen.qtbot.mouseMove(seen.canvas, at)
            seen.qtbot.mouseClick(seen.canvas, Qt.MouseButton.LeftButton, pos=at)
    [new] = seen.session.selection.annotations
    assert told(seen, new) == {"stain": "red"}
