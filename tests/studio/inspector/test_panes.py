"""The panes beside a stage: what-if follows its knobs, the autopsy and the explanation what is picked."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box
from engine.project.edits import AddAnnotations
from engine.project.records import Annotation
from engine.tracing.rules import LeastScore, Nms
from engine.tracing.stages import Selection
from engine.tracing.trace import Trace
from studio.canvas.viewport import Viewport
from studio.commands import named, perform
from studio.inspection import Inspection, Picked
from studio.inspector import Layer
from studio.inspector.autopsy_pane import AutopsyPane
from studio.inspector.explanation_pane import ExplanationPane
from studio.inspector.truth_layer import Mark, TruthLayer, nearest
from studio.inspector.whatif_pane import WhatIfPane
from tests.engine.tracing import traces
from tests.studio.windows import Opened

TRACE = traces.two_stages(traces.Made(seed=4))
SHRUNK = 160 / 240
"""The project's pictures are smaller than the one that was traced."""
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def of(at_work: Opened, qtbot: QtBot) -> Inspection:
    """An inspection that shows a synthetic trace of the first picture, of a run that is none of the project's."""
    inspection = at_work.studio.inspection
    origin = replace(TRACE.origin, image_id=1, run_id=9, class_ids=(1, 2))
    inspection.take(replace(TRACE, origin=origin))
    qtbot.waitUntil(lambda: inspection.what_if.judged is not None, timeout=10_000)
    return inspection


def last_rules(trace: Trace | None) -> tuple[int, int, Selection]:
    """Places of the threshold and of the suppression among the last rules."""
    assert trace is not None
    stage = trace.all(Selection)[-1]
    places = {type(rule): at for at, rule in enumerate(stage.rules)}
    return places[LeastScore], places[Nms], stage


def test_knobs_turn_the_outcome_and_go_back(at_work: Opened, of: Inspection, qtbot: QtBot) -> None:
    pane, tried = WhatIfPane(at_work.studio), of.what_if
    qtbot.addWidget(pane)
    pane.show()
    assert tried.shows_found
    at, nms, _ = last_rules(of.trace)
    row = pane.rows["detections", at, "value"]
    row.slider.setValue(900)
    qtbot.waitUntil(lambda: tried.outcome is not None and tried.outcome.settings == tried.settings, timeout=5_000)
    assert tried.outcome is not None
    assert all(score > 0.9 for score in tried.outcome.found.scores)
    assert pane.outcomes.numbers["found"].text() == str(len(tried.outcome.found))
    assert pane.outcomes.differences["found"].text().startswith("−")
    assert row.back.isEnabled()
    combo = pane.methods["detections", nms]
    combo.setCurrentIndex(combo.findText("Soft, Gaussian"))
    assert ("detections", nms, "sigma") in pane.rows, "soft suppression has other knobs"
    assert pane.table is not None
    item = pane.table.item(0, 1)
    assert item is not None
    item.setText("0.5")
    assert tried.settings is not None
    rule = tried.settings.rules["detections"][at]
    assert isinstance(rule, LeastScore)
    assert rule.by_class == {0: 0.5}
    assert pane.keep.isEnabled()
    qtbot.mouseClick(pane.back, LEFT)
    assert tried.is_own
    assert not pane.keep.isEnabled()
    pane.hide()
    assert not tried.shows_found


def test_keeping_is_an_edit(at_work: Opened, of: Inspection, qtbot: QtBot) -> None:
    tried, studio = of.what_if, at_work.studio
    at, _, stage = last_rules(of.trace)
    assert tried.settings is not None
    rules = (*stage.rules[:at], LeastScore(0.6), *stage.rules[at + 1 :])
    tried.set_settings(replace(tried.settings, rules={**tried.settings.rules, "detections": rules}))
    perform(studio, *named("inspect.keep_settings"))
    qtbot.waitUntil(lambda: tried.kept == tried.settings, timeout=5_000)
    perform(studio, *named("inspect.own_settings"))
    assert tried.is_own
    perform(studio, *named("inspect.let_go_of_settings"))
    qtbot.waitUntil(lambda: tried.kept is None, timeout=5_000)
    at_work.session.undo()
    qtbot.waitUntil(lambda: tried.kept is not None, timeout=5_000)


@pytest.mark.parametrize(("command", "pane"), [("inspect.what_if", "what_if"), ("inspect.explain", "explain")])
def test_commands_show_panes(at_work: Opened, of: Inspection, qtbot: QtBot, command: str, pane: str) -> None:
    with qtbot.waitSignal(of.pane_wanted) as wanted:
        (found,) = named(command)
        found.run(at_work.studio)
    assert wanted.args == [pane]
    assert at_work.session.page == "inspect"


