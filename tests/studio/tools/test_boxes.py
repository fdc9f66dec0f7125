"""Rotated boxes and extreme points."""

import math

import pytest

from engine.geometry.shapes import Box, RotatedBox
from engine.project.edits import AddAnnotations
from studio.tools import Outcome, Pointer
from studio.tools.extreme_points import TOOL as EXTREME
from studio.tools.rotated_box import TOOL as ROTATED
from tests.studio.tools.events import click, drag, key, move, played, press, release, scene, unfinished


def rotated_of(outcome: Outcome) -> RotatedBox:
    assert isinstance(outcome, AddAnnotations)
    shape = outcome.annotations[0].shape
    assert isinstance(shape, RotatedBox)
    return shape


@pytest.mark.parametrize(
    "side", [(*click(50, 50), move(60, 60), *click(80, 80)), (press(50, 50), drag(80, 80), release(80, 80))]
)
def test_a_side_and_a_width(side: tuple[Pointer, ...]) -> None:
    shape = rotated_of(played(ROTATED, scene(), *side, move(60, 90), press(55, 75))[0])
    assert shape.angle == 45 and math.isclose(shape.width, 30 * math.sqrt(2))
    assert math.isclose(shape.height, 20 / math.sqrt(2))
    corners = shape.corners.tolist()
    assert any(math.dist(corner, (50, 50)) < 1e-9 for corner in corners)
    assert any(math.dist(corner, (80, 80)) < 1e-9 for corner in corners)


def test_either_side_and_either_direction_are_the_same_box() -> None:
    one = rotated_of(played(ROTATED, scene(), *click(50, 50), *click(90, 60), press(60, 80))[0])
    other = rotated_of(played(ROTATED, scene(), *click(90, 60), *click(50, 50), press(60, 80))[0])
    assert math.isclose(one.angle, other.angle) and math.isclose(one.height, other.height)
    assert math.dist((one.cx, one.cy), (other.cx, other.cy)) < 1e-9


def test_shift_keeps_to_fifteen_degrees() -> None:
    shape = rotated_of(played(ROTATED, scene(), *click(50, 50), *click(90, 63, shift=True), press(60, 80))[0])
    assert math.isclose(shape.angle, 15)


def test_it_stops_at_the_picture_s_edge() -> None:
    shape = rotated_of(played(ROTATED, scene(), *click(20, 30), *click(60, 10), press(300, 400))[0])
    x0, y0, x1, y1 = shape.bounds
    assert x0 >= 0 and y0 >= 0 and x1 <= 200 and y1 <= 150 + 1e-9
    assert max(x1 - 200, y1 - 150) > -1e-6


def test_a_slip_of_the_hand_is_nothing() -> None:
    assert played(ROTATED, scene(), *click(50, 50), press(50.2, 50))[0] is None
    assert played(ROTATED, scene(), *click(50, 50), *click(90, 50), press(70, 50))[0] is None


FOUR = (*click(40, 10), *click(80, 50), *click(45, 90), *click(12, 60))


def test_four_points_in_any_order_are_a_box() -> None:
    for turn in range(0, 8, 2):
        outcome, _ = played(EXTREME, scene(), *FOUR[turn:], *FOUR[:turn])
        assert isinstance(outcome, AddAnnotations)
        assert outcome.annotations[0].shape == Box(12, 10, 80, 90)


def test_backspace_takes_back_a_point() -> None:
    outcome, _ = played(EXTREME, scene(), *FOUR[:4], *click(0, 0), key("Backspace"), *FOUR[4:])
    assert isinstance(outcome, AddAnnotations) and outcome.annotations[0].shape == Box(12, 10, 80, 90)
    assert played(EXTREME, scene(), *click(5, 5), key("Backspace"))[0] is None


def test_the_box_grows_with_the_pointer() -> None:
    preview = unfinished(EXTREME, scene(), *FOUR[:2], move(80, 70))
    assert preview.shapes == (Box(40, 10, 80, 70),) and "Three" in preview.hint
