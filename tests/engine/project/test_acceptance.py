"""What became of suggestions, through accepting, changing, retyping, deleting and undoing."""

from dataclasses import replace

import pytest

from engine.geometry.overlap import iou
from engine.geometry.shapes import Box, Keypoints, Polygon, Shape
from engine.project import annotations, authors, classes, detections, runs
from engine.project.acceptance import Acceptance, acceptance, together
from engine.project.edits import ChangeAnnotations, DecideDetections, RemoveAnnotations
from engine.project.history import History
from engine.project.records import Annotation, Detection
from engine.project.store import Project
from tests.engine.project.pictures import add_image
from tests.engine.project.reversing import assert_reversible


@pytest.fixture
def found(project: Project) -> list[Detection]:
    """Three suggestions of class 1 and one of class 2, on one picture, best first."""
    with project.atomic():
        first, second = classes.add(project, "cell"), classes.add(project, "dirt")
        image_id = add_image(project, "a.png", 1)
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
        shapes: tuple[Shape, ...] = (
            Box(0, 0, 10, 10),
            Polygon.of([(0, 0), (8, 0), (0, 8)]),
            Box(5, 5, 9, 9),
            Keypoints.of([(1, 1, 2)]),
        )
        of_class = (first, first, first, second)
        scored = [
            Detection(0, image_id, class_id, 0.9 - n / 10, shape)
            for n, (class_id, shape) in enumerate(zip(of_class, shapes, strict=True))
        ]
        detections.put(project, image_id, run_id, scored)
        authors.by_name(project, "anna")
    return detections.of_image(project, image_id)


def made(project: Project) -> list[Annotation]:
    return annotations.of_image(project, 1)


def test_figures_follow_what_a_person_does(project: Project, found: list[Detection]) -> None:
    history = History(project)
    assert acceptance(project) == [Acceptance(1, 1, 3, 0, 0, 0, 0, None), Acceptance(1, 2, 1, 0, 0, 0, 0, None)]
    assert acceptance(project)[0].rate is None
    assert_reversible(project, DecideDetections((found[0].id, found[1].id, found[3].id), "accepted", 1))
    assert_reversible(project, DecideDetections((found[2].id,), "rejected", 1))
    cells, dirt = acceptance(project, [1])
    assert cells == Acceptance(1, 1, 0, 2, 1, 2, 0, 1.0)
    assert (cells.rate, cells.edit_distance) == (2 / 3, 0.0)
    assert dirt == Acceptance(1, 2, 0, 1, 0, 1, 0, 1.0)

    box, triangle, _ = made(project)
    smaller = Box(0, 0, 10, 8)
    assert_reversible(project, ChangeAnnotations((replace(box, shape=smaller), replace(triangle, class_id=2))))
    changed = acceptance(project)[0]
    assert (changed.kept, changed.retyped) == (2, 1)
    assert changed.mean_iou == pytest.approx((iou(smaller, box.shape) + 1) / 2)

    assert_reversible(project, RemoveAnnotations((triangle.id,)))
    assert replace(acceptance(project)[0], mean_iou=None) == Acceptance(1, 1, 0, 2, 1, 1, 0, None)
    assert acceptance(project)[0].edit_distance == pytest.approx(0.2)
    history.undo()
    assert acceptance(project)[0].kept == 2


def test_a_shape_that_comes_back_to_the_suggestion_counts_as_kept_whole(
    project: Project, found: list[Detection]
) -> None:
    history = History(project)
    history.do(DecideDetections((found[1].id,), "accepted"))
    (triangle,) = made(project)
    history.do(ChangeAnnotations((replace(triangle, shape=Box(0, 0, 8, 8)),)))
    assert acceptance(project)[0].edit_distance == pytest.approx(0.5)
    history.do(ChangeAnnotations((triangle,)))
    assert acceptance(project)[0].edit_distance == 0


def test_keypoints_have_no_iou_once_they_are_moved(project: Project, found: list[Detection]) -> None:
    history = History(project)
    history.do(DecideDetections((found[3].id,), "accepted"))
    (points,) = made(project)
    history.do(ChangeAnnotations((replace(points, shape=Keypoints.of([(2, 2, 2)])),)))
    assert acceptance(project)[1] == Acceptance(1, 2, 0, 1, 0, 1, 0, None)


def test_who_decided_and_when_is_kept_until_reopened(project: Project, found: list[Detection]) -> None:
    history = History(project)
    history.do(DecideDetections((found[0].id,), "rejected", 1))
    sql = "SELECT decided_by, decided IS NOT NULL FROM detections WHERE id = ?"
    assert project.row(sql, (found[0].id,)) == (1, 1)
    assert_reversible(project, DecideDetections((found[0].id,), "suggested", 1))
    assert project.row(sql, (found[0].id,)) == (None, 0)


def test_what_a_person_drew_alone_is_measured_against_nothing(project: Project, found: list[Detection]) -> None:
    with project.atomic():
        annotations.add(project, [Annotation(0, 1, 1, Box(0, 0, 5, 5))])
    assert project.value("SELECT COUNT(*) FROM annotations WHERE detection_iou IS NOT NULL") == 0


def test_classes_add_up_weighed_by_what_was_kept() -> None:
    parts = [
        Acceptance(1, 1, 5, 3, 1, 3, 0, 1.0),
        Acceptance(1, 2, 0, 2, 2, 1, 1, 0.6),
        Acceptance(1, 3, 2, 0, 1, 0, 0, None),
    ]
    summed = together(parts)
    assert summed == Acceptance(1, 0, 7, 5, 4, 4, 1, pytest.approx(0.9))
    assert summed.rate == pytest.approx(5 / 9)
    assert summed.edit_distance == pytest.approx(0.1)
    assert together([]) is None
    assert together(parts[2:]) == Acceptance(1, 0, 2, 0, 1, 0, 0, None)
