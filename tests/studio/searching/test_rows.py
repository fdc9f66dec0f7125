"""Rows of pictures follow what changes, also while an answer is on its way, and after a question has failed."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.errors import UserError
from engine.project.image_edits import TagImages
from engine.project.images import ImageRow
from engine.project.store import Change, Project
from studio.searching.rows import ImageRows, read_rows
from studio.session import Session
from tests.studio import projects


class Held:
    """Reads rows at once, and keeps the answer back until it may go."""

    def __init__(self) -> None:
        self.is_read, self.may_go = threading.Event(), threading.Event()
        self.asked: list[list[int]] = []

    def __call__(self, project: Project, ids: list[int], known: set[int]) -> list[tuple[ImageRow, QImage | None]]:
        found = read_rows(project, ids, known)
        self.asked.append(ids)
        self.is_read.set()
        assert self.may_go.wait(20)
        return found


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    """Three pictures are listed."""
    session = Session("Ada")
    session.open(projects.make(tmp_path / "p.boxwright", n_images=3))
    qtbot.waitUntil(lambda: len(session.listing.ids) == 3)
    yield session
    session.close()


@pytest.fixture
def widget(qtbot: QtBot) -> QWidget:
    """What the rows belong to."""
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.mark.parametrize("known", [False, True], ids=["first read", "read again"])
def test_an_answer_from_before_a_change_is_asked_again(
    session: Session, qtbot: QtBot, widget: QWidget, known: bool
) -> None:
    rows, held = ImageRows(session, widget), Held()
    if known:
        rows.entry(0)
        qtbot.waitUntil(lambda: 1 in rows._rows)
        rows._on_change(Change(images=frozenset({1})))
    rows.read_by(held, keeps_thumbnails=True)
    rows.dataChanged.connect(lambda index, _: rows.entry(index.row()))  # as a view that shows it does
    rows.entry(0)
    qtbot.waitUntil(held.is_read.is_set)
    with qtbot.waitSignal(session.saved):
        session.do(TagImages((1,), ("night",)))
    held.may_go.set()
    qtbot.waitUntil(lambda: 1 in rows._rows and rows._rows[1][0].tags == ("night",))
    qtbot.waitUntil(lambda: not rows._asked)
    assert held.asked == [[1], [1]]


def test_what_is_on_its_way_is_not_asked_twice(session: Session, qtbot: QtBot, widget: QWidget) -> None:
    rows, held = ImageRows(session, widget), Held()
    rows.read_by(held, keeps_thumbnails=True)
    rows.entry(0)
    qtbot.waitUntil(held.is_read.is_set)
    rows.entry(0)
    rows.entry(1)
    held.may_go.set()
    qtbot.waitUntil(lambda: rows._rows.keys() == {1, 2} and not rows._asked)
    assert held.asked == [[1], [2]]


def test_rows_are_read_after_a_question_has_failed(session: Session, qtbot: QtBot, widget: QWidget) -> None:
    rows = ImageRows(session, widget)

    def broken(project: Project, ids: list[int], known: set[int]) -> list[tuple[ImageRow, QImage | None]]:
        if 1 in ids:
            raise UserError("It cannot be read.")
        return read_rows(project, ids, known)

    rows.read_by(broken, keeps_thumbnails=True)
    with qtbot.waitSignal(session.failed):
        rows.entry(0)
    rows.entry(1)
    qtbot.waitUntil(lambda: 2 in rows._rows)
