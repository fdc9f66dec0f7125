"""The map by pointer and keys: clicks, lasso, rectangle, pan and zoom; drawn in a thread, also ten thousand points."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.faces.map_marks import colour_of, mark_image
from studio.faces.map_picture import MapPicture
from studio.faces.map_points import MapPoints, placed
from studio.theme import Theme

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def points_of(n: int, n_people: int = 4) -> MapPoints:
    """Faces on a grid, so that none lies on another."""
    columns = int(np.ceil(np.sqrt(n)))
    spots = np.stack([np.arange(n) % columns, np.arange(n) // columns], axis=1).astype(np.float64)
    people = np.arange(n) % n_people
    return MapPoints(np.arange(n) + 100, placed(spots), people, people > 0, np.arange(n) == 2)


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication) -> MapPicture:
    theme = Theme(qapp, "dark")
    face = QPixmap(64, 64)
    face.fill(QColor("#ff00ff"))
    picture = MapPicture(theme, lambda _: face, lambda each: f"face {each}")
    qtbot.addWidget(picture)
    picture.resize(600, 400)
    picture.show()
    picture.show_points(points_of(16))
    picture.selection_wanted.connect(picture.show_chosen)
    settle(picture, qtbot)
    return picture


def settle(picture: MapPicture, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: picture.is_settled, timeout=5_000)


def at(picture: MapPicture, row: int) -> QPoint:
    return picture.widget_point(row).toPoint()


def drag(picture: MapPicture, qtbot: QtBot, *way: QPoint, modifier: Qt.KeyboardModifier | None = None) -> None:
    held = Qt.KeyboardModifier.NoModifier if modifier is None else modifier
    qtbot.mousePress(picture, LEFT, held, way[0])
    for each in way[1:]:
        qtbot.mouseMove(picture, each)
    qtbot.mouseRelease(picture, LEFT, held, way[-1])


def around(picture: MapPicture, *rows: int) -> list[QPoint]:
    """The corners of a frame around some faces, clockwise and back."""
    spots = [at(picture, row) for row in rows]
    x0, x1 = min(p.x() for p in spots) - 20, max(p.x() for p in spots) + 20
    y0, y1 = min(p.y() for p in spots) - 20, max(p.y() for p in spots) + 20
    return [QPoint(x0, y0), QPoint(x1, y0), QPoint(x1, y1), QPoint(x0, y1), QPoint(x0, y0 + 2)]


def test_a_face_is_hovered_and_clicked(shown: MapPicture, qtbot: QtBot) -> None:
    qtbot.mouseMove(shown, at(shown, 5))
    assert shown.hovered == 5
    assert shown.accessibleDescription() == "face 105"
    qtbot.mouseClick(shown, LEFT, pos=at(shown, 5))
    assert shown.chosen == {105}
    qtbot.mouseClick(shown, LEFT, SHIFT, at(shown, 6))
    assert shown.chosen == {105, 106}
    qtbot.mouseClick(shown, LEFT, CONTROL, at(shown, 5))
    assert shown.chosen == {106}
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert shown.chosen == frozenset()


def test_a_lasso_selects_what_it_encloses(shown: MapPicture, qtbot: QtBot) -> None:
    drag(shown, qtbot, *around(shown, 0, 5))
    assert shown.chosen == {100, 101, 104, 105}
    drag(shown, qtbot, *around(shown, 10), modifier=SHIFT)
    assert shown.chosen == {100, 101, 104, 105, 110}


def test_a_rectangle_selects_what_is_in_it(shown: MapPicture, qtbot: QtBot) -> None:
    shown.way = "rectangle"
    corners = around(shown, 0, 5)
    drag(shown, qtbot, corners[2], corners[0])
    assert shown.chosen == {100, 101, 104, 105}


def test_escape_gives_up_an_outline(shown: MapPicture, qtbot: QtBot) -> None:
    corners = around(shown, 0, 5)
    qtbot.mousePress(shown, LEFT, pos=corners[0])
    for each in corners[1:]:
        qtbot.mouseMove(shown, each)
    shown.grab()
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    qtbot.mouseRelease(shown, LEFT, pos=corners[-1])
    assert shown.chosen == frozenset()


def test_the_wheel_keeps_what_is_under_the_pointer(shown: MapPicture, qtbot: QtBot) -> None:
    spot = shown.widget_point(5)
    wheel = QWheelEvent(
        spot, QPointF(shown.mapToGlobal(spot.toPoint())), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    before = shown.viewport.scale
    QApplication.sendEvent(shown, wheel)
    assert shown.viewport.scale > before
    assert (shown.widget_point(5) - spot).manhattanLength() < 3
    qtbot.keyClick(shown, Qt.Key.Key_0)
    assert shown.viewport.scale == pytest.approx(before)


def test_the_middle_button_and_space_move_the_map(shown: MapPicture, qtbot: QtBot) -> None:
    before = shown.widget_point(5)
    qtbot.mousePress(shown, MIDDLE, pos=QPoint(300, 200))
    qtbot.mouseMove(shown, QPoint(340, 210))
    qtbot.mouseRelease(shown, MIDDLE, pos=QPoint(340, 210))
    assert (shown.widget_point(5) - before - QPointF(40, 10)).manhattanLength() < 2
    qtbot.keyPress(shown, Qt.Key.Key_Space)
    drag(shown, qtbot, QPoint(340, 210), QPoint(300, 200))
    qtbot.keyRelease(shown, Qt.Key.Key_Space)
    assert (shown.widget_point(5) - before).manhattanLength() < 2
    assert shown.chosen == frozenset()


def test_crops_are_shown_where_there_is_room(shown: MapPicture, qtbot: QtBot) -> None:
    assert len(shown.tiled) == 16
    assert shown.grab().toImage().pixelColor(at(shown, 5)).name() == "#ff00ff"
    shown.show_points(points_of(3_000))
    assert not len(shown.tiled)
    for _ in range(14):
        shown.zoom_by(1.25, shown.widget_point(1_500))
    assert len(shown.tiled)


def test_marks_have_the_colours_of_their_people_and_outliers_a_ring(shown: MapPicture, qtbot: QtBot) -> None:
    shown.show_points(points_of(900))
    settle(shown, qtbot)
    image, tones = shown.grab().toImage(), shown._theme.tones
    for row in (1, 5, 401):
        assert image.pixelColor(at(shown, row)).name() == colour_of(row % 4, tones).name()
    ring = at(shown, 2) + QPoint(6, 6)
    found = [image.pixelColor(ring + QPoint(n, m)).name() for n in (-1, 0, 1) for m in (-1, 0, 1)]
    assert QColor(tones.warn).name() in found


def test_ten_thousand_points_are_drawn_in_a_thread(shown: MapPicture, qtbot: QtBot) -> None:
    shown.show_points(points_of(10_000, 60))
    assert not shown.is_settled
    shown.grab()
    settle(shown, qtbot)
    drag(shown, qtbot, QPoint(1, 1), QPoint(599, 1), QPoint(599, 399), QPoint(1, 399))
    assert len(shown.chosen) == 10_000
    for tone in ("light", "dark"):
        shown._theme.choose(tone)
        settle(shown, qtbot)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("person", [-1, 0, 1, 2, 3, 4, 5, 8])
def test_the_legend_shows_the_mark_of_the_map(qapp: QApplication, person: int, ratio: float) -> None:
    tones = Theme(qapp, "dark").tones
    image = mark_image(person, tones, ratio)
    wide, high = image.width() // 2, image.height() // 2
    seen = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    most = max(seen, key=QColor.alpha)
    assert most.alpha() == 255, "at any scale of the screen"
    assert most.rgb() == colour_of(person, tones).rgb()
    assert (image.pixelColor(wide, high).alpha() == 0) == (person < 0), "only a mark of nobody is hollow"
