"""The image list reads only what is in sight, filters, follows the session and is followed by it."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.project.image_edits import RemoveImages, SetImages
from studio.panels.images import ROW_HEIGHT, ImagePanel
from tests.studio import projects
from tests.studio.windows import Opened


def panel(seen: Opened, path: Path) -> ImagePanel:
    seen.open(path)
    found = seen.window.findChild(ImagePanel)
    assert isinstance(found, ImagePanel)
    seen.qtbot.waitUntil(lambda: found.rows.rowCount() > 0)
    return found


def test_only_rows_in_sight_are_read(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    images = panel(seen, projects.make(tmp_path / "p.boxwright", n_images=120))
    qtbot.waitUntil(lambda: len(images.rows._rows) >= 5)
    qtbot.wait(100)
    in_sight = images.view.viewport().height() // ROW_HEIGHT + 2
    assert len(images.rows._rows) <= in_sight + 2
    images.view.scrollToBottom()
    qtbot.waitUntil(lambda: 120 in images.rows._rows)
    row, thumbnail = images.rows._rows[120]
    assert row.name == "119.png"
    assert not thumbnail.isNull()


def test_words_filter_the_list_and_next_goes_through_what_is_listed(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    images = panel(seen, projects.make(tmp_path / "p.boxwright", n_images=25))
    images.bar.field.setText("2 .png")
    qtbot.waitUntil(lambda: list(images.rows.ids) == [3, 13, 21, 22, 23, 24, 25])
    seen.canvas.setFocus()
    for expected in (3, 13, 21):
        seen.key(Qt.Key.Key_D)
        assert seen.session.image_id == expected
    seen.key(Qt.Key.Key_A)
    assert seen.session.image_id == 13
    assert images.view.currentIndex().row() == 1


def test_a_percent_sign_is_a_letter(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    images = panel(seen, projects.make(tmp_path / "p.boxwright"))
    images.bar.field.setText("%")
    qtbot.waitUntil(lambda: images.rows.rowCount() == 0)
    assert images.bar.count.text() == "0"


def test_a_click_goes_to_the_image(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    images = panel(seen, projects.make(tmp_path / "p.boxwright"))
    at = images.view.visualRect(images.rows.index(2)).center()
    qtbot.mouseClick(images.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: seen.session.image_id == 3)


def test_counts_and_states_follow_edits(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    images = panel(seen, projects.make_annotated(tmp_path / "p.boxwright"))
    qtbot.waitUntil(lambda: 2 in images.rows._rows)
    assert images.rows._rows[2][0].n_annotations == 4
    seen.session.do(SetImages((2,), state="done"))
    qtbot.waitUntil(lambda: images.rows._rows[2][0].state == "done")


def test_a_removed_image_leaves_the_list_and_its_neighbour_is_looked_at(
    seen: Opened, tmp_path: Path, qtbot: QtBot
) -> None:
    images = panel(seen, projects.make(tmp_path / "p.boxwright"))
    with qtbot.waitSignal(seen.session.saved):
        seen.session.do(RemoveImages((1,)))
    qtbot.waitUntil(lambda: list(images.rows.ids) == [2, 3])
    assert seen.session.image_id == 2


def test_enter_and_a_double_click_lead_to_the_canvas(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    images = panel(seen, projects.make(tmp_path / "p.boxwright"))
    images.view.setFocus()
    seen.key(Qt.Key.Key_Down)
    seen.key(Qt.Key.Key_Return)
    assert seen.session.image_id == 2
    assert seen.canvas.hasFocus()
    at = images.view.visualRect(images.rows.index(2)).center()
    qtbot.mouseClick(images.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseDClick(images.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.waitUntil(lambda: seen.session.image_id == 3 and seen.window.focusWidget() is seen.canvas)
