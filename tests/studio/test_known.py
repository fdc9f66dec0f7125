"""What the window has to know is read with the edit that changes it, and the file is not asked again."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project import attributes, class_tree, classes, images
from engine.project.attribute_edits import AddAttribute
from engine.project.attributes import Attribute
from engine.project.class_edits import AddClass, RemoveClass
from engine.project.edits import AddAnnotations
from engine.project.records import Annotation
from engine.project.store import Change, Project, Row
from engine.samples import create_sample
from studio.known import Known, aftermath
from studio.session import Session


@pytest.fixture
def session(tmp_path: Path, qtbot: QtBot) -> Iterator[Session]:
    path = tmp_path / "sample.boxwright"
    create_sample(path).close()
    session = Session("anna")
    session.open(path)
    qtbot.waitUntil(lambda: session.author_id is not None)
    yield session
    session.close()


def settled(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: session.n_settled == session.n_asked)


def test_classes_digits_and_presets_are_those_of_the_file_after_every_edit(session: Session, qtbot: QtBot) -> None:
    assert session.project is not None
    first = next(iter(session.known.classes))
    sure = Attribute(0, first, "sure", "flag", preset=True)
    for act in (
        lambda: session.do(AddClass("new", "#123456")),
        lambda: session.do(AddAttribute(sure)),
        session.undo,
        session.redo,
        lambda: session.do(RemoveClass(next(reversed(session.known.classes)))),
    ):
        act()
        settled(session, qtbot)
        assert dict(session.known.classes) == classes.by_id(session.project)
        assert list(session.known.classes) == list(classes.by_id(session.project))
        assert dict(session.known.numbers) == class_tree.numbered(session.project)
        for id_ in session.known.classes:
            told = attributes.presets(attributes.of_class(session.project, id_))
            assert dict(session.known.presets.get(id_, {})) == told
    assert session.known.presets[first] == {"sure": True}


def test_what_a_worker_changed_is_known_before_anybody_hears_of_it(session: Session, qtbot: QtBot) -> None:
    assert session.project is not None
    heard: list[tuple[Change, int]] = []
    session.changed.connect(lambda change: heard.append((change, len(session.known.classes))))
    n = len(session.known.classes)
    with Project.open(session.project.path) as worker:
        worker.on_change(session.announce)
        for name in ("one", "two"):
            with worker.atomic():
                classes.add(worker, name)
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [(Change(classes=frozenset(list(session.known.classes)[-2:])), n + 2)]


def test_a_picture_that_a_worker_removed_is_looked_at_no_more(session: Session, qtbot: QtBot) -> None:
    assert session.project is not None and session.image_id is not None
    first, second = images.all_ids(session.project)[:2]
    session.go_to(first)
    with Project.open(session.project.path) as worker, worker.atomic():
        worker.execute("DELETE FROM images WHERE id = ?", (first,))
    session.announce(Change(images=frozenset({first})))
    qtbot.waitUntil(lambda: session.image_id == second)


def test_hands_do_not_ask_the_file(session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing, undoing and classes: whatever the window's own connection is asked would wait for a commit."""
    assert session.project is not None and session.image_id is not None
    qtbot.waitUntil(lambda: bool(session.image_ids))
    asked: list[str] = []
    monkeypatch.setattr(session, "project", _Deaf(session.project, asked))
    session.do(AddAnnotations((Annotation(0, session.image_id, session.class_id, Box(1, 1, 9, 9)),)))
    session.undo()
    session.redo()
    session.do(AddClass("new", "#123456"))
    settled(session, qtbot)
    assert not asked


class _Deaf(Project):
    """A project that keeps what it is asked."""

    def __init__(self, real: Project, asked: list[str]) -> None:
        super().__init__(real.path, real._connection, is_read_only=real.is_read_only)
        self._asked = asked

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        self._asked.append(sql)
        return super().rows(sql, parameters)

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        self._asked.append(sql)
        return super().row(sql, parameters)


def test_images_that_are_gone_are_told(tmp_path: Path) -> None:
    with create_sample(tmp_path / "sample.boxwright") as project:
        first, second, *_ = images.all_ids(project)
        assert images.existing(project, (first, 10**9)) == {first}
        assert images.existing(project, ()) == frozenset()
        left = aftermath(project, Change(images=frozenset({first, 10**9})))
        assert (left.known, left.gone, left.first_image_id) == (None, {10**9}, first)
        assert aftermath(project, Change(classes=frozenset({1}))).known == Known.of(project)
        assert aftermath(project, Change(annotated=frozenset({second}))).gone == frozenset()
