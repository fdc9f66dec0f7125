"""Bars and columns: painted with nothing and with much, told of under the pointer, picked by a click."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.charts.bars import ROW, Bar, Bars
from studio.charts.card import TITLE, Card
from studio.charts.columns import LEFT, RIGHT, Columns
from studio.charts.scale import log_ticks
from studio.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "dark")


def bars(*values: float) -> list[Bar]:
    return [Bar(f"class {n}", value, "#ff0000", f"{value:g}", f"told {n}") for n, value in enumerate(values)]


def image_of(widget: QWidget) -> QImage:
    return widget.grab().toImage()


def n_of(image: QImage, colour: str, row: int) -> int:
    return sum(image.pixelColor(x, row).name() == colour for x in range(image.width()))


@given(st.floats(1e-3, 1e6), st.floats(1.01, 1e6), st.integers(2, 20))
def test_ticks_of_ratios_are_round_within_and_few(low: float, ratio: float, at_most: int) -> None:
    found = log_ticks(low, low * ratio, at_most)
    assert len(found) <= at_most
    assert found == sorted(set(found))
    for value in found:
        assert low * 0.999 <= value <= low * ratio * 1.001
        assert float(f"{value:.0e}") == pytest.approx(value)


def test_bars_are_as_long_as_their_values(qtbot: QtBot, theme: Theme) -> None:
    chart = Bars("Objects", theme)
    qtbot.addWidget(chart)
    chart.show_bars(bars(100, 50, 0, math.nan))
    chart.resize(400, chart.height())
    image = image_of(chart)
    lengths = [n_of(image, "#ff0000", int(TITLE + (n + 0.5) * ROW)) for n in range(4)]
    assert lengths[0] > 150
    assert lengths[1] == pytest.approx(lengths[0] / 2, abs=3)
    assert lengths[2:] == [0, 0]
    assert chart.height() >= TITLE + 4 * ROW


@pytest.mark.parametrize("values", [(), (0.0,), tuple(float(n) for n in range(80))])
def test_any_number_of_bars_is_painted(qtbot: QtBot, theme: Theme, values: tuple[float, ...]) -> None:
    chart = Bars("Objects", theme)
    qtbot.addWidget(chart)
    chart.show_bars(bars(*values))
    for tone in ("dark", "light"):
        theme.choose(tone)  # type: ignore[arg-type]
        assert not image_of(chart).isNull()


def picked(qtbot: QtBot, chart: Card, at: QPoint) -> list[int]:
    heard: list[int] = []
    chart.picked.connect(heard.append)
    chart.show()
    qtbot.mouseMove(chart, at)
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=at)
    return heard


def test_a_bar_is_told_of_and_picked(qtbot: QtBot, theme: Theme) -> None:
    chart = Bars("Objects", theme)
    qtbot.addWidget(chart)
    chart.show_bars(bars(5, 3, 1))
    chart.resize(400, chart.height())
    assert picked(qtbot, chart, QPoint(50, int(TITLE + 1.5 * ROW))) == [1]
    assert (chart.hovered, chart.told(chart.hovered)) == (1, "told 1")
    assert picked(qtbot, chart, QPoint(50, 5)) == []
    chart.is_clickable = False
    assert picked(qtbot, chart, QPoint(50, int(TITLE + 0.5 * ROW))) == []


@pytest.mark.parametrize("log", [False, True])
def test_a_column_is_told_of_and_picked(qtbot: QtBot, theme: Theme, log: bool) -> None:
    edges = np.geomspace(1, 1000, 4) if log else np.linspace(0, 3, 4)
    chart = Columns("Size", theme, lambda low, high, n: f"{low:g}-{high:g}: {n}", ((2.0, "two"),))
    qtbot.addWidget(chart)
    chart.show_bins(edges, [4, 0, 2], log=log)
    chart.resize(400, chart.height())
    third = (400 - LEFT - RIGHT) / 3
    for part, expected in ((0, ("1-10: 4", "0-1: 4")), (2, ("100-1000: 2", "2-3: 2"))):
        at = QPoint(int(LEFT + (part + 0.5) * third), 120)
        assert picked(qtbot, chart, at)[-1:] == [part]
        assert chart.told(part) == expected[not log]
    assert picked(qtbot, chart, QPoint(5, 120)) == [], "the axis is no column"
    image = image_of(chart)
    columns = [image.pixelColor(int(LEFT + (part + 0.5) * third), 178).name() for part in range(3)]
    assert columns[0] == theme.tones.accent
    assert columns[1] == theme.tones.surface


def test_nothing_is_no_column(qtbot: QtBot, theme: Theme) -> None:
    chart = Columns("Size", theme)
    qtbot.addWidget(chart)
    chart.show_bins(np.array([1.0, 2.0]), [0], log=True)
    assert chart.is_empty
    assert picked(qtbot, chart, QPoint(100, 100)) == []
    assert not image_of(chart).isNull()
