"""The Keys dialog under real keys and clicks: record, conflict, take over, profiles; the menus follow at once."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton

from studio.dialogs._key_field import KeyField
from studio.dialogs._picker import Picker
from studio.dialogs.keys import KEYS, KeysDialog
from tests.studio import projects
from tests.studio.windows import Opened, dialogs

LEFT = Qt.MouseButton.LeftButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def shown(seen: Opened, tmp_path: Path) -> Opened:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    seen.canvas.setFocus()
    return seen


def opened(seen: Opened) -> KeysDialog:
    seen.key(Qt.Key.Key_K, CTRL)
    dialog = seen.dialog()
    assert isinstance(dialog, KeysDialog)
    return dialog


def record(
    seen: Opened, field: KeyField, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    seen.qtbot.mouseClick(field, LEFT)
    assert field.is_listening
    seen.qtbot.keyClick(field, key, held)


def chips(dialog: KeysDialog) -> dict[str, QPushButton]:
    """The keys of what is chosen, by their words."""
    dialog.repaint()
    found = dialog.editor.findChildren(QPushButton)
    return {each.text().removesuffix("  ×"): each for each in found if each.text().endswith("×") and each.parent()}


def test_a_recorded_key_is_in_force_at_once_everywhere(shown: Opened) -> None:
    dialog = opened(shown)
    dialog.choose("view.fit")
    record(shown, dialog.editor.add, Qt.Key.Key_F8, CTRL)
    assert dialog.row("view.fit").text(KEYS) == "F, Ctrl+F8"
    action = shown.window.menus.action("view.fit")
    assert [key.toString() for key in action.shortcuts()] == ["F", "Ctrl+F8"]
    assert action.toolTip() == "Fit Picture  (F, Ctrl+F8)"
    dialog.close()
    shown.canvas.zoom_to((10, 10, 20, 20))
    shown.canvas.setFocus()
    shown.key(Qt.Key.Key_F8, CTRL)
    assert shown.canvas.viewport.fits


def test_a_conflict_is_said_at_once_and_left_or_settled(shown: Opened) -> None:
    dialog = opened(shown)
    dialog.choose("view.fit")
    assert not dialog.editor.conflict.isVisible()
    record(shown, dialog.editor.add, Qt.Key.Key_D)
    assert dialog.editor.conflict.isVisible()
    assert "D is Image > Next Image" in dialog.editor.conflict.text()
    assert shown.studio.keys.of("view.fit") == ("F",)
    shown.qtbot.mouseClick(dialog.editor.leave, LEFT)
    assert not dialog.editor.conflict.isVisible()
    record(shown, dialog.editor.add, Qt.Key.Key_D)
    shown.qtbot.mouseClick(dialog.editor.replace, LEFT)
    assert shown.studio.keys.of("view.fit") == ("F", "D")
    assert dialog.row("image.next").text(KEYS) == ""
    dialog.close()
    shown.canvas.setFocus()
    image_id = shown.session.image_id
    shown.key(Qt.Key.Key_D)
    assert shown.session.image_id == image_id


def test_keys_are_taken_off_and_given_back(shown: Opened) -> None:
    dialog = opened(shown)
    dialog.choose("tool.box")
    shown.qtbot.mouseClick(chips(dialog)["W"], LEFT)
    assert shown.studio.keys.of("tool.box") == ("R",)
    shown.qtbot.mouseClick(dialog.editor.reset, LEFT)
    assert shown.studio.keys.of("tool.box") == ("R", "W")
    assert not dialog.reset_all.isEnabled()
    shown.studio.keys.give("tool.box", ())
    shown.qtbot.mouseClick(dialog.reset_all, LEFT)
    assert shown.studio.keys.of("tool.box") == ("R", "W")


@pytest.mark.parametrize(
    ("key", "held", "expected"),
    [
        (Qt.Key.Key_A, SHIFT, "Shift+A"),
        (Qt.Key.Key_Question, SHIFT, "?"),
        (Qt.Key.Key_BraceLeft, SHIFT, "{"),
        (Qt.Key.Key_Backtab, SHIFT, "Shift+Tab"),
        (Qt.Key.Key_Tab, CTRL, "Ctrl+Tab"),
        (Qt.Key.Key_Return, SHIFT, "Shift+Return"),
        (Qt.Key.Key_Space, SHIFT, "Shift+Space"),
        (Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier, "F2"),
        (Qt.Key.Key_5, Qt.KeyboardModifier.KeypadModifier, "5"),
    ],
)
def test_any_key_is_recorded_as_qt_writes_it(
    seen: Opened, key: Qt.Key, held: Qt.KeyboardModifier, expected: str
) -> None:
    field = KeyField("Add")
    seen.qtbot.addWidget(field)
    field.show()
    told: list[str] = []
    field.recorded.connect(told.append)
    record(seen, field, Qt.Key.Key_Control)  # says nothing alone
    assert field.is_listening
    seen.qtbot.keyClick(field, key, held)
    assert told == [expected]
    assert not field.is_listening


def test_escape_ends_the_listening_and_nothing_else(shown: Opened) -> None:
    dialog = opened(shown)
    dialog.choose("view.fit")
    record(shown, dialog.editor.add, Qt.Key.Key_Escape)
    assert not dialog.editor.add.isChecked()
    assert dialogs() == [dialog]
    assert shown.studio.keys.of("view.fit") == ("F",)


def test_a_command_is_found_by_words_and_by_its_key(shown: Opened) -> None:
    dialog = opened(shown)
    shown.qtbot.keyClicks(dialog.field, "hide sel")
    names = [name for name in shown.studio.keys.names if not dialog.row(name).isHidden()]
    assert names == ["show.hide_selected"]
    record(shown, dialog.search_key, Qt.Key.Key_Z, CTRL)
    assert [name for name in shown.studio.keys.names if not dialog.row(name).isHidden()] == ["edit.undo"]
    assert dialog.list.currentItem() is dialog.row("edit.undo")


def test_the_cvat_profile_is_chosen_and_d_goes_back(shown: Opened) -> None:
    dialog = opened(shown)
    profile = dialog.findChild(QComboBox)
    assert profile is not None
    profile.setFocus()
    shown.qtbot.keyClick(profile, Qt.Key.Key_Down)
    assert profile.currentText() == "CVAT"
    assert shown.studio.keys.profile == "cvat"
    dialog.close()
    shown.canvas.setFocus()
    shown.key(Qt.Key.Key_F)
    assert shown.session.image_id == 2
    shown.key(Qt.Key.Key_D)
    assert shown.session.image_id == 1
    shown.key(Qt.Key.Key_N)
    assert shown.session.tool == "box"
    shown.key(Qt.Key.Key_N)
    assert shown.session.tool == "select"
    shown.key(Qt.Key.Key_T)
    shown.key(Qt.Key.Key_H)
    assert shown.session.hides_shapes


def test_keys_are_exported_and_imported_by_the_buttons(shown: Opened, tmp_path: Path) -> None:
    dialog = opened(shown)
    buttons = {each.text(): each for each in dialog.findChildren(QPushButton)}
    shown.studio.keys.give("view.fit", ("G",))
    shown.answers.path = tmp_path / "keys.json"
    shown.qtbot.mouseClick(buttons["Export…"], LEFT)
    shown.studio.keys.reset_all()
    shown.qtbot.mouseClick(buttons["Import…"], LEFT)
    assert shown.studio.keys.of("view.fit") == ("G",)
    assert dialog.row("view.fit").text(KEYS) == "G"


def test_a_drawing_key_is_changed_and_its_command_works_elsewhere(shown: Opened) -> None:
    shown.studio.keys.give("drawing.finish", ("X",))
    shown.session.use_tool("polygon")
    for x, y in ((20, 20), (60, 20), (60, 60)):
        at = shown.view_point(x, y)
        shown.qtbot.mouseClick(shown.canvas, LEFT, pos=QPoint(*at))
    with shown.qtbot.waitSignal(shown.session.saved):
        shown.key(Qt.Key.Key_X)
    assert shown.session.tool == "polygon"


def test_a_drawing_key_is_held_alone(shown: Opened) -> None:
    dialog = opened(shown)
    dialog.choose("drawing.finish")
    record(shown, dialog.editor.add, Qt.Key.Key_G, CTRL)
    assert "cannot be used while drawing" in dialog.editor.conflict.text()
    assert shown.studio.keys.of("drawing.finish") == ("Return", "Enter")


def test_palette_and_cheat_sheet_show_the_keys_in_force(shown: Opened) -> None:
    shown.studio.keys.give("view.fit", ("Ctrl+Alt+F8",))
    shown.key(Qt.Key.Key_F1)
    sheet = shown.dialog()
    assert "Ctrl+Alt+F8" in [line for label in sheet.findChildren(QLabel) for line in label.text().splitlines()]
    shown.studio.keys.give("view.fit", ("F9",))
    assert "F9" in [line for label in sheet.findChildren(QLabel) for line in label.text().splitlines()]
    sheet.close()
    shown.studio.ask.show("palette")
    picker = shown.dialog()
    assert isinstance(picker, Picker)
    assert "F9" in [choice.aside for choice in picker._choices if choice.title == "View: Fit Picture"]
    shown.qtbot.keyClicks(picker.field, "polygon")
    while picker.list.currentItem().text() != "Tools: Polygon":
        shown.qtbot.keyClick(picker.field, Qt.Key.Key_Down)
    shown.qtbot.keyClick(picker.field, Qt.Key.Key_Return)
    assert shown.session.tool == "polygon"


def test_keys_change_after_the_dialogs_that_showed_them_are_gone(shown: Opened) -> None:
    for name in ("keys", "cheat_sheet"):
        shown.studio.ask.show(name)
        with shown.qtbot.waitSignal(shown.dialog().destroyed):
            shown.dialog().close()
    shown.studio.keys.give("view.fit", ("G",))
    assert shown.window.menus.action("view.fit").toolTip() == "Fit Picture  (G)"
