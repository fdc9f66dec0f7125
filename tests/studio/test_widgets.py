"""Small widgets keep their word in little room."""

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QLabel, QListView, QWidget
from pytestqt.qtbot import QtBot

from studio.widgets import Elided, WordsOver

FULL, SHORT = "343 left on 120 pictures", "343 left"


def test_a_line_is_said_in_fewer_words_before_it_is_cut(qtbot: QtBot) -> None:
    line = Elided()
    qtbot.addWidget(line)
    line.show_text(FULL, SHORT)
    room = line.fontMetrics().horizontalAdvance(FULL)
    shown = []
    for width in (room + 20, room - 10, 30):
        line.resize(width, 20)
        line.show()
        shown.append(line.text())
    assert shown[:2] == [FULL, SHORT]
    assert "…" in shown[2]
    assert line.toolTip() == FULL


def test_words_are_seen_over_a_view_that_still_takes_clicks(qtbot: QtBot) -> None:
    view, words = QListView(), QLabel("Nobody is known yet.")
    view.setModel(QStringListModel(["first", "second"]))
    both = WordsOver(view, words)
    qtbot.addWidget(both)
    both.resize(300, 200)
    with qtbot.waitExposed(both):
        both.show()
    with_words = both.grab().toImage()
    words.hide()
    assert both.grab().toImage() != with_words
    words.show()
    at = view.visualRect(view.model().index(1, 0)).center()
    front = both.childAt(view.viewport().mapTo(both, at))
    assert front is view.viewport()
    assert isinstance(front, QWidget)
    qtbot.mouseClick(front, Qt.MouseButton.LeftButton, pos=at)
    assert view.currentIndex().row() == 1
