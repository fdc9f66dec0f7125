"""Smart scissors along a disc and a square."""

import math
from dataclasses import replace

import pytest

from engine.geometry.shapes import Polygon
from engine.project.edits import AddAnnotations
from studio.tools import Outcome, Pointer, Scene
from studio.tools.scissors import TOOL
from tests.studio.tools.events import click, double, key, move, played, press, scene, unfinished


def polygon_of(outcome: Outcome) -> Polygon:
    assert isinstance(outcome, AddAnnotations)
    shape = outcome.annotations[0].shape
    assert isinstance(shape, Polygon)
    return shape


def on_disc(degrees: float, **held: bool) -> tuple[Pointer, Pointer]:
    turn = math.radians(degrees)
    return click(60 + 30 * math.cos(turn), 60 + 30 * math.sin(turn), **held)


THREE = (*on_disc(0), *on_disc(120), *on_disc(240))


@pytest.mark.parametrize("end", [(key("Return"),), on_disc(0), (double(45, 34),)])
def test_three_clicks_go_round_a_disc(end: tuple[Pointer, ...]) -> None:
    shape = polygon_of(played(TOOL, scene(), *THREE, *end)[0])
    assert shape.area == pytest.approx(math.pi * 900, rel=0.03)
    assert shape.n_vertices > 12


def test_shift_draws_straight() -> None:
    straight = (*on_disc(0), *on_disc(120, shift=True), *on_disc(240, shift=True), key("Return", shift=True))
    shape = polygon_of(played(TOOL, scene(), *straight)[0])
    assert shape.n_vertices == 3


def test_the_line_follows_the_pointer_along_the_border() -> None:
    line = unfinished(TOOL, scene(), *on_disc(0), move(60, 90)).line
    off = [abs(math.dist(xy, (60, 60)) - 30) for xy in line]
    assert len(line) > 4 and max(off) < 2


def test_backspace_takes_back_a_click() -> None:
    shown = unfinished(TOOL, scene(), *THREE, key("Backspace"), move(70, 70))
    assert len(shown.dots) == 2
    assert played(TOOL, scene(), *on_disc(0), key("Backspace"))[0] is None


def test_without_a_picture_it_is_straight() -> None:
    blind: Scene = replace(scene(), pixels=lambda *_: None)
    assert polygon_of(played(TOOL, blind, *THREE, key("Return"))[0]).n_vertices == 3


def test_the_near_wire_comes_first() -> None:
    gesture = TOOL.gesture(scene())
    next(gesture)
    first = gesture.send(press(90, 60)).compute
    assert first is not None
    near = gesture.send(Pointer("computed", (90, 60), result=first()))
    assert near.compute is not None and near.compute is not first
    assert near.compute().patch.width > first().patch.width  # type: ignore[attr-defined]
