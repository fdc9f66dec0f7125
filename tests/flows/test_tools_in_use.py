"""Every tool of the seam on the real window, by pointer and keys: it shows what it does, and Escape leaves nothing."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from engine.project import annotations
from engine.project.store import Project
from studio.tools import TOOLS, Preview
from tests.flows.tools_in_use import USES, Hands, use
from tests.studio import projects
from tests.studio.windows import Opened, dialogs


def test_every_tool_has_a_use() -> None:
    assert set(USES) == set(TOOLS.names())


@pytest.mark.parametrize("name", USES)
def test_a_tool_shows_what_it_does_and_escape_leaves_nothing(seen: Opened, tmp_path: Path, name: str) -> None:
    path = projects.make_annotated(tmp_path / "p.boxwright", n_images=1)
    seen.open(path)
    hands = Hands(seen.window, seen.studio, seen.canvas)
    hands.canvas.setFocus()
    before, n_stored = hands.canvas.grab().toImage(), stored(path)
    use(hands, name)
    assert shows_anything(seen.canvas._hand.preview)
    assert hands.canvas.grab().toImage() != before
    assert not dialogs()
    for _ in range(3):
        hands.key(Qt.Key.Key_Escape)
    hands.let_go(hands.object[:2])
    QApplication.processEvents()
    hands.settle()
    assert stored(path) == n_stored


def shows_anything(preview: Preview) -> bool:
    parts = (preview.shapes, preview.carried, preview.line, preview.dots, preview.band, preview.circle, preview.notice)
    return any(parts)


def stored(path: Path) -> int:
    with Project.open(path, read_only=True) as project:
        return annotations.count(project)
