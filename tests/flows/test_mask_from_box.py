"""Mask from box on the real window: the network of a trained run answers while a box is dragged by the pointer."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest

from engine.geometry.shapes import Box, Mask, Polygon, Shape
from engine.project import annotations
from engine.project.edits import AddAnnotations
from engine.project.records import Annotation
from engine.project.store import Project
from studio.tools import Preview
from studio.view_state import Selection
from tests.engine.training.conftest import trained_file
from tests.studio import projects
from tests.studio.windows import Opened

__all__ = ["trained_file"]

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
PATIENCE = 60_000
"""The network is loaded by a process of its own."""


@pytest.fixture
def path(trained_file: Path, tmp_path: Path) -> Path:
    """A project with one small Mask R-CNN, trained for a moment."""
    return Path(shutil.copy(trained_file, tmp_path / "trained.boxwright"))


def stored(path: Path) -> dict[int, Shape]:
    with Project.open(path, read_only=True) as project:
        return {each.id: each.shape for each in annotations.of_image(project, 1)}


def shown(seen: Opened) -> Preview:
    return seen.canvas._hand.preview


def drag(seen: Opened, *corners: tuple[float, float]) -> None:
    """Press at the first of these points of the picture and drag through the others, without letting go."""
    points = [QPoint(*seen.view_point(*corner)) for corner in corners]
    QTest.mouseMove(seen.canvas, points[0])
    QTest.mousePress(seen.canvas, LEFT, pos=points[0])
    for point in points[1:]:
        QTest.mouseMove(seen.canvas, point)


def let_go(seen: Opened, corner: tuple[float, float]) -> None:
    with seen.qtbot.waitSignal(seen.session.saved, timeout=PATIENCE):
        QTest.mouseRelease(seen.canvas, LEFT, pos=QPoint(*seen.view_point(*corner)))


@pytest.mark.slow
def test_masks_of_boxes_drawn_and_selected(seen: Opened, path: Path) -> None:
    seen.open(path)
    before = stored(path)
    the_mask_appears_while_the_box_is_dragged_and_letting_go_keeps_it(seen, path, before)
    selected_boxes_become_masks_as_one_edit(seen, path)
    for _ in range(4):
        with seen.qtbot.waitSignal(seen.session.saved):
            seen.key(Qt.Key.Key_Z, CONTROL)
    assert stored(path) == before


def the_mask_appears_while_the_box_is_dragged_and_letting_go_keeps_it(
    seen: Opened, path: Path, before: dict[int, Shape]
) -> None:
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_J)
    seen.qtbot.waitUntil(lambda: shown(seen).hint.startswith("Drag a box"), timeout=PATIENCE)
    drag(seen, (4, 4), (30, 30), (60, 60), (80, 80))
    seen.qtbot.waitUntil(lambda: bool(shown(seen).shapes), timeout=PATIENCE)
    assert isinstance(shown(seen).shapes[0], Mask)
    let_go(seen, (80, 80))
    assert [type(shape) for id_, shape in stored(path).items() if id_ not in before] == [Mask]

    seen.key(Qt.Key.Key_O)  # outlines from now on
    drag(seen, (4, 4), (40, 40), (80, 80))
    let_go(seen, (80, 80))
    assert sum(isinstance(shape, Polygon) for shape in stored(path).values()) == 1


def selected_boxes_become_masks_as_one_edit(seen: Opened, path: Path) -> None:
    boxes = [Box(4, 4, 80, 80), Box(10, 20, 70, 90)]
    with seen.qtbot.waitSignal(seen.session.saved):
        seen.session.do(AddAnnotations(tuple(Annotation(0, 1, 1, box) for box in boxes)))
    ids = [id_ for id_, shape in stored(path).items() if shape in boxes]
    seen.session.select(Selection(annotations=frozenset(ids)))
    with seen.qtbot.waitSignal(seen.session.saved, timeout=PATIENCE):
        action(seen).trigger()
    assert all(isinstance(stored(path)[id_], Mask) for id_ in ids)


def test_without_a_trained_network_the_window_says_what_to_do(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    seen.canvas.setFocus()
    seen.key(Qt.Key.Key_J)
    seen.qtbot.waitUntil(lambda: "Fine-tune a Mask R-CNN" in seen.canvas._hand.preview.notice)
    assert not seen.studio.jobs._lanes  # no process is started only to say so
    drag(seen, (20, 20), (60, 60))
    QTest.mouseRelease(seen.canvas, LEFT, pos=QPoint(*seen.view_point(60, 60)))
    assert "Fine-tune a Mask R-CNN" in seen.canvas._hand.preview.notice
    assert stored(tmp_path / "p.boxwright") == {}


def action(seen: Opened) -> QAction:
    found = seen.window.findChild(QAction, "shape.boxes_to_masks")
    assert isinstance(found, QAction) and found.isEnabled()
    return found
