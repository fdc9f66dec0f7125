"""Brush and eraser: strokes on masks and polygons."""

import math

import numpy as np
import pytest

from engine.geometry import masks
from engine.geometry.shapes import Box, Mask, Polygon, Shape
from engine.geometry.spans import to_mask
from engine.imaging.brush import stroke
from engine.project.edits import AddAnnotations, ChangeAnnotations, RemoveAnnotations
from engine.project.records import Annotation
from studio.tools import Options, Outcome, Pointer, Scene, Select
from studio.tools.brush import TOOL as BRUSH
from studio.tools.eraser import TOOL as ERASER
from tests.studio.tools.events import (
    HEIGHT,
    WIDTH,
    box,
    drag,
    key,
    move,
    played,
    polygon,
    press,
    release,
    scene,
    unfinished,
)

TEN = Options(brush=5.0)
SQUARE = Annotation(3, 7, 1, masks.from_bitmap(np.ones((30, 30), bool), 20, 20))


def on(*annotations: Annotation, selected: tuple[int, ...] = (), options: Options = TEN) -> Scene:
    return scene(annotations, selected=selected, options=options)


def shape_of(outcome: Outcome) -> Shape:
    assert isinstance(outcome, AddAnnotations | ChangeAnnotations)
    (annotation,) = outcome.annotations
    return annotation.shape


def dabbed(a: tuple[float, float], b: tuple[float, float], radius: float = 5.0) -> Mask:
    return to_mask(stroke(a, b, radius, (WIDTH, HEIGHT)))


def test_a_stroke_is_a_new_mask() -> None:
    outcome, previews = played(BRUSH, on(), press(40, 40), drag(60, 40), drag(60, 70), release(60, 70))
    assert isinstance(outcome, AddAnnotations)
    expected = masks.union(dabbed((40, 40), (60, 40)), dabbed((60, 40), (60, 70)))
    assert shape_of(outcome) == expected == previews[-1].shapes[0]
    assert previews[-1].circle == ((60, 70), 5.0)


def test_a_click_is_a_dab_and_the_picture_s_edge_cuts_it() -> None:
    assert shape_of(played(BRUSH, on(), press(0, 0), release(0, 0))[0]).bounds == (0, 0, 5, 5)


def test_it_goes_on_with_the_selected_mask_and_alt_takes_away() -> None:
    painted = played(BRUSH, on(SQUARE, selected=(3,)), press(50, 30), release(50, 30))
    assert isinstance(painted[0], ChangeAnnotations) and painted[0].title == "Paint mask"
    assert shape_of(painted[0]) == masks.union(SQUARE.shape, dabbed((50, 30), (50, 30)))
    assert painted[1][-1].replaced == {3}
    rubbed, _ = played(BRUSH, on(SQUARE, selected=(3,)), press(50, 30, alt=True), release(50, 30))
    assert shape_of(rubbed) == masks.subtract(SQUARE.shape, dabbed((50, 30), (50, 30)))


def test_a_selected_box_is_left_alone() -> None:
    outcome, _ = played(BRUSH, on(box(1, 0, 0, 90, 90), selected=(1,)), press(40, 40), release(40, 40))
    assert isinstance(outcome, AddAnnotations)


def test_enter_ends_the_object() -> None:
    assert played(BRUSH, on(SQUARE, selected=(3,)), key("Return"))[0] == Select()
    assert "Return" not in unfinished(BRUSH, on(), move(5, 5)).keys


def test_taking_all_away_removes_the_annotation() -> None:
    small = Annotation(3, 7, 1, masks.from_bitmap(np.ones((4, 4), bool), 20, 20))
    for tool, alt in ((BRUSH, True), (ERASER, False)):
        outcome, _ = played(tool, on(small, selected=(3,)), press(22, 22, alt=alt), release(22, 22))
        assert outcome == RemoveAnnotations((3,))


def test_keys_change_the_size_for_the_next_gesture_too() -> None:
    grown = unfinished(BRUSH, on(), move(50, 50), key("]"), key("]"))
    assert grown.options is not None and grown.options.brush is not None
    assert math.isclose(grown.options.brush, 5 * 1.25**2)
    assert grown.circle is not None and math.isclose(grown.circle[1], 5 * 1.25**2)
    least = unfinished(BRUSH, on(), *[key("{")] * 30).options
    assert least is not None and least.brush == 0.5


def test_without_a_choice_the_size_suits_the_zoom() -> None:
    radii = []
    for pixel in (0.5, 4.0):
        preview = unfinished(BRUSH, on(options=Options()), Pointer("move", (50, 50), view_pixel=pixel))
        assert preview.circle is not None
        radii.append(preview.circle[1])
    assert radii[1] == 8 * radii[0]


def test_it_spares_others_when_told() -> None:
    told = unfinished(BRUSH, on(), key("O")).options
    assert told is not None and told.spares
    others = (box(1, 40, 0, 60, 150), polygon(2, (0, 0), (45, 0), (45, 30)))
    outcome, _ = played(BRUSH, on(*others, options=told), press(40, 40), release(40, 40))
    left = masks.subtract(dabbed((40, 40), (40, 40)), masks.of_box(Box(40, 0, 60, 150)))
    assert shape_of(outcome) == left
    over, _ = played(BRUSH, on(*others), press(40, 40), release(40, 40))
    assert shape_of(over) == dabbed((40, 40), (40, 40))


def test_the_eraser_takes_what_it_is_pressed_on() -> None:
    outcome, _ = played(ERASER, on(box(1, 0, 0, 90, 90), SQUARE), press(35, 20), drag(35, 50), release(35, 50))
    assert shape_of(outcome) == masks.subtract(SQUARE.shape, dabbed((35, 20), (35, 50)))
    assert "Rub out" in unfinished(ERASER, on(box(1, 0, 0, 90, 90)), press(35, 20), drag(35, 50), release(35, 50)).hint


def test_a_polygon_stays_a_polygon() -> None:
    square = polygon(1, (20, 20), (60, 20), (60, 60), (20, 60))
    outcome, _ = played(ERASER, on(square, selected=(1,)), press(40, 10), drag(40, 70), release(40, 70))
    shape = shape_of(outcome)
    assert isinstance(shape, Polygon) and len(shape.parts) == 2
    assert math.isclose(shape.area, 1600 - 40 * 10, rel_tol=0.01)
    hole, _ = played(ERASER, on(square, selected=(1,)), press(40, 40), release(40, 40))
    punched = shape_of(hole)
    assert isinstance(punched, Polygon) and len(punched.parts[0].holes) == 1


@pytest.mark.parametrize("tool", [BRUSH, ERASER])
def test_nothing_changes_where_nothing_is_reached(tool: type) -> None:
    assert played(tool, on(SQUARE, selected=(3,)), press(150, 100, alt=True), release(150, 100))[0] is None  # type: ignore[arg-type]
