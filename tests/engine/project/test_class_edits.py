"""Edits of classes across a project: everything goes along, and everything comes back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UserError
from engine.geometry.shapes import Box, Keypoints
from engine.project import annotations, attributes, classes, detections, runs
from engine.project.attribute_edits import AddAttribute
from engine.project.attributes import Attribute
from engine.project.class_edits import (
    AddClass,
    MergeClasses,
    RemoveClass,
    ReorderClasses,
    SetClass,
    SetParent,
    SetSkeleton,
)
from engine.project.edits import Edit
from engine.project.history import History
from engine.project.records import Annotation, Detection
from engine.project.store import Project
from tests.engine.project.pictures import add_image
from tests.engine.project.reversing import assert_reversible, rows_by_table


@pytest.fixture
def ids(project: Project) -> dict[str, int]:
    """Classes cell > nucleus, and dirt; on two pictures annotations and detections of each, some accepted."""
    with project.atomic():
        named = {name: classes.add(project, name) for name in ("cell", "nucleus", "dirt")}
        project.execute("UPDATE classes SET parent_id = ? WHERE id = ?", (named["cell"], named["nucleus"]))
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        for seed in (1, 2):
            image_id = add_image(project, f"{seed}.png", seed)
            found = [Detection(0, image_id, id_, 0.9, Box(1, 1, 9, 9 + n)) for n, id_ in enumerate(named.values())]
            detections.put(project, image_id, run_id, found)
            made_of = detections.of_image(project, image_id)[0]
            annotations.add(
                project,
                [
                    Annotation(0, image_id, named["dirt"], Box(2, 2, 8, 8), detection_id=made_of.id),
                    *(Annotation(0, image_id, id_, Box(n, 0, 5 + n, 5)) for n, id_ in enumerate(named.values())),
                ],
            )
    for class_id, name in ((named["cell"], "stain"), (named["cell"], "age"), (named["nucleus"], "stain")):
        History(project).do(AddAttribute(Attribute(0, class_id, name, "text")))
    return named


def classes_of_all(project: Project, table: str) -> set[int]:
    return {class_id for (class_id,) in project.rows(f"SELECT DISTINCT class_id FROM {table}")}


def test_merging_moves_annotations_detections_attributes_and_children(project: Project, ids: dict[str, int]) -> None:
    assert_reversible(project, MergeClasses(ids["cell"], ids["dirt"]))
    for table in ("annotations", "detections"):
        assert classes_of_all(project, table) == {ids["nucleus"], ids["dirt"]}
    left = classes.by_id(project)
    assert set(left) == {ids["nucleus"], ids["dirt"]}
    assert left[ids["nucleus"]].parent_id == ids["dirt"]
    assert [one.name for one in attributes.of_class(project, ids["dirt"])] == ["stain", "age"]


def test_merging_keeps_the_attribute_that_is_there(project: Project, ids: dict[str, int]) -> None:
    (kept,) = (one for one in attributes.all_attributes(project) if one.class_id == ids["nucleus"])
    History(project).do(SetParent(ids["nucleus"], None))
    assert_reversible(project, MergeClasses(ids["cell"], ids["nucleus"]))
    own = attributes.of_class(project, ids["nucleus"])
    assert [one.name for one in own] == ["stain", "age"]
    assert own[0] == kept
    assert [one.position for one in own] == [0, 1]


@pytest.mark.parametrize(("gone", "kept"), [("cell", "cell"), ("cell", "nucleus")])
def test_merging_into_itself_or_below_is_refused(project: Project, ids: dict[str, int], gone: str, kept: str) -> None:
    before = rows_by_table(project)
    with pytest.raises(UserError):
        History(project).do(MergeClasses(ids[gone], ids[kept]))
    assert rows_by_table(project) == before


def test_merging_classes_with_other_keypoints_is_refused_once_some_are_drawn(
    project: Project, ids: dict[str, int]
) -> None:
    history = History(project)
    history.do(SetSkeleton(ids["dirt"], ("a", "b"), ((0, 1),)))
    image_id = int(project.value("SELECT MIN(id) FROM images"))
    keypoints = Keypoints.of([(1, 1, 2), (2, 2, 2)])
    with project.atomic():
        annotations.add(project, [Annotation(0, image_id, ids["dirt"], Box(0, 0, 3, 3), keypoints)])
    with pytest.raises(UserError, match="keypoints"):
        history.do(MergeClasses(ids["dirt"], ids["cell"]))
    history.do(SetSkeleton(ids["cell"], ("a", "b"), ((0, 1),)))
    history.do(MergeClasses(ids["dirt"], ids["cell"]))


def test_removing_a_class_takes_all_of_it_and_undo_brings_all_of_it_back(project: Project, ids: dict[str, int]) -> None:
    assert_reversible(project, RemoveClass(ids["cell"]))
    assert ids["cell"] not in classes_of_all(project, "annotations") | classes_of_all(project, "detections")
    assert classes.by_id(project)[ids["nucleus"]].parent_id is None


def test_an_annotation_made_of_a_removed_class_s_detection_stays(project: Project, ids: dict[str, int]) -> None:
    before = annotations.count(project)
    History(project).do(RemoveClass(ids["cell"]))
    assert annotations.count(project) == before - 2
    linked = project.rows("SELECT detection_id FROM annotations WHERE detection_id IS NOT NULL")
    assert not linked
    History(project).undo()
    assert len(project.rows("SELECT detection_id FROM annotations WHERE detection_id IS NOT NULL")) == 2


@pytest.mark.parametrize("edit", ["rename", "reorder", "parent", "top", "skeleton", "add below"])
def test_small_edits_are_taken_back(project: Project, ids: dict[str, int], edit: str) -> None:
    cell, nucleus, dirt = ids.values()
    edits: dict[str, Edit] = {
        "rename": SetClass(cell, "blood cell", "#010203"),
        "reorder": ReorderClasses((dirt, nucleus)),
        "parent": SetParent(dirt, nucleus),
        "top": SetParent(nucleus, None),
        "skeleton": SetSkeleton(cell, ("head", "tail"), ((0, 1),)),
        "add below": AddClass("tail", parent_id=dirt),
    }
    assert_reversible(project, edits[edit])
    record = classes.by_id(project)
    if edit == "reorder":
        assert [one.id for one in classes.all_classes(project)] == [dirt, nucleus, cell]
    if edit == "skeleton":
        assert (record[cell].keypoint_names, record[cell].skeleton) == (("head", "tail"), ((0, 1),))
    if edit == "add below":
        assert [one.parent_id for one in record.values() if one.name == "tail"] == [dirt]


@pytest.mark.parametrize(
    "edit",
    [
        SetSkeleton(1, ("a", "a")),
        SetSkeleton(1, ("a", " ")),
        SetSkeleton(1, ("a", "b"), ((0, 2),)),
        SetSkeleton(1, ("a", "b"), ((1, 1),)),
        SetSkeleton(99, ("a",)),
        SetParent(1, 2),
        SetParent(1, 1),
        SetParent(1, 99),
        MergeClasses(1, 99),
        MergeClasses(99, 1),
    ],
)
def test_what_makes_no_sense_is_refused(project: Project, ids: dict[str, int], edit: SetSkeleton | SetParent) -> None:
    assert list(ids.values()) == [1, 2, 3]
    with pytest.raises(UserError):
        History(project).do(edit)


@settings(max_examples=8)
@given(moves=st.lists(st.tuples(st.integers(0, 5), st.none() | st.integers(0, 5)), min_size=4, max_size=10))
def test_classes_never_lie_under_themselves(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[int, int | None]]
) -> None:
    with Project.create(tmp_path_factory.mktemp("tree") / "p.boxwright") as project:
        with project.atomic():
            ids = [classes.add(project, f"class {n}") for n in range(6)]
        parents: dict[int, int | None] = dict.fromkeys(ids)
        for child, parent in moves:
            wanted = None if parent is None else ids[parent]
            try:
                History(project).do(SetParent(ids[child], wanted))
                parents[ids[child]] = wanted
            except UserError:
                assert ids[child] in chain(parents, wanted)
        assert {one.id: one.parent_id for one in classes.all_classes(project)} == parents
        for id_ in ids:
            chain(parents, id_)


def chain(parents: dict[int, int | None], start: int | None) -> list[int]:
    """A class and all above it, by a naive walk that ends badly where there is a cycle."""
    walk: list[int] = []
    while start is not None:
        assert start not in walk
        walk.append(start)
        start = parents[start]
    return walk
