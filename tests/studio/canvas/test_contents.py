"""What is on the shown image: kept where it did not change, expected before it is read, never taken back."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.geometry.shapes import Box
from engine.project import annotations, detections
from engine.project.edits import AddAnnotations, ChangeAnnotations, DecideDetections, Edit, RemoveAnnotations
from engine.project.history import History
from engine.project.records import Annotation
from engine.project.store import Project
from studio.canvas.contents import Reader, item_of, read_head
from studio.canvas.holding import Difference, Holding
from tests.studio import projects


@pytest.fixture
def project(tmp_path: Path):
    with Project.open(projects.make_annotated(tmp_path / "p.boxwright")) as opened:
        yield opened


def test_what_did_not_change_is_the_same_object(project: Project) -> None:
    reader = Reader()
    first = reader.read(project, 1, 1, anew=True)
    with project.atomic():
        RemoveAnnotations((2,)).apply(project)
        annotations.replace(project, [Annotation(1, 1, 1, Box(1, 1, 9, 9))])
    second = reader.read(project, 1, 1, anew=False)
    assert first.indexes is not None and second.indexes is None
    assert 2 in first.items and 2 not in second.items
    assert second.items[1] is not first.items[1] and second.items[1].bounds == (1, 1, 9, 9)
    assert all(second.items[key] is first.items[key] for key in second.items if key != 1)


def test_what_comes_back_by_undo_is_the_same_object(project: Project) -> None:
    reader = Reader()
    first = reader.read(project, 1, 1, anew=True)
    with project.atomic():
        inverse = RemoveAnnotations((1, 2)).apply(project)
    reader.read(project, 1, 1, anew=False)
    reader.read(project, 1, 1, anew=False)
    with project.atomic():
        inverse.apply(project)
    again = reader.read(project, 1, 1, anew=False)
    assert list(again.items.values()) == list(first.items.values())
    assert again.items[1] is first.items[1]


def test_items_are_in_paint_order_and_only_open_suggestions_are_there(project: Project) -> None:
    reader = Reader()
    contents = reader.read(project, 1, 1, anew=True)
    found = detections.of_image(project, 1, 1)
    assert [key for key in contents.items if key < 0] == [-each.id for each in reversed(found)]
    assert list(contents.items)[:4] == [each.id for each in annotations.of_image(project, 1)]
    with project.atomic():
        DecideDetections((found[0].id,), "rejected").apply(project)
    assert -found[0].id not in reader.read(project, 1, 1, anew=False).items
    assert not [key for key in reader.read(project, 1, None, anew=False).items if key < 0]


def test_another_image_begins_afresh(project: Project) -> None:
    reader = Reader()
    reader.read(project, 1, 1, anew=True)
    contents = reader.read(project, 2, 1, anew=True)
    assert [item.source for item in contents.items.values() if not item.is_suggestion] == annotations.of_image(
        project, 2
    )
    assert read_head(project, 2).beside == (3, 1)


def held(project: Project, reader: Reader) -> Holding:
    holding = Holding()
    holding.take(reader.read(project, 1, 1, anew=True), 0)
    return holding


def same(holding: Holding, project: Project) -> bool:
    ours, stored = holding.views.annotations, {each.id: each for each in annotations.of_image(project, 1)}
    everywhere = (-1e9, -1e9, 1e9, 1e9)
    assert sorted(holding.bounds.meeting(everywhere)) == sorted(holding.items)
    return ours == stored


def test_an_edit_is_shown_before_it_is_read_and_the_same_after(project: Project) -> None:
    reader = Reader()
    holding = held(project, reader)
    first = holding.views.annotations[1]
    edits: tuple[Edit, ...] = (
        AddAnnotations((Annotation(0, 1, 1, Box(3, 3, 8, 8)),)),
        ChangeAnnotations((Annotation(1, 1, 2, Box(50, 50, 60, 60)),)),
        RemoveAnnotations((2,)),
    )
    areas = [holding.expect(edit, ticket).areas for ticket, edit in enumerate(edits, 1)]
    assert areas[0] == ((3, 3, 8, 8),)
    assert set(areas[1]) == {first.shape.bounds, (50, 50, 60, 60)}
    assert holding.views.annotations[1].shape == Box(50, 50, 60, 60) and 2 not in holding.views.annotations
    assert len(holding.items) == 8 and len(holding.picks) == 7  # what is being added cannot be picked yet
    for ticket, edit in enumerate(edits, 1):
        with project.atomic():
            edit.apply(project)
        holding.take(reader.read(project, 1, 1, anew=False), ticket)
        assert holding.views.annotations[1].shape == Box(50, 50, 60, 60) and 2 not in holding.views.annotations
        assert len(holding.items) == 8
    assert same(holding, project) and not holding.is_expecting
    assert len(holding.picks) == 8


def test_a_reading_that_is_too_old_does_not_take_an_edit_back(project: Project) -> None:
    reader = Reader()
    holding = held(project, reader)
    holding.expect(ChangeAnnotations((Annotation(1, 1, 1, Box(50, 50, 60, 60)),)), 1)
    holding.take(reader.read(project, 1, 1, anew=False), 0)
    assert holding.views.annotations[1].shape == Box(50, 50, 60, 60)


def test_an_edit_that_failed_is_forgotten_by_the_next_reading(project: Project) -> None:
    reader = Reader()
    holding = held(project, reader)
    before = dict(holding.items)
    holding.expect(RemoveAnnotations((1, 2)), 1)
    difference = holding.take(reader.read(project, 1, 1, anew=False), 1)
    assert list(holding.items) == list(before) and same(holding, project)
    assert set(difference.areas) >= {before[1].bounds, before[2].bounds}


def test_many_changes_at_once(project: Project) -> None:
    reader = Reader()
    holding = held(project, reader)
    with project.atomic():
        annotations.add(project, [Annotation(0, 1, 1, Box(n % 90, 5, n % 90 + 5, 9)) for n in range(200)])
    contents = reader.read(project, 1, 1, anew=False)
    assert contents.indexes is not None
    assert holding.take(contents, 0).areas
    assert same(holding, project) and len(holding.picks) == 208


def test_an_edit_of_very_many_is_shown_when_it_is_read(project: Project) -> None:
    reader = Reader()
    with project.atomic():
        annotations.add(project, [Annotation(0, 1, 1, Box(5, 5, 9, 9)) for _ in range(300)])
    holding = held(project, reader)
    edit = ChangeAnnotations(tuple(replace(each, class_id=2) for each in holding.views.annotations.values()))
    assert not holding.expect(edit, 1).areas and holding.is_behind
    assert holding.views.annotations[1].class_id == 1
    with project.atomic():
        edit.apply(project)
    holding.take(reader.read(project, 1, 1, anew=False), 1)
    assert not holding.is_behind and same(holding, project)


def test_what_was_deleted_is_there_again_as_soon_as_undo_is_asked_for(project: Project) -> None:
    reader = Reader()
    with project.atomic():
        annotations.add(project, [Annotation(0, 1, 1, Box(n % 90, 5, n % 90 + 5, 9)) for n in range(300)])
    holding = held(project, reader)
    before, edit = dict(holding.items), RemoveAnnotations(tuple(holding.views.annotations))
    history = History(project)
    holding.expect(edit, 1)
    assert not holding.views.annotations
    history.do(edit)
    holding.take(reader.read(project, 1, 1, anew=False), 1)
    assert holding.expect_undo(edit.title, 2).areas
    assert holding.items == before and len(holding.views.annotations) == len(edit.ids)
    index = holding.bounds
    assert holding.take(reader.read(project, 1, 1, anew=False), 1) == Difference()  # too old to know of it
    assert holding.items == before and holding.bounds is index
    history.undo()
    holding.take(reader.read(project, 1, 1, anew=False), 2)
    assert same(holding, project) and not holding.is_expecting
    assert holding.expect_redo(edit.title, 3).areas
    assert not holding.views.annotations


def test_undo_of_something_else_is_shown_when_it_is_read(project: Project) -> None:
    holding = held(project, Reader())
    holding.expect(RemoveAnnotations((1,)), 1)
    assert holding.expect_undo("Rename class", 2) == Difference()
    assert holding.expect_undo("Delete annotation", 3) == Difference()  # it is not known any more which
    assert 1 not in holding.views.annotations


def test_an_undo_that_failed_is_forgotten_by_the_next_reading(project: Project) -> None:
    reader = Reader()
    holding, history = held(project, reader), History(project)
    holding.expect(RemoveAnnotations((1,)), 1)
    history.do(RemoveAnnotations((1,)))
    holding.expect_undo(None, 2)
    assert 1 in holding.views.annotations
    holding.take(reader.read(project, 1, 1, anew=False), 2)
    assert 1 not in holding.views.annotations and same(holding, project)


def test_a_gesture_keeps_the_view_it_has(project: Project) -> None:
    holding = held(project, Reader())
    before = holding.views
    holding.expect(RemoveAnnotations((1,)), 1)
    assert 1 in before.annotations and 1 in before.bounds and 1 not in holding.views.annotations


def test_a_decided_suggestion_is_gone_at_once(project: Project) -> None:
    holding = held(project, Reader())
    ids = tuple(holding.views.detections)
    holding.expect(DecideDetections(ids[:1], "accepted"), 1)
    assert tuple(holding.views.detections) == ids[1:]


def test_bounds_take_in_keypoints() -> None:
    from engine.geometry.shapes import Keypoints

    item = item_of(Annotation(1, 1, 1, Box(10, 10, 20, 20), Keypoints.of([(5, 15, 2), (90, 90, 0), (15, 30, 1)])))
    assert item.bounds == (5, 10, 20, 30)
