"""The dialog of splits shows what it would give before, and gives exactly that, as one step to undo."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.project import images
from engine.project.image_edits import SetImages
from studio.dialogs.assign_splits import AssignSplitsDialog
from tests.studio import projects
from tests.studio.windows import Opened


def opened_on(seen: Opened, path: Path, *ids: int) -> AssignSplitsDialog:
    seen.open(projects.make_annotated(path, n_images=20))
    seen.qtbot.waitUntil(lambda: len(seen.session.listing.ids) == 20)
    seen.session.listing.choose(ids)
    seen.studio.ask.show("assign_splits")
    dialog = seen.dialog()
    assert isinstance(dialog, AssignSplitsDialog)
    seen.qtbot.waitUntil(dialog.button.isEnabled)
    return dialog


def table(dialog: AssignSplitsDialog) -> list[list[str]]:
    rows, columns = range(dialog.table.rowCount()), range(dialog.table.columnCount())
    return [[dialog.table.item(row, column).text() for column in columns] for row in rows]


def splits(seen: Opened) -> dict[str, int]:
    assert seen.session.project is not None
    return images.by_split(seen.session.project)


def test_the_preview_is_what_is_done_and_undone(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = opened_on(seen, tmp_path / "p.boxwright")
    assert table(dialog)[0] == ["Pictures", "14  (70%)", "4  (20%)", "2  (10%)"]
    assert [row[0] for row in table(dialog)] == ["Pictures", "cell", "nucleus"]
    dialog.shares["train"].setValue(50)
    assert not dialog.button.isEnabled()
    qtbot.waitUntil(dialog.button.isEnabled)
    assert "80 % together" in dialog._note.text()
    counts = [int(cell.split()[0]) for cell in table(dialog)[0][1:]]
    with qtbot.waitSignal(seen.session.saved):
        qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    assert [splits(seen)[name] for name in ("train", "val", "test")] == counts
    with qtbot.waitSignal(seen.session.saved):
        seen.session.undo()
    assert splits(seen) == {"": 20}


def test_only_the_chosen_are_divided_and_the_assigned_stay(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "p.boxwright"
    dialog = opened_on(seen, path, *range(1, 11))
    assert dialog.which.currentText() == "The 10 that are chosen"
    dialog.reject()
    with qtbot.waitSignal(seen.session.saved):
        seen.session.do(SetImages((1, 2, 3), split="test"))
    seen.studio.ask.show("assign_splits")
    again = next(each for each in seen.window.findChildren(AssignSplitsDialog) if each.isVisible())
    again.keep.setChecked(True)
    qtbot.waitUntil(lambda: again.button.isEnabled() and "3  (30%)" in table(again)[0])
    with qtbot.waitSignal(seen.session.saved):
        qtbot.mouseClick(again.button, Qt.MouseButton.LeftButton)
    assert splits(seen) == {"": 10, "train": 5, "val": 2, "test": 3}


def test_no_shares_are_told_and_cannot_be_assigned(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    dialog = opened_on(seen, tmp_path / "p.boxwright")
    for box in dialog.shares.values():
        box.setValue(0)
    qtbot.waitUntil(lambda: "needs a share" in dialog._note.text())
    assert not dialog.button.isEnabled()
