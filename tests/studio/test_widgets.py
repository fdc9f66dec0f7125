"""Small widgets keep their word in little room."""

from pytestqt.qtbot import QtBot

from studio.widgets import Elided

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
