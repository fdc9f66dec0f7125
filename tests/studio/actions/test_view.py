"""What the View menu does to the canvas."""

import io
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from studio.settings import Settings
from studio.view_state import Selection
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


def test_the_crosshair_is_turned_off_for_good(shown: Opened) -> None:
    shown.session.use_tool("box")
    at = QPoint(*shown.view_point(40, 40))
    shown.qtbot.mouseMove(shown.canvas, at)
    with_lines = shown.canvas.grab().toImage()
    shown.key(Qt.Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    without = shown.canvas.grab().toImage()
    columns = [x for x in range(with_lines.width()) if with_lines.pixel(x, 5) != without.pixel(x, 5)]
    assert columns and all(abs(x - at.x()) <= 3 for x in columns)
    assert not Settings(Path(shown.studio.settings.path)).habits.crosshair


def test_the_wheel_moves_the_picture_where_that_is_wanted(shown: Opened) -> None:
    shown.canvas.zoom_to((60, 40, 80, 60))
    middle = QPointF(shown.canvas.rect().center())
    scale, y = shown.canvas.viewport.scale, shown.canvas.viewport.y
    shown.window.menus.action("view.wheel_pans").trigger()
    turn(shown, middle)
    assert shown.canvas.viewport.scale == scale and shown.canvas.viewport.y > y
    turn(shown, middle, Qt.KeyboardModifier.ControlModifier)
    assert shown.canvas.viewport.scale > scale
    shown.window.menus.action("view.wheel_pans").trigger()
    scale = shown.canvas.viewport.scale
    turn(shown, middle)
    assert shown.canvas.viewport.scale > scale


def turn(seen: Opened, at: QPointF, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """One notch of the wheel away from the person."""
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, at, QPoint(), QPoint(0, 120), none, held, phase, False)
    QApplication.sendEvent(seen.canvas, event)


def test_the_status_bar_says_where_the_pointer_is_and_what_colour_is_there(shown: Opened) -> None:
    shown.qtbot.mouseMove(shown.canvas, QPoint(*shown.view_point(10.5, 20.5)))
    assert shown.session.project is not None
    pixels = Image.open(io.BytesIO(projects.picture(0))).convert("RGB")
    colour = pixels.getpixel((10, 20))
    assert isinstance(colour, tuple)
    values = str(colour[0]) if len(set(colour)) == 1 else " ".join(map(str, colour))
    assert shown.window.status._where.text() == f"10, 20   {values}"
