"""A person looks at the statistics and clicks on bars: the pictures behind each are listed."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import annotations, authors, images
from engine.project.history import History
from engine.project.image_edits import SetImages
from engine.project.records import Annotation
from engine.project.store import Project
from studio.charts.bars import ROW
from studio.charts.card import TITLE
from studio.charts.columns import Columns
from studio.pages.statistics import StatisticsPage
from tests.studio import projects
from tests.studio.windows import Opened

CONTROL = Qt.KeyboardModifier.ControlModifier
CELL, NUCLEUS = 1, 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Four pictures: with three cells, a nucleus of anna's that took 8 seconds, nothing, and nothing."""
    path = projects.make(tmp_path / "p.boxwright", 4)
    with Project.open(path) as project:
        with project.atomic():
            anna = authors.by_name(project, "anna")
            cells = [Annotation(0, 1, CELL, Box(n, n, n + 10, n + 10), seconds=2.0) for n in range(3)]
            annotations.add(project, cells)
            large = Annotation(0, 2, NUCLEUS, Box(0, 0, 150, 75), author_id=anna, seconds=8.0)
            annotations.add(project, [large])
        History(project).do(SetImages((1, 2), split="train"))
    return path


def page_of(seen: Opened, path: Path, qtbot: QtBot) -> StatisticsPage:
    seen.open(path)
    seen.key(Qt.Key.Key_3, CONTROL)
    page = seen.window.pages.made["statistics"]
    assert isinstance(page, StatisticsPage)
    qtbot.waitUntil(lambda: page.told is not None, timeout=10_000)
    return page


def listed(seen: Opened, qtbot: QtBot, text: str, expected: list[int]) -> None:
    qtbot.waitUntil(lambda: seen.session.listing.search.text == text, timeout=5_000)
    qtbot.waitUntil(lambda: list(seen.session.listing.ids) == expected, timeout=5_000)
    assert seen.session.listing.error is None
    seen.session.show_page("statistics")


def middle(chart: Columns, value: float) -> QPoint:
    """The middle of the column that holds a value."""
    part = max(n for n in range(len(chart.counts)) if chart.edges[n] <= value)
    xs = [x for x in range(chart.width()) if chart.part_at(QPoint(x, 120).toPointF()) == part]
    return QPoint(xs[len(xs) // 2], 120)


def test_each_bar_lists_its_pictures(seen: Opened, path: Path, qtbot: QtBot) -> None:
    page = page_of(seen, path, qtbot)
    qtbot.mouseClick(page.per_class, Qt.MouseButton.LeftButton, pos=QPoint(60, int(TITLE + 1.5 * ROW)))
    assert seen.session.page == "pictures"
    listed(seen, qtbot, "class:nucleus", [2])
    for chart, value, text in (
        (page.per_image, 0.0, "objects=0"), (page.per_image, 3.0, "objects=3"),
        (page.pictures, 3.5, "split:none"),
    ):  # fmt: skip
        at = QPoint(60, int(TITLE + value * ROW)) if chart is page.pictures else middle(page.per_image, value)
        qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=at)
        listed(seen, qtbot, text, {"objects=0": [3, 4], "objects=3": [1], "split:none": [3, 4]}[text])
    for chart, value, expected in ((page.sizes, 106.0, [2]), (page.sizes, 10.0, [1]), (page.seconds, 7.9, [2])):
        qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=middle(chart, value))
        qtbot.waitUntil(lambda expected=expected: list(seen.session.listing.ids) == expected)
        seen.session.show_page("statistics")
    qtbot.mouseClick(page.aspect, Qt.MouseButton.LeftButton, pos=middle(page.aspect, 1.99))
    qtbot.waitUntil(lambda: list(seen.session.listing.ids) == [2])


def test_narrowed_to_a_person_and_a_class(seen: Opened, path: Path, qtbot: QtBot) -> None:
    page = page_of(seen, path, qtbot)
    page.people.setCurrentIndex(page.people.findText("anna"))
    page.people.activated.emit(page.people.currentIndex())
    qtbot.waitUntil(lambda: page.told is not None and page.told.summary.n_objects == 1)
    assert [(bar.name, bar.value) for bar in page.per_class.bars] == [("nucleus", 1), ("cell", 0)]
    qtbot.mouseClick(page.sizes, Qt.MouseButton.LeftButton, pos=middle(page.sizes, 106.0))
    qtbot.waitUntil(lambda: seen.session.listing.search.text.endswith("author:anna"))
    qtbot.waitUntil(lambda: list(seen.session.listing.ids) == [2])


def test_it_follows_edits(seen: Opened, path: Path, qtbot: QtBot) -> None:
    page = page_of(seen, path, qtbot)
    assert page.told is not None
    assert page.told.summary.n_objects == 4
    seen.session.undo()
    qtbot.waitUntil(lambda: page.pictures.bars[3].value == 4, timeout=10_000)
    project = seen.session.project
    assert project is not None
    assert images.by_split(project) == {"": 4}
