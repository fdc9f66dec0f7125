"""A project changes inside atomic() only, all or nothing, and announces what changed after the commit."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UserError
from engine.project import classes
from engine.project.store import Change, Project

ids = st.frozensets(st.integers(1, 9))
changes = st.builds(Change, images=ids, annotated=ids, detected=ids, runs=ids, classes=ids, identities=ids)


def names(project: Project) -> list[str]:
    return [record.name for record in classes.all_classes(project)]


@given(changes, changes)
def test_two_changes_together_are_the_union_of_their_ids(a: Change, b: Change) -> None:
    both = a | b
    assert both.images == a.images | b.images
    assert both.annotated == a.annotated | b.annotated
    assert both == b | a
    assert bool(both) == (bool(a) or bool(b))
    assert a | Change() == a


def test_nothing_is_written_outside_atomic(project: Project) -> None:
    with pytest.raises(RuntimeError, match="atomic"):
        project.execute("INSERT INTO tags (name) VALUES ('a')")
    with pytest.raises(RuntimeError, match="atomic"):
        project.execute_many("INSERT INTO tags (name) VALUES (?)", [("a",)])


def test_what_fails_inside_atomic_leaves_nothing(project: Project) -> None:
    with pytest.raises(ZeroDivisionError), project.atomic():
        classes.add(project, "cell")
        raise ZeroDivisionError
    assert names(project) == []


def test_a_failed_inner_block_takes_back_only_itself(project: Project) -> None:
    heard: list[Change] = []
    project.on_change(heard.append)
    with project.atomic():
        kept = classes.add(project, "kept")
        with pytest.raises(ZeroDivisionError), project.atomic():
            classes.add(project, "lost")
            raise ZeroDivisionError
    assert names(project) == ["kept"]
    assert heard == [Change(classes=frozenset({kept}))]


def test_changes_are_announced_once_after_the_commit(project: Project, path: Path) -> None:
    seen: list[tuple[Change, list[str]]] = []
    with Project.open(path) as reader:
        stop = project.on_change(lambda change: seen.append((change, names(reader))))
        with project.atomic():
            a = classes.add(project, "a")
            with project.atomic():
                b = classes.add(project, "b")
            assert seen == []
            assert names(reader) == []
        assert seen == [(Change(classes=frozenset({a, b})), ["a", "b"])]
        stop()
        with project.atomic():
            classes.add(project, "c")
    assert len(seen) == 1


def test_what_was_rolled_back_is_not_announced_with_the_next_change(project: Project) -> None:
    heard: list[Change] = []
    project.on_change(heard.append)
    with pytest.raises(ZeroDivisionError), project.atomic():
        project.note(Change(images=frozenset({7})))
        raise ZeroDivisionError
    with project.atomic():
        added = classes.add(project, "a")
    assert heard == [Change(classes=frozenset({added}))]


def test_a_listener_may_change_the_project(project: Project) -> None:
    def listen(change: Change) -> None:
        if change.classes and len(names(project)) < 3:
            with project.atomic():
                classes.add(project, f"more {len(names(project))}")

    project.on_change(listen)
    with project.atomic():
        classes.add(project, "first")
    assert names(project) == ["first", "more 1", "more 2"]


def test_a_project_opened_read_only_refuses_changes_and_answers_questions(project: Project, path: Path) -> None:
    with project.atomic():
        classes.add(project, "cell")
    with Project.open(path, read_only=True) as reader:
        assert reader.is_read_only
        assert names(reader) == ["cell"]
        with pytest.raises(UserError, match="read-only"), reader.atomic():
            pass


@pytest.mark.parametrize("name", ["a\ud800", "b\udcff.png"])
def test_text_that_is_no_text_is_a_user_error(project: Project, name: str) -> None:
    with pytest.raises(UserError, match="no valid text"), project.atomic():
        project.execute("INSERT INTO tags (name) VALUES (?)", (name,))


def test_a_number_too_large_for_the_file_is_a_user_error(project: Project) -> None:
    with pytest.raises(UserError, match="too large"), project.atomic():
        project.execute("INSERT INTO tags (id, name) VALUES (?, 'a')", (2**63,))


def test_faults_of_ours_are_not_dressed_up(project: Project) -> None:
    with pytest.raises(Exception, match="syntax error") as caught:
        project.rows("SELEKT 1")
    assert not isinstance(caught.value, UserError)


def test_rows_can_be_read_one_by_one(project: Project) -> None:
    with project.atomic():
        for n in range(5):
            classes.add(project, str(n))
    assert [name for (name,) in project.each("SELECT name FROM classes ORDER BY id")] == list("01234")
    assert project.row("SELECT name FROM classes WHERE id = 99") is None
    assert project.value("SELECT name FROM classes WHERE id = 99") is None
