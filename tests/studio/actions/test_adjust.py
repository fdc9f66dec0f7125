"""Brightness, contrast, gamma and channel by keys and by the panel: seen on the canvas, and nothing is stored."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from engine.imaging.levels import Levels
from engine.project.store import Project
from studio.panels.adjust import AdjustPanel
from tests.studio import projects
from tests.studio.windows import Opened

ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def plain(seen: Opened, tmp_path: Path) -> Opened:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    seen.canvas.setFocus()
    return seen


def middle(seen: Opened) -> QColor:
    """The colour in the middle of the picture."""
    seen.settle()
    x, y = seen.view_point(80, 60)
    return seen.canvas.grab().toImage().pixelColor(x, y)


def test_keys_change_what_is_seen_and_bring_it_back(plain: Opened) -> None:
    levels = plain.session.levels
    before = middle(plain)
    for key, changed in (
        (Qt.Key.Key_Up, Levels(brightness=0.05)),
        (Qt.Key.Key_Left, Levels(brightness=0.05, contrast=-0.05)),
        (Qt.Key.Key_PageUp, Levels(brightness=0.05, contrast=-0.05, gamma=1.1)),
        (Qt.Key.Key_PageDown, Levels(brightness=0.05, contrast=-0.05)),
        (Qt.Key.Key_Right, Levels(brightness=0.05)),
        (Qt.Key.Key_Down, levels),
        (Qt.Key.Key_Down, Levels(brightness=-0.05)),
    ):
        plain.key(key, CTRL)
        assert plain.session.levels == changed
    assert middle(plain).lightness() < before.lightness()
    for _ in range(30):
        plain.key(Qt.Key.Key_Down, CTRL)
    assert plain.session.levels.brightness == -1.0
    assert middle(plain).lightness() < 3
    plain.key(Qt.Key.Key_0, ALT)
    assert plain.session.levels == levels
    assert middle(plain) == before


def test_channels_in_turn(plain: Opened) -> None:
    before = middle(plain)
    seen = []
    for _ in range(5):
        plain.key(Qt.Key.Key_C, ALT)
        seen.append((plain.session.levels.channel, middle(plain).red(), middle(plain).saturation()))
    assert [name for name, *_ in seen] == ["red", "green", "blue", "grey", "all"]
    assert [value for _, value, _ in seen[:3]] == [before.red(), before.green(), before.blue()]
    assert all(saturation == 0 for *_, saturation in seen[:4])
    assert middle(plain) == before


def test_the_panel_comes_by_its_key_and_turns_what_is_seen(plain: Opened, qtbot: QtBot) -> None:
    assert not plain.window.docks["adjust"].isVisible()
    plain.key(Qt.Key.Key_L, CTRL | ALT)
    assert plain.window.docks["adjust"].isVisible()
    panel = plain.window.findChild(AdjustPanel)
    assert isinstance(panel, AdjustPanel) and not panel.reset.isEnabled()
    panel.sliders["Gamma"].setValue(50)
    panel.sliders["Contrast"].setValue(-30)
    qtbot.mouseClick(panel.channels["green"], Qt.MouseButton.LeftButton)
    assert plain.session.levels == Levels(contrast=-0.3, gamma=2.0, channel="green")
    assert panel.values["Gamma"].text() == "2.00" and panel.values["Contrast"].text() == "-30"
    qtbot.mouseDClick(panel.sliders["Contrast"], Qt.MouseButton.LeftButton)
    assert plain.session.levels == Levels(gamma=2.0, channel="green")
    plain.canvas.setFocus()
    plain.key(Qt.Key.Key_Up, CTRL)
    assert panel.sliders["Brightness"].value() == 5
    qtbot.mouseClick(panel.reset, Qt.MouseButton.LeftButton)
    assert plain.session.levels == Levels() and panel.channels["all"].isChecked()
    plain.settle()


def test_it_lasts_from_picture_to_picture_and_leaves_the_file_alone(plain: Opened, tmp_path: Path) -> None:
    with Project.open(tmp_path / "p.boxwright", read_only=True) as project:
        before = list(project.rows("SELECT sha256 FROM contents ORDER BY id"))
    plain.key(Qt.Key.Key_Up, CTRL)
    plain.key(Qt.Key.Key_D)
    plain.settle()
    assert plain.session.levels == Levels(brightness=0.05)
    with Project.open(tmp_path / "p.boxwright", read_only=True) as project:
        assert list(project.rows("SELECT sha256 FROM contents ORDER BY id")) == before
    assert plain.session.next_undo is None
