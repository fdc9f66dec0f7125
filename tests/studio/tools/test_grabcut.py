"""Box to mask on a picture of a disc and a square."""

import math
from dataclasses import replace

import pytest

from engine.geometry.shapes import Mask
from engine.project.edits import AddAnnotations
from studio.tools import Outcome, Pointer
from studio.tools.grabcut import TOOL
from tests.studio.tools.events import Player, click, drag, key, move, played, press, release, right, scene, unfinished

DRAWN = (press(29, 29), drag(60, 60), drag(91, 91), release(91, 91))


def mask_of(outcome: Outcome) -> Mask:
    assert isinstance(outcome, AddAnnotations)
    shape = outcome.annotations[0].shape
    assert isinstance(shape, Mask)
    return shape


def test_a_box_around_the_disc_gives_the_disc() -> None:
    outcome, previews = played(TOOL, scene(), *DRAWN, key("Return"))
    assert mask_of(outcome).area == pytest.approx(math.pi * 900, rel=0.03)
    assert previews[-1].shapes == (mask_of(outcome),) and previews[-1].band == ((29, 29), (91, 91))
    assert mask_of(played(TOOL, scene(), *click(29, 29), move(50, 50), *click(91, 91), key("Return"))[0]) == mask_of(
        outcome
    )


def test_enter_waits_for_the_mask_of_all_points() -> None:
    player = Player(TOOL, scene())
    for event in DRAWN[:-1]:
        player.send(event)
    shown = player.gesture.send(DRAWN[-1])
    asked = shown.compute
    assert asked is not None and "Looking" in shown.hint
    player.gesture.send(key("Return"))
    with pytest.raises(StopIteration) as end:
        player.gesture.send(Pointer("computed", (0, 0), result=asked()))
    assert mask_of(end.value.value).area > 2500


def test_points_in_and_out_and_taking_them_back() -> None:
    shown = unfinished(TOOL, scene(), *DRAWN, *click(60, 60), right(35, 60))
    assert shown.dots == ((60, 60),) and shown.dots_out == ((35, 60),)
    bitten = shown.shapes[0]
    assert isinstance(bitten, Mask) and bitten.area < math.pi * 900 - 5
    back = unfinished(TOOL, scene(), *DRAWN, *click(60, 60), right(35, 60), key("Backspace"))
    assert back.dots_out == () and back.dots == ((60, 60),)


def test_dragging_says_more() -> None:
    way = [Pointer("move", (35 + n, 60), "right") for n in range(20)]
    shown = unfinished(TOOL, scene(), *DRAWN, right(35, 60), *way)
    assert 3 <= len(shown.dots_out) <= 5
    assert unfinished(TOOL, scene(), *DRAWN, right(35, 60), *way, key("Backspace")).dots_out == ()


def test_a_slip_of_the_hand_is_nothing() -> None:
    assert played(TOOL, scene(), *click(29, 29), *click(30, 30))[0] is None


def test_without_a_picture_the_box_waits() -> None:
    blind = replace(scene(), pixels=lambda *_: None)
    assert "still being read" in unfinished(TOOL, blind, *DRAWN, move(1, 1)).hint
