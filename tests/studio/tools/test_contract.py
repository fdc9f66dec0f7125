"""What every tool keeps to, whatever its file is called."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry.masks import from_bitmap
from engine.geometry.planar import to_shapely
from engine.geometry.shapes import Box, Keypoints, Polygon, RotatedBox
from engine.project.edits import AddAnnotations, ChangeAnnotations, RemoveAnnotations, Together
from engine.project.records import Annotation, Detection
from studio.commands import all_commands
from studio.tools import TOOLS, Outcome, Pointer, Preview, Remark, Scene, Select
from tests.studio.tools.events import HEIGHT, WIDTH, Player, box, polygon, scene

ICONS = Path(__file__).resolve().parents[3] / "resources" / "icons"
NAMES = TOOLS.names()
MENDING = ("select", "eraser", "knife")
"""Tools that change what is there and need no class."""

XYS = st.tuples(st.floats(-40, WIDTH + 40), st.floats(-40, HEIGHT + 40)) | st.sampled_from(
    [(30.0, 30.0), (60.0, 60.0), (10.0, 10.0), (100.0, 40.0), (45.0, 30.0), (150.0, 90.0)]
)
KEYS = ["Return", "Backspace", "Left", "Up", "x", "[", "}", "O", "V"]


def pointers(*, with_modifiers: bool = True) -> st.SearchStrategy[Pointer]:
    held = st.booleans() if with_modifiers else st.just(False)
    return st.builds(
        Pointer,
        st.sampled_from(["press", "move", "move", "release", "double", "leave"]),
        XYS,
        st.sampled_from(["left", "left", "left", "none", "right"]),
        shift=held,
        ctrl=held,
        alt=held,
        view_pixel=st.sampled_from([0.25, 1.0, 3.0]),
    ) | st.builds(Pointer, st.just("key"), XYS, key=st.sampled_from(KEYS))


SELECTED = st.sampled_from([(), (1,), (3,), (4,), (6,), (7,), (1, 3), (-5,)])
CLASS_IDS = st.sampled_from([1, 2])


def crowded(selected: tuple[int, ...], class_id: int = 1) -> Scene:
    blob = from_bitmap(np.hypot(*(np.mgrid[:40, :40] - 19.5)) < 19, 140, 20)
    return scene(
        [
            box(1, 10, 10, 60, 60),
            box(2, 0, 0, 200, 150),
            polygon(3, (90, 30), (140, 30), (120, 80)),
            Annotation(4, 7, 1, RotatedBox(140, 100, 40, 20, 30)),
            Annotation(6, 7, 1, blob),
            Annotation(7, 7, 2, Keypoints.of([(30, 100, 2), (50, 110, 1), (0, 0, 0)])),
        ],
        [Detection(5, 7, 1, 0.9, Box(12, 12, 58, 64))],
        selected,
        class_id,
    )


@pytest.mark.parametrize("name", NAMES)
def test_has_a_title_an_icon_and_keys(name: str) -> None:
    tool = TOOLS.get(name)
    assert tool.title and tool.title[0].isupper()
    assert (ICONS / f"{tool.icon}.svg").is_file()
    assert tool.keys


def test_keys_are_unique_among_tools_and_commands() -> None:
    keys = [key for _, tool in TOOLS for key in tool.keys] + [key for each in all_commands() for key in each.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12)
@given(st.lists(pointers(), max_size=14), SELECTED, CLASS_IDS)
def test_escape_leaves_no_edit_at_any_point(
    name: str, events: list[Pointer], selected: tuple[int, ...], class_id: int
) -> None:
    player = Player(TOOLS.get(name), crowded(selected, class_id))
    for event in events:
        try:
            assert isinstance(player.send(event), Preview)
        except StopIteration:
            return
    assert player.gesture.close() is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30)
@given(st.lists(pointers(), max_size=24), SELECTED, CLASS_IDS)
def test_whatever_the_pointer_does_shapes_are_valid_and_in_the_picture(
    name: str, events: list[Pointer], selected: tuple[int, ...], class_id: int
) -> None:
    on = crowded(selected, class_id)
    for outcome in outcomes(name, on, events):
        check(outcome, on)


def outcomes(name: str, on: Scene, events: list[Pointer]) -> Iterator[Outcome]:
    """What one gesture after the other comes to."""
    player = Player(TOOLS.get(name), on)
    for event in events:
        try:
            player.send(event)
        except StopIteration as stop:
            yield stop.value
            player = Player(TOOLS.get(name), on)


def check(outcome: Outcome, on: Scene) -> None:
    match outcome:
        case None:
            return
        case Remark(words):
            assert words.endswith(".")
        case Select(annotations, detections):
            assert annotations <= on.annotations.keys() and detections <= on.detections.keys()
        case Together(title, edits):
            assert title and edits
            for edit in edits:
                check(edit, on)
        case RemoveAnnotations(ids):
            assert ids and set(ids) <= on.annotations.keys()
        case AddAnnotations(annotations) | ChangeAnnotations(annotations):
            assert annotations and outcome.title
            for annotation in annotations:
                check_annotation(annotation, on, is_new=isinstance(outcome, AddAnnotations))
        case _:
            raise AssertionError(f"no outcome of a tool: {outcome}")


def check_annotation(annotation: Annotation, on: Scene, *, is_new: bool) -> None:
    shape = annotation.shape
    assert annotation.image_id == on.image_id and not shape.is_empty
    assert annotation.id == 0 if is_new else annotation.id in on.annotations
    x0, y0, x1, y1 = shape.bounds
    slack = 1e-6 + (60 if isinstance(shape, RotatedBox) and (x1 - x0 > WIDTH or y1 - y0 > HEIGHT) else 0)
    assert x0 >= -slack and y0 >= -slack and x1 <= WIDTH + slack and y1 <= HEIGHT + slack
    if isinstance(shape, Polygon):
        assert to_shapely(shape).is_valid


@pytest.mark.parametrize("name", [name for name in NAMES if name not in MENDING])
@settings(max_examples=20)
@given(st.lists(pointers(with_modifiers=False), max_size=20), CLASS_IDS)
def test_drawing_tools_never_take_hold_of_what_is_there(name: str, events: list[Pointer], class_id: int) -> None:
    on = crowded((1,), class_id)
    player = Player(TOOLS.get(name), on)
    for event in events:
        try:
            preview = player.send(event)
            assert not preview.replaced and not preview.carried
        except StopIteration as stop:
            if name == "keypoints" and isinstance(stop.value, ChangeAnnotations):
                assert [each.shape for each in stop.value.annotations] == [on.annotations[1].shape]
            else:
                assert stop.value is None or isinstance(stop.value, AddAnnotations | Remark)
            return


@pytest.mark.parametrize("name", [name for name in NAMES if name not in MENDING])
def test_nothing_is_drawn_without_a_class(name: str) -> None:
    gesture = TOOLS.get(name).gesture(scene(class_id=None))
    assert "class" in next(gesture).hint
    for event in (Pointer("press", (5, 5), "left"), Pointer("release", (90, 90), "left")):
        assert not gesture.send(event).shapes
