"""The dialog of tags shows which pictures have what, and makes one edit of all that is ticked."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.project import images
from engine.project.image_edits import TagImages
from studio.dialogs.tags import Tags
from tests.studio import projects
from tests.studio.windows import Opened

CONTROL = Qt.KeyboardModifier.ControlModifier
ON, OFF, SOME = Qt.CheckState.Checked, Qt.CheckState.Unchecked, Qt.CheckState.PartiallyChecked


def opened_for(seen: Opened, path: Path, *ids: int) -> Tags:
    seen.open(projects.make(path, n_images=4))
    for tagged, name in (((1, 2, 3), "night"), ((2,), "rain"), ((4,), "sun")):
        with seen.qtbot.waitSignal(seen.session.saved):
            seen.session.do(TagImages(tagged, (name,)))
    seen.qtbot.waitUntil(lambda: len(seen.session.listing.ids) == 4)
    seen.session.listing.choose(ids)
    seen.key(Qt.Key.Key_L, CONTROL)
    dialog = seen.dialog()
    assert isinstance(dialog, Tags)
    seen.qtbot.waitUntil(lambda: dialog.list.count() == 3)
    return dialog


def states(dialog: Tags) -> dict[str, Qt.CheckState]:
    items = (dialog.list.item(row) for row in range(dialog.list.count()))
    return {item.text(): item.checkState() for item in items}


def tags(seen: Opened) -> dict[int, tuple[str, ...]]:
    assert seen.session.project is not None
    return {id_: images.tags(seen.session.project, id_) for id_ in range(1, 5)}


def test_all_some_and_none_are_told_apart_and_one_edit_changes_them(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = opened_for(seen, tmp_path / "p.boxwright", 1, 2, 3)
    assert states(dialog) == {"night": ON, "rain": SOME, "sun": OFF}
    before = tags(seen)
    dialog.list.item(0).setCheckState(OFF)
    qtbot.keyClicks(dialog.field, "new one")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.isVisible()  # Enter added the tag, and did not apply
    assert states(dialog) == {"night": OFF, "rain": SOME, "sun": OFF, "new one": ON}
    with qtbot.waitSignal(seen.session.saved):
        qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    assert tags(seen) == {1: ("new one",), 2: ("new one", "rain"), 3: ("new one",), 4: ("sun",)}
    with qtbot.waitSignal(seen.session.saved):
        seen.session.undo()
    assert tags(seen) == before


def test_what_is_typed_narrows_the_list_and_is_added_when_applied(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = opened_for(seen, tmp_path / "p.boxwright", 3, 4)
    qtbot.keyClicks(dialog.field, "ra")
    assert [dialog.list.item(row).text() for row in range(3) if not dialog.list.item(row).isHidden()] == ["rain"]
    with qtbot.waitSignal(seen.session.saved):
        qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    assert (tags(seen)[3], tags(seen)[4]) == (("night", "ra"), ("ra", "sun"))


def test_nothing_changed_is_no_edit(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = opened_for(seen, tmp_path / "p.boxwright", 1, 2)
    asked = seen.session.n_asked
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert seen.session.n_asked == asked
