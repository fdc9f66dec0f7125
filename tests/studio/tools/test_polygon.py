"""The polygon tool, played with plain pointer events."""

import math

import numpy as np
import pytest

from engine.geometry import masks
from engine.geometry.shapes import Polygon
from engine.project.edits import AddAnnotations, ChangeAnnotations, RemoveAnnotations
from engine.project.records import Annotation
from studio.tools.polygon import TOOL
from tests.studio.tools.events import (
    UnfinishedError,
    click,
    double,
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

SQUARE = (*click(10, 10), *click(60, 10), *click(60, 60), *click(10, 60))


def drawn(*events):
    outcome, _ = played(TOOL, scene(), *events)
    assert isinstance(outcome, AddAnnotations)
    return outcome.annotations[0].shape


@pytest.mark.parametrize("end", [(key("Return"),), (double(10, 60),), click(12, 13)])
def test_enter_a_double_click_and_the_first_vertex_close_it(end):
    assert drawn(*SQUARE, *end) == Polygon.of([(10, 10), (60, 10), (60, 60), (10, 60)])


def test_rings_run_clockwise_however_they_were_drawn():
    shape = drawn(*reversed_clicks(), key("Return"))
    assert shape.parts[0].outer.tolist()[0] == [60, 10]
    assert math.isclose(shape.area, 2500)


def reversed_clicks():
    return (*click(10, 10), *click(10, 60), *click(60, 60), *click(60, 10))


def test_backspace_takes_back_a_vertex():
    shape = drawn(*SQUARE, key("Backspace"), key("Return"))
    assert shape == Polygon.of([(10, 10), (60, 10), (60, 60)])


def test_taking_back_the_first_vertex_ends_it():
    assert played(TOOL, scene(), *click(10, 10), key("Backspace"))[0] is None


def test_less_than_an_area_is_nothing():
    assert played(TOOL, scene(), *click(10, 10), *click(50, 10), key("Return"))[0] is None
    assert played(TOOL, scene(), *click(10, 10), *click(50, 10), *click(90, 10), key("Return"))[0] is None


def test_freehand_follows_the_pointer_and_closes_where_it_began():
    turn = [2 * math.pi * step / 90 for step in range(1, 90)]
    way = [drag(100 + 40 * math.cos(a), 75 + 40 * math.sin(a)) for a in turn]
    shape = drawn(press(140, 75), *way, release(139, 74))
    assert math.isclose(shape.area, math.pi * 1600, rel_tol=0.03)
    assert 20 < shape.n_vertices < 60


def test_clicks_and_freehand_join():
    shape = drawn(*click(10, 10), press(60, 10), drag(60, 20), drag(70, 40), drag(60, 60), release(60, 60),
                  *click(10, 60), key("Return"))  # fmt: skip
    assert [60, 10] in shape.parts[0].outer.tolist() and [70, 40] in shape.parts[0].outer.tolist()


def test_a_crossing_is_repaired_by_even_odd():
    shape = drawn(*click(10, 10), *click(60, 60), *click(60, 10), *click(10, 60), key("Return"))
    assert len(shape.parts) == 2
    assert math.isclose(shape.area, 1250)


def test_the_preview_follows_the_pointer():
    with pytest.raises(UnfinishedError) as last:
        played(TOOL, scene(), *click(10, 10), *click(60, 10), move(60, 60))
    preview = last.value.args[0]
    assert preview.shapes == (Polygon.of([(10, 10), (60, 10), (60, 60)]),)
    assert preview.dots == ((10, 10), (60, 10)) and preview.line[-1] == (60, 60)


def test_ctrl_snaps_to_a_neighbour_s_vertex_and_border():
    neighbour = polygon(1, (100, 10), (150, 10), (150, 60), (100, 60))
    held = {"ctrl": True}
    events = (*click(96, 14, **held), *click(60, 10), *click(60, 60), *click(103, 40, **held), key("Return"))
    outcome, _ = played(TOOL, scene([neighbour]), *events)
    assert isinstance(outcome, AddAnnotations)
    assert {(100, 10), (100, 40)} <= set(map(tuple, outcome.annotations[0].shape.parts[0].outer.tolist()))
    free, _ = played(TOOL, scene([neighbour]), *click(96, 14), *click(60, 10), *click(60, 60), key("Return"))
    assert isinstance(free, AddAnnotations)
    assert (96, 14) in set(map(tuple, free.annotations[0].shape.parts[0].outer.tolist()))


def test_what_ctrl_has_snapped_to_is_shown_before_and_while_drawing():
    neighbour = polygon(1, (100, 10), (150, 10), (150, 60), (100, 60))
    on = scene([neighbour])
    assert unfinished(TOOL, on, move(96, 14, ctrl=True)).snap == (100, 10)
    assert unfinished(TOOL, on, move(96, 14)).snap is None
    assert unfinished(TOOL, on, move(60, 100, ctrl=True)).snap is None
    assert unfinished(TOOL, on, *click(20, 20), move(103, 40, ctrl=True)).snap == (100, 40)


def test_alt_cuts_a_hole_and_shift_adds_a_part():
    square = polygon(1, (0, 0), (100, 0), (100, 100), (0, 100))
    inside = (press(20, 20, alt=True), release(20, 20), *click(60, 20), *click(60, 60), *click(20, 60), key("Return"))
    outcome, _ = played(TOOL, scene([square], selected=[1]), *inside)
    assert isinstance(outcome, ChangeAnnotations) and outcome.title == "Cut polygon"
    assert outcome.annotations[0].shape == Polygon.of(
        [(0, 0), (100, 0), (100, 100), (0, 100)], [(20, 20), (20, 60), (60, 60), (60, 20)]
    ) or math.isclose(outcome.annotations[0].shape.area, 10000 - 1600)
    away = (press(120, 20, shift=True), release(120, 20), *click(160, 20), *click(160, 60), key("Return"))
    added, _ = played(TOOL, scene([square], selected=[1]), *away)
    assert isinstance(added, ChangeAnnotations) and len(added.annotations[0].shape.parts) == 2


def test_alt_on_a_mask_keeps_it_a_mask_and_needs_no_selection():
    mask = Annotation(1, 7, 1, masks.from_bitmap(np.ones((90, 90), bool)))
    inside = (press(20, 20, alt=True), release(20, 20), *click(60, 20), *click(60, 60), *click(20, 60), key("Return"))
    outcome, _ = played(TOOL, scene([mask]), *inside)
    assert isinstance(outcome, ChangeAnnotations)
    assert outcome.annotations[0].shape.area == 8100 - 1600


def test_cutting_all_away_removes_it():
    small = polygon(1, (20, 20), (40, 20), (40, 40))
    around = (press(30, 22, alt=True), release(30, 22), *click(90, 0), *click(90, 90), *click(0, 0), key("Return"))
    outcome, _ = played(TOOL, scene([small]), *around)
    assert isinstance(outcome, RemoveAnnotations | ChangeAnnotations)
