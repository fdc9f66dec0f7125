"""What will be wanted is made before it is: in small steps, in order, and never in the way of what is wanted now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio.ahead import Ahead, Part, Parts
from studio.faces import VIEWS
from studio.pages import PAGES
from tests.studio import projects
from tests.studio.windows import Opened


@pytest.fixture
def ahead(qtbot: QtBot) -> Iterator[Ahead]:
    made = Ahead()
    yield made
    made.finish()


def counted(n: int, told: list[int]) -> Iterator[None]:
    for at in range(n):
        told.append(at)
        yield


def test_plans_are_gone_through_in_their_order_to_their_ends(ahead: Ahead, qtbot: QtBot) -> None:
    told: list[int] = []
    ahead.plan(counted(5, told))
    ahead.plan(iter(counted(3, told)))
    assert told == [], "nothing is done before the window has come to rest"
    qtbot.waitUntil(lambda: ahead.is_done)
    assert told == [0, 1, 2, 3, 4, 0, 1, 2]


def test_a_step_that_fails_ends_its_plan_alone(ahead: Ahead, qtbot: QtBot) -> None:
    def failing() -> Iterator[None]:
        yield
        raise RuntimeError("no such widget")

    told: list[int] = []
    ahead.plan(failing())
    ahead.plan(counted(2, told))
    with qtbot.captureExceptions() as raised:
        qtbot.waitUntil(lambda: ahead.is_done)
    assert [str(error) for _, error, _ in raised] == ["no such widget"]
    assert told == [0, 1]


def test_nothing_is_done_while_somebody_drags(ahead: Ahead, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.LeftButton)
    ahead.plan(counted(2, told))
    qtbot.wait(300)
    assert told == []
    monkeypatch.undo()
    qtbot.waitUntil(lambda: told == [0, 1])


def test_what_is_left_at_the_end_is_left_undone(ahead: Ahead, qtbot: QtBot) -> None:
    told: list[int] = []
    ahead.plan(counted(3, told))
    ahead.finish()
    qtbot.wait(300)
    assert told == []
    assert ahead.is_done


def test_parts_are_made_once_whether_shown_or_made_ahead(qtbot: QtBot) -> None:
    made: list[str] = []

    def making(name: str) -> Part:
        return Part(lambda: made.append(name) or QLabel(name))  # type: ignore[func-returns-value]

    parts = Parts({name: making(name) for name in "abc"})
    qtbot.addWidget(parts)
    steps = parts.ahead()
    next(steps)  # a is made and has no place yet
    assert parts.show_part("a") is parts.made["a"]
    parts.show_part("c")
    for _ in steps:
        assert parts.currentWidget() is parts.made["c"]
    assert made == ["a", "c", "b"]
    assert parts.count() == 3


class Shows(QObject):
    """Hears of windows that are shown."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  Qt's name
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(watched)
        return False


def test_the_window_makes_everything_unseen(seen: Opened) -> None:
    shows, app = Shows(), QApplication.instance()
    assert app is not None
    app.installEventFilter(shows)
    for _ in seen.window.ahead():
        pass
    app.removeEventFilter(shows)
    assert shows.windows == [], "nothing flashes up as a window of its own"
    assert seen.window.isActiveWindow()
    pages = seen.window.pages
    assert set(pages.made) == set(PAGES.names())
    assert set(pages.made["faces"].made) == set(VIEWS.names())  # type: ignore[attr-defined]
    assert not any(page.isVisible() for page in pages.made.values()), "nothing is open"


def test_projects_may_come_and_go_at_every_step(seen: Opened, tmp_path: Path) -> None:
    path = projects.make(tmp_path / "p.boxwright")
    for n, _ in enumerate(seen.window.ahead()):
        if n % 4 == 0:
            seen.session.open(path)
        elif n % 4 == 2:
            seen.session.close()
        QApplication.processEvents()
    seen.open(path)
    assert seen.canvas.isVisible()
    for name in PAGES.names():
        seen.session.show_page(name)
        assert seen.window.pages.made[name].isVisible()
    for name in VIEWS.names():
        seen.studio.faces.show_view(name)
        assert seen.window.pages.made["faces"].made[name].isVisible()  # type: ignore[attr-defined]


def test_what_nobody_has_looked_at_yet_begins_no_work(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make_annotated(tmp_path / "p.boxwright"))
    for _ in seen.window.ahead():
        seen.qtbot.wait(1)
    assert seen.session.n_asked == 0, "nothing is written"
    assert seen.studio.jobs.all == []
    assert seen.studio.faces.view == ""


def test_what_is_wanted_before_its_turn_is_there_at_once(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    steps = seen.window.ahead()
    next(steps)
    seen.studio.faces.show_view("compare")
    shown = seen.window.pages.made["faces"].made["compare"]  # type: ignore[attr-defined]
    assert shown.isVisible()
    for _ in steps:
        assert shown.isVisible()
    assert seen.window.pages.made["faces"].made["compare"] is shown  # type: ignore[attr-defined]


def test_the_window_may_close_at_any_step(seen: Opened, tmp_path: Path) -> None:
    seen.open(projects.make(tmp_path / "p.boxwright"))
    steps = seen.window.ahead()
    for _ in range(8):
        next(steps)
    seen.window.close()
    seen.qtbot.wait(300)
    assert seen.session.project is None
