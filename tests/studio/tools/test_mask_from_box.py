"""Mask from box: the network's answer while the box is drawn, and what is kept of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.geometry.overlap import iou
from engine.geometry.shapes import Box, Mask, Polygon
from engine.project.edits import AddAnnotations
from studio.orders import Failure
from studio.prompts import Prompt, Prompted
from studio.tools import Options, Pointer, Remark
from studio.tools.mask_from_box import MARGIN, TOOL
from tests.studio.tools.events import (
    CLASSES,
    Player,
    drag,
    key,
    move,
    network,
    played,
    press,
    release,
    scene,
    unfinished,
)

REFUSAL = Failure("No trained network here makes masks of boxes.", "Fine-tune a Mask R-CNN first.")


def test_the_picture_is_looked_at_before_the_first_box() -> None:
    first = next(TOOL.gesture(scene()))
    assert first.prompt == Prompt(7)
    assert "looking" in first.hint


def test_the_mask_appears_while_the_box_is_dragged() -> None:
    shown = unfinished(TOOL, scene(), press(20, 20), drag(40, 30), drag(60, 50))
    assert [type(shape) for shape in shown.shapes] == [Mask]
    assert shown.shapes[0].bounds == (21, 21, 59, 49)
    assert shown.band == ((20, 20), (60, 50))
    assert shown.prompt == Prompt(7, (Box(20, 20, 60, 50),) * 2, (1, None)), "as the class in hand, and as any"
    assert "cell 0.90" in shown.hint


@pytest.mark.parametrize(
    "events",
    [
        (press(20, 20), drag(60, 50), release(60, 50)),
        (press(20, 20), release(20, 20), move(60, 50), press(60, 50)),
        (press(20, 20), release(20, 20), move(60, 50), replace(key("Return"), xy_image=(60, 50))),
    ],
    ids=["drag", "two clicks", "Enter"],
)
def test_letting_go_keeps_the_mask(events: tuple[Pointer, ...]) -> None:
    edit, _ = played(TOOL, scene(class_id=2), *events)
    assert isinstance(edit, AddAnnotations)
    (annotation,) = edit.annotations
    assert annotation.class_id == 2  # the class in hand, whatever the network calls it
    assert annotation.shape.bounds == (21, 21, 59, 49)
    assert isinstance(annotation.shape, Mask)


def test_o_keeps_outlines_from_then_on() -> None:
    on = scene()
    edit, previews = played(TOOL, on, press(20, 20), drag(60, 50), key("O"), drag(60, 50), release(60, 50))
    assert isinstance(edit, AddAnnotations)
    assert isinstance(edit.annotations[0].shape, Polygon)
    assert iou(edit.annotations[0].shape, network(Prompt(7, (Box(20, 20, 60, 50),))).found[0].shape) == 1
    assert previews[-1].options == Options(as_polygon=True)
    again, _ = played(TOOL, replace(on, options=previews[-1].options), press(20, 20), drag(60, 50), release(60, 50))
    assert isinstance(again, AddAnnotations) and isinstance(again.annotations[0].shape, Polygon)


def test_a_mask_that_is_let_go_before_it_is_there_is_waited_for() -> None:
    gesture = TOOL.gesture(scene())
    next(gesture)
    gesture.send(press(20, 20))
    gesture.send(drag(50, 40))
    asked = gesture.send(release(60, 50)).prompt
    assert asked is not None and asked.boxes == (Box(20, 20, 60, 50),) * 2
    older = Prompt(7, (Box(20, 20, 50, 40),) * 2, (1, None))
    shown = gesture.send(Pointer("computed", (60, 50), result=network(older)))
    assert shown.prompt is asked and shown.shapes[0].bounds == (21, 21, 49, 39)
    with pytest.raises(StopIteration) as ended:
        gesture.send(Pointer("computed", (60, 50), result=network(asked)))
    assert ended.value.value.annotations[0].shape.bounds == (21, 21, 59, 49)


def test_without_a_network_it_is_said_what_to_do_and_a_press_asks_again() -> None:
    player = Player(TOOL, scene(), lambda prompt: Prompted(prompt, refusal=REFUSAL))
    assert player.previews[-1].notice == f"{REFUSAL.words}\n{REFUSAL.hint}"
    n_shown = len(player.previews)
    shown = player.send(press(20, 20))
    assert shown.notice and not shown.shapes
    assert len(player.previews) == n_shown + 2  # the press, and the answer to what it asked
    assert not player.send(drag(60, 50)).shapes


def test_a_box_with_nothing_in_it_is_told_and_not_kept() -> None:
    outcome, _ = played(TOOL, scene(), press(20, 20), drag(22.5, 60), release(22.5, 60))
    assert isinstance(outcome, Remark) and "nothing" in outcome.words


def test_a_slip_of_the_hand_is_no_box() -> None:
    outcome, _ = played(TOOL, scene(), press(20, 20), drag(20.5, 40), release(20.5, 40))
    assert outcome is None


def surer(own: float, best: float, best_class: int = 2) -> Callable[[Prompt], Prompted]:
    """A network that knows both classes; the mask of the second one is smaller."""

    def answer(prompt: Prompt) -> Prompted:
        found = network(prompt).found
        if len(found) < 2:
            return Prompted(prompt, found)
        small = network(replace(prompt, boxes=(Box(30, 30, 50, 45),), class_ids=(None,))).found[0]
        return Prompted(prompt, (replace(found[0], score=own), replace(small, class_id=best_class, score=best)))

    return answer


DRAG = (press(20, 20), drag(60, 50))


@pytest.mark.parametrize(
    ("own", "best", "best_class", "offered"),
    [
        (0.1, 0.8, 2, True),
        (0.5, 0.5 + MARGIN, 2, True),
        (0.5, 0.65, 2, False),
        (0.1, 0.9, 1, False),
        (0.1, 0.9, 99, False),
    ],
    ids=["surer", "just", "not enough", "the one in hand", "none of this project"],
)
def test_a_class_that_the_network_is_much_surer_of_is_offered(
    own: float, best: float, best_class: int, offered: bool
) -> None:
    player = Player(TOOL, scene(), surer(own, best, best_class))
    shown = [player.send(event) for event in DRAG][-1]
    assert ("Y: as fish" in shown.hint, "Y" in shown.keys) == (offered, offered)
    assert shown.hint.startswith(f"cell {own:.2f}.")
    assert shown.shapes[0].bounds == (21, 21, 59, 49)


def test_y_takes_the_offered_class_with_its_mask_and_again_takes_the_one_in_hand() -> None:
    player = Player(TOOL, scene(), surer(0.1, 0.8))
    for event in (*DRAG, key("Y")):
        shown = player.send(event)
    assert shown.hint.startswith("fish 0.80. Y: as cell.")
    assert shown.shapes[0].bounds == (31, 31, 49, 44)
    assert player.send(key("Y")).hint.startswith("cell 0.10.")
    player.send(key("Y"))
    with pytest.raises(StopIteration) as ended:
        player.send(release(60, 50))
    (annotation,) = ended.value.value.annotations
    assert (annotation.class_id, annotation.shape.bounds) == (2, (31, 31, 49, 44))


def test_where_there_is_one_class_nothing_else_is_asked_for() -> None:
    alone = replace(scene(), classes={1: CLASSES[1]})
    shown = unfinished(TOOL, alone, *DRAG)
    assert shown.prompt == Prompt(7, (Box(20, 20, 60, 50),), (1,))
    assert "Y" not in shown.keys
