"""Tables, matrices, plots and reliability: painted, told of, picked by pointer and by keyboard, saved."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.charts.card import TITLE, Card
from studio.charts.matrix import Matrix
from studio.charts.plot import LEFT, STRETCHES, Plot, Trail
from studio.charts.reliability import Reliability, Step
from studio.charts.saving import drawn
from studio.charts.table import ROW, Heading, Line, Table
from studio.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "dark")


def shown(qtbot: QtBot, card: Card, width: int = 480) -> Card:
    qtbot.addWidget(card)
    card.resize(width, max(card.minimumHeight(), 100))
    card.show()
    card.activateWindow()
    return card


def table(theme: Theme, qtbot: QtBot, width: int = 480) -> Table:
    made = Table("Classes", theme, "Class")
    values = {"cat": (3.0, None), "ant": (1.0, 0.5), "dog": (2.0, 0.9)}
    lines = [Line(name, tuple(map(str, row)), row, ("a", "b"), "#ff0000") for name, row in values.items()]
    made.show_lines([Heading("Objects", "annotated"), Heading("AP", "precision")], lines)
    shown(qtbot, made, width)
    return made


def cell(made: Table, line: int, column: int) -> QPoint:
    place = made._places()[column]
    return QPoint(int(place.center().x()), int(TITLE + (line + 0.5) * ROW))


def names(made: Table) -> list[str]:
    return [made.lines[row].name for row in made.order]


def test_a_click_on_a_title_sorts_and_another_turns_it_round(qtbot: QtBot, theme: Theme) -> None:
    made = table(theme, qtbot)
    assert names(made) == ["cat", "ant", "dog"]
    for column, orders in ((1, (["cat", "dog", "ant"], ["ant", "dog", "cat"])),
                           (2, (["dog", "ant", "cat"], ["ant", "dog", "cat"])),
                           (0, (["ant", "cat", "dog"], ["dog", "cat", "ant"]))):  # fmt: skip
        for order in orders:
            qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=cell(made, 0, column))
            assert names(made) == order, "what has no value is last either way"


def test_a_cell_is_picked_as_it_was_given_however_the_table_is_sorted(qtbot: QtBot, theme: Theme) -> None:
    made = table(theme, qtbot)
    heard: list[tuple[int, int]] = []
    made.cell_picked.connect(lambda *at: heard.append(at))
    made.sort_by(1)
    qtbot.mouseMove(made, cell(made, 1, 2))
    assert made.told(made.hovered) == "b"
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=cell(made, 1, 2))
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=cell(made, 3, 0))
    assert heard == [(2, 1), (0, -1)]


def test_a_table_by_keyboard(qtbot: QtBot, theme: Theme) -> None:
    made = table(theme, qtbot)
    heard: list[tuple[int, int]] = []
    made.cell_picked.connect(lambda *at: heard.append(at))
    made.setFocus()
    keys = Qt.Key
    for key in (keys.Key_Right, keys.Key_Right, keys.Key_Return):
        qtbot.keyClick(made, key)
    assert made.sorted_by == (0, True), "the title of the first column"
    for key in (keys.Key_Down, keys.Key_Down, keys.Key_Right, keys.Key_Right, keys.Key_Space, keys.Key_Down,
                keys.Key_Down, keys.Key_Down, keys.Key_Enter):  # fmt: skip
        qtbot.keyClick(made, key)
    assert heard == [(2, 1), (1, 1)]
    assert made.accessibleDescription() == "b"


def test_columns_without_room_are_named_instead(qtbot: QtBot, theme: Theme) -> None:
    made = table(theme, qtbot)
    assert (made.n_shown, made.note) == (2, "")
    made.resize(120, made.height())
    assert made.n_shown < 2
    assert "AP" in made.note


def test_the_cells_of_a_matrix(qtbot: QtBot, theme: Theme) -> None:
    made = Matrix("Confusion", theme, "detected", "annotated")
    made.show_counts(["a", "b", "nothing"], np.array([[8, 2, 0], [0, 0, 4], [1, 0, 0]]))
    shown(qtbot, made)
    left, top, wide, high = made._grid()
    heard: list[int] = []
    made.picked.connect(heard.append)
    at = QPoint(int(left + 1.5 * wide), int(top + 0.5 * high))
    qtbot.mouseMove(made, at)
    assert made.told(made.hovered) == "a → b: 2, 20% of the row"
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=at)
    made.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(made, key)
    assert heard == [1, 5]
    for shares, expected in (("counts", 2 / 8), ("rows", 0.2), ("columns", 1.0)):
        made.show_shares(shares)  # type: ignore[arg-type]
        assert made.values[0, 1] == pytest.approx(expected)
        assert made.values[2, 2] == 0


@pytest.mark.parametrize("n", [0, 1, 21])
@pytest.mark.parametrize("width", [300, 900])
def test_every_cell_of_a_matrix_is_within_it(qtbot: QtBot, theme: Theme, n: int, width: int) -> None:
    made = Matrix("Confusion", theme, "detected", "annotated")
    made.show_counts([f"class number {at}" for at in range(n)], np.arange(n * n).reshape(n, n))
    shown(qtbot, made, width)
    made.resize(width, made.height())
    left, top, wide, high = made._grid()
    assert left + n * wide <= width
    assert top + n * high <= made.height()
    assert not made.grab().toImage().isNull()


def plot(theme: Theme, qtbot: QtBot) -> Plot:
    made = Plot("Curves", theme, ("recall", "precision"), lambda line, at: f"{line}/{at}")
    x = np.linspace(0, 1, 11)
    made.show_trails([Trail("high", x, np.full(11, 0.9), "#ff0000"), Trail("low", x, np.full(11, 0.1), "#00ff00")])
    shown(qtbot, made)
    return made


def test_the_nearest_point_of_the_nearest_line_is_picked(qtbot: QtBot, theme: Theme) -> None:
    made = plot(theme, qtbot)
    area = made._area()
    heard: list[int] = []
    made.picked.connect(heard.append)
    at = QPointF(area.left() + 0.31 * area.width(), area.bottom() - 0.12 * area.height()).toPoint()
    qtbot.mouseMove(made, at)
    assert made.told(made.hovered) == "1/3"
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=at)
    assert [made.place(part) for part in heard] == [(1, 3)]
    assert made.part_at(QPointF(area.center())) == -1, "no line is near"
    made.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Return):
        qtbot.keyClick(made, key)
    assert made.place(heard[-1]) == (0, 2)


def test_the_mark_is_dragged_within_the_axis(qtbot: QtBot, theme: Theme) -> None:
    made = plot(theme, qtbot)
    heard: list[float] = []
    made.marked.connect(heard.append)
    middle = int(made._area().center().y())
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=QPoint(int(LEFT) + 50, middle))
    assert heard == [], "there is no mark"
    made.show_mark(0.5)
    qtbot.mousePress(made, Qt.MouseButton.LeftButton, pos=QPoint(int(made._area().center().x()), middle))
    assert heard[-1] == pytest.approx(0.5, abs=0.01)
    qtbot.mouseMove(made, QPoint(0, middle))
    qtbot.mouseRelease(made, Qt.MouseButton.LeftButton, pos=QPoint(0, middle))
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=QPoint(2, middle))
    assert heard[-1] == 0.0


def test_a_line_of_very_many_points_is_thinned_and_tells_of_the_points_it_was_given(qtbot: QtBot, theme: Theme) -> None:
    made = plot(theme, qtbot)
    x = np.linspace(0, 1, 200_000)
    y = np.full(len(x), 0.5)
    y[123_456] = 1.0
    made.show_trails([Trail("spike", x, y, "#ff0000")])
    assert made.n_parts <= 2 * STRETCHES + 2
    area = made._area()
    at = QPointF(area.left() + x[123_456] * area.width(), area.top())
    assert made.place(made.part_at(at)) == (0, 123_456)


def test_a_stretch_of_scores_is_told_of_and_picked(qtbot: QtBot, theme: Theme) -> None:
    made = Reliability("Calibration", theme)
    shown(qtbot, made)
    assert made.n_parts == 0
    made.show_steps([Step(0.0, 0.5, 0.3, 0.25, 8), Step(0.5, 1.01, None, None, 0)])
    area = made._area()
    heard: list[int] = []
    made.picked.connect(heard.append)
    at = QPoint(int(area.left() + 0.2 * area.width()), int(area.center().y()))
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=at)
    assert heard == [0]
    assert made.told(0) == "0.0 to 0.5: 8, mean score 0.30, 25% right"
    assert made.told(1) == "0.5 to 1.0: 0"


def test_charts_are_saved_as_pictures_and_as_lines(qtbot: QtBot, theme: Theme) -> None:
    made = plot(theme, qtbot)
    picture = QImage.fromData(drawn(made, "png"))
    assert (picture.width(), picture.height()) == (2 * made.width(), 2 * made.height())
    assert picture.pixelColor(40, 500).name() == theme.tones.surface
    lines = drawn(made, "svg")
    assert QSvgRenderer(lines).isValid()
    assert lines.count(b"<polyline") + lines.count(b"<path") >= 8, "six lines of the grid, and two trails"
    assert b"recall" in lines
