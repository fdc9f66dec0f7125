"""Layouts on the real window: those of the program, those that are saved, kept over a restart, deleted, reset."""

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, Qt
from pytestqt.qtbot import QtBot

from engine.errors import UserError
from studio.dialogs.layouts import LayoutsDialog
from studio.layouts import PRESETS
from studio.panels import PANELS
from tests.studio import projects
from tests.studio.windows import Opened, opened

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def shown(seen: Opened, tmp_path: Path) -> Opened:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    return seen


def docks(seen: Opened) -> set[str]:
    """The panels that are not hidden, in front or behind another's tab."""
    return {name for name, dock in seen.window.docks.items() if dock.toggleViewAction().isChecked()}


@pytest.mark.parametrize("name", PRESETS)
def test_a_layout_of_the_program_shows_its_panels_the_first_in_front(shown: Opened, name: str) -> None:
    assert set(PRESETS[name]) <= set(PANELS.names())
    shown.window.menus.action(f"view.layout_{name.lower()}").trigger()
    assert docks(shown) == set(PRESETS[name])
    assert not shown.window.docks[PRESETS[name][0]].visibleRegion().isEmpty()


def test_a_layout_is_saved_taken_and_deleted(shown: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    for name in ("classes", "images"):
        shown.window.docks[name].hide()
    mine = docks(shown)
    shown.studio.ask.show("layouts")
    dialog = shown.dialog()
    assert isinstance(dialog, LayoutsDialog)
    assert not dialog.save.isEnabled()
    qtbot.keyClicks(dialog.name, "Night / shift")
    qtbot.mouseClick(dialog.save, LEFT)
    assert dialog.list.currentItem().text() == "Night / shift"
    shown.studio.layouts.reset()
    assert docks(shown) > mine
    qtbot.mouseClick(dialog.take, LEFT)
    assert docks(shown) == mine
    dialog.close()
    shown.window.close()
    with opened(qtbot, tmp_path / "settings.ini") as again:
        again.open(tmp_path / "p.boxwright")
        again.studio.layouts.reset()
        assert again.studio.layouts.saved == ["Night / shift"]
        again.studio.layouts.take("Night / shift")
        assert docks(again) == mine
        again.studio.ask.show("layouts")
        other = again.dialog()
        assert isinstance(other, LayoutsDialog)
        assert not other.drop.isEnabled()  # the program's stay
        other.list.setCurrentRow(len(PRESETS))
        qtbot.mouseClick(other.drop, LEFT)
        assert again.studio.layouts.saved == []
        assert other.list.count() == len(PRESETS)


def test_a_name_that_cannot_be_is_refused(shown: Opened) -> None:
    for name in ("", "  ", "Review"):
        with pytest.raises(UserError):
            shown.studio.layouts.save(name)
    with pytest.raises(UserError, match="no layout Gone"):
        shown.studio.layouts.take("Gone")
    shown.studio.settings.keep_layout("Broken", QByteArray(b"nonsense"))
    before = docks(shown)
    with pytest.raises(UserError, match="Broken"):
        shown.studio.layouts.take("Broken")
    assert docks(shown) == before


def test_reset_puts_everything_where_it_was_at_first(shown: Opened) -> None:
    before = docks(shown)
    shown.window.docks["classes"].hide()
    shown.window.docks["jobs"].show()
    shown.window.menus.action("view.reset_layout").trigger()
    assert docks(shown) == before
