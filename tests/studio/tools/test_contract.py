"""What every tool keeps to, whatever its file is called."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.geometry.planar import to_shapely
from engine.geometry.shapes import Box, Polygon, RotatedBox
from engine.project.edits import AddAnnotations, ChangeAnnotations
from engine.project.records import Annotation, Detection
from studio.tools import TOOLS, Pointer, Preview, Select
from tests.studio.tools.events import HEIGHT, WIDTH, box, polygon, scene

ICONS = Path(__file__).resolve().parents[3] / "resources" / "icons"
NAMES = TOOLS.names()

XYS = st.tuples(st.floats(-40, WIDTH + 40), st.floats(-40, HEIGHT + 40)) | st.sampled_from(
    [(30.0, 30.0), (60.0, 60.0), (10.0, 10.0), (100.0, 40.0), (45.0, 30.0)]
)
POINTERS = st.builds(
    Pointer,
    st.sampled_from(["press", "move", "move", "release", "double", "leave"]),
    XYS,
    st.sampled_from(["left", "left", "left", "none", "right"]),
    shift=st.booleans(),
    alt=st.booleans(),
    view_pixel=st.sampled_from([0.25, 1.0, 3.0]),
) | st.builds(Pointer, st.just("key"), XYS, key=st.sampled_from(["Return", "Backspace", "Left", "Up", "x"]))


def crowded(selected: tuple[int, ...]):
    rotated = Annotation(4, 7, 1, RotatedBox(140, 100, 40, 20, 30))
    return scene(
        [box(1, 10, 10, 60, 60), box(2, 0, 0, 200, 150), polygon(3, (90, 30), (140, 30), (120, 80)), rotated],
        [Detection(5, 7, 1, 0.9, Box(12, 12, 58, 64))],
        selected,
    )


@pytest.mark.parametrize("name", NAMES)
def test_has_a_title_an_icon_and_keys(name):
    tool = TOOLS.get(name)
    assert tool.title and tool.title[0].isupper()
    assert (ICONS / f"{tool.icon}.svg").is_file()
    assert tool.keys


def test_keys_are_unique():
    keys = [key for _, tool in TOOLS for key in tool.keys]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40)
@given(st.lists(POINTERS, max_size=14), st.sampled_from([(), (1,), (3,), (4,), (1, 3), (-5,)]))
def test_escape_leaves_no_edit_at_any_point(name, events, selected):
    gesture = TOOLS.get(name).gesture(crowded(selected))
    assert isinstance(next(gesture), Preview)
    for event in events:
        try:
            assert isinstance(gesture.send(event), Preview)
        except StopIteration:
            return
    gesture.close()  # raises where a gesture goes on


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=120)
@given(st.lists(POINTERS, max_size=24), st.sampled_from([(), (1,), (3,), (4,), (1, 3), (-5,)]))
def test_whatever_the_pointer_does_shapes_are_valid_and_in_the_picture(name, events, selected):
    on = crowded(selected)
    gesture = TOOLS.get(name).gesture(on)
    next(gesture)
    for event in events:
        try:
            gesture.send(event)
        except StopIteration as stop:
            check(stop.value, on)
            gesture = TOOLS.get(name).gesture(on)
            next(gesture)


def check(outcome, on):
    if outcome is None:
        return
    if isinstance(outcome, Select):
        assert outcome.annotations <= on.annotations.keys() and outcome.detections <= on.detections.keys()
        return
    assert isinstance(outcome, (AddAnnotations, ChangeAnnotations)) and outcome.annotations and outcome.title
    for annotation in outcome.annotations:
        shape = annotation.shape
        assert annotation.image_id == on.image_id and not shape.is_empty
        assert annotation.id == 0 if isinstance(outcome, AddAnnotations) else annotation.id in on.annotations
        x0, y0, x1, y1 = shape.bounds
        slack = 1e-6 + (60 if isinstance(shape, RotatedBox) and (x1 - x0 > WIDTH or y1 - y0 > HEIGHT) else 0)
        assert x0 >= -slack and y0 >= -slack and x1 <= WIDTH + slack and y1 <= HEIGHT + slack
        if isinstance(shape, Polygon):
            assert to_shapely(shape).is_valid


@pytest.mark.parametrize("name", [name for name in NAMES if name != "select"])
@given(st.lists(POINTERS, max_size=20))
def test_drawing_tools_never_take_hold_of_what_is_there(name, events):
    gesture = TOOLS.get(name).gesture(crowded((1,)))
    next(gesture)
    for event in events:
        try:
            preview = gesture.send(event)
            assert not preview.replaced and not preview.carried
        except StopIteration as stop:
            assert stop.value is None or isinstance(stop.value, AddAnnotations)
            return


@pytest.mark.parametrize("name", [name for name in NAMES if name != "select"])
def test_nothing_is_drawn_without_a_class(name):
    gesture = TOOLS.get(name).gesture(scene(class_id=None))
    assert "class" in next(gesture).hint
    for event in (Pointer("press", (5, 5), "left"), Pointer("release", (90, 90), "left")):
        assert not gesture.send(event).shapes
