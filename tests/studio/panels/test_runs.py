"""The list of runs shows what became of their suggestions, also as it changes."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.project.edits import DecideDetections
from studio.panels.runs import DISTANCE, HEADINGS, RATE, RunPanel
from tests.studio import projects
from tests.studio.windows import Opened


def test_accept_rate_and_edit_distance_follow(seen: Opened, tmp_path: Path, qtbot: QtBot) -> None:
    seen.open(projects.make_annotated(tmp_path / "p.boxwright"))
    seen.window.raise_dock("runs")
    panel = seen.window.docks["runs"].widget()
    qtbot.waitUntil(lambda: isinstance(seen.window.docks["runs"].widget(), RunPanel))
    panel = seen.window.docks["runs"].widget()
    assert isinstance(panel, RunPanel)
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 1)

    def shown(column: int, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> object:
        return panel.rows.data(panel.rows.index(0, column), role)

    assert (HEADINGS[RATE], HEADINGS[DISTANCE]) == ("Accept rate", "Edit distance")
    assert (shown(RATE), shown(DISTANCE)) == ("", "")
    seen.session.do(DecideDetections((1, 2, 3), "accepted"))
    seen.session.do(DecideDetections((4,), "rejected"))
    qtbot.waitUntil(lambda: shown(RATE) == "75%", timeout=10_000)
    assert shown(DISTANCE) == "0.00"
    assert shown(RATE, Qt.ItemDataRole.ToolTipRole) == "cell: 75% of 4 accepted, edit distance 0.00"
