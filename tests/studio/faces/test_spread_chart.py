"""Distances of the same and of different people: counted, and told of under the pointer."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.charts.card import TITLE
from studio.faces.spread_chart import N_BINS, NO_SPREAD, Spread, SpreadChart
from studio.theme import Theme


@pytest.fixture
def chart(qtbot: QtBot, qapp: QApplication) -> SpreadChart:
    shown = SpreadChart("Where it lies", Theme(qapp, "dark"))
    qtbot.addWidget(shown)
    shown.resize(500, shown.height())
    shown.show()
    return shown


def spread() -> Spread:
    rng = np.random.default_rng(0)
    return Spread(np.sort(rng.uniform(0, 0.5, 40)), np.sort(rng.uniform(0.3, 1.2, 300)))


def test_every_distance_is_in_one_stretch(chart: SpreadChart) -> None:
    shown = spread()
    chart.show_spread(shown, 0.4, 0.31)
    edges = [part / N_BINS * chart.farthest for part in range(N_BINS + 1)]
    sums = [0, 0]
    for part in range(N_BINS):
        words = chart.told(part)
        for n, values in enumerate((shown.same, shown.different)):
            count = sum(edges[part] <= each < edges[part + 1] for each in values)
            sums[n] += count
            assert f"{('same person', 'different people')[n]} {count}" in words
    assert sums == [40, 300]


def test_the_axis_reaches_to_what_is_marked(chart: SpreadChart) -> None:
    chart.show_spread(spread(), 0.4, 3.0)
    assert chart.farthest > 3.0
    chart.show_spread(spread(), 0.4)
    assert chart.farthest < 1.3


def test_a_stretch_is_told_of(chart: SpreadChart, qtbot: QtBot) -> None:
    chart.show_spread(spread(), 0.4)
    qtbot.mouseMove(chart, QPoint(250, int(TITLE + 60)))
    assert chart.hovered >= 0
    assert "same person" in chart.told(chart.hovered)


def test_nothing_and_much_are_painted(chart: SpreadChart) -> None:
    for shown in (NO_SPREAD, Spread(np.array([0.2]), np.empty(0)), spread()):
        for tone in ("dark", "light"):
            chart.theme.choose(tone)  # type: ignore[arg-type]
            chart.show_spread(shown, 0.4, 0.2)
            assert not chart.grab().isNull()
    chart.show_spread(NO_SPREAD, float("nan"))
    assert chart.n_parts == 0
