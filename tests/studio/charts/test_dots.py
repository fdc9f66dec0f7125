"""Sizes of objects and priors: each where its width and height are, priors telling of themselves."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.charts.dots import Dots
from studio.theme import Theme


@pytest.fixture
def chart(qtbot: QtBot, qapp: QApplication) -> Dots:
    made = Dots("Sizes", Theme(qapp, "dark"))
    qtbot.addWidget(made)
    made.resize(400, made.height())
    return made


def test_larger_is_further_right_and_up(chart: Dots) -> None:
    sizes = np.array([[10.0, 10.0], [100.0, 10.0], [10.0, 100.0], [1000.0, 1000.0]])
    chart.show_sizes(sizes, sizes[:1], [4])
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = chart._places(sizes)
    assert x0 == x2 < x1 < x3
    assert y0 == y1 > y2 > y3
    assert x1 - x0 == pytest.approx((x3 - x0) / 2)
    assert chart._area().contains(QPointF(x3, y3))


def test_a_prior_tells_its_size_and_what_it_is_best_for(chart: Dots) -> None:
    priors = np.array([[12.0, 30.0], [60.0, 90.0]])
    chart.show_sizes(np.full((3, 2), 20.0), priors, [2, 1], "mean best IoU 0.7")
    x, y = chart._places(priors)[0]
    assert chart.part_at(QPointF(x + 3, y - 3)) == 0
    assert chart.told(0) == "12 x 30 px, best for 2"
    assert chart.part_at(QPointF(5, 5)) == -1
    assert not chart.grab().isNull()


def test_nothing_and_equal_sizes_are_painted_too(chart: Dots) -> None:
    assert chart.part_at(QPointF(50, 50)) == -1
    assert not chart.grab().isNull()
    chart.show_sizes(np.full((5, 2), 32.0), np.full((1, 2), 32.0), [5])
    assert not chart.grab().isNull()
