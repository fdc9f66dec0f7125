"""What training sees, in the window: roles and objects chosen, words with the numbers of the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox, QLabel

from engine.tracing.stages import MaskTargets, Taught
from studio.inspector.views import mask_targets, taught
from studio.inspector.views.mask_targets import TargetLayer
from studio.inspector.views.taught import TaughtLayer
from tests.engine.tracing.lesson_traces import one_stage_lesson, two_stage_lesson
from tests.studio.windows import Opened


@pytest.fixture
def layer(at_work: Opened) -> TaughtLayer:
    at_work.studio.inspection.take(two_stage_lesson())
    at_work.studio.inspection.show_stage("taught_anchors")
    return TaughtLayer(at_work.studio)


def words(at_work: Opened, widget: object) -> str:
    return "\n".join(each.text() for each in widget.findChildren(QLabel))  # type: ignore[attr-defined]


def test_every_box_is_in_one_of_the_lists(layer: TaughtLayer) -> None:
    stage, rows = layer.stage, []
    for shown in (1, 2, 3):
        layer.choose(shown, None)
        rows.append(set(layer.rows.tolist()))
    background = set(np.flatnonzero((stage.role == 0) & ~stage.is_chosen).tolist())
    every = [*rows, background]
    assert sum(map(len, every)) == len(set.union(*every)) == len(stage.boxes)
    layer.choose(0, None)
    assert set(layer.rows.tolist()) == {row for row in rows[0] if stage.is_chosen[row]}


def test_a_click_chooses_an_object_and_beside_all_objects_any(layer: TaughtLayer) -> None:
    across, down = layer.space.x, layer.space.y
    layer.press((20 / across, 20 / down), 2.0)
    assert layer.object == 0
    assert set(layer.stage.truth[layer.rows].tolist()) == {0}
    layer.press((100 / across, 70 / down), 2.0)
    assert layer.object == 1
    layer.press((1 / across, 1 / down), 2.0)
    assert layer.object is None


def test_the_side_says_how_many_and_follows_clicks(at_work: Opened, layer: TaughtLayer) -> None:
    side = taught.side(at_work.studio, layer)
    at_work.qtbot.addWidget(side)
    shown, of = side.findChildren(QComboBox)
    n = int(((layer.stage.role == 1) & layer.stage.is_chosen).sum())
    assert shown.itemText(0) == f"On objects, taught: {n}"
    of.setCurrentIndex(2)
    assert layer.object == 1
    n_own = int((layer.stage.truth == 1).sum())
    assert f"class 1 2: {n_own} stand for it" in words(at_work, side)
    layer.press((20 / layer.space.x, 20 / layer.space.y), 2.0)
    assert of.currentIndex() == 1
    shown.setCurrentIndex(2)
    assert (layer.stage.role[layer.rows] == 0).all()


def test_bids_are_told_in_numbers(at_work: Opened) -> None:
    at_work.studio.inspection.take(one_stage_lesson())
    at_work.studio.inspection.show_stage("taught_simota")
    layer = TaughtLayer(at_work.studio)
    stage = layer.stage
    assert stage.bid_costs is not None
    near = int(np.isfinite(stage.bid_costs[0]).sum())
    assert f"k = 2 of {near} near its centre" in layer.words_of(0)
    side = taught.side(at_work.studio, layer)
    at_work.qtbot.addWidget(side)
    assert "the k cheapest get it" in words(at_work, side)
    assert "This network learns so." in words(at_work, side)
    at_work.studio.inspection.show_stage("taught_paper")
    assert "learns the other way" in TaughtLayer(at_work.studio).decided


def test_regions_are_chosen_by_clicks_and_in_the_list(at_work: Opened) -> None:
    at_work.studio.inspection.take(two_stage_lesson())
    at_work.studio.inspection.show_stage("mask_targets")
    layer = TargetLayer(at_work.studio)
    side = mask_targets.side(at_work.studio, layer)
    at_work.qtbot.addWidget(side)
    (regions,) = side.findChildren(QComboBox)
    assert isinstance(layer.stage, MaskTargets)
    regions.setCurrentIndex(1)
    assert layer.at == 1
    share = f"{layer.stage.cells[1].mean():.0%} of 28 × 28"
    assert share in words(at_work, side)
    x0, y0, x1, y1 = layer.stage.boxes[0].tolist()
    chosen = set()
    for _ in range(len(layer.stage.boxes) + 1):
        layer.press(((x0 + x1) / 2 / layer.space.x, (y0 + y1) / 2 / layer.space.y), 2.0)
        chosen.add(layer.at)
    assert 0 in chosen
    assert regions.currentIndex() == layer.at


def test_a_picture_without_objects(at_work: Opened) -> None:
    made = two_stage_lesson()
    none = np.zeros(0, np.int64)
    stages = tuple(
        replace(
            each, role=np.zeros_like(each.role), truth=np.full_like(each.truth, -1),
            truth_boxes=np.zeros((0, 4), np.float32), truth_classes=none,
        ) if isinstance(each, Taught)
        else replace(each, cells=each.cells[:0], boxes=each.boxes[:0], truth=none, truth_classes=none)
        if isinstance(each, MaskTargets) else each
        for each in made.stages
    )  # fmt: skip
    at_work.studio.inspection.take(replace(made, stages=stages))
    at_work.studio.inspection.show_stage("taught_anchors")
    layer = TaughtLayer(at_work.studio)
    side = taught.side(at_work.studio, layer)
    at_work.qtbot.addWidget(side)
    assert "There is no object" in words(at_work, side)
    assert layer.told((3.0, 3.0)) == ""
    at_work.studio.inspection.show_stage("mask_targets")
    targets = TargetLayer(at_work.studio)
    other = mask_targets.side(at_work.studio, targets)
    at_work.qtbot.addWidget(other)
    assert "No region" in words(at_work, other)
    targets.still()
    targets.press((3.0, 3.0), 2.0)
