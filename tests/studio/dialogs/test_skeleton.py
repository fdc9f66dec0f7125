"""Keypoints and bones of a class on the real window: named by typing, joined by clicks, one edit, drawn at once."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from engine.project import annotations, classes
from engine.project.records import ClassRecord
from engine.project.store import Project
from studio.dialogs._skeleton_figure import toggled
from studio.dialogs.skeleton import SkeletonDialog
from tests.studio import projects
from tests.studio.windows import Opened

LEFT = Qt.MouseButton.LeftButton


def dialog(seen: Opened) -> SkeletonDialog:
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier)
    found = seen.dialog()
    assert isinstance(found, SkeletonDialog)
    return found


def record(path: Path) -> ClassRecord:
    with Project.open(path, read_only=True) as project:
        return classes.by_id(project)[1]


def join(qtbot: QtBot, shown: SkeletonDialog, a: int, b: int) -> None:
    for at in (a, b):
        qtbot.mouseClick(shown.figure, LEFT, pos=shown.figure.place(at).toPoint())


def test_bones_are_made_and_taken_away() -> None:
    assert toggled((), 0, 1) == ((0, 1),)
    assert toggled(((0, 1), (1, 2)), 1, 0) == ((1, 2),)
    assert toggled(((0, 1),), 1, 1) == ((0, 1),)


def test_a_skeleton_is_defined_and_keypoints_are_placed(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    path = projects.make(tmp_path / "p.boxwright")
    seen.open(path)
    shown = dialog(seen)
    qtbot.keyClicks(shown.text, "head")
    qtbot.keyClick(shown.text, Qt.Key.Key_Return)
    qtbot.keyClicks(shown.text, "tail")
    qtbot.keyClick(shown.text, Qt.Key.Key_Return)
    qtbot.keyClicks(shown.text, "fin")
    join(qtbot, shown, 0, 1)
    join(qtbot, shown, 1, 2)
    join(qtbot, shown, 1, 2)
    assert shown.figure.bones == ((0, 1),)
    with qtbot.waitSignal(seen.session.saved):
        shown.button.click()
    assert (record(path).keypoint_names, record(path).skeleton) == (("head", "tail", "fin"), ((0, 1),))

    seen.settle()
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_K)
    with qtbot.waitSignal(seen.session.saved):
        for x, y in ((30, 30), (60, 40), (50, 70)):
            qtbot.mouseClick(seen.canvas, LEFT, pos=_at(seen, x, y))
    seen.settle()
    with Project.open(path, read_only=True) as project:
        (placed,) = annotations.of_image(project, 1)
    assert placed.shape.kind == "keypoints"

    again = dialog(seen)
    qtbot.waitUntil(lambda: again._n_in_use == 1)
    again.text.setPlainText("head\ntail")
    assert not again.button.isEnabled() and "not fewer" in again._fault.text()
    again.text.setPlainText("head\nhead\nfin")
    assert not again.button.isEnabled() and "name of its own" in again._fault.text()
    again.reject()

    again = dialog(seen)
    again.text.setPlainText("snout\ntail\nfin")  # its bone goes with it
    with qtbot.waitSignal(seen.session.saved):
        again.button.click()
    assert (record(path).keypoint_names, record(path).skeleton) == (("snout", "tail", "fin"), ((0, 1),))
    with qtbot.waitSignal(seen.session.saved):
        seen.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert record(path).keypoint_names == ("head", "tail", "fin")


def test_a_known_skeleton_is_a_start(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    shown = dialog(seen)
    shown._known.menu().actions()[0].trigger()
    assert len(shown.names) == 17 and len(shown.figure.bones) == 19
    assert shown.button.isEnabled()
    shown.reject()
    assert record(tmp_path / "p.boxwright").keypoint_names == ()


def _at(seen: Opened, x: float, y: float) -> QPoint:
    return QPoint(*seen.view_point(x, y))
