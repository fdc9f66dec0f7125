"""The box tool, played with plain pointer events."""

import pytest

from engine.geometry.shapes import Box
from engine.project.edits import AddAnnotations
from studio.tools.box import TOOL
from tests.studio.tools.events import UnfinishedError, click, drag, move, played, press, release, scene


def drawn(*events):
    outcome, previews = played(TOOL, scene(), *events)
    assert isinstance(outcome, AddAnnotations)
    (annotation,) = outcome.annotations
    assert (annotation.image_id, annotation.class_id, annotation.author_id) == (7, 1, 3)
    return annotation.shape, previews


def test_a_drag_makes_a_box():
    shape, previews = drawn(press(10, 20), drag(30, 25), drag(50, 60), release(50, 60))
    assert shape == Box(10, 20, 50, 60)
    assert previews[-1].shapes == (Box(10, 20, 50, 60),)


def test_two_clicks_make_a_box():
    shape, previews = drawn(*click(50, 60), move(30, 30), *click(10, 20))
    assert shape == Box(10, 20, 50, 60)
    assert Box(30, 30, 50, 60) in previews[-1].shapes + previews[-2].shapes


def test_shift_makes_a_square_within_the_picture():
    shape, _ = drawn(press(150, 100), drag(190, 110, shift=True), release(190, 110, shift=True))
    assert shape == Box(150, 100, 190, 140)
    shape, _ = drawn(press(150, 120), drag(260, 130, shift=True), release(260, 130, shift=True))
    assert shape == Box(150, 120, 180, 150)


@pytest.mark.parametrize("corner", [(0, 0), (200, 0), (0, 150), (200, 150)])
def test_a_square_along_an_edge_goes_inwards(corner):
    inwards = 20 if corner[0] == 0 else -20
    shape, _ = drawn(*click(*corner), press(corner[0] + inwards, corner[1], shift=True))
    x0, y0, x1, y1 = shape.bounds
    assert (x1 - x0, y1 - y0) == (20, 20)
    assert x0 >= 0 and x1 <= 200 and y0 >= 0 and y1 <= 150


def test_the_picture_s_edge_stops_it():
    shape, _ = drawn(press(-5, 20), drag(300, 170), release(300, 170))
    assert shape == Box(0, 20, 200, 150)


def test_a_slip_of_the_hand_draws_nothing():
    assert played(TOOL, scene(), *click(10, 10), *click(10.4, 30))[0] is None
    with pytest.raises(UnfinishedError):
        played(TOOL, scene(), press(10, 10), drag(12, 11), release(12, 11))


def test_hovering_shows_a_crosshair():
    with pytest.raises(UnfinishedError) as last:
        played(TOOL, scene(), move(5, 5))
    assert last.value.args[0].crosshair
