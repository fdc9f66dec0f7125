"""Classes as a tree and by digit: moved, numbered, and all of it taken back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.project import annotations, classes
from engine.project.class_edits import AddClass, MergeClasses, RemoveClass
from engine.project.class_tree import MoveClass, NumberInOrder, SetClassNumber, in_order, numbered
from engine.project.history import History
from engine.project.records import Annotation
from engine.project.store import Change, Project
from tests.engine.project.pictures import add_image
from tests.engine.project.reversing import assert_reversible


@pytest.fixture
def ids(project: Project) -> list[int]:
    """Twelve classes."""
    with project.atomic():
        return [classes.add(project, f"class {n}") for n in range(12)]


def tree(project: Project) -> list[tuple[int, int]]:
    return [(placed.record.id, placed.depth) for placed in in_order(classes.all_classes(project))]


def test_a_class_is_moved_under_another_and_back(project: Project, ids: list[int]) -> None:
    a, b, c, d, *rest = ids
    assert_reversible(project, MoveClass(d, a))
    assert_reversible(project, MoveClass(c, a, before_id=d))
    assert tree(project) == [(a, 0), (c, 1), (d, 1), (b, 0), *((id_, 0) for id_ in rest)]
    assert_reversible(project, MoveClass(a, b))
    assert tree(project)[:4] == [(b, 0), (a, 1), (c, 2), (d, 2)]
    assert_reversible(project, MoveClass(c, None, before_id=b))
    assert tree(project)[:4] == [(c, 0), (b, 0), (a, 1), (d, 2)]


def test_no_class_comes_to_lie_under_itself(project: Project, ids: list[int]) -> None:
    History(project).do(MoveClass(ids[1], ids[0]))
    before = tree(project)
    with pytest.raises(UserError):
        History(project).do(MoveClass(ids[0], ids[1]))
    assert tree(project) == before


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_moves_leave_every_class_in_the_tree_once(data: st.DataObject) -> None:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder, Project.create(Path(folder) / "p.boxwright") as project:
        with project.atomic():
            ids = [classes.add(project, f"{n}") for n in range(6)]
        history = History(project)
        for _ in range(data.draw(st.integers(1, 8))):
            one, other = data.draw(st.sampled_from(ids)), data.draw(st.sampled_from([None, *ids]))
            try:
                history.do(MoveClass(one, other, data.draw(st.sampled_from([None, *ids]))))
            except UserError:
                continue
            assert sorted(id_ for id_, _ in tree(project)) == sorted(ids)
            assert classes.by_id(project)[one].parent_id == other
        while history.undo():
            pass
        assert tree(project) == [(id_, 0) for id_ in ids]


def test_digits_follow_the_order_until_one_is_given_by_hand(project: Project, ids: list[int]) -> None:
    assert numbered(project) == dict(zip(range(1, 10), ids, strict=False))
    assert_reversible(project, SetClassNumber(ids[11], 1))
    assert numbered(project)[1] == ids[11] and ids[0] not in numbered(project).values()
    assert_reversible(project, SetClassNumber(ids[4], 2))
    assert numbered(project) == dict(
        zip(range(1, 10), (ids[11], ids[4], ids[2], ids[3], ids[1], *ids[5:9]), strict=True)
    )
    History(project).do(MoveClass(ids[11], None, before_id=ids[0]))
    assert numbered(project)[2] == ids[4], "given digits do not follow the order"
    assert_reversible(project, NumberInOrder())
    assert numbered(project)[1] == ids[11]


def test_the_digit_of_a_class_that_went_is_free(project: Project, ids: list[int]) -> None:
    History(project).do(SetClassNumber(ids[11], 1))
    History(project).do(RemoveClass(ids[11]))
    assert numbered(project)[1] == ids[0]
    History(project).do(AddClass("new"))
    assert len(numbered(project)) == 9


def test_only_digits_can_be_given(project: Project, ids: list[int]) -> None:
    with pytest.raises(UserError):
        History(project).do(SetClassNumber(ids[0], 10))


def test_undoing_a_digit_is_announced(project: Project, ids: list[int]) -> None:
    history, heard = History(project), list[Change]()
    history.do(SetClassNumber(ids[3], 1))
    project.on_change(heard.append)
    history.undo()
    assert heard[0].classes


def test_what_an_edit_of_a_class_would_touch(project: Project, ids: list[int]) -> None:
    with project.atomic():
        for seed in (1, 2):
            image_id = add_image(project, f"{seed}.png", seed)
            annotations.add(project, [Annotation(0, image_id, ids[0], Box(n, 0, n + 5, 5)) for n in range(3)])
    assert classes.concerned(project, ids[0]) == classes.Concerned(6, 2, 0)
    History(project).do(MergeClasses(ids[0], ids[1]))
    assert classes.concerned(project, ids[1]) == classes.Concerned(6, 2, 0)
