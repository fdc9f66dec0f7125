"""The picture of a decision: who is where, what is under the pointer, and the threshold that is dragged."""

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPixmap
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.charts.card import TITLE
from studio.faces.decision_chart import ROW, DecisionChart, Row
from studio.theme import Theme

LEFT = Qt.MouseButton.LeftButton


def face(colour: str) -> QPixmap:
    pixmap = QPixmap(40, 40)
    pixmap.fill(QColor(colour))
    return pixmap


def rows() -> tuple[Row, ...]:
    return (
        Row(7, "Anna", 0.31, (0.31, 0.4), face("#ff0000")),
        Row(3, "Bob", 0.52, (0.52,), face("#00ff00")),
        Row(4, "Cleo", 0.8, (0.8, 0.9, 1.0), None, is_excluded=True),
    )


@pytest.fixture
def chart(qtbot: QtBot, qapp: QApplication) -> DecisionChart:
    shown = DecisionChart(Theme(qapp, "dark"))
    qtbot.addWidget(shown)
    shown.show_rows(rows(), 0.44, 7, "by the nearest template")
    shown.resize(640, shown.height())
    shown.show()
    return shown


def middle(row: int) -> int:
    return int(TITLE + (row + 0.5) * ROW)


def reach(image: QImage, colour: str, y: int) -> int:
    """The rightmost pixel of a colour on a line."""
    ratio = image.devicePixelRatio()
    found = [x for x in range(2, image.width() - 2) if image.pixelColor(x, int(y * ratio)).name() == colour]
    return round(max(found) / ratio)


def test_bars_end_at_their_distances(chart: DecisionChart) -> None:
    image, tones = chart.grab().toImage(), chart.theme.tones
    assert reach(image, tones.good, middle(0) + 1) == pytest.approx(chart.x_of(0.31), abs=8)
    assert reach(image, tones.accent, middle(1) + 1) == pytest.approx(chart.x_of(0.52), abs=8)
    assert chart.x_of(0.31) < chart.x_of(0.44) < chart.x_of(0.52)


def test_the_crop_of_the_nearest_template_is_beside_its_person(chart: DecisionChart) -> None:
    image = chart.grab().toImage()
    assert image.pixelColor(30, middle(0)).name() == "#ff0000"
    assert image.pixelColor(30, middle(1)).name() == "#00ff00"


def test_a_person_is_told_of_and_picked(chart: DecisionChart, qtbot: QtBot) -> None:
    heard: list[int] = []
    chart.picked.connect(heard.append)
    at = QPoint(60, middle(2))
    qtbot.mouseMove(chart, at)
    assert chart.told(chart.hovered) == "Cleo: 0.800, templates from 0.800 to 1; you said it is not"
    qtbot.mouseClick(chart, LEFT, pos=at)
    assert heard == [2]


def test_the_threshold_is_dragged(chart: DecisionChart, qtbot: QtBot) -> None:
    dragged: list[float] = []
    wanted: list[float] = []
    chart.threshold_dragged.connect(dragged.append)
    chart.threshold_wanted.connect(wanted.append)
    picked: list[int] = []
    chart.picked.connect(picked.append)
    target = round(chart.x_of(0.6))
    qtbot.mousePress(chart, LEFT, pos=QPoint(round(chart.x_of(0.44)) + 2, middle(1)))
    qtbot.mouseMove(chart, QPoint(target, middle(1)))
    assert dragged[-1] == pytest.approx(0.6, abs=0.01)
    assert not wanted
    qtbot.mouseRelease(chart, LEFT, pos=QPoint(target, middle(1)))
    assert wanted == [pytest.approx(0.6, abs=0.01)]
    assert not picked


def test_keys_go_from_person_to_person(chart: DecisionChart, qtbot: QtBot) -> None:
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Down)
    qtbot.keyClick(chart, Qt.Key.Key_Down)
    assert chart.hovered == 1
    with qtbot.waitSignal(chart.picked) as heard:
        qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert heard.args == [1]


@pytest.mark.parametrize("n_people", [0, 1, 60])
def test_any_number_of_people_is_painted(chart: DecisionChart, n_people: int) -> None:
    some = rows()
    shown = [some[n % 3] for n in range(n_people)]
    for threshold in (math.nan, 0.0, 5.0):
        chart.show_rows(shown, threshold, None)
        for tone in ("dark", "light"):
            chart.theme.choose(tone)  # type: ignore[arg-type]
            assert not chart.grab().isNull()
