"""The select tool, played with plain pointer events: picking, moving, handles, vertices."""

import math

import numpy as np
import pytest

from engine.geometry.masks import from_bitmap
from engine.geometry.planar import to_shapely
from engine.geometry.shapes import Box, Keypoints, Polygon, RotatedBox
from engine.project.edits import ChangeAnnotations
from engine.project.records import Annotation, Detection
from studio.tools import Select
from studio.tools.select import TOOL
from tests.studio.tools.events import (
    UnfinishedError,
    box,
    click,
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

LARGE, SMALL = box(1, 10, 10, 110, 110), box(2, 40, 40, 60, 60)
TRIANGLE = polygon(3, (120, 20), (180, 20), (150, 90))


def outcome(on, *events):
    return played(TOOL, on, *events)[0]


def selected(*ids):
    return Select(frozenset(id_ for id_ in ids if id_ > 0), frozenset(-id_ for id_ in ids if id_ < 0))


def changed(result):
    assert isinstance(result, ChangeAnnotations)
    return {annotation.id: annotation for annotation in result.annotations}


def test_a_click_picks_the_small_one_over_the_large_and_again_the_one_under_it():
    both = [LARGE, SMALL]
    assert outcome(scene(both), *click(50, 50)) == selected(2)
    assert outcome(scene(both, selected=[2]), *click(50, 50)) == selected(1)
    assert outcome(scene(both, selected=[1]), *click(50, 50)) == selected(2)


def test_a_click_on_free_ground_selects_nothing():
    assert outcome(scene([SMALL], selected=[2]), *click(5, 140)) == selected()


def test_shift_adds_and_takes_away():
    on = scene([LARGE, SMALL, TRIANGLE], selected=[3])
    assert outcome(on, *click(50, 50, shift=True)) == selected(2, 3)
    assert outcome(on, *click(150, 40, shift=True)) == selected()


def test_suggestions_can_be_picked_after_annotations():
    suggestion = Detection(9, 7, 1, 0.8, Box(42, 42, 58, 58))
    assert outcome(scene([LARGE], [suggestion]), *click(50, 50)) == selected(1)
    assert outcome(scene([LARGE], [suggestion], selected=[1]), *click(50, 50)) == selected(-9)


def test_a_drag_moves_what_was_not_selected_and_selects_it_at_once():
    result, previews = played(TOOL, scene([SMALL]), press(50, 50), drag(60, 55), release(60, 55))
    assert changed(result)[2].shape == Box(50, 45, 70, 65)
    assert result.title == "Move box"
    assert previews[1].selects == selected(2)
    assert previews[-1].shapes == (Box(50, 45, 70, 65),) and previews[-1].replaced == {2}


def test_a_drag_moves_the_selected_one_though_another_lies_over_it():
    result = outcome(scene([LARGE, SMALL], selected=[1]), press(50, 50), drag(55, 50), release(55, 50))
    assert changed(result)[1].shape == Box(15, 10, 115, 110)


def test_a_drag_moves_all_that_are_selected_and_carries_them():
    result, previews = played(TOOL, scene([SMALL, TRIANGLE], selected=[2, 3]), press(50, 50), drag(50, 60),
                              release(50, 60))  # fmt: skip
    assert set(changed(result)) == {2, 3}
    assert changed(result)[3].shape.bounds == (120, 30, 180, 100)
    assert previews[-1].carried == {2, 3} and previews[-1].carried_by == (0, 10)
    assert previews[-1].lead == 2


def test_nothing_leaves_the_picture():
    result = outcome(scene([SMALL]), press(50, 50), drag(-100, 400), release(-100, 400))
    assert changed(result)[2].shape == Box(0, 130, 20, 150)


def test_keypoints_go_with_their_shape_and_masks_by_whole_pixels():
    mask = from_bitmap(np.ones((10, 10), bool), 40, 40)
    both = Annotation(5, 7, 1, mask, Keypoints.of([(45, 45, 2), (0, 0, 0)]))
    result = changed(outcome(scene([both]), press(45, 45), drag(55, 45), release(55, 45)))[5]
    assert result.shape.bounds == (50, 40, 60, 50)
    assert result.keypoints == Keypoints.of([(55, 45, 2), (0, 0, 0)])


def test_a_vertex_is_pulled():
    result = outcome(scene([TRIANGLE], selected=[3]), press(181, 21), drag(190, 40), release(190, 40))
    assert changed(result)[3].shape == Polygon.of([(120, 20), (190, 40), (150, 90)])
    assert result.title == "Reshape polygon"


def test_a_vertex_pulled_across_an_edge_leaves_a_valid_shape():
    square = polygon(4, (20, 20), (60, 20), (60, 60), (20, 60))
    result = changed(outcome(scene([square], selected=[4]), press(60, 60), drag(30, -5), release(30, -5)))[4]
    assert to_shapely(result.shape).is_valid and len(result.shape.parts) == 2


def test_pulling_an_edge_puts_in_a_vertex():
    result = outcome(scene([TRIANGLE], selected=[3]), press(150, 21), drag(150, 5), release(150, 5))
    assert changed(result)[3].shape == Polygon.of([(120, 20), (150, 5), (180, 20), (150, 90)])


def test_alt_click_takes_a_vertex_out_but_never_the_third():
    square = polygon(4, (20, 20), (60, 20), (60, 60), (20, 60))
    result = outcome(scene([square], selected=[4]), press(60, 60, alt=True))
    assert changed(result)[4].shape == Polygon.of([(20, 20), (60, 20), (20, 60)])
    assert outcome(scene([TRIANGLE], selected=[3]), press(180, 20, alt=True)) is None


def test_handles_and_edges_of_a_box():
    on = scene([SMALL], selected=[2])
    assert changed(outcome(on, press(60, 60), drag(80, 90), release(80, 90)))[2].shape == Box(40, 40, 80, 90)
    assert changed(outcome(on, press(45, 40), drag(45, 30), release(45, 30)))[2].shape == Box(40, 30, 60, 60)


def test_a_band_selects_what_lies_inside():
    on = scene([LARGE, SMALL, TRIANGLE], [Detection(9, 7, 1, 0.8, Box(42, 42, 58, 58))])
    assert outcome(on, press(115, 115), drag(45, 45), release(45, 45)) == selected()
    result, previews = played(TOOL, on, press(195, 5), drag(112, 100), release(112, 100))
    assert result == selected(3) and previews[-1].band == ((195, 5), (112, 100))
    assert outcome(on, press(1, 1), drag(115, 115), release(115, 115)) == selected(1, 2, -9)


def test_a_band_with_shift_adds():
    on = scene([LARGE, SMALL, TRIANGLE], selected=[2])
    assert outcome(on, press(115, 5, shift=True), drag(190, 95, shift=True), release(190, 95)) == selected(2, 3)


@pytest.mark.parametrize(("name", "shift", "way"), [("Left", False, (-1, 0)), ("Down", True, (0, 10))])
def test_arrows_nudge(name, shift, way):
    result = changed(outcome(scene([SMALL], selected=[2]), key(name, shift=shift)))[2]
    assert result.shape == Box(40 + way[0], 40 + way[1], 60 + way[0], 60 + way[1])


def test_arrows_stop_at_the_edge():
    assert outcome(scene([box(1, 0, 0, 9, 9)], selected=[1]), key("Left")) is None


def test_the_cursor_tells_what_would_be_held():
    with pytest.raises(UnfinishedError) as last:
        played(TOOL, scene([SMALL], selected=[2]), move(60, 60))
    assert last.value.args[0].cursor == "size_f"
    with pytest.raises(UnfinishedError) as last:
        played(TOOL, scene([SMALL], selected=[2]), move(50, 50))
    assert last.value.args[0].cursor == "move"
    with pytest.raises(UnfinishedError) as last:
        played(TOOL, scene([SMALL]), move(5, 5))
    assert last.value.args[0].cursor == "arrow"


FISH = Annotation(6, 7, 2, Box(20, 20, 100, 60), Keypoints.of([(30, 40, 2), (60, 40, 1), (0, 0, 0)]))


def test_a_keypoint_beside_a_shape_is_dragged_and_toggled():
    on = scene([FISH], selected=[6])
    result, previews = played(TOOL, on, press(31, 40), drag(40, 50), release(40, 50))
    assert changed(result)[6].keypoints == Keypoints.of([(40, 50, 2), (60, 40, 1), (0, 0, 0)])
    assert changed(result)[6].shape == FISH.shape
    assert previews[-1].shapes == (FISH.shape, changed(result)[6].keypoints)
    shown = changed(outcome(on, press(60, 41, alt=True)))[6].keypoints
    assert shown == Keypoints.of([(30, 40, 2), (60, 40, 2), (0, 0, 0)])
    with pytest.raises(UnfinishedError) as last:
        played(TOOL, on, move(60, 41))
    assert last.value.args[0].hint.startswith("fin")


def test_keypoints_stay_in_sight_while_their_box_is_dragged():
    _, previews = played(TOOL, scene([FISH], selected=[6]), press(100, 60), drag(120, 80), release(120, 80))
    assert previews[-1].shapes == (Box(20, 20, 120, 80), FISH.keypoints)


def test_a_rotated_box_is_turned_and_with_shift_by_steps():
    tilted = Annotation(4, 7, 1, RotatedBox(100, 75, 60, 30, 0))
    on = scene([tilted], selected=[4])
    knob = (100, 75 - 15 - 28)
    free = changed(outcome(on, press(*knob), drag(140, 40), release(140, 40)))[4].shape
    assert isinstance(free, RotatedBox) and math.isclose(free.angle, math.degrees(math.atan2(40, 35)))
    result, previews = played(TOOL, on, press(*knob), drag(140, 40, shift=True), release(140, 40, shift=True))
    turned = changed(result)[4].shape
    assert isinstance(turned, RotatedBox) and turned.angle == 45 and "45°" in previews[-1].hint


def test_a_dragged_vertex_snaps_with_ctrl_to_neighbours_and_never_to_itself():
    square = polygon(4, (20, 100), (60, 100), (60, 140), (20, 140))
    on = scene([TRIANGLE, square], selected=[4])
    to_neighbour = (press(60, 100), drag(100, 50), drag(117, 23, ctrl=True))
    shown = unfinished(TOOL, on, *to_neighbour)
    assert shown.snap == (120, 20)
    moved = changed(outcome(on, *to_neighbour, release(117, 23, ctrl=True)))[4].shape
    assert (120, 20) in set(map(tuple, moved.parts[0].outer.tolist()))
    assert unfinished(TOOL, on, press(60, 100), drag(40, 100), drag(22, 102, ctrl=True)).snap is None
