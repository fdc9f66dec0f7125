"""The dialogs about a class: each says what it will do, and does it as one edit."""

from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from engine.project import attributes, class_tree, classes
from engine.project.attribute_edits import AddAttribute
from engine.project.attributes import Attribute
from engine.project.class_edits import AddClass
from engine.project.history import History
from engine.project.store import Project
from studio.commands import named, perform
from studio.dialogs.attributes import Attributes
from studio.dialogs.class_delete import ClassDelete
from studio.dialogs.class_details import ClassDetails
from studio.dialogs.class_merge import ClassMerge
from tests.studio import projects
from tests.studio.windows import Opened

D = TypeVar("D", bound=QDialog)


@pytest.fixture
def project(seen: Opened, tmp_path: Path) -> Project:
    path = projects.make_annotated(tmp_path / "p.boxwright")
    with Project.open(path) as first:
        history = History(first)
        history.do(AddClass("dirt"))
        history.do(AddAttribute(Attribute(0, 1, "stain", "text")))
    seen.open(path)
    assert seen.session.project is not None
    return seen.session.project


def opened(seen: Opened, command: str, kind: type[D]) -> D:
    perform(seen.studio, named(command)[0])
    found = seen.dialog()
    assert isinstance(found, kind)
    return found


def saved_by(seen: Opened, dialog: ClassDelete | ClassDetails | ClassMerge | Attributes) -> None:
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)


def test_a_new_class_has_name_and_place(seen: Opened, project: Project) -> None:
    dialog = opened(seen, "classes.new", ClassDetails)
    assert not dialog.button.isEnabled()
    seen.qtbot.keyClicks(dialog.name, "cell")
    assert not dialog.button.isEnabled() and "already" in dialog._fault.text()
    seen.qtbot.keyClicks(dialog.name, " wall")
    dialog.under.setCurrentIndex(dialog.under.findData(1))
    saved_by(seen, dialog)
    record = classes.find(project, "cell wall")
    assert record is not None and record.parent_id == 1


def test_a_class_is_changed_by_one_edit(seen: Opened, project: Project) -> None:
    seen.session.use_class(2)
    before = classes.by_id(project)[2]
    dialog = opened(seen, "classes.edit", ClassDetails)
    assert [dialog.under.itemData(n) for n in range(dialog.under.count())] == [None, 1, 3]
    dialog.name.setText("core")
    dialog.under.setCurrentIndex(dialog.under.findData(1))
    dialog.number.setCurrentIndex(dialog.number.findData(5))
    saved_by(seen, dialog)
    record = classes.by_id(project)[2]
    assert (record.name, record.parent_id) == ("core", 1) and class_tree.numbered(project)[5] == 2
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.session.undo()
    assert classes.by_id(project)[2] == before and class_tree.numbered(project) == {1: 1, 2: 2, 3: 3}


def test_nothing_is_done_where_nothing_was_changed(seen: Opened, project: Project) -> None:
    dialog = opened(seen, "classes.edit", ClassDetails)
    n = seen.session.n_asked
    seen.qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    assert seen.session.n_asked == n


def test_how_much_goes_with_a_class_is_told_before(seen: Opened, project: Project) -> None:
    dialog = opened(seen, "classes.delete", ClassDelete)
    seen.qtbot.waitUntil(dialog.button.isEnabled)
    assert dialog.words.text() == "6 annotations on 3 pictures and 12 suggestions will be deleted with it."
    saved_by(seen, dialog)
    assert [record.name for record in classes.all_classes(project)] == ["nucleus", "dirt"]
    assert seen.session.class_id == 2
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.session.undo()
    assert classes.counts(project) == {1: 6, 2: 6, 3: 0}


def test_a_class_is_merged_into_the_one_that_is_found(seen: Opened, project: Project) -> None:
    dialog = opened(seen, "classes.merge", ClassMerge)
    seen.qtbot.waitUntil(dialog.button.isEnabled)
    assert [dialog.list.item(n).text() for n in range(dialog.list.count())] == ["nucleus", "dirt"]
    seen.qtbot.keyClick(dialog.field, Qt.Key.Key_Down)
    assert dialog.into is not None and dialog.into.name == "dirt"
    seen.qtbot.keyClicks(dialog.field, "nuc")
    assert dialog.words.text() == "6 annotations on 3 pictures and 12 suggestions become “nucleus”."
    seen.qtbot.keyClicks(dialog.field, "x")
    assert not dialog.button.isEnabled()
    dialog.field.setText("nuc")
    saved_by(seen, dialog)
    assert classes.counts(project) == {2: 12, 3: 0}


def test_deleting_can_turn_into_merging(seen: Opened, project: Project) -> None:
    dialog = opened(seen, "classes.delete", ClassDelete)
    dialog._merge()
    assert isinstance(seen.dialog(), ClassMerge)


def test_attributes_are_defined_changed_and_deleted_by_one_edit(seen: Opened, project: Project) -> None:
    dialog = opened(seen, "classes.attributes", Attributes)
    assert [draft.name for draft in dialog.drafts] == ["stain"]
    dialog.form.name.setText("colour")
    dialog.add()
    seen.qtbot.keyClicks(dialog.form.name, "ripe")
    dialog.form.kind.setCurrentIndex(dialog.form.kind.findData("choice"))
    assert not dialog.button.isEnabled()  # without choices
    dialog.form.choices.setPlainText("green\nred\n")
    dialog.form.choice.setCurrentIndex(2)
    dialog.form.is_required.setChecked(True)
    dialog.add()
    dialog.form.name.setText("age")
    dialog.form.kind.setCurrentIndex(dialog.form.kind.findData("number"))
    dialog.form.preset.setText("old")
    assert not dialog.button.isEnabled() and "no number" in dialog._fault.text()
    dialog.form.preset.setText("2.5")
    saved_by(seen, dialog)
    found = attributes.of_class(project, 1)
    assert [(one.name, one.kind, one.preset) for one in found] == [
        ("colour", "text", None), ("ripe", "choice", "red"), ("age", "number", 2.5),
    ]  # fmt: skip
    assert found[1].is_required and found[1].choices == ("green", "red")
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.session.undo()
    assert [one.name for one in attributes.of_class(project, 1)] == ["stain"]


def test_attributes_are_defined_for_every_class(seen: Opened, project: Project) -> None:
    dialog = opened(seen, "classes.attributes", Attributes)
    dialog.everywhere.setChecked(True)
    saved_by(seen, dialog)
    assert [[one.name for one in attributes.of_class(project, n)] for n in (1, 2, 3)] == [["stain"]] * 3


def test_two_attributes_of_one_name_are_refused(seen: Opened, project: Project) -> None:
    dialog = opened(seen, "classes.attributes", Attributes)
    dialog.add()
    dialog.form.name.setText("stain")
    assert not dialog.button.isEnabled() and "two" in dialog._fault.text()
    dialog.drop()
    assert dialog.button.isEnabled() and len(dialog.drafts) == 1
