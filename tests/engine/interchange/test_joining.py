"""Two people's files put together: in one edit, with authors, and a second time to no effect."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from engine.errors import UserError
from engine.geometry.shapes import Box, Polygon, Shape
from engine.interchange.importing import ImportRequest, import_into
from engine.interchange.joining import JoinReport, JoinRequest, join, look, shared_images
from engine.progress import finish
from engine.project import annotations, attributes, authors, classes, conflicts, contents, images
from engine.project.attribute_edits import AddAttribute, Group
from engine.project.attributes import Attribute
from engine.project.edits import ChangeAnnotations, RemoveAnnotations, SetClass, SetImages
from engine.project.history import History
from engine.project.image_edits import TagImages
from engine.project.records import Annotation
from engine.project.review_edits import SettleConflicts
from engine.project.store import Project
from tests.engine.interchange.conftest import RING, coco_folder
from tests.engine.project.pictures import add_image, link_image, png
from tests.engine.project.reversing import rows_by_table

HERE, THERE, FAR = Box(0, 0, 10, 10), Box(1, 0, 11, 10), Box(20, 20, 30, 30)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Project]:
    """The other person's file."""
    with Project.create(tmp_path / "b.boxwright") as project:
        yield project


def draw(project: Project, image: str, shape: Shape, class_name: str = "cell", author: str | None = None) -> int:
    """Add an annotation by names; picture and class are made where they lack, a picture's seed from its name."""
    with project.atomic():
        record = classes.find(project, class_name)
        class_id = record.id if record else classes.add(project, class_name)
        known = images.named(project, f"{image}.png")
        image_id = known.id if known else add_image(project, f"{image}.png", ord(image))
        author_id = authors.by_name(project, author) if author else None
        return annotations.add(project, [Annotation(0, image_id, class_id, shape, author_id=author_id)])[0]


def looked(project: Project, other: Project) -> JoinReport:
    return finish(look(project, JoinRequest(other.path)))


def joined(project: Project, other: Project) -> JoinReport:
    return finish(join(project, JoinRequest(other.path)))


def told(report: JoinReport) -> dict[str, int]:
    return {name: n for name, n in asdict(report).items() if n}


def shapes_on(project: Project, image: str) -> set[tuple[Shape, str, str | None]]:
    record = images.named(project, f"{image}.png")
    assert record is not None
    class_names = {one.id: one.name for one in classes.all_classes(project)}
    names = authors.names(project)
    return {
        (one.shape, class_names[one.class_id], names.get(one.author_id or 0))
        for one in annotations.of_image(project, record.id)
    }


def test_everything_of_b_comes_in_with_its_author(project: Project, other: Project) -> None:
    draw(project, "a", HERE, author="anna")
    draw(other, "x", FAR, "filler")  # so that ids differ
    draw(other, "a", HERE, author="bob")
    draw(other, "a", FAR, "dirt", author="bob")
    draw(other, "b", HERE, author="bob")
    report = joined(project, other)
    assert told(report) == {
        "images": 2, "shared_images": 1, "classes": 2, "annotations": 3, "identical": 1, "only_b": 1,
    }  # fmt: skip
    assert shapes_on(project, "a") == {(HERE, "cell", "anna"), (FAR, "dirt", "bob")}
    assert shapes_on(project, "b") == {(HERE, "cell", "bob")}
    record = images.named(project, "b.png")
    assert record is not None
    assert images.read(project, record) == png(ord("b"))
    assert images.thumbnail(project, record.id)


def test_joining_again_changes_nothing(project: Project, other: Project) -> None:
    draw(project, "a", HERE)
    draw(project, "a", FAR)
    draw(other, "a", THERE, author="bob")
    draw(other, "b", HERE)
    first = joined(project, other)
    assert (first.conflicts, first.only_a, first.images) == (1, 1, 1)
    before = rows_by_table(project)
    entry = History(project).next_undo()
    again = joined(project, other)
    assert told(again) == {"shared_images": 2, "identical": 1, "only_a": 1, "known_conflicts": 1}
    assert rows_by_table(project) == before
    assert History(project).next_undo() == entry


def test_it_is_one_edit_that_can_be_undone_and_redone(project: Project, other: Project) -> None:
    history = History(project)
    draw(project, "a", HERE)
    draw(other, "a", THERE, author="bob")
    draw(other, "a", FAR, "dirt")
    draw(other, "b", HERE, "nucleus")
    others = History(other)
    others.do(SetClass(2, "dirt", "#123456"))
    others.do(AddAttribute(Attribute(0, 2, "grade", "number", preset=1.0)))
    others.do(TagImages((1, 2), added=("night",)))
    others.do(SetImages((1, 2), state="done", split="val"))
    with project.atomic():
        authors.by_name(project, "bob")
    before, n_contents = rows_by_table(project), project.value("SELECT COUNT(*) FROM contents")
    joined(project, other)
    after = rows_by_table(project)
    assert attributes.all_attributes(project)[0].name == "grade"
    assert {one.name: one.colour for one in classes.all_classes(project)}["dirt"] == "#123456"
    assert [images.tags(project, id_) for id_ in images.all_ids(project)] == [("night",), ("night",)]
    assert [(one.split, one.state) for one in images.all_images(project)] == [("val", "new"), ("val", "done")]
    entry = history.undo()
    assert entry is not None
    assert entry.title == "Merge b.boxwright"
    undone = rows_by_table(project)
    assert {name: rows for name, rows in undone.items() if name not in ("contents", "chunks")} == {
        name: rows for name, rows in before.items() if name not in ("contents", "chunks")
    }
    history.redo()
    assert rows_by_table(project) == after
    history.undo()
    history.forget()
    assert project.value("SELECT COUNT(*) FROM contents") == n_contents


