"""The map in the corner: there while a part of the picture is seen, and dragged to look elsewhere."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from studio.canvas.minimap import Minimap
from tests.studio import projects
from tests.studio.windows import Opened

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def shown(seen: Opened, tmp_path: Path) -> Opened:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    seen.canvas.setFocus()
    return seen


def minimap(seen: Opened) -> Minimap:
    found = seen.canvas.findChild(Minimap)
    assert isinstance(found, Minimap)
    return found


def middle(seen: Opened) -> tuple[float, float]:
    x0, y0, x1, y1 = seen.canvas.viewport.visible
    return ((x0 + x1) / 2, (y0 + y1) / 2)


def test_it_is_there_while_a_part_is_seen_and_can_be_turned_off(shown: Opened) -> None:
    assert not minimap(shown).isVisible()
    shown.canvas.zoom_to((60, 40, 80, 60))
    assert minimap(shown).isVisible()
    corner = minimap(shown).geometry().bottomRight()
    assert shown.canvas.rect().contains(corner)
    assert corner.x() > shown.canvas.width() - 20 and corner.y() > shown.canvas.height() - 20
    shown.key(Qt.Key.Key_M, CTRL)
    assert not minimap(shown).isVisible()
    assert not shown.studio.settings.habits.has_map
    shown.key(Qt.Key.Key_M, CTRL)
    assert minimap(shown).isVisible()
    shown.key(Qt.Key.Key_F)
    assert not minimap(shown).isVisible()


def test_it_shows_the_picture_and_where_the_view_lies(shown: Opened) -> None:
    shown.canvas.zoom_to((20, 20, 60, 50))
    found = minimap(shown)
    per_pixel = found.width() / 160
    assert found.height() == pytest.approx(120 * per_pixel, abs=1)
    seen_x0, seen_y0, seen_x1, seen_y1 = shown.canvas.viewport.visible
    frame = found.frame
    for shown_at, image_at in (
        (frame.left(), max(0.0, seen_x0)),
        (frame.top(), max(0.0, seen_y0)),
        (frame.right(), min(160.0, seen_x1)),
        (frame.bottom(), min(120.0, seen_y1)),
    ):
        assert shown_at == pytest.approx(image_at * per_pixel, abs=0.01)
    inside, outside = frame.center().toPoint(), QPoint(found.width() - 4, found.height() - 4)
    image = found.grab().toImage()
    assert QColor(image.pixel(outside)).lightness() < QColor(image.pixel(inside)).lightness()


def test_the_rectangle_is_dragged_and_a_press_beside_it_looks_there(shown: Opened) -> None:
    shown.canvas.zoom_to((30, 30, 50, 45))
    found = minimap(shown)
    start = found.frame.center().toPoint()
    before = middle(shown)
    shown.qtbot.mousePress(found, LEFT, pos=start)
    shown.qtbot.mouseMove(found, start + QPoint(30, 20))
    shown.qtbot.mouseRelease(found, LEFT, pos=start + QPoint(30, 20))
    per_pixel = found.width() / 160
    x, y = middle(shown)
    assert x - before[0] == pytest.approx(30 / per_pixel, abs=1.5)
    assert y - before[1] == pytest.approx(20 / per_pixel, abs=1.5)
    shown.qtbot.mouseClick(found, LEFT, pos=QPoint(round(20 * per_pixel), round(100 * per_pixel)))
    assert middle(shown) == pytest.approx((20, 100), abs=1.5)


def test_it_gives_way_to_what_is_drawn(shown: Opened) -> None:
    shown.canvas.zoom_to((60, 40, 80, 60))
    shown.session.use_tool("polygon")
    found = minimap(shown)
    under = found.geometry().center()
    assert shown.canvas.childAt(under) is found
    shown.qtbot.mouseClick(shown.canvas, LEFT, pos=QPoint(100, 100))
    assert shown.canvas.childAt(under) is None and found.isVisible()
    shown.qtbot.mouseMove(shown.canvas, under)
    assert not found.isVisible()
    shown.qtbot.mouseMove(shown.canvas, QPoint(100, 200))
    assert found.isVisible()
    shown.key(Qt.Key.Key_Escape)
    assert shown.canvas.childAt(under) is found
