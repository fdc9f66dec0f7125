"""The real window for the flows, which makes ahead what will be wanted, as it does for people."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.studio.conftest import at_work
from tests.studio.windows import Opened, opened

__all__ = ["at_work", "seen"]


@pytest.fixture
def seen(qtbot: QtBot, tmp_path: Path) -> Iterator[Opened]:
    """The window, shown, with nothing open in it."""
    with opened(qtbot, tmp_path / "settings.ini", works_ahead=True) as window:
        yield window
