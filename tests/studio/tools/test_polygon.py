"""The polygon tool, played with plain pointer events."""

import math

import pytest

from engine.geometry.shapes import Polygon
from engine.project.edits import AddAnnotations
from studio.tools.polygon import TOOL
from tests.studio.tools.events import UnfinishedError, click, double, drag, key, move, played, press, release, scene

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
