"""Curves take points as they come and are painted in both themes, with nothing, with one point and with many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.charts.curves import Curves, Line, merged
from studio.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "dark")


def colours(curves: Curves) -> set[str]:
    image: QImage = curves.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_points_are_added_and_newer_ones_replace(qtbot: QtBot, theme: Theme) -> None:
    curves = Curves("Loss", theme)
    qtbot.addWidget(curves)
    curves.add([("sum", step, 1.0) for step in range(40)])
    curves.add([("mask", 40, 0.5), ("sum", 39, 16.0)])
    assert list(curves.lines["sum"].steps) == list(range(40))
    assert curves.lines["sum"].values[-1] == 16.0
    assert curves.lines["sum"].shown[-1] == pytest.approx(2.0)  # of the last 15
    curves.clear()
    assert not curves.lines


@pytest.mark.parametrize("limits", [None, (0.0, 1.0)], ids=["losses", "scores"])
@pytest.mark.parametrize("n", [0, 1, 5000])
def test_any_number_of_points_is_painted(
    qtbot: QtBot, theme: Theme, limits: tuple[float, float] | None, n: int
) -> None:
    curves = Curves("Loss", theme, limits=limits)
    qtbot.addWidget(curves)
    curves.resize(320, 140)
    empty = colours(curves)
    curves.add([("sum", step, float(np.sin(step)) ** 2) for step in range(n)])
    assert (colours(curves) > empty) == (n > 0)


def test_the_first_steps_do_not_press_all_later_ones_flat(qtbot: QtBot, theme: Theme) -> None:
    curves = Curves("Loss", theme)
    qtbot.addWidget(curves)
    curves.add([("sum", step, 100.0) for step in range(3)])
    assert curves._frame().high == 100.0  # few points are shown whole
    curves.add([("sum", step, 1.0 + step % 2) for step in range(3, 2000)])
    assert 1.5 < curves._frame().high < 2.5


def test_names_without_room_are_counted(qtbot: QtBot, theme: Theme, monkeypatch: pytest.MonkeyPatch) -> None:
    curves = Curves("Loss", theme)
    qtbot.addWidget(curves)
    curves.resize(420, 120)
    names = [f"a rather long name {at}" for at in range(4)]
    curves.add([(name, 1, 0.5) for name in names])
    with_some = curves.grab().toImage()
    assert 0 < len(curves._legend(None)) < 4
    monkeypatch.setattr(Curves, "_paint_more", lambda *_: None)  # what the chart is without the count
    assert curves.grab().toImage() != with_some


def test_the_theme_is_followed(qtbot: QtBot, theme: Theme) -> None:
    curves = Curves("Loss", theme)
    qtbot.addWidget(curves)
    curves.add([("sum", step, 1 / (step + 1)) for step in range(50)])
    assert theme.tones.surface in colours(curves)
    theme.choose("light")
    assert theme.tones.surface in colours(curves)


def test_the_pointer_reads_values(qtbot: QtBot, theme: Theme) -> None:
    curves = Curves("Loss", theme, limits=(0.0, 1.0))
    qtbot.addWidget(curves)
    curves.resize(400, 160)
    curves.add([("AP", step, step / 100) for step in range(101)])
    curves.show()
    before = curves.grab().toImage()
    qtbot.mouseMove(curves, QPoint(200, 80))
    assert curves.grab().toImage() != before
    assert curves.lines["AP"].at(49.7) == 0.5


points = st.dictionaries(st.integers(0, 60), st.floats(-9, 9), min_size=1)


@given(st.lists(points, min_size=1, max_size=4))
def test_what_comes_in_parts_is_as_if_it_came_at_once(parts: list[dict[int, float]]) -> None:
    whole: dict[int, float] = {}
    line: Line | None = None
    for part in parts:
        whole |= part
        steps, values = np.array(sorted(part.items()), dtype=np.float64).T
        if line is not None:
            steps, values = merged(line, steps, values)
        line = Line(steps, values, values)
    assert line is not None
    assert dict(zip(line.steps, line.values, strict=True)) == whole
    assert list(line.steps) == sorted(whole)
