"""How faces are decided: what is in force is shown, and a choice is told once."""

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from studio.faces.rule_pane import Deciding, RulePane

NOW = Deciding(((1, "Pixels"), (4, "Siamese")), 4, "nearest", 0.44, True, 0.01, 2.0, ("1 in 100 by this",))


@pytest.fixture
def pane(qtbot: QtBot) -> RulePane:
    shown = RulePane()
    qtbot.addWidget(shown)
    shown.resize(320, 300)
    shown.show()
    shown.show_deciding(NOW)
    return shown


def choose(qtbot: QtBot, box: QComboBox, text: str) -> None:
    """By keys, as a person does."""
    box.setFocus()
    target = box.findText(text)
    key = Qt.Key.Key_Down if target > box.currentIndex() else Qt.Key.Key_Up
    while box.currentIndex() != target:
        qtbot.keyClick(box, key)


def test_what_is_in_force_is_shown_and_not_told(pane: RulePane, qtbot: QtBot) -> None:
    assert pane.embedder.currentText() == "Siamese"
    assert pane.rule.currentText() == "Nearest template"
    assert pane.way.currentText() == "For 1 in 100"
    assert pane.number.value() == pytest.approx(0.44)
    assert pane.slider.value() == 220
    assert pane.words.text() == "1 in 100 by this"
    with (
        qtbot.assertNotEmitted(pane.threshold_wanted),
        qtbot.assertNotEmitted(pane.threshold_dragged),
        qtbot.assertNotEmitted(pane.rule_wanted),
        qtbot.assertNotEmitted(pane.far_wanted),
    ):
        pane.show_deciding(replace(NOW, rule="mean", threshold=1.0, is_automatic=False, farthest=40.0))
    assert pane.way.currentText() == "By hand"


def test_choices_are_told(pane: RulePane, qtbot: QtBot) -> None:
    with qtbot.waitSignal(pane.rule_wanted) as heard:
        choose(qtbot, pane.rule, "Middle of the templates")
    assert heard.args == ["centroid"]
    with qtbot.waitSignal(pane.embedder_wanted) as heard:
        choose(qtbot, pane.embedder, "Pixels")
    assert heard.args == [1]
    with qtbot.waitSignal(pane.far_wanted) as heard:
        choose(qtbot, pane.way, "For 1 in 200")
    assert heard.args == [0.005]
    with qtbot.waitSignal(pane.threshold_wanted) as heard:
        choose(qtbot, pane.way, "By hand")
    assert heard.args == [pytest.approx(0.44)]


def test_the_slider_tells_while_it_is_dragged_and_keeps_where_it_is_let_go(pane: RulePane, qtbot: QtBot) -> None:
    wanted: list[float] = []
    dragged: list[float] = []
    pane.threshold_wanted.connect(wanted.append)
    pane.threshold_dragged.connect(dragged.append)
    pane.slider.setSliderDown(True)
    pane.slider.setSliderPosition(500)
    assert dragged == [1.0]
    assert not wanted
    pane.slider.setSliderDown(False)
    assert wanted == [1.0]
    qtbot.keyClick(pane.slider, Qt.Key.Key_Right)
    assert wanted[-1] == pytest.approx(1.002)


def test_the_number_is_typed(pane: RulePane, qtbot: QtBot) -> None:
    pane.number.selectAll()
    qtbot.keyClicks(pane.number, "0.5")
    with qtbot.waitSignal(pane.threshold_wanted) as heard:
        qtbot.keyClick(pane.number, Qt.Key.Key_Return)
    assert heard.args == [0.5]


def test_nothing_is_there_yet(pane: RulePane) -> None:
    pane.show_deciding(Deciding((), None, "mean", math.nan, True, 0.03, 0.0))
    assert not pane.slider.isEnabled()
    assert not pane.embedder.isEnabled()
    assert pane.way.currentText() == "For 1 in 33"
