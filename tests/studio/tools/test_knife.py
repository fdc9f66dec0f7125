"""The knife through boxes, polygons and masks."""

import math

import numpy as np

from engine.geometry import masks
from engine.geometry.shapes import Mask
from engine.project.edits import AddAnnotations, ChangeAnnotations, Together
from engine.project.records import Annotation
from studio.tools import Outcome
from studio.tools.knife import TOOL
from tests.studio.tools.events import box, click, drag, key, played, polygon, press, release, scene

LEFT, RIGHT = box(1, 10, 10, 50, 50), polygon(2, (60, 10), (100, 10), (100, 50), (60, 50))
ACROSS = (press(0, 20), drag(50, 20), drag(110, 20), release(110, 20))


def edits(outcome: Outcome) -> tuple[ChangeAnnotations, AddAnnotations]:
    assert isinstance(outcome, Together)
    change, add = outcome.edits
    assert isinstance(change, ChangeAnnotations) and isinstance(add, AddAnnotations)
    return change, add


def test_a_drag_cuts_all_that_it_crosses() -> None:
    change, add = edits(played(TOOL, scene([LEFT, RIGHT]), *ACROSS)[0])
    assert [(each.id, each.shape.area) for each in change.annotations] == [(1, 1200), (2, 1200)]
    assert [(each.id, each.shape.area) for each in add.annotations] == [(0, 400), (0, 400)]
    assert [each.shape.kind for each in change.annotations] == ["box", "polygon"]


def test_only_what_is_selected_is_cut() -> None:
    outcome = played(TOOL, scene([LEFT, RIGHT], selected=[2]), *ACROSS)[0]
    change, _ = edits(outcome)
    assert [each.id for each in change.annotations] == [2]
    assert outcome is not None and outcome.title == "Cut polygon"


def test_clicks_make_a_bent_line() -> None:
    bent = (*click(30, 0), *click(30, 30), *click(0, 30), key("Return"))
    change, add = edits(played(TOOL, scene([LEFT]), *bent)[0])
    assert change.annotations[0].shape.area == 1200 and add.annotations[0].shape.area == 400


def test_a_mask_is_shared_out_to_the_pixel() -> None:
    bitmap = np.hypot(*(np.mgrid[:40, :40] - 19.5)) < 18
    mask = masks.from_bitmap(bitmap, 20, 20)
    steep = (press(20, 15), drag(50, 66), release(50, 66))
    change, add = edits(played(TOOL, scene([Annotation(1, 7, 1, mask)]), *steep)[0])
    pieces = [each.shape for each in (*change.annotations, *add.annotations)]
    assert all(isinstance(piece, Mask) for piece in pieces)
    assert math.isclose(sum(piece.area for piece in pieces), mask.area)
    assert masks.union(*[piece for piece in pieces if isinstance(piece, Mask)]) == mask


def test_what_is_not_divided_stays() -> None:
    assert played(TOOL, scene([LEFT]), press(0, 20), drag(30, 20), release(30, 20))[0] is None
    assert played(TOOL, scene([LEFT]), *click(30, 0), key("Backspace"))[0] is None
