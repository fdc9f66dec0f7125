"""Skeletons that are known, bones that follow their keypoints, and whether keypoints are in use."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.geometry.shapes import Box, Keypoints
from engine.project import annotations, classes
from engine.project.class_edits import SetSkeleton
from engine.project.history import History
from engine.project.records import Annotation
from engine.project.skeletons import KNOWN, in_use, renamed
from engine.project.store import Project
from tests.studio.projects import add_picture


def test_known_skeletons_can_be_had(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.boxwright") as project:
        with project.atomic():
            class_id = classes.add(project, "person")
        for known in KNOWN:
            History(project).do(SetSkeleton(class_id, known.names, known.bones))
            record = classes.by_id(project)[class_id]
            assert (record.keypoint_names, record.skeleton) == (known.names, known.bones)
    person = KNOWN[0]
    assert len(person.names) == 17 and len(person.bones) == 19


def test_a_renamed_keypoint_keeps_its_bones_and_one_that_is_gone_loses_them() -> None:
    bones = ((0, 1), (1, 2))
    assert renamed(("a", "b", "c"), ("a", "bb", "c"), bones) == bones
    assert renamed(("a", "b", "c"), ("c", "b", "a"), bones) == ((2, 1), (1, 0))
    assert renamed(("a", "b", "c"), ("a", "c"), bones) == ()
    assert renamed(("a", "b", "c"), ("new", "a", "b", "c"), bones) == ((1, 2), (2, 3))
    assert renamed(("a", "", "c"), ("a", "x", "c"), bones) == bones


NAMES = st.lists(st.sampled_from("abcdef"), max_size=6, unique=True)


@given(NAMES, NAMES, st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=5))
def test_bones_join_the_same_names_as_before(before: list[str], after: list[str], drawn: list[tuple[int, int]]) -> None:
    bones = tuple((a, b) for a, b in drawn if a < len(before) and b < len(before) and a != b)
    kept = renamed(before, after, bones)
    assert all(0 <= end < len(after) for bone in kept for end in bone)
    joined = {(after[a], after[b]) for a, b in kept}
    for a, b in bones:
        if before[a] in after and before[b] in after:
            assert (before[a], before[b]) in joined


def test_keypoints_beside_a_shape_and_alone_are_in_use(tmp_path: Path) -> None:
    points = Keypoints.of([(5, 5, 2), (9, 9, 1)])
    with Project.create(tmp_path / "p.boxwright") as project, project.atomic():
        cell, other = classes.add(project, "cell"), classes.add(project, "other")
        image_id = add_picture(project, 1)
        annotations.add(project, [
            Annotation(0, image_id, cell, points), Annotation(0, image_id, cell, Box(1, 1, 9, 9), points),
            Annotation(0, image_id, cell, Box(1, 1, 9, 9)), Annotation(0, image_id, other, Box(1, 1, 9, 9)),
        ])  # fmt: skip
        assert (in_use(project, cell), in_use(project, other)) == (2, 0)
