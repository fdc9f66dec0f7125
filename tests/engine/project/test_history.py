"""Undo and redo: exact, without limit, across restarts; and with words where something has gone since."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.geometry.shapes import Box, Keypoints
from engine.project import annotations, authors, classes, contents, detections, images, runs
from engine.project.checking import check
from engine.project.edits import (
    AddAnnotations,
    AddClass,
    ChangeAnnotations,
    DecideDetections,
    Edit,
    RemoveAnnotations,
    RemoveClass,
    RemoveImages,
    ReorderClasses,
    SetClass,
    SetImages,
)
from engine.project.explaining import ConflictError
from engine.project.history import Entry, History
from engine.project.records import Annotation, Detection
from engine.project.restoring import Restore, Rows
from engine.project.store import Change, Project
from tests.engine.project.pictures import add_image, png
from tests.engine.project.reversing import assert_reversible, rows_by_table


def box(n: float, image_id: int = 1, class_id: int = 1, annotation_id: int = 0) -> Annotation:
    return Annotation(annotation_id, image_id, class_id, Box(n, 0, n + 1, 1))


EDITS: dict[str, Callable[[Project], Edit]] = {
    "add": lambda project: AddAnnotations((box(1), box(2, image_id=2))),
    "change": lambda project: ChangeAnnotations((box(9, annotation_id=1),)),
    "retype": lambda project: ChangeAnnotations((box(9, class_id=2, annotation_id=1),)),
    "remove": lambda project: RemoveAnnotations((1, 2, 3)),
    "accept": lambda project: DecideDetections((3, 4), "accepted", 1),
    "reject": lambda project: DecideDetections((4, 5), "rejected"),
    "reopen": lambda project: DecideDetections((1, 3), "suggested"),
    "add class": lambda project: AddClass("platelet", "#123456"),
    "rename class": lambda project: SetClass(1, "leucocyte", "#654321"),
    "reorder classes": lambda project: ReorderClasses((2, 1)),
    "remove class": lambda project: RemoveClass(1),
    "state of images": lambda project: SetImages((1, 4), state="needs_review"),
    "split of images": lambda project: SetImages((1, 2), split="test"),
    "no split": lambda project: SetImages((1, 4), split="none"),
    "remove image": lambda project: RemoveImages((1,)),
    "remove images": lambda project: RemoveImages((1, 2, 4)),
}


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_is_taken_back_and_done_again_exactly(filled: Path, name: str) -> None:
    """On a project with a row in every table, so that all that hangs on what is removed must come back too."""
    with Project.open(filled) as project:
        before = check(filled).checked
        assert_reversible(project, EDITS[name](project))
        assert check(filled).problems == ()
        History(project).undo()
    report = check(filled)
    assert report.problems == ()
    steps = {"undo steps"}
    assert {k: v for k, v in report.checked.items() if k not in steps | {"pages", "contents"}} == {
        k: v for k, v in before.items() if k not in steps | {"pages", "contents"}
    }


@pytest.fixture
def ready(project: Project) -> Project:
    """Two images, two classes, a run with three suggestions on the first image."""
    with project.atomic():
        for n in range(2):
            add_image(project, f"{n}.png", n)
        for name in ("cell", "face"):
            classes.add(project, name)
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        detections.put(
            project, 1, run_id, [Detection(0, 1, 1, 0.9 - n / 10, Box(n, n, n + 2, n + 2)) for n in range(3)]
        )
    return project


def test_undo_has_no_limit_and_survives_restarts(ready: Project, path: Path) -> None:
    states = [rows_by_table(ready)]
    for n in range(20):
        History(ready).do(AddAnnotations((box(n, image_id=1 + n % 2),)), 1 + n % 2)
        states.append(rows_by_table(ready))
    ready.close()
    for expected in reversed(states[:-1]):
        with Project.open(path) as project:
            assert History(project).undo() is not None
            assert rows_by_table(project) == expected
    for expected in states[1:]:
        with Project.open(path) as project:
            assert History(project).redo() is not None
            assert rows_by_table(project) == expected


def test_the_menu_says_what_comes_next(ready: Project) -> None:
    history = History(ready)
    assert (history.next_undo(), history.next_redo(), history.undo(), history.redo()) == (None,) * 4
    history.do(AddAnnotations((box(1),)), 1)
    history.do(SetImages((2,), state="done"), 2)
    assert history.next_undo() == Entry("Set state of image", 2)
    assert history.undo() == Entry("Set state of image", 2)
    assert (history.next_undo(), history.next_redo()) == (Entry("Add box", 1), Entry("Set state of image", 2))
    assert history.redo() == Entry("Set state of image", 2)


def test_a_new_edit_drops_what_could_be_redone(ready: Project) -> None:
    history = History(ready)
    history.do(AddAnnotations((box(1),)))
    history.undo()
    history.do(AddAnnotations((box(2),)))
    assert history.next_redo() is None
    assert history.redo() is None


def test_an_edit_that_does_nothing_is_not_remembered(ready: Project) -> None:
    history = History(ready)
    history.do(AddAnnotations((box(1),)))
    history.undo()
    history.do(RemoveAnnotations((99,)))
    history.do(DecideDetections((99,), "accepted"))
    history.do(AddAnnotations(()))
    assert history.next_undo() is None
    assert history.next_redo() == Entry("Add box", None)


@pytest.mark.parametrize(
    "edit",
    [
        AddAnnotations((box(1), box(2, image_id=99))),
        AddAnnotations((box(1), box(2, class_id=99))),
        AddAnnotations((box(1), Annotation(0, 1, 1, Box(3, 3, 3, 3)))),
        ChangeAnnotations((box(1, annotation_id=99),)),
        AddClass("cell"),
        AddClass(" "),
        SetClass(1, "face", "#000000"),
        SetClass(1, "", "#000000"),
        SetClass(99, "new", "#000000"),
    ],
    ids=repr,
)
def test_an_edit_that_cannot_be_done_changes_nothing(ready: Project, path: Path, edit: Edit) -> None:
    history = History(ready)
    history.do(AddAnnotations((box(5),)))
    history.do(AddAnnotations((box(6),)))
    history.undo()
    before, heard = path.read_bytes(), list[Change]()
    ready.on_change(heard.append)
    with pytest.raises(UserError):
        history.do(edit)
    assert path.read_bytes() == before
    assert heard == []
    assert history.next_redo() is not None


def test_history_tells_what_was_added(ready: Project) -> None:
    history = History(ready)
    assert history.do(AddAnnotations((box(1), box(2)))).added_annotations == (1, 2)
    assert history.do(DecideDetections((1,), "accepted")).added_annotations == (3,)
    assert history.do(RemoveAnnotations((1,))).added_annotations == ()


def test_who_did_it_is_kept(ready: Project) -> None:
    with ready.atomic():
        anna = authors.by_name(ready, "anna")
    History(ready, anna).do(AddAnnotations((box(1),)))
    assert ready.rows("SELECT author_id FROM history") == [(anna,)]


def test_a_decided_suggestion_is_decided_once(ready: Project) -> None:
    history = History(ready)
    history.do(DecideDetections((1, 2), "accepted"))
    history.do(DecideDetections((1, 2, 3), "rejected"))
    states = [one.state for one in detections.of_image(ready, 1)]
    assert states == ["accepted", "accepted", "rejected"]
    history.do(DecideDetections((1, 2, 3), "suggested"))
    assert [one.state for one in detections.of_image(ready, 1)] == ["accepted", "accepted", "suggested"]
    assert annotations.count(ready) == 2
    made = annotations.of_image(ready, 1)
    assert [(one.detection_id, one.shape) for one in made] == [
        (one.id, one.shape) for one in detections.of_image(ready, 1)[:2]
    ]


def test_ids_of_classes_never_come_back(ready: Project) -> None:
    history = History(ready)
    history.do(AddClass("third"))
    history.undo()
    history.do(AddClass("fourth"))
    assert [record.id for record in classes.all_classes(ready)] == [1, 2, 4]


def test_removed_pictures_stay_in_the_file_only_as_long_as_they_can_come_back(ready: Project, path: Path) -> None:
    history = History(ready)
    history.do(RemoveImages((1,)))
    assert images.all_ids(ready) == [2]
    assert ready.value("SELECT COUNT(*) FROM contents") == 2
    with ready.atomic():
        assert contents.release(ready) == 0
    history.undo()
    assert images.read(ready, images.get(ready, 1)) == png(0)
    history.redo()
    history.undo()
    history.do(AddClass("third"))
    history.do(RemoveImages((1,)))
    history.forget()
    assert ready.value("SELECT COUNT(*) FROM contents") == 1
    assert (history.next_undo(), history.next_redo()) == (None, None)
    ready.close()
    assert png(0)[100:400] not in path.read_bytes()


def test_dropping_what_could_be_redone_keeps_pictures_that_are_there(ready: Project) -> None:
    history = History(ready)
    history.do(RemoveImages((1,)))
    history.undo()
    history.do(AddClass("third"))
    assert images.read(ready, images.get(ready, 1)) == png(0)
    history.undo()
    assert images.read(ready, images.get(ready, 1)) == png(0)


# What was changed by another way than through history, between an edit and its undo.


def test_undoing_something_on_an_image_that_is_gone_for_good_says_so_and_goes_on(ready: Project) -> None:
    history = History(ready)
    history.do(AddAnnotations((box(1, image_id=2),)))
    history.do(AddAnnotations((box(1, image_id=1),)), 1)
    with ready.atomic():
        images.remove(ready, [1])
    with pytest.raises(ConflictError, match="'Add box' can no longer be undone") as caught:
        history.undo()
    assert "left out of the history" in caught.value.hint
    assert history.undo() == Entry("Add box", None)
    assert annotations.count(ready) == 0
    assert history.redo() is not None
    assert history.redo() is None


def test_what_can_still_come_back_does(ready: Project) -> None:
    history = History(ready)
    history.do(AddAnnotations((box(1, image_id=1), box(2, image_id=2))))
    history.do(RemoveClass(1))
    with ready.atomic():
        images.remove(ready, [1])
    assert history.undo() is not None
    assert [one.shape for one in annotations.of_image(ready, 2)] == [Box(2, 0, 3, 1)]
    assert annotations.count(ready) == 1
    assert history.redo() is not None
    assert classes.find(ready, "cell") is None


def test_a_change_of_a_removed_image_does_not_bring_it_back(ready: Project, tmp_path: Path) -> None:
    history = History(ready)
    history.do(SetImages((1,), state="done"))
    with ready.atomic():
        images.remove(ready, [1])
    with pytest.raises(ConflictError, match="no longer there"):
        history.undo()
    assert images.all_ids(ready) == [2]


def test_undoing_the_acceptance_of_a_deleted_runs_suggestion_drops_the_annotation(ready: Project) -> None:
    history = History(ready)
    history.do(DecideDetections((1,), "accepted"))
    with ready.atomic():
        ready.execute("DELETE FROM runs")
    assert history.undo() is not None
    assert annotations.count(ready) == 0
    assert history.redo() is not None
    assert [one.detection_id for one in annotations.of_image(ready, 1)] == [None]


def test_a_removed_annotation_comes_back_without_its_deleted_detection(ready: Project) -> None:
    history = History(ready)
    history.do(DecideDetections((1,), "accepted"))
    history.do(RemoveAnnotations((1,)))
    with ready.atomic():
        ready.execute("DELETE FROM runs")
    assert history.undo() is not None
    assert [one.detection_id for one in annotations.of_image(ready, 1)] == [None]


def test_a_class_that_is_in_use_since_does_not_go(ready: Project) -> None:
    history = History(ready)
    history.do(AddAnnotations((box(1),)))
    history.do(AddClass("third"))
    with ready.atomic():
        annotations.add(ready, [box(2, class_id=3)])
    with pytest.raises(ConflictError, match=r"'Add class third' can no longer be undone.*still in use"):
        history.undo()
    assert classes.find(ready, "third")
    assert history.undo() == Entry("Add box", None)


def test_a_name_that_is_taken_since_does_not_come_back(ready: Project) -> None:
    history = History(ready)
    history.do(SetClass(1, "leucocyte", "#000000"))
    with ready.atomic():
        classes.add(ready, "cell")
    with pytest.raises(ConflictError, match="already one of that name"):
        history.undo()
    assert [record.name for record in classes.all_classes(ready)] == ["leucocyte", "face", "cell"]
    assert history.undo() is None


def test_what_is_there_again_by_another_way_becomes_as_it_was(ready: Project) -> None:
    history = History(ready)
    history.do(AddAnnotations((box(1), box(2))))
    history.do(RemoveAnnotations((1,)))
    with ready.atomic():
        (new,) = annotations.add(ready, [box(7)])
        ready.execute("UPDATE annotations SET id = 1 WHERE id = ?", (new,))
    assert history.undo() is not None
    assert [one.shape for one in annotations.of_image(ready, 1)] == [Box(1, 0, 2, 1), Box(2, 0, 3, 1)]
    assert history.redo() is not None
    assert [one.shape for one in annotations.of_image(ready, 1)] == [Box(7, 0, 8, 1), Box(2, 0, 3, 1)]


def test_a_refused_undo_changes_nothing_else(ready: Project) -> None:
    """The class cannot come back under its name, so neither do its annotations."""
    history = History(ready)
    history.do(AddAnnotations((box(1), box(2))))
    history.do(RemoveClass(1))
    with ready.atomic():
        classes.add(ready, "cell")
    before = rows_by_table(ready)
    with pytest.raises(ConflictError):
        history.undo()
    assert rows_by_table(ready) == before


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\xc1",
        b"nonsense",
        Restore((Rows("history", ("id",), removed=((1,),)),)),
        Restore((Rows("annotations", ("id", "image_id) VALUES (1, 1); --"), changed=((1, 1),)),)),
        Restore((Rows("annotations", ("image_id", "id"), changed=((1, 1),)),)),
        Restore((Rows("annotations", ("id", "image_id"), changed=((1,),)),)),
        Restore((Rows("annotations", removed=((1, 2),)),)),
        Restore((Rows("annotations", ("id", "image_id"), added=((77, 1),)),)),
    ],
    ids=repr,
)
def test_a_damaged_step_is_left_out_with_a_sentence(ready: Project, packed: bytes | Restore) -> None:
    import msgspec

    history = History(ready)
    history.do(AddAnnotations((box(1),)))
    history.do(AddAnnotations((box(2),)))
    with ready.atomic():
        data = packed if isinstance(packed, bytes) else msgspec.msgpack.encode(packed)
        ready.execute("UPDATE history SET edit = ? WHERE id = 2", (data,))
    before = rows_by_table(ready)
    with pytest.raises(ConflictError, match="record is damaged"):
        history.undo()
    assert rows_by_table(ready) == before
    assert history.undo() is not None
    assert annotations.count(ready) == 1


def test_edits_inside_a_larger_change_stand_or_fall_with_it(ready: Project) -> None:
    history = History(ready)
    with pytest.raises(ZeroDivisionError), ready.atomic():
        history.do(AddAnnotations((box(1),)))
        raise ZeroDivisionError
    assert history.next_undo() is None
    with ready.atomic():
        history.do(AddAnnotations((box(1),)))
        history.undo()
    assert history.next_redo() is not None


def test_titles(ready: Project) -> None:
    keypoints = Annotation(0, 1, 1, Keypoints.of([(1, 1, 2)]))
    assert AddAnnotations((box(1),)).title == "Add box"
    assert AddAnnotations((keypoints,)).title == "Add keypoints"
    assert AddAnnotations((box(1), box(2))).title == "Add 2 annotations"
    assert ChangeAnnotations((box(1),), "Move").title == "Move box"
    assert RemoveAnnotations((1, 2)).title == "Delete 2 annotations"
    assert DecideDetections((1,), "accepted").title == "Accept suggestion"
    assert DecideDetections((1, 2), "suggested").title == "Reopen 2 suggestions"
    assert RemoveImages((1, 2)).title == "Delete 2 images"
    assert SetImages((1,), split="val").title == "Set split of image"
