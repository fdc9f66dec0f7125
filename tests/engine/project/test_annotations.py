"""Annotations and detections: every shape comes back equal; what cannot be kept is refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import UserError
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox, Shape
from engine.project import annotations, classes, detections, runs, shapes
from engine.project.records import Annotation, Detection
from engine.project.store import Change, Project
from tests.engine.project.make_golden import SHAPES
from tests.engine.project.pictures import add_image

number = st.floats(-1e6, 1e6)
side = st.floats(0.01, 1e5)
shape = st.one_of(
    st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), number, number, side, side),
    st.builds(RotatedBox, number, number, side, side, st.floats(-720, 720)),
    st.builds(lambda x, y, w, h: Polygon.of([(x, y), (x + w, y), (x, y + h)]), number, number, side, side),
    st.builds(
        lambda x, y, seed: masks.from_bitmap(np.random.default_rng(seed).random((5, 7)) > 0.4, x, y),
        st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 99),
    ),
    st.lists(st.tuples(number, number, st.integers(0, 2)), min_size=1).map(Keypoints.of),
)  # fmt: skip


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.create(tmp_path_factory.mktemp("annotations") / "a.boxwright")
    with project.atomic():
        add_image(project, "a.png", 1)
        classes.add(project, "cell")
        runs.add(project, "detector", "mask_rcnn", "{}")
    return project


@given(
    shape,
    st.none() | st.just(Keypoints.of([(1, 2, 2)])),
    st.dictionaries(st.text(max_size=3), st.text() | st.booleans()),
)
def test_an_annotation_comes_back_as_it_was(
    shared_project: Project, shape: Shape, keypoints: Keypoints | None, attributes: dict[str, str | bool]
) -> None:
    annotation = Annotation(0, 1, 1, shape, keypoints, True, attributes, group_id=7)
    if shape.is_empty:
        with pytest.raises(UserError, match="empty"), shared_project.atomic():
            annotations.add(shared_project, [annotation])
        return
    with shared_project.atomic():
        (id_,) = annotations.add(shared_project, [annotation])
    (found,) = annotations.get(shared_project, [id_])
    assert (found.shape, found.keypoints, found.is_crowd, found.group_id) == (shape, keypoints, True, 7)
    assert found.attributes == attributes
    bounds = shared_project.row("SELECT x0, y0, x1, y1, area FROM annotations WHERE id = ?", (id_,))
    assert bounds == (*shape.bounds, shape.area)


UNKEEPABLE: tuple[Shape, ...] = (
    Box(0, 0, 0, 5),
    Box(3, 3, 1, 1),
    Box(0, 0, math.nan, 1),
    Box(0, 0, math.inf, 1),
    Box(-1e308, -1e308, 1e308, 1e308),
    RotatedBox(math.nan, 0, 1, 1, 0),
    RotatedBox(0, 0, 1, 1, math.inf),
    Polygon(()),
    Keypoints.of([(1, 2, 0)]),
    Keypoints.of([(math.nan, 2, 2), (1, 1, 2)]),
    Keypoints.of([(1, 1, 2), (math.nan, 2, 2)]),
    Mask(0, 0, 0, 0, np.zeros(0, np.uint32)),
    Mask(2**40, 0, 1, 1, np.array([0, 1], np.uint32)),
)


@pytest.mark.parametrize("unkeepable", UNKEEPABLE, ids=repr)
def test_a_shape_that_cannot_be_kept_is_refused_and_nothing_with_it(project: Project, unkeepable: Shape) -> None:
    with project.atomic():
        image_id = add_image(project, "a.png", 1)
        class_id = classes.add(project, "cell")
        run_id = runs.add(project, "detector", "mask_rcnn", "{}")
    good = Annotation(0, image_id, class_id, Box(0, 0, 1, 1))
    with pytest.raises(UserError, match="cannot be kept"), project.atomic():
        annotations.add(project, [good, Annotation(0, image_id, class_id, unkeepable)])
    with pytest.raises(UserError, match="cannot be kept"), project.atomic():
        detections.put(project, image_id, run_id, [Detection(0, image_id, class_id, 0.5, unkeepable)])
    assert annotations.count(project) == 0
    assert detections.of_run(project, run_id) == []


def test_keypoints_beside_a_shape_that_cannot_be_kept(project: Project) -> None:
    with project.atomic():
        image_id, class_id = add_image(project, "a.png", 1), classes.add(project, "cell")
    keypoints = Keypoints.of([(math.nan, 1, 2)])
    with pytest.raises(UserError, match="cannot be kept"), project.atomic():
        annotations.add(project, [Annotation(0, image_id, class_id, Box(0, 0, 1, 1), keypoints)])


def test_what_an_annotation_belongs_to_must_be_there(project: Project) -> None:
    with project.atomic():
        image_id = add_image(project, "a.png", 1)
        class_id = classes.add(project, "cell")
    for wrong in ((99, class_id), (image_id, 99)):
        with pytest.raises(UserError, match="no longer in"), project.atomic():
            annotations.add(project, [Annotation(0, *wrong, Box(0, 0, 1, 1))])


def test_questions(project: Project) -> None:
    with project.atomic():
        ids = [add_image(project, f"{n}.png", n, split) for n, split in enumerate(("train", "train", "val"))]
        class_id = classes.add(project, "cell")
        added = annotations.add(project, [Annotation(0, ids[0], class_id, shape) for shape in SHAPES])
        annotations.add(project, [Annotation(0, ids[2], class_id, SHAPES[0])])
    assert [one.shape for one in annotations.of_image(project, ids[0])] == list(SHAPES)
    assert {image_id: len(found) for image_id, found in annotations.of_split(project, "train").items()} == {
        ids[0]: len(SHAPES),
        ids[1]: 0,
    }
    assert [one.id for one in annotations.get(project, [added[2], 99, added[0]])] == [added[0], added[2]]
    assert annotations.count(project) == len(SHAPES) + 1
    assert classes.counts(project) == {class_id: len(SHAPES) + 1}


def test_replacing_and_removing_are_announced(project: Project) -> None:
    heard: list[Change] = []
    with project.atomic():
        ids = [add_image(project, f"{n}.png", n) for n in range(2)]
        class_id = classes.add(project, "cell")
        added = annotations.add(project, [Annotation(0, image_id, class_id, Box(0, 0, 1, 1)) for image_id in ids])
    project.on_change(heard.append)
    with project.atomic():
        annotations.replace(project, [Annotation(added[0], ids[0], class_id, Box(0, 0, 2, 2))])
    with project.atomic():
        annotations.remove(project, [added[1], 99])
    assert heard == [Change(annotated=frozenset({ids[0]})), Change(annotated=frozenset({ids[1]}))]
    assert [one.shape for one in annotations.of_image(project, ids[0])] == [Box(0, 0, 2, 2)]
    assert annotations.of_image(project, ids[1]) == []


def test_new_suggestions_leave_what_a_person_has_decided(project: Project) -> None:
    with project.atomic():
        image_id, class_id = add_image(project, "a.png", 1), classes.add(project, "cell")
        run_id, other = (runs.add(project, "detector", "mask_rcnn", "{}") for _ in range(2))

        def found(score: float) -> Detection:
            return Detection(0, image_id, class_id, score, Box(0, 0, 1, 1))

        detections.put(project, image_id, run_id, [found(0.9), found(0.8), found(0.7)])
        detections.put(project, image_id, other, [found(0.1)])
        first = detections.of_image(project, image_id, run_id)
        project.execute("UPDATE detections SET state = 'accepted' WHERE id = ?", (first[0].id,))
        project.execute("UPDATE detections SET state = 'rejected' WHERE id = ?", (first[1].id,))
        detections.put(project, image_id, run_id, [found(0.5), found(0.95)])
    told = [(one.score, one.state) for one in detections.of_image(project, image_id, run_id)]
    assert told == [(0.95, "suggested"), (0.9, "accepted"), (0.8, "rejected"), (0.5, "suggested")]
    assert [one.score for one in detections.of_image(project, image_id)] == [0.95, 0.9, 0.8, 0.5, 0.1]
    assert len(detections.of_run(project, run_id)) == 4


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE annotations SET geometry = x'00'",
        "UPDATE annotations SET keypoints = x'00'",
        "UPDATE annotations SET attributes = '{'",
    ],
)
def test_a_damaged_annotation_is_called_by_its_name(project: Project, statement: str) -> None:
    with project.atomic():
        image_id, class_id = add_image(project, "a.png", 1), classes.add(project, "cell")
        annotations.add(project, [Annotation(0, image_id, class_id, Box(0, 0, 1, 1))])
        project.execute(statement)
    with pytest.raises(UserError, match="Annotation 1 is damaged"):
        annotations.of_image(project, image_id)


def test_keypoints_beside_a_shape_are_keypoints() -> None:
    assert shapes.keypoints_of(None) is None
    with pytest.raises(ValueError, match="reshape"):
        shapes.keypoints_of(b"\0" * 16)
