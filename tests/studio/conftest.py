"""The real window, closed after each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.studio import projects
from tests.studio.windows import Opened, opened


@pytest.fixture
def seen(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    """The window, shown, with nothing open in it."""
    with opened(qtbot, tmp_path / "settings.ini") as window:
        yield window


@pytest.fixture
def at_work(seen: Opened, tmp_path: Path) -> Opened:
    """The window with a project of three pictures that nobody has drawn on, and the canvas in hand."""
    seen.open(projects.make(tmp_path / "p.boxwright"))
    seen.canvas.setFocus()
    return seen
