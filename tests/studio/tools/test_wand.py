"""The colour wand on a picture of a disc and a square."""

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.geometry import masks
from engine.geometry.shapes import Mask
from engine.project.edits import AddAnnotations, ChangeAnnotations
from engine.project.records import Annotation
from studio.tools import Outcome
from studio.tools.wand import TOOL
from tests.studio.tools.events import drag, move, played, press, release, scene, unfinished


def mask_of(outcome: Outcome) -> Mask:
    assert isinstance(outcome, AddAnnotations | ChangeAnnotations)
    shape = outcome.annotations[0].shape
    assert isinstance(shape, Mask)
    return shape


def test_a_click_takes_the_disc() -> None:
    mask = mask_of(played(TOOL, scene(), press(60, 60), release(60, 60))[0])
    assert mask.area == pytest.approx(math.pi * 900, rel=0.01) and mask.bounds == (30, 30, 90, 90)


def test_dragging_right_takes_more_and_is_kept_for_the_next() -> None:
    outcome, previews = played(TOOL, scene(), press(60, 60), drag(560, 60), release(560, 60))
    assert mask_of(outcome).area == 200 * 150
    assert previews[-1].options is not None and previews[-1].options.tolerance == 87
    assert "Tolerance 87" in previews[-1].hint
    little = mask_of(played(TOOL, scene(), press(60, 60), drag(-20, 60), release(-20, 60))[0])
    assert little.area < 2000


def test_ctrl_takes_all_that_looks_alike() -> None:
    ground = mask_of(played(TOOL, scene(), press(195, 5, ctrl=True), release(195, 5))[0])
    square = mask_of(played(TOOL, scene(), press(140, 60), release(140, 60))[0])
    both = mask_of(played(TOOL, scene(), press(140, 60, ctrl=True), drag(200, 60), release(200, 60))[0])
    assert ground.area == pytest.approx(200 * 150 - 50 * 70 - math.pi * 900, rel=0.01)
    assert square.area == 50 * 70 and both.area == pytest.approx(50 * 70 + math.pi * 900, rel=0.01)


def test_shift_adds_and_alt_takes_away() -> None:
    held = Annotation(3, 7, 1, masks.from_bitmap(np.ones((20, 20), bool), 50, 50))
    on = scene([held], selected=[3])
    added, _ = played(TOOL, on, press(140, 60, shift=True), release(140, 60))
    assert isinstance(added, ChangeAnnotations) and mask_of(added).area == 400 + 3500
    less, _ = played(
        TOOL, scene([replace(held, shape=mask_of(added))], selected=[3]), press(140, 60, alt=True), release(1, 1)
    )
    assert mask_of(less) == held.shape


def test_without_a_picture_it_says_so() -> None:
    blind = replace(scene(), pixels=lambda *_: None)
    assert "still being read" in unfinished(TOOL, blind, press(60, 60), release(60, 60), move(1, 1)).hint
