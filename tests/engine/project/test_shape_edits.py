"""Edits of shapes, and copies on other pictures: what they do to annotations, and that it is taken back."""

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import UserError
from engine.geometry import masks
from engine.geometry.combining import Operation
from engine.geometry.shapes import Box, Keypoints, Polygon, Shape
from engine.project import annotations, classes
from engine.project.attribute_edits import Group
from engine.project.copy_edits import CopyAnnotations
from engine.project.edits import AddAnnotations, ChangeAnnotations, timed
from engine.project.history import History
from engine.project.records import Annotation
from engine.project.shape_edits import (
    Reshape,
    combine,
    convert,
    cut_hole,
    fill_holes,
    repair,
    separate,
    simplify,
    split,
)
from engine.project.store import Project
from tests.engine.project.pictures import add_image
from tests.engine.project.reversing import assert_reversible

BOW = Polygon.of([(0, 0), (10, 10), (10, 0), (0, 6)])
FINE = Polygon.of([(10 + 8 * np.cos(a), 10 + 8 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 60, endpoint=False)])


def drawn(project: Project, *shapes: Shape, image: int = 1) -> list[Annotation]:
    """Annotations of two classes in turn, on pictures of 32 x 32."""
    with project.atomic():
        if not classes.all_classes(project):
            classes.add(project, "cell")
            classes.add(project, "dirt")
        for n in range(2):
            add_image(project, f"{n}.png", n)
        ids = annotations.add(
            project,
            [
                Annotation(0, image, 1 + n % 2, shape, attributes={"n": float(n)}, seconds=2.0)
                for n, shape in enumerate(shapes)
            ],
        )
    return annotations.get(project, ids)


def on(project: Project, image: int = 1) -> list[Annotation]:
    return annotations.of_image(project, image)


@pytest.mark.parametrize(("operation", "area"), [("union", 150), ("intersect", 50), ("subtract", 50)])
def test_the_first_takes_the_result_and_the_others_go(project: Project, operation: Operation, area: float) -> None:
    first, second = drawn(project, Box(0, 0, 10, 10), Box(5, 0, 15, 10))
    edit = combine(operation, [first, second])
    assert (edit.area_before, edit.area_after) == (200, area)
    assert edit.area_change == pytest.approx(area / 200 - 1)
    assert_reversible(project, edit)
    assert on(project) == [replace(first, shape=edit.changed[0].shape)]


def test_what_is_subtracted_may_stay(project: Project) -> None:
    first, second = drawn(project, Box(0, 0, 10, 10), Box(5, 0, 15, 10))
    edit = combine("subtract", [first, second], keep_others=True)
    assert (edit.area_before, edit.area_after) == (100, 50)
    assert_reversible(project, edit)
    assert [one.shape for one in on(project)] == [Box(0, 0, 5, 10), second.shape]


def test_split_keeps_the_largest_in_place(project: Project) -> None:
    (whole,) = drawn(project, masks.of_box(Box(0, 0, 10, 10)))
    edit = split(whole, [(3, -1), (3, 11)])
    assert_reversible(project, edit)
    largest, piece = on(project)
    assert (largest.id, largest.shape, largest.seconds) == (whole.id, masks.of_box(Box(3, 0, 10, 10)), 2.0)
    assert piece.shape == masks.of_box(Box(0, 0, 3, 10))
    assert (piece.class_id, piece.attributes, piece.seconds) == (whole.class_id, whole.attributes, None)
    assert edit.area_change == 0


def test_a_hole(project: Project) -> None:
    (whole,) = drawn(project, Box(0, 0, 10, 10))
    edit = cut_hole(whole, Box(2, 2, 4, 4))
    assert_reversible(project, edit)
    shape = on(project)[0].shape
    assert isinstance(shape, Polygon)
    assert (shape.area, len(shape.parts[0].holes)) == (96, 1)
    assert edit.area_change == pytest.approx(-0.04)


def test_convert_there_and_back(project: Project) -> None:
    box, polygon, mask = drawn(project, Box(1, 1, 9, 7), FINE, masks.of_polygon(FINE))
    edit = convert([box, polygon, mask], "mask")
    assert [one.id for one in edit.changed] == [box.id, polygon.id], "a mask is one already"
    assert_reversible(project, edit)
    assert all(one.shape.kind == "mask" for one in on(project))
    assert edit.area_before == pytest.approx(48 + FINE.area)
    assert edit.area_change != 0
    assert_reversible(project, convert(on(project), "polygon"))
    assert_reversible(project, convert(on(project), "box"))
    assert on(project)[0].shape == box.shape


def test_simplify_and_repair_touch_only_what_gains(project: Project) -> None:
    fine, bow, box = drawn(project, FINE, BOW, Box(0, 0, 5, 5))
    simpler = simplify([fine, bow, box], 0.5)
    assert fine.id in [one.id for one in simpler.changed]
    assert abs(simpler.area_change) < 0.2
    assert_reversible(project, simpler)
    mended = repair([fine, bow, box])
    assert [one.id for one in mended.changed] == [bow.id]
    assert mended.area_change == pytest.approx(0)
    assert_reversible(project, mended)
    assert not repair(on(project)).changed


