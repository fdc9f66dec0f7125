"""What is said of what was compared with the network's own result."""

from pytestqt.qtbot import QtBot

from engine.tracing.trace import Check
from studio.inspector.checks_line import EQUAL, ChecksLine
from tests.studio.windows import Opened


def test_what_differs_is_said_and_what_is_equal_is_behind_the_line(seen: Opened, qtbot: QtBot) -> None:
    line = ChecksLine(seen.studio.theme)
    qtbot.addWidget(line)
    assert line.isHidden()
    good, bad = Check("untraced", True, "The same objects."), Check("detections", False, "12 come out instead of 13.")
    line.show_checks((good,))
    assert (line.isHidden(), line.words.text(), line.toolTip()) == (False, EQUAL, "The same objects.")
    assert line._bad.isHidden()
    line.show_checks((good, bad))
    assert line.words.text() == "12 come out instead of 13."
    assert line.toolTip() == "The same objects.\n12 come out instead of 13."
    assert line._good.isHidden()
    assert not line._bad.isHidden()
