"""Every dialog that can be drawn for review opens with something in it, within the smallest window."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from studio.dialogs import DIALOGS
from tests.flows.dialogs_in_use import OPENINGS, furnish
from tests.flows.stage import Stage
from tests.studio import projects
from tests.studio.windows import Opened, dialogs

NARROW, LOW = 800, 560
ELSEWHERE = {
    "about", "cheat_sheet", "keys", "told", "fault", "job_failed", "importing", "detect", "fine_tune", "compare_runs",
    "rename_run", "take_away",
}  # fmt: skip
"""These need no content, or a training."""


def test_every_dialog_has_an_opening() -> None:
    assert {each.dialog for each in OPENINGS.values()} | ELSEWHERE == set(DIALOGS.names())


def cut(dialog: QDialog) -> list[str]:
    """Words that the dialog has too little room for."""
    shown = [label for label in dialog.findChildren(QLabel) if label.isVisible() and label.text()]
    return [label.text() for label in shown if _is_cut(label)]


def _is_cut(label: QLabel) -> bool:
    seen, hint = label.visibleRegion().boundingRect(), label.minimumSizeHint()
    if label.wordWrap():
        return seen.height() < label.heightForWidth(label.width())
    return seen.width() < hint.width() or seen.height() < hint.height()


@pytest.mark.parametrize("name", [name for name in OPENINGS if name not in ("merging", "agreement")])
def test_a_dialog_opens_with_content_and_fits(seen: Opened, tmp_path: Path, qtbot: QtBot, name: str) -> None:
    seen.open(projects.make_annotated(tmp_path / "p.boxwright", n_images=12))
    stage = Stage(seen.window, seen.studio, None)
    furnish(stage)
    opening = OPENINGS[name]
    opening.before(stage)
    seen.studio.ask.show(opening.dialog, opening.about(stage))
    dialog = seen.dialog()
    assert dialog.width() <= NARROW
    assert dialog.height() <= LOW
    stage.wait(lambda: not cut(dialog), seconds=2)
    assert cut(dialog) == []
    dialog.close()
    qtbot.waitUntil(lambda: not dialogs())