def test_the_explanation_follows_stage_and_pick(at_work: Opened, of: Inspection, qtbot: QtBot) -> None:
    pane = ExplanationPane(at_work.studio)
    qtbot.addWidget(pane)
    pane.show()
    of.show_stage("regions")
    first = pane.explained.shown
    assert first is not None
    assert first.title == "Classes and refined boxes"
    of.pick(Picked("regions", 7, 1))
    second = pane.explained.shown
    assert second is not None
    assert second.of.startswith("region 7 ")
    of.show_stage("input")
    assert pane.explained.shown is not None
    assert pane.explained.shown.title != first.title
    of.take(None, "Gone")
    assert pane.explained.shown is None


def annotated(at_work: Opened, of: Inspection, qtbot: QtBot) -> int:
    """An annotation on what is found least surely; its id."""
    outcome = of.what_if.outcome
    assert outcome is not None
    last = int(outcome.found.scores.argmin())
    box = [SHRUNK * float(each) for each in outcome.found.boxes_image[last]]
    class_id = int(outcome.found.class_indices[last]) + 1
    at_work.session.do(AddAnnotations((Annotation(0, 1, class_id, Box(*box)),)))
    qtbot.waitUntil(lambda: len(of.what_if.annotations) == 1, timeout=5_000)
    return of.what_if.annotations[0].id


def test_an_annotation_is_asked_about_and_its_remedy_tried(at_work: Opened, of: Inspection, qtbot: QtBot) -> None:
    pane, tried = AutopsyPane(at_work.studio), of.what_if
    qtbot.addWidget(pane)
    pane.show()
    assert tried.shows_truths
    asked = annotated(at_work, of, qtbot)
    at, _, stage = last_rules(of.trace)
    assert tried.settings is not None
    rules = (*stage.rules[:at], LeastScore(0.99), *stage.rules[at + 1 :])
    tried.set_settings(replace(tried.settings, rules={**tried.settings.rules, "detections": rules}))
    qtbot.waitUntil(lambda: asked not in tried.found_ids, timeout=5_000)
    assert pane.one.choice.itemText(0).endswith("missed")
    pane.one.choice.setCurrentIndex(0)
    pane.one.choice.activated.emit(0)
    qtbot.waitUntil(pane.one.verdict.isVisible, timeout=5_000)
    qtbot.mouseClick(pane.one.verdict.show_stage, LEFT)
    assert (of.stage_name, of.picked is not None) == ("detections", True)
    (button,) = pane.one.verdict.remedies
    qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: asked in tried.found_ids, timeout=5_000)
    qtbot.waitUntil(lambda: tried.verdict is not None and tried.verdict.loss is None, timeout=5_000)
    assert not pane.one.verdict.remedies
    pane.hide()
    assert not tried.shows_truths


class Heard(Layer):
    """A stage that takes note of clicks."""

    def __init__(self) -> None:
        super().__init__()
        self.pressed: list[tuple[float, float]] = []

    def press(self, xy_image: tuple[float, float], reach: float) -> None:
        self.pressed.append(xy_image)


def test_annotations_take_clicks_only_while_they_are_drawn(at_work: Opened, of: Inspection, qtbot: QtBot) -> None:
    asked = annotated(at_work, of, qtbot)
    inside = Heard()
    layer = TruthLayer(inside, of, at_work.studio.theme)
    x0, y0, x1, y1 = of.what_if.annotations[0].shape.bounds
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    layer.press(middle, 2.0)
    assert (inside.pressed, of.annotation_id) == ([middle], None)
    of.what_if.show_truths(True)
    layer.press(middle, 2.0)
    assert (len(inside.pressed), of.annotation_id) == (1, asked)
    assert "found" in layer.told(middle)
    image = QImage(240, 180, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    layer.paint_live(painter, Viewport((240, 180), (240, 180)))
    painter.end()
    assert any(image.pixelColor(x, y).name() != "#000000" for x in range(240) for y in range(180))
    layer.leave()


def test_the_smallest_missed_one_is_meant() -> None:
    large, small = Mark(1, (0, 0, 100, 100), True, "a"), Mark(2, (10, 10, 20, 20), True, "a")
    missed = Mark(3, (5, 5, 60, 60), False, "a")
    assert nearest([large, small], (15, 15), 0) == small
    assert nearest([large, small, missed], (15, 15), 0) == missed
    assert nearest([small], (50, 50), 2) is None
    assert nearest([small], (21, 15), 2) == small
