"""Curves take points as they come, in both themes, and the smoothed line is the mean that looks back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.charts.curves import Curves, smoothed
from studio.theme import Theme


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=40), st.integers(1, 12))
def test_smoothing_is_the_mean_of_the_last_values(values: list[float], n: int) -> None:
    expected = [
        sum(values[max(0, end - n) : end]) / len(values[max(0, end - n) : end]) for end in range(1, len(values) + 1)
    ]
    assert smoothed(np.array(values), n) == pytest.approx(np.array(expected), abs=1e-9)


@pytest.mark.parametrize("limits", [(None, None), (0.0, 1.0)], ids=["losses", "scores"])
def test_points_are_drawn_as_they_come(
    qtbot: QtBot, qapp: QApplication, limits: tuple[float | None, float | None]
) -> None:
    theme = Theme(qapp, "dark")
    curves = Curves("Loss", theme, low=limits[0], high=limits[1])
    qtbot.addWidget(curves)
    curves.add([("sum", step, 1 / (step + 1)) for step in range(40)])
    curves.add([("mask", 40, 0.5), ("sum", 40, 0.2)])
    _, line = curves._lines["sum"]
    assert list(line.getData()[0]) == list(range(41))
    theme.choose("light")
    curves.show()
    curves.clear()
    assert not curves._lines