def test_what_differs_waits_in_the_queue(project: Project, other: Project) -> None:
    ours = draw(project, "a", HERE, author="anna")
    theirs = draw(other, "a", THERE, "dirt", author="bob")
    with other.atomic():
        annotations.replace(other, [replace(annotations.get(other, [theirs])[0], attributes={"age": 3.0})])
    assert joined(project, other).conflicts == 1
    (conflict,) = conflicts.of_image(project, 1, "open")
    assert (conflict.annotation_id, conflict.shape, conflict.iou) == (ours, THERE, pytest.approx(90 / 110))
    assert authors.names(project)[conflict.author_id or 0] == "bob"
    assert conflict.attributes == {"age": 3.0}
    assert shapes_on(project, "a") == {(HERE, "cell", "anna")}
    History(project).do(SettleConflicts((conflict.id,), "theirs"))
    assert shapes_on(project, "a") == {(THERE, "dirt", "bob")}
    assert told(joined(project, other)) == {"shared_images": 1, "identical": 1}


@pytest.mark.parametrize("decided", ["open", "ours"])
def test_a_newer_version_of_a_conflict_takes_the_place_of_an_open_one(
    project: Project, other: Project, decided: str
) -> None:
    draw(project, "a", HERE)
    theirs = draw(other, "a", THERE)
    joined(project, other)
    if decided == "ours":
        History(project).do(SettleConflicts((1,), "ours"))
    moved = replace(annotations.get(other, [theirs])[0], shape=Box(2, 0, 12, 10))
    History(other).do(ChangeAnnotations((moved,)))
    assert joined(project, other).conflicts == 1
    assert [(one.shape, one.state) for one in conflicts.of_image(project, 1)] == [
        *([(THERE, "ours")] if decided == "ours" else []),
        (moved.shape, "open"),
    ]
    assert conflicts.count_open(project) == 1


def test_what_came_in_and_changed_here_stays_and_what_changed_there_only_follows(
    project: Project, other: Project
) -> None:
    edited, deleted, followed = (draw(other, "a", shape) for shape in (HERE, FAR, Box(0, 20, 9, 30)))
    joined(project, other)
    mine = {one.shape: one for one in annotations.of_image(project, 1)}
    history = History(project)
    history.do(ChangeAnnotations((replace(mine[HERE], shape=THERE),)))
    history.do(RemoveAnnotations((mine[FAR].id,)))
    newer = replace(annotations.get(other, [followed])[0], shape=Box(0, 20, 9, 31))
    History(other).do(ChangeAnnotations((newer,)))
    assert told(joined(project, other)) == {"shared_images": 1, "newer_in_b": 1, "kept_in_a": 2}
    assert {one.shape for one in annotations.of_image(project, 1)} == {THERE, newer.shape}
    history.undo()
    assert {one.shape for one in annotations.of_image(project, 1)} == {THERE, Box(0, 20, 9, 30)}
    assert edited
    assert deleted


def test_two_people_who_began_with_the_same_import(project: Project, other: Project, tmp_path: Path) -> None:
    folder = coco_folder(tmp_path / "coco")
    for one in (project, other):
        finish(import_into(one, ImportRequest(folder)))
    n = annotations.count(project)
    nudged: tuple[tuple[Project, str, Shape], ...] = (
        (project, "cell", Box(3, 3, 23, 23)),
        (other, "ring", Polygon.of(RING.parts[0].outer)),
    )
    for one, class_name, shape in nudged:
        record = classes.find(one, class_name)
        (drawn,) = (each for each in annotations.of_image(one, 1) if record and each.class_id == record.id)
        History(one).do(ChangeAnnotations((replace(drawn, shape=shape),)))
    assert told(joined(project, other)) == {
        "shared_images": 3, "identical": n - 2, "kept_in_a": 1, "newer_in_b": 1,
    }  # fmt: skip
    assert {one.shape for one in annotations.of_image(project, 1)} == {shape for *_, shape in nudged}


def test_groups_stay_apart(project: Project, other: Project) -> None:
    for one, shapes in ((project, (HERE, FAR)), (other, (Box(0, 20, 5, 25), Box(0, 26, 5, 31)))):
        ids = [draw(one, "a", shape) for shape in shapes]
        History(one).do(Group(tuple(ids)))
    joined(project, other)
    groups: dict[int | None, int] = {}
    for one_of in annotations.of_image(project, 1):
        groups[one_of.group_id] = groups.get(one_of.group_id, 0) + 1
    assert sorted(groups.values()) == [2, 2]
    assert None not in groups


