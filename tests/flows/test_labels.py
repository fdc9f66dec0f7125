"""Who labels for a living: classes in a tree, what shapes tell, groups, and edits of very much at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from engine.geometry.shapes import Polygon
from engine.project import annotations, attributes, class_tree, classes
from engine.project.records import Annotation
from engine.project.store import Project
from studio.dialogs.attributes import Attributes
from studio.dialogs.class_details import ClassDetails
from studio.dialogs.class_merge import ClassMerge
from studio.dialogs.told_attributes import ToldAttributes
from studio.panels.annotations import AnnotationPanel
from studio.panels.classes import ClassPanel
from tests.studio import projects
from tests.studio.windows import Opened

CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
N_MANY = 1500


@contextmanager
def saved(seen: Opened) -> Iterator[None]:
    """An edit is asked for and committed meanwhile."""
    with seen.qtbot.waitSignal(seen.session.saved, timeout=10_000):
        yield
    seen.settle()


def draw_box(seen: Opened, x0: float, y0: float, x1: float, y1: float) -> None:
    with saved(seen):
        seen.drag((x0, y0), ((x0 + x1) / 2, (y0 + y1) / 2), (x1, y1))


def type_in(seen: Opened, field: QWidget, words: str) -> None:
    field.setFocus()
    if isinstance(field, QLineEdit):
        field.selectAll()
    seen.qtbot.keyClicks(field, words)


def press(seen: Opened, button: QWidget) -> None:
    with saved(seen):
        seen.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    seen.canvas.setFocus()


def project_of(seen: Opened) -> Project:
    assert seen.session.project is not None
    return seen.session.project


def build_tree(seen: Opened) -> int:
    """A class under another by the dialog of Ctrl+Shift+N, and one typed into the list and moved by keys: its id."""
    panel = seen.window.findChild(ClassPanel)
    assert isinstance(panel, ClassPanel)
    seen.key(Qt.Key.Key_N, CONTROL | SHIFT)
    dialog = seen.dialog()
    assert isinstance(dialog, ClassDetails)
    type_in(seen, dialog.name, "mitosis")
    dialog.under.setCurrentIndex(dialog.under.findText("cell"))
    press(seen, dialog.button)
    type_in(seen, panel.field, "apoptosis")
    with saved(seen):
        seen.qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    new = classes.find(project_of(seen), "apoptosis")
    assert new is not None
    seen.session.use_class(new.id)
    seen.canvas.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Right):  # over nucleus, then under cell
        with saved(seen):
            seen.key(key, ALT)
    return new.id


def define_stain(seen: Opened) -> None:
    """An attribute of cells, chosen among two, red at first."""
    seen.studio.ask.show("attributes", "1")
    defining = seen.dialog()
    assert isinstance(defining, Attributes)
    defining.add()
    type_in(seen, defining.form.name, "stain")
    defining.form.kind.setCurrentIndex(defining.form.kind.findData("choice"))
    defining.form.choices.setPlainText("red\nblue")
    defining.form.choice.setCurrentIndex(1)
    press(seen, defining.button)


def tell_blue(seen: Opened) -> None:
    """Seen and changed by keys alone."""
    seen.key(Qt.Key.Key_F4)
    telling = seen.dialog()
    assert isinstance(telling, ToldAttributes)
    seen.qtbot.waitUntil(lambda: "stain" in telling.form.editors)
    box = telling.form.editors["stain"]
    assert isinstance(box, QComboBox) and box.currentText() == "red"
    with saved(seen):
        box.setCurrentIndex(2)
        box.activated.emit(2)
    telling.accept()


def test_a_tree_of_classes_with_attributes_and_digits(at_work: Opened) -> None:
    seen, project = at_work, project_of(at_work)
    new_id = build_tree(seen)
    shown = [(p.record.name, p.depth) for p in class_tree.in_order(classes.all_classes(project))]
    assert shown == [("cell", 0), ("mitosis", 1), ("apoptosis", 1), ("nucleus", 0)]
    assert class_tree.numbered(project)[3] == new_id
    seen.session.use_class(1)
    define_stain(seen)
    assert [one.name for one in attributes.of_class(project, new_id)] == ["stain"], "those under it tell it, too"
    seen.key(Qt.Key.Key_3)
    seen.key(Qt.Key.Key_R)
    draw_box(seen, 20, 20, 60, 50)
    [drawn] = annotations.of_image(project, 1)
    assert drawn.class_id == new_id and drawn.attributes == {"stain": "red"} and drawn.author_id is not None
    tell_blue(seen)
    assert annotations.of_image(project, 1)[0].attributes == {"stain": "blue"}


def test_shapes_are_retyped_grouped_and_their_class_merged(at_work: Opened) -> None:
    seen, project = at_work, project_of(at_work)
    seen.key(Qt.Key.Key_R)
    for x in (10, 50, 90):
        draw_box(seen, x, 20, x + 30, 50)
    seen.key(Qt.Key.Key_A, CONTROL)
    seen.qtbot.waitUntil(lambda: len(seen.session.selection.annotations) == 3)
    with saved(seen):
        seen.key(Qt.Key.Key_2)
    assert classes.counts(project) == {1: 0, 2: 3}
    with saved(seen):
        seen.key(Qt.Key.Key_G, CONTROL)
    seen.key(Qt.Key.Key_V)
    seen.qtbot.mouseClick(seen.canvas, Qt.MouseButton.LeftButton, pos=QPoint(*seen.view_point(145, 100)))
    assert not seen.session.selection
    seen.qtbot.mouseClick(seen.canvas, Qt.MouseButton.LeftButton, pos=QPoint(*seen.view_point(65, 35)))
    assert len(seen.session.selection.annotations) == 3

    seen.studio.ask.show("class_merge", "2")
    merging = seen.dialog()
    assert isinstance(merging, ClassMerge)
    seen.qtbot.waitUntil(merging.button.isEnabled)
    assert merging.words.text() == "3 annotations on 1 picture become “cell”."
    press(seen, merging.button)
    assert classes.counts(project) == {1: 3}
    for _ in range(3):  # the merge, the group, the retyping
        with saved(seen):
            seen.key(Qt.Key.Key_Z, CONTROL)
    assert classes.counts(project) == {1: 3, 2: 0}
    assert all(one.group_id is None for one in annotations.of_image(project, 1))


def test_very_many_are_deleted_and_come_back_as_they_were(seen: Opened, tmp_path: Path) -> None:
    path = projects.make(tmp_path / "p.boxwright")
    with Project.open(path) as first, first.atomic():
        rings = ([(x, y), (x + 3, y), (x + 2, y + 2)] for x in range(0, 150, 3) for y in range(0, 90, 3))
        annotations.add(first, [Annotation(0, 1, 1 + n % 2, Polygon.of(ring)) for n, ring in enumerate(rings)])
    seen.open(path)
    project, before = project_of(seen), annotations.of_image(project_of(seen), 1)
    assert len(before) == N_MANY
    panel = seen.window.findChild(AnnotationPanel)
    assert isinstance(panel, AnnotationPanel)
    painted = seen.canvas.grab().toImage()
    seen.canvas.setFocus()
    for _ in range(2):
        seen.key(Qt.Key.Key_A, CONTROL)
        seen.qtbot.waitUntil(lambda: len(seen.session.selection.annotations) == N_MANY)
        with saved(seen):
            seen.key(Qt.Key.Key_Delete)
            assert not seen.canvas.annotations, "it is seen at once"
        assert not annotations.of_image(project, 1)
        with saved(seen):
            seen.key(Qt.Key.Key_Z, CONTROL)
            assert len(seen.canvas.annotations) == N_MANY, "it is seen at once"
        assert annotations.of_image(project, 1) == before
        QTest.qWait(0)
        assert seen.canvas.annotations == {each.id: each for each in before}
    seen.qtbot.waitUntil(lambda: len(panel.rows.annotations) == N_MANY)
    seen.settle()
    assert seen.canvas.grab().toImage() == painted


def test_a_delete_and_its_undo_while_both_are_under_way(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make_annotated(tmp_path / "p.boxwright", n_shapes=40))
    seen.session.show_run(None)
    seen.canvas.setFocus()
    project, before = project_of(seen), annotations.of_image(project_of(seen), 1)
    seen.key(Qt.Key.Key_A, CONTROL)
    seen.qtbot.waitUntil(lambda: len(seen.session.selection.annotations) == 40)
    seen.key(Qt.Key.Key_Delete)
    assert not seen.canvas.annotations
    for act, left in ((seen.session.undo, 40), (seen.session.redo, 0), (seen.session.undo, 40)):
        act()  # faster than any commit
        assert len(seen.canvas.annotations) == left
    seen.qtbot.waitUntil(lambda: seen.session.n_settled == seen.session.n_asked)
    seen.settle()
    assert annotations.of_image(project, 1) == before
    assert len(seen.canvas.annotations) == 40
