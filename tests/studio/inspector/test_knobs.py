"""Knobs: every number of the rules has one, turning it changes that number alone; sliders, fields and tables."""

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.tracing.rules import LeastScore, Nms
from studio.inspector import knobs
from studio.inspector.class_table import ClassTable
from studio.inspector.knob_row import FINE, KnobRow
from studio.inspector.knobs import SCALE, RulesByName, Span
from studio.theme import Theme
from tests.engine.tracing.traces import DENSE_RULES, PROPOSAL_RULES, REGION_RULES

TWO: RulesByName = {"proposals": PROPOSAL_RULES, "detections": REGION_RULES}
MANY = {"proposals": 720, "detections": 120}


def test_every_number_has_a_knob() -> None:
    found = knobs.knobs(TWO, MANY)
    assert [each.title for each in found] == [
        "Top-k of the proposals", "Least side of a proposal", "Least score of a proposal", "NMS IoU of the proposals",
        "Proposals kept", "Least score", "Least side", "NMS IoU", "Detections per picture",
    ]  # fmt: skip
    assert len({each.key for each in found}) == len(found)


def test_turning_one_changes_it_alone() -> None:
    for knob in knobs.knobs(TWO, MANY):
        changed = knob.turned(TWO, 0.25 if knob.span.unit == "share" else 3)
        assert knob.value(changed) == (0.25 if knob.span.unit == "share" else 3)
        assert knob.turned(changed, knob.value(TWO)) == TWO
        before, after = TWO[knob.selection][knob.at], changed[knob.selection][knob.at]
        differing = [each.name for each in fields(before) if getattr(before, each.name) != getattr(after, each.name)]
        assert differing == [knob.field]


def test_soft_suppression_has_knobs_of_its_own() -> None:
    at = next(at for at, cut in enumerate(DENSE_RULES) if isinstance(cut, Nms))
    rules: RulesByName = {"detections": DENSE_RULES}
    soft = knobs.with_method(rules, "detections", at, "gaussian")
    cut = soft["detections"][at]
    assert isinstance(cut, Nms)
    assert (cut.method, cut.least_score) == ("gaussian", 0.001)
    assert {each.field for each in knobs.knobs(soft, {"detections": 99}) if each.at == at} == {"sigma", "least_score"}
    linear = knobs.with_method(soft, "detections", at, "linear")
    assert {each.field for each in knobs.knobs(linear, {"detections": 99}) if each.at == at} == {"iou", "least_score"}
    back = knobs.with_method(linear, "detections", at, "greedy")["detections"][at]
    assert isinstance(back, Nms)
    assert replace(back, least_score=0.0) == DENSE_RULES[at]


@given(st.sampled_from([Span("share", 0, 1), Span("count", 1, 2000), SCALE, Span("pixels", 0, 128)]), st.floats(0, 1))
def test_places_and_values_go_together(span: Span, place: float) -> None:
    value = span.value(place)
    assert span.low <= value <= span.high
    step = 0.5 * 10**-span.decimals
    low, high = span.place(value - step), span.place(value + step)
    assert low - 1e-9 <= place <= high + 1e-9


def test_ratios_are_even_for_counts() -> None:
    span = Span("count", 1, 1000)
    assert span.value(0.5) == round(math.sqrt(1000))
    assert Span("count", 5, 5).place(5) == 0.0


def test_a_class_can_have_a_threshold_of_its_own() -> None:
    (first, _) = knobs.cuts_by_class(TWO)
    changed = knobs.with_own(TWO, *first, (1, 0.4))
    cut = changed["detections"][first[1]]
    assert isinstance(cut, LeastScore)
    assert cut.by_class == {1: 0.4}
    assert knobs.with_own(changed, *first, (1, None)) == TWO


@pytest.fixture
def row(qtbot: QtBot, qapp: QApplication) -> KnobRow:
    made = KnobRow("NMS IoU", "Help", Span("share", 0, 1), Theme(qapp, "dark"))
    qtbot.addWidget(made)
    made.resize(260, 60)
    made.show()
    made.show_value(0.5, 0.5)
    return made


def test_the_slider_tells_values(row: KnobRow, qtbot: QtBot) -> None:
    heard: list[float] = []
    row.turned.connect(heard.append)
    assert not row.back.isEnabled()
    qtbot.keyClick(row.slider, Qt.Key.Key_Right)
    assert heard == [0.501]
    row.show_value(0.501, 0.5)
    assert row.back.isEnabled()
    assert row.field.value() == 0.501
    qtbot.mouseClick(row.back, Qt.MouseButton.LeftButton)
    assert heard == [0.501, 0.5]
    row.show_value(0.5, 0.5)
    row.field.setFocus()
    row.field.selectAll()
    qtbot.keyClicks(row.field, "0.7")
    assert heard[2:] == [], "not while it is typed"
    qtbot.keyClick(row.field, Qt.Key.Key_Return)
    assert heard[2:] == [0.7]


def test_what_is_shown_is_not_told(row: KnobRow) -> None:
    heard: list[float] = []
    row.turned.connect(heard.append)
    for value in (0.123456, 1.0, 0.0):
        row.show_value(value, 0.5)
        assert row.slider.value() == round(value * FINE)
    assert heard == []
    image = row.slider.grab().toImage()
    assert (
        image.pixelColor(round(row.slider.mark_x()), row.slider.height() - 2).name()
        == Theme(
            QApplication.instance(),
            "dark",  # type: ignore[arg-type]
        ).tones.accent_text
    )


def test_a_table_takes_thresholds_of_classes(qtbot: QtBot) -> None:
    table = ClassTable(("cell", "nucleus"), TWO)
    qtbot.addWidget(table)
    heard: list[tuple[int, int, float | None]] = []
    table.chosen.connect(lambda at, index, value: heard.append((at, index, value)))
    item = table.item(1, 1)
    assert item is not None
    item.setText("0,4")
    table.show_rules(knobs.with_own(TWO, "detections", 0, (1, 0.4)))
    for text in ("nonsense", "7"):
        item.setText(text)
        assert item.text() == "0.4"
    item.setText("")
    assert heard == [(0, 1, 0.4), (0, 1, None)]
    table.show_rules(knobs.with_own(TWO, "detections", 2, (0, 0.25)))
    shown = table.item(0, 2)
    assert shown is not None
    assert (shown.text(), item.text()) == ("0.25", "")
    assert len(heard) == 2
