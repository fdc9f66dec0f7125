"""The map in the corner: there while a part of the picture is seen, and dragged to look elsewhere."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from studio.canvas.minimap import Minimap
from tests.studio.windows import Opened

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


def minimap(seen: Opened) -> Minimap:
    found = seen.canvas.findChild(Minimap)
    assert isinstance(found, Minimap)
    return found


def middle(seen: Opened) -> tuple[float, float]:
    x0, y0, x1, y1 = seen.canvas.viewport.visible
    return ((x0 + x1) / 2, (y0 + y1) / 2)


def test_it_is_there_while_a_part_is_seen_and_can_be_turned_off(at_work: Opened) -> None:
    assert not minimap(at_work).isVisible()
    at_work.canvas.zoom_to((60, 40, 80, 60))
    assert minimap(at_work).isVisible()
    corner = minimap(at_work).geometry().bottomRight()
    assert at_work.canvas.rect().contains(corner)
    assert corner.x() > at_work.canvas.width() - 20 and corner.y() > at_work.canvas.height() - 20
    at_work.key(Qt.Key.Key_M, CTRL)
    assert not minimap(at_work).isVisible()
    assert not at_work.studio.settings.habits.has_map
    at_work.key(Qt.Key.Key_M, CTRL)
    assert minimap(at_work).isVisible()
    at_work.key(Qt.Key.Key_F)
    assert not minimap(at_work).isVisible()


def test_it_shows_the_picture_and_where_the_view_lies(at_work: Opened) -> None:
    at_work.canvas.zoom_to((20, 20, 60, 50))
    found = minimap(at_work)
    per_pixel = found.width() / 160
    assert found.height() == pytest.approx(120 * per_pixel, abs=1)
    seen_x0, seen_y0, seen_x1, seen_y1 = at_work.canvas.viewport.visible
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


def test_the_rectangle_is_dragged_and_a_press_beside_it_looks_there(at_work: Opened) -> None:
    at_work.canvas.zoom_to((30, 30, 50, 45))
    found = minimap(at_work)
    start = found.frame.center().toPoint()
    before = middle(at_work)
    at_work.qtbot.mousePress(found, LEFT, pos=start)
    at_work.qtbot.mouseMove(found, start + QPoint(30, 20))
    at_work.qtbot.mouseRelease(found, LEFT, pos=start + QPoint(30, 20))
    per_pixel = found.width() / 160
    x, y = middle(at_work)
    assert x - before[0] == pytest.approx(30 / per_pixel, abs=1.5)
    assert y - before[1] == pytest.approx(20 / per_pixel, abs=1.5)
    at_work.qtbot.mouseClick(found, LEFT, pos=QPoint(round(20 * per_pixel), round(100 * per_pixel)))
    assert middle(at_work) == pytest.approx((20, 100), abs=1.5)


def test_it_gives_way_to_what_is_drawn(at_work: Opened) -> None:
    at_work.canvas.zoom_to((60, 40, 80, 60))
    at_work.session.use_tool("polygon")
    found = minimap(at_work)
    under = found.geometry().center()
    assert at_work.canvas.childAt(under) is found
    at_work.qtbot.mouseClick(at_work.canvas, LEFT, pos=QPoint(100, 100))
    assert at_work.canvas.childAt(under) is None and found.isVisible()
    at_work.qtbot.mouseMove(at_work.canvas, under)
    assert not found.isVisible()
    at_work.qtbot.mouseMove(at_work.canvas, QPoint(100, 200))
    assert found.isVisible()
    at_work.key(Qt.Key.Key_Escape)
    assert at_work.canvas.childAt(under) is found
