"""The real window, closed after each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.studio.windows import Opened, opened


@pytest.fixture
def seen(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    """The window, shown, with nothing open in it."""
    with opened(qtbot, tmp_path / "settings.ini") as window:
        yield window