def test_linked_pictures_stay_linked_and_names_stay_apart(project: Project, other: Project, tmp_path: Path) -> None:
    (tmp_path / "linked.png").write_bytes(png(7))
    with other.atomic():
        link_image(other, tmp_path / "linked.png", 7)
    with project.atomic():
        add_image(project, "linked.png", 8)
        add_image(project, "linked-2.png", 9)
    joined(project, other)
    new = images.all_images(project)[-1]
    assert (new.name, new.content_id) == ("linked-3.png", None)
    assert images.read(project, new) == png(7)


def test_a_file_is_not_joined_with_itself_nor_with_none(project: Project, other: Project) -> None:
    with pytest.raises(UserError, match="itself"):
        finish(join(project, JoinRequest(project.path)))
    with pytest.raises(UserError, match="no project file"):
        finish(join(project, JoinRequest(project.path.with_name("none.boxwright"))))


@pytest.mark.parametrize("steps", range(1, 6))
def test_ending_early_leaves_everything_as_it_was(project: Project, other: Project, steps: int) -> None:
    draw(project, "a", HERE)
    for name in "bcd":
        draw(other, name, HERE)
    before = rows_by_table(project)
    work = join(project, JoinRequest(other.path))
    for _ in range(steps):
        if next(work, None) is None:
            return
    work.close()
    assert rows_by_table(project) == before


def test_a_damaged_picture_stops_it_with_nothing_changed(project: Project, other: Project) -> None:
    draw(project, "a", HERE)
    draw(other, "b", HERE)
    with other.atomic():
        other.execute("UPDATE chunks SET bytes = x'00'")
    before = rows_by_table(project)
    with pytest.raises(UserError, match="damaged"):
        joined(project, other)
    assert rows_by_table(project) == before
    assert contents.get(project, 1)


def test_what_another_program_writes_meanwhile_is_seen(project: Project, other: Project) -> None:
    draw(project, "a", HERE)
    draw(other, "a", FAR)
    work = join(project, JoinRequest(other.path))
    while next(work).words != "Writing":
        pass
    with Project.open(project.path) as window:
        draw(window, "a", FAR)
    with pytest.raises(StopIteration) as end:
        while True:
            next(work)
    report: JoinReport = end.value.value
    assert told(report) == {"shared_images": 1, "identical": 1, "only_a": 1}


def test_shared_images(project: Project, other: Project) -> None:
    draw(project, "a", HERE)
    draw(project, "b", HERE)
    draw(other, "b", FAR, "dirt")
    draw(other, "c", FAR)
    (only,) = shared_images(project, other)
    assert [item.shape for item in only.ours] == [HERE]
    assert [(item.shape, item.class_name) for item in only.theirs] == [(FAR, "dirt")]


def test_looking_tells_what_joining_does_and_changes_nothing(project: Project, other: Project) -> None:
    for shape in (HERE, FAR):
        draw(project, "a", shape, author="anna")
    for shape, name in ((THERE, "cell"), (FAR, "cell"), (Box(15, 0, 19, 9), "dirt")):
        draw(other, "a", shape, name, author="bob")
    draw(other, "b", HERE, author="bob")
    before = rows_by_table(project)
    seen = looked(project, other)
    assert rows_by_table(project) == before
    assert joined(project, other) == seen
    with pytest.raises(UserError, match="itself"):
        looked(project, project)


def test_what_another_person_has_drawn_alike_is_kept_once_and_undone(project: Project, other: Project) -> None:
    draw(project, "a", FAR, author="anna")
    draw(other, "a", FAR, author="bob")
    before = rows_by_table(project)
    joined(project, other)
    joined(project, other)
    (kept,) = conflicts.of_image(project, 1)
    assert (kept.state, kept.iou, kept.shape, conflicts.count_open(project)) == ("ours", 1.0, FAR, 0)
    History(project).undo()
    after = rows_by_table(project)
    assert {name: rows for name, rows in after.items() if name in ("conflicts", "annotations")} == {
        name: rows for name, rows in before.items() if name in ("conflicts", "annotations")
    }


def test_a_copy_of_the_same_persons_is_no_second_opinion(project: Project, other: Project) -> None:
    draw(project, "a", FAR, author="anna")
    draw(other, "a", FAR, author="anna")
    draw(other, "a", HERE, author=None)
    joined(project, other)
    assert conflicts.of_image(project, 1) == []


def test_what_was_alike_and_is_changed_here_is_not_asked_about_again(project: Project, other: Project) -> None:
    id_ = draw(project, "a", FAR, author="anna")
    draw(other, "a", FAR, author="bob")
    joined(project, other)
    mine = annotations.get(project, [id_])[0]
    History(project).do(ChangeAnnotations((replace(mine, shape=Box(21, 20, 31, 30)),)))
    assert told(joined(project, other)) == {"shared_images": 1, "known_conflicts": 1}
