"""The session opens, does edits on the lane, and tells what changed; a closed project is heard of no more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.project import annotations, classes, images
from engine.project.edits import AddAnnotations, AddClass, SetClass
from engine.project.records import Annotation
from engine.project.store import Change, Project
from studio.session import Session
from studio.view_state import Selection
from tests.studio import projects


@pytest.fixture
def session(qtbot: QtBot, tmp_path: Path) -> Iterator[Session]:
    opened = Session("anna")
    opened.open(projects.make(tmp_path / "p.boxwright"))
    qtbot.waitUntil(lambda: opened.author_id is not None)
    yield opened
    opened.close()


def box(image_id: int) -> AddAnnotations:
    return AddAnnotations((Annotation(0, image_id, 1, Box(1, 1, 5, 5)),))


def test_opening_looks_at_the_first_of_everything(session: Session) -> None:
    assert (session.image_id, session.class_id, session.run_id) == (1, 1, None)
    assert session.can_write


def test_an_edit_is_announced_after_its_commit_and_selected(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    changes: list[Change] = []
    session.changed.connect(changes.append)
    with qtbot.waitSignal(session.saved):
        session.do(box(1))
    assert [change.annotated for change in changes] == [{1}]
    with Project.open(tmp_path / "p.boxwright", read_only=True) as other:
        (stored,) = annotations.of_image(other, 1)
    assert session.selection == Selection(annotations=frozenset({stored.id}))


def test_moving_on_before_the_commit_is_not_taken_back(qtbot: QtBot, session: Session) -> None:
    with qtbot.waitSignal(session.saved):
        session.do(box(1))
        session.go_to(2)
    assert session.image_id == 2
    assert not session.selection


def test_undo_returns_to_the_image_of_the_edit(qtbot: QtBot, session: Session) -> None:
    with qtbot.waitSignal(session.saved):
        session.do(box(1))
    session.go_to(2)
    with qtbot.waitSignal(session.saved):
        session.undo()
    assert session.image_id == 1
    assert session.next_undo is None
    assert session.next_redo is not None
    assert session.next_redo.title == "Add box"


def test_what_cannot_be_done_is_told_and_changes_nothing(qtbot: QtBot, session: Session) -> None:
    with qtbot.waitSignal(session.failed) as failed:
        session.do(AddClass("cell"))
    assert isinstance(failed.args[0], UserError)
    assert session.next_undo is None


def test_a_read_only_project_refuses_edits_in_words(qtbot: QtBot, tmp_path: Path) -> None:
    session = Session("anna")
    session.open(projects.make(tmp_path / "p.boxwright"), read_only=True)
    with qtbot.waitSignal(session.failed) as failed:
        session.do(box(1))
    assert "read-only" in str(failed.args[0])
    assert not session.can_write
    session.close()


def test_a_project_that_is_no_longer_open_is_heard_of_no_more(qtbot: QtBot, session: Session, tmp_path: Path) -> None:
    heard: list[Change] = []
    session.do(SetClass(1, "platelet", "#ff0000"))
    session.open(projects.make(tmp_path / "q.boxwright"))
    session.changed.connect(heard.append)
    qtbot.wait(100)
    assert heard == []
    assert session.next_undo is None
    with Project.open(tmp_path / "p.boxwright", read_only=True) as first:
        assert [each.name for each in classes.all_classes(first)] == ["platelet", "nucleus"]


def test_questions_are_answered_and_an_older_one_is_dropped(qtbot: QtBot, session: Session) -> None:
    answers: list[int] = []
    for factor in range(5):
        session.ask("count", lambda project, factor=factor: factor * images.count(project), answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    qtbot.wait(50)
    assert answers == [4 * 3]
