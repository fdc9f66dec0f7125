"""What holds for every view of the gallery workspace, also for one that is dropped in tomorrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QWidget

from studio.faces import VIEWS, in_order
from studio.screenshots import settled
from tests.studio import projects
from tests.studio.faces.gallery_window import stock, view
from tests.studio.windows import Opened

if TYPE_CHECKING:
    from pathlib import Path

SMALLEST = QSize(1000, 640)
STOCKS: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "nobody": ({}, {}),
    "one face": ({"Ann": 1}, {}),
    "200 faces": ({f"Person {n}": 1 + n % 9 for n in range(30)}, {f"Stranger {n}": 6 for n in range(10)}),
}
"""How many faces of whom are enrolled, and how many of whom wait for a name."""


@pytest.fixture(params=VIEWS.names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def lightness(picture: QImage) -> float:
    """The middle grey value of a picture, from 0 to 255."""
    grey = picture.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return float(np.median(rows[:, : grey.width()]))


def beyond(shown: QWidget) -> list[str]:
    """What is cut off: parts that lie outside the view, and buttons too narrow for their words."""
    cut = []
    for part in shown.findChildren(QWidget):
        if not part.isVisibleTo(shown) or part.isWindow() or is_scrolled(part, shown):
            continue
        if not shown.rect().contains(part.rect().translated(part.mapTo(shown, part.rect().topLeft()))):
            cut.append(f"{part!r} lies outside")
        if isinstance(part, QAbstractButton) and part.text():
            words = part.fontMetrics().horizontalAdvance(part.text().replace("&", ""))
            cut += [f"{part.text()!r} has {part.width()} of {words} px"] * (part.width() < words)
    return cut


def is_scrolled(part: QWidget, shown: QWidget) -> bool:
    """Whether a part lies in what can be scrolled, where more may be than is seen."""
    around = part.parentWidget()
    while around is not None and around is not shown:
        if isinstance(around, QAbstractScrollArea):
            return True
        around = around.parentWidget()
    return isinstance(shown, QAbstractScrollArea)


def test_titles_and_places_are_their_own() -> None:
    views = [each for _, each in in_order()]
    assert len({each.title for each in views}) == len({each.position for each in views}) == len(VIEWS.names())


def test_it_says_which_question_it_answers(name: str) -> None:
    found = VIEWS.get(name)
    assert found.title == found.title.strip() != ""
    assert found.help.endswith(("?", "."))


@pytest.mark.parametrize("stocked", STOCKS)
def test_it_shows_any_gallery_in_a_small_window_light_and_dark(at_work: Opened, name: str, stocked: str) -> None:
    known, strangers = STOCKS[stocked]
    if known:
        stock(at_work, known, strangers)
    at_work.window.resize(SMALLEST)
    shown = view(at_work, name)
    seen = {}
    for choice in ("light", "dark"):
        at_work.studio.theme.choose(choice)  # type: ignore[arg-type]
        seen[choice] = lightness(settled(shown))
    assert at_work.window.size() == SMALLEST
    assert beyond(shown) == []
    assert seen["light"] > 160
    assert seen["dark"] < 96


def test_it_outlives_its_project_and_shows_the_next(at_work: Opened, name: str, tmp_path: Path) -> None:
    model = stock(at_work, *STOCKS["200 faces"])
    shown = view(at_work, name)  # what it asked for is on its way when the project goes
    at_work.session.close()
    assert not model.templates
    settled(at_work.window)
    at_work.open(projects.make(tmp_path / "next.boxwright"))
    stock(at_work, *STOCKS["one face"])
    assert view(at_work, name) is shown
    settled(shown)