@pytest.mark.parametrize(
    "impossible",
    [
        lambda a, b, c: combine("intersect", [a, c]),
        lambda a, b, c: combine("subtract", [a, a]),
        lambda a, b, c: combine("union", [a]),
        lambda a, b, c: combine("union", [a, b]),
        lambda a, b, c: combine("union", [a, replace(a, image_id=2)]),
        lambda a, b, c: split(a, [(20, 0), (20, 9)]),
        lambda a, b, c: split(b, [(0, 0), (9, 9)]),
        lambda a, b, c: cut_hole(a, Box(0, 0, 10, 10)),
        lambda a, b, c: cut_hole(a, Box(20, 20, 25, 25)),
        lambda a, b, c: convert([a, b], "polygon"),
    ],
)
def test_what_cannot_be_done_is_said(project: Project, impossible: object) -> None:
    given = drawn(project, Box(0, 0, 10, 10), Keypoints.of([(3, 3, 2)]), Box(20, 20, 30, 30))
    with pytest.raises(UserError):
        impossible(*given)  # type: ignore[operator]


def test_an_area_of_nothing_has_not_changed() -> None:
    assert Reshape("Repair", ()).area_change == 0


def test_time_is_shared_out_and_added_up(project: Project) -> None:
    first, second = drawn(project, Box(0, 0, 10, 10), Box(5, 0, 15, 10))
    assert [one.seconds for one in timed(ChangeAnnotations((first, second)), 3.0).annotations] == [3.5, 3.5]
    new = timed(AddAnnotations((replace(first, id=0, seconds=None),)), 3.0)
    History(project).do(new)
    assert on(project)[-1].seconds == 3.0


def test_copies_are_clipped_to_the_other_picture(project: Project) -> None:
    points = Keypoints.of([(21, 21, 2), (29, 29, 2)])
    inside, across, beyond = drawn(project, Box(1, 1, 5, 5), Box(20, 20, 30, 30), Box(28, 0, 31, 3))
    with_points = replace(across, keypoints=points, confirmed_run_id=None)
    edit = CopyAnnotations((inside, with_points, beyond), (2,), dx=5, dy=5)
    assert_reversible(project, edit)
    copies = on(project, 2)
    assert [one.shape for one in copies] == [Box(6, 6, 10, 10), Box(25, 25, 32, 32)]
    assert copies[1].keypoints == Keypoints.of([(26, 26, 2), (34, 34, 0)])
    assert [(one.class_id, one.attributes, one.seconds) for one in copies] == [
        (one.class_id, one.attributes, None) for one in (inside, across)
    ]
    assert (edit.title, CopyAnnotations((inside,), (1, 2), verb="Propagate").title) == (
        "Paste 3 annotations",
        "Propagate annotation to 2 images",
    )


def test_propagating_again_adds_nothing(project: Project) -> None:
    shapes = drawn(project, Box(1, 1, 5, 5), masks.of_box(Box(2, 2, 9, 9)), FINE)
    edit = CopyAnnotations(tuple(shapes), (1, 2), verb="Propagate")
    assert_reversible(project, edit)
    assert len(on(project, 1)) == len(on(project, 2)) == 3
    assert History(project).do(edit).is_empty


def test_copies_are_grouped_among_themselves(project: Project) -> None:
    first, second, third = drawn(project, Box(1, 1, 5, 5), Box(2, 2, 6, 6), Box(3, 3, 7, 7))
    History(project).do(Group((first.id, second.id)))
    assert_reversible(project, CopyAnnotations(tuple(on(project)), (1, 2), dx=1))
    groups = [[one.group_id for one in on(project, image)] for image in (1, 2)]
    ours, copied_here, copied_there = groups[0][0], groups[0][3], groups[1][0]
    assert groups == [[ours, ours, None, copied_here, copied_here, None], [copied_there, copied_there, None]]
    assert len({ours, copied_here, copied_there}) == 3
    assert third.group_id is None


def test_what_would_lie_beside_the_picture_is_refused(project: Project) -> None:
    shapes = drawn(project, Box(1, 1, 5, 5))
    with pytest.raises(UserError, match="picture"):
        History(project).do(CopyAnnotations(tuple(shapes), (2,), dx=100))


RINGED = Polygon.of([(0, 0), (20, 0), (20, 20), (0, 20)], [(5, 5), (5, 10), (10, 10), (10, 5)])


def test_holes_are_filled_and_what_has_none_stays(project: Project) -> None:
    ringed, drawn_mask, box = drawn(project, RINGED, masks.of_polygon(RINGED), Box(1, 1, 5, 5))
    edit = fill_holes([ringed, drawn_mask, box])
    assert [(one.id, one.shape.area) for one in edit.changed] == [(ringed.id, 400), (drawn_mask.id, 400)]
    assert (edit.area_before, edit.area_after) == (750, 800)
    assert_reversible(project, edit)


def test_parts_become_annotations_of_their_own(project: Project) -> None:
    apart = masks.union(masks.of_box(Box(0, 0, 4, 4)), masks.of_box(Box(10, 10, 20, 20)))
    two, whole = drawn(project, apart, Box(1, 1, 5, 5))
    edit = separate([two, whole])
    assert [one.shape for one in edit.changed] == [masks.of_box(Box(10, 10, 20, 20))]
    assert [(one.id, one.shape, one.class_id) for one in edit.added] == [
        (0, masks.of_box(Box(0, 0, 4, 4)), two.class_id)
    ]
    assert_reversible(project, edit)


def test_a_mask_becomes_a_polygon_of_few_vertices(project: Project) -> None:
    (mask,) = drawn(project, masks.of_polygon(FINE))
    exact, smooth = (convert([mask], "polygon", smooth=smooth).changed[0].shape for smooth in (False, True))
    assert isinstance(exact, Polygon) and isinstance(smooth, Polygon)
    assert masks.of_polygon(exact) == mask.shape and smooth.n_vertices < exact.n_vertices / 2
    assert masks.iou(masks.of_polygon(smooth), masks.of_polygon(exact)) > 0.9
