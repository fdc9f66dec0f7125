"""What the View menu does to the canvas."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from studio.session import Selection
from tests.studio import projects
from tests.studio.windows import Opened


@pytest.fixture
def shown(seen: Opened, tmp_path: Path) -> Opened:
    seen.open(projects.make_annotated(tmp_path / "p.boxwright"))
    seen.canvas.setFocus()
    return seen


def test_the_selection_is_zoomed_to(shown: Opened) -> None:
    before = shown.canvas.viewport
    shown.key(Qt.Key.Key_Z)
    assert shown.canvas.viewport == before  # nothing is selected
    shown.session.select(Selection(annotations=frozenset({2})))
    x0, y0, x1, y1 = shown.canvas.annotations[2].shape.bounds
    shown.key(Qt.Key.Key_Z)
    shown.qtbot.waitUntil(lambda: shown.canvas.viewport != before)
    seen_x0, seen_y0, seen_x1, seen_y1 = shown.canvas.viewport.visible
    assert seen_x0 < x0 and seen_y0 < y0 and seen_x1 > x1 and seen_y1 > y1
    assert shown.canvas.viewport.scale > before.scale
