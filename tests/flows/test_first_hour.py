"""An annotator's first hour: a new project, pictures dropped, boxes drawn, edits taken back, all there tomorrow."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from engine.project import annotations, classes, images
from engine.project.store import Project
from studio.dialogs._picker import Picker
from studio.dialogs.importing import Importing
from studio.panels.classes import ClassPanel
from studio.panels.images import ImagePanel
from tests.studio import projects
from tests.studio.windows import Opened, dialogs, opened

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def pictures(folder: Path, n: int = 4) -> Path:
    folder.mkdir()
    for number in range(n):
        (folder / f"{number:03d}.png").write_bytes(projects.picture(number))
    return folder


def drop(seen: Opened, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(300, 300), copy, data, left, none)
    QApplication.sendEvent(seen.window, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(seen.window, QDropEvent(QPointF(300, 300), copy, data, left, none))


def drag_box(seen: Opened, x0: float, y0: float, x1: float, y1: float) -> None:
    """Draw with the left button, the way a hand does it: press, some moves, release; wait for the commit."""
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.drag((x0, y0), ((2 * x0 + x1) / 3, (2 * y0 + y1) / 3), ((x0 + 2 * x1) / 3, (y0 + 2 * y1) / 3), (x1, y1))


def stored(path: Path) -> list[tuple[int, str, int]]:
    """What another reader finds in the file: (image id, class name, kind of shape)."""
    with Project.open(path, read_only=True) as project:
        names = {record.id: record.name for record in classes.all_classes(project)}
        return [
            (image_id, names[each.class_id], round(each.shape.area))
            for image_id in images.all_ids(project)
            for each in annotations.of_image(project, image_id)
        ]


def begin(seen: Opened, folder: Path) -> Path:
    """Make a project with Ctrl+N, drop a folder of pictures onto it, import, and add two classes."""
    seen.answers.path = folder / "mine.boxwright"
    seen.key(Qt.Key.Key_N, CONTROL)
    assert seen.session.project is not None
    drop(seen, pictures(folder / "pictures"))
    dialog = seen.dialog()
    assert isinstance(dialog, Importing)
    seen.qtbot.waitUntil(dialog.button.isEnabled, timeout=20_000)
    seen.qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    seen.qtbot.waitUntil(lambda: len(seen.session.image_ids) == 4, timeout=20_000)
    field = seen.window.findChild(ClassPanel).field
    for name in ("cell", "nucleus"):
        field.setFocus()
        seen.qtbot.keyClicks(field, name)
        with seen.qtbot.waitSignal(seen.session.saved):
            seen.qtbot.keyClick(field, Qt.Key.Key_Return)
    seen.canvas.setFocus()
    seen.settle()
    return seen.answers.path


def test_from_a_folder_of_pictures_to_boxes_that_are_there_tomorrow(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    path = begin(seen, tmp_path)
    seen.key(Qt.Key.Key_R)
    drag_box(seen, 20, 20, 60, 50)
    ((image_id, name, area),) = stored(path)
    assert (image_id, name) == (1, "cell")
    assert abs(area - 1200) < 30
    seen.key(Qt.Key.Key_2)  # the box is selected: it becomes a nucleus, and so does the next
    drag_box(seen, 80, 30, 120, 60)
    seen.key(Qt.Key.Key_D)
    assert seen.session.image_id == 2
    seen.settle()
    drag_box(seen, 30, 30, 60, 60)
    assert [(image, name) for image, name, _ in stored(path)] == [(1, "nucleus"), (1, "nucleus"), (2, "nucleus")]

    for _ in range(2):  # undo goes back to the picture of the edit
        with qtbot.waitSignal(seen.session.saved):
            seen.key(Qt.Key.Key_Z, CONTROL)
    assert seen.session.image_id == 1
    assert len(stored(path)) == 1
    with qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_Z, CONTROL | SHIFT)
    assert len(stored(path)) == 2

    seen.window.close()
    with opened(qtbot, tmp_path / "again.ini") as tomorrow:
        tomorrow.open(path)
        assert len(stored(path)) == 2
        assert [record.name for record in classes.all_classes(tomorrow.session.project)] == ["cell", "nucleus"]  # type: ignore[arg-type]
        with qtbot.waitSignal(tomorrow.session.saved):
            tomorrow.key(Qt.Key.Key_Y, CONTROL)  # what was undone yesterday can be done again today
        assert len(stored(path)) == 3
        assert tomorrow.session.image_id == 2


def test_a_hundred_boxes_by_hand_without_a_dialog_between(seen: Opened, tmp_path: Path) -> None:
    path = begin(seen, tmp_path)
    seen.key(Qt.Key.Key_R)
    for n in range(100):
        x, y = 3 + 15.5 * (n % 10), 2 + 11.5 * (n // 10)
        drag_box(seen, x, y, x + 12, y + 8)
        assert len(stored(path)) == n + 1  # another reader finds it before the next is begun
        assert not dialogs()
    assert seen.session.tool == "box"
    areas = [area for _, _, area in stored(path)]
    assert all(80 <= area <= 112 for area in areas)


def test_the_palette_finds_a_command_by_its_letters(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    seen.key(Qt.Key.Key_P, CONTROL | SHIFT)
    palette = seen.dialog()
    assert isinstance(palette, Picker)
    qtbot.keyClicks(palette.field, "hideall")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert seen.session.hides_shapes


def test_letters_typed_into_a_field_are_no_commands(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    field = seen.window.findChild(ImagePanel).findChild(QLineEdit)
    field.setFocus()
    qtbot.keyClicks(field, "dah2")
    assert field.text() == "dah2"
    assert seen.session.image_id == 1
    assert not seen.session.hides_shapes
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert field.text() == "dah"


def test_suggestions_are_gone_through_with_two_keys(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    path = projects.make_annotated(tmp_path / "p.boxwright", n_shapes=3)
    seen.open(path)
    seen.canvas.setFocus()
    before = len(stored(path))
    with qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_Return)
    assert len(seen.session.selection.detections) == 1  # the next best is chosen
    with qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_Backspace)
    with qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_Return)
    assert len(stored(path)) == before + 2
    assert not seen.session.selection
    with qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_Z, CONTROL)
    assert len(stored(path)) == before + 1
