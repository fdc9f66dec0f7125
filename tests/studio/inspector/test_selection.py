"""Selections in the window: the cuts and what they dropped, suppression step by step, the path of a detection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from engine.tracing.rules import LeastScore, LeastSide, Most, Nms, TopK
from engine.tracing.selecting import KEPT
from engine.tracing.stages import Selection
from engine.tracing.trace import Trace
from studio.commands import named, perform
from studio.inspection import Picked
from studio.inspector import view_of
from studio.inspector.funnel import cut_words, funnel, n_candidates
from studio.inspector.selection_layer import SelectionLayer
from studio.inspector.selection_side import SelectionSide
from tests.engine.tracing.traces import Made, one_stage, two_stages
from tests.studio.inspector.test_views import drawn
from tests.studio.windows import Opened

TWO, ONE = two_stages(Made(has_masks=True)), one_stage()


def looked_at(at_work: Opened, trace: Trace, name: str) -> tuple[SelectionLayer, SelectionSide]:
    """The layer and side of a selection."""
    of = at_work.studio.inspection
    of.take(trace)
    of.show_stage(name)
    view = view_of(trace.named(name))
    assert view is not None
    layer = view.layer(at_work.studio)
    assert isinstance(layer, SelectionLayer)
    side = view.side(at_work.studio, layer)
    assert isinstance(side, SelectionSide)
    at_work.qtbot.addWidget(side)
    side.show()
    return layer, side


@pytest.mark.parametrize(("trace", "name"), [(TWO, "proposals"), (TWO, "detections"), (ONE, "detections")])
def test_the_funnel_adds_up(at_work: Opened, trace: Trace, name: str) -> None:
    layer, side = looked_at(at_work, trace, name)
    found = funnel(layer.selected)
    assert found[-1].n_left == len(layer.selected.kept)
    assert n_candidates(layer.selected) == sum(each.n_dropped for each in found) + found[-1].n_left
    assert side.funnel.count() == len(found) + 2
    stage = trace.named(name)
    assert isinstance(stage, Selection)
    assert n_candidates(layer.selected) == trace.scores_of(stage).scores.size


def test_a_click_on_a_cut_shows_what_it_dropped(at_work: Opened) -> None:
    layer, side = looked_at(at_work, TWO, "proposals")
    before = drawn(TWO, layer.still())
    at = next(at for at, rule in enumerate(layer.selected.rules) if isinstance(rule, Nms))
    side.funnel.itemClicked.emit(side.funnel.item(at + 1))
    assert layer.mode == "cuts"
    assert (layer.selected.cut[layer.shown] == at).all()
    assert len(layer.shown) == min(layer.n_shown, layer.selected.n_cut(at)) > 0
    assert drawn(TWO, layer.still()) != before
    side.n_shown.setValue(5)
    assert len(layer.shown) == 5
    assert (np.diff(layer.selected.first_scores[layer.shown]) <= 0).all()
    side.funnel.itemClicked.emit(side.funnel.item(side.funnel.count() - 1))
    assert set(layer.selected.cut[layer.shown].tolist()) == {KEPT}


def test_steps_are_played_stepped_and_jumped_to(at_work: Opened) -> None:
    layer, side = looked_at(at_work, TWO, "detections")
    side.mode.setCurrentIndex(2)
    player, qtbot = side.player, at_work.qtbot
    assert layer.mode == "steps"
    assert player.isVisible()
    qtbot.keyClick(player, Qt.Key.Key_Right)
    qtbot.keyClick(player, Qt.Key.Key_Right)
    assert layer.step_at == 2
    qtbot.keyClick(player, Qt.Key.Key_Left)
    assert layer.step_at == 1
    qtbot.mouseClick(player.back, Qt.MouseButton.LeftButton)
    assert layer.step_at == 0
    assert not layer.go_on(-1)
    qtbot.keyClick(player, Qt.Key.Key_Space)
    assert player.is_playing
    qtbot.waitUntil(lambda: layer.step_at > 0)
    qtbot.keyClick(player, Qt.Key.Key_Space)
    assert not player.is_playing
    player.slider.setValue(3)
    assert layer.step_at == 3
    assert "Turn 4 of" in player.words.text()


def test_commands_play_and_step(at_work: Opened) -> None:
    play, on, back = named("inspect.play_steps", "inspect.step_on", "inspect.step_back")
    studio = at_work.studio
    assert not play.when(studio)
    studio.session.show_page("inspect")
    layer, side = looked_at(at_work, TWO, "detections")
    for command in (on, on, back):
        perform(studio, command)
    assert (layer.mode, layer.step_at) == ("steps", 1)
    perform(studio, play)
    assert side.player.is_playing
    perform(studio, play)
    assert not side.player.is_playing


def test_the_list_tells_the_overlaps_and_a_click_goes_there(at_work: Opened) -> None:
    layer, side = looked_at(at_work, TWO, "detections")
    layer.choose(mode="steps")
    found = layer.steps
    assert found is not None
    n = next(n for n, step in enumerate(found.all) if len(step.hit))
    layer.go_to(n)
    rows, step = side.player.list.rows, found.all[n]
    assert [row.candidate for row in rows if row.is_hit] == step.hit.tolist()
    assert all(row.iou > found.rule.iou for row in rows if row.is_hit)
    assert side.player.list.threshold == found.rule.iou
    waiting = next(row for row in rows if not row.is_hit)
    at = rows.index(waiting)
    at_work.qtbot.mouseClick(side.player.list, Qt.MouseButton.LeftButton, pos=QPoint(20, 20 * at + 10))
    assert layer.step_at == found.step_of(waiting.candidate) > n


def test_a_click_on_a_suppressed_box_goes_to_where_it_was_suppressed(at_work: Opened) -> None:
    layer, _ = looked_at(at_work, TWO, "detections")
    layer.choose(mode="steps")
    found, selected = layer.steps, layer.selected
    assert found is not None
    for candidate in np.flatnonzero(found.gone_at >= 0).tolist():
        x0, y0, x1, y1 = (selected.boxes[candidate] * 2).tolist()  # the picture is twice as large as it is looked at
        middle = ((x0 + x1) / 2, (y0 + y1) / 2)
        if layer.at(middle) == candidate:
            layer.press(middle, 2.0)
            assert found.all[layer.step_at].current == selected.suppressor[candidate]
            assert f"IoU {selected.iou[candidate]:.3f}" in layer.told(middle)
            return
    pytest.fail("no suppressed box could be clicked")


def test_one_class_can_be_stepped_alone(at_work: Opened) -> None:
    layer, side = looked_at(at_work, TWO, "detections")
    layer.choose(mode="steps")
    side.player.group.setCurrentIndex(2)
    found = layer.steps
    assert found is not None
    assert {int(found.groups[found.all[n].current]) for n in layer.turns} == {1}
    side.player.step(1)
    assert found.groups[found.all[layer.step_at].current] == 1


def test_a_click_lights_up_the_path_and_its_steps_lead_to_the_stages(at_work: Opened) -> None:
    layer, side = looked_at(at_work, TWO, "detections")
    of, selected = at_work.studio.inspection, layer.selected
    best = int(selected.kept[0])
    before = drawn(TWO, layer.paint_live)
    of.pick(Picked("detections", int(selected.rows[best]), int(selected.classes[best])))
    assert drawn(TWO, layer.paint_live) != before
    stages = [row.picked.stage for row in side.path.rows]
    assert stages == ["detections", "regions", "pooling", "proposals", "objectness", "anchors"]
    anchor = side.path.rows[-1].picked.row
    regions = TWO.scores_of(layer.stage)
    assert anchor == regions.parent[selected.rows[best]]
    side.path.itemClicked.emit(side.path.item(5))
    assert of.stage_name == "anchors"
    assert of.picked == Picked("anchors", anchor)


def test_the_path_of_one_stage_is_short_and_of_a_dropped_candidate_ends_at_its_cut(at_work: Opened) -> None:
    layer, side = looked_at(at_work, ONE, "detections")
    selected = layer.selected
    dropped = int(np.flatnonzero(selected.suppressor >= 0)[0])
    at_work.studio.inspection.pick(Picked("detections", int(selected.rows[dropped]), int(selected.classes[dropped])))
    assert [row.picked.stage for row in side.path.rows] == ["detections", "scores", "anchors"]
    assert f"at IoU {selected.iou[dropped]:.3f}" in side.path.rows[0].words
    assert "suppressed by" in layer.fate(dropped)


def test_other_settings_select_anew(at_work: Opened) -> None:
    layer, _ = looked_at(at_work, ONE, "detections")
    what_if = at_work.studio.inspection.what_if
    at_work.qtbot.waitUntil(lambda: what_if.outcome is not None)
    assert what_if.settings is not None
    few = len(layer.selected.kept)
    rules = (LeastScore(0.05), TopK(80, "level"), Nms(0.9, "class"), Most(1000))
    what_if.set_settings(replace(what_if.settings, rules={"detections": rules}))
    at_work.qtbot.waitUntil(lambda: len(layer.selected.kept) > few)
    assert layer.steps is not None
    assert layer.steps.rule.iou == 0.9


def test_every_cut_has_words() -> None:
    cuts = [LeastScore(0.05), LeastScore(0.0, is_inclusive=True), LeastSide(1), TopK(1000, "level"), Most(300)]
    cuts += [Nms(0.7, "class"), Nms(0.7, "class", "linear"), Nms(0.7, "all", "gaussian")]
    words = [cut_words(cut) for cut in cuts]
    assert len(set(words)) == len(words)
    assert "Best 1,000 per level" in words
