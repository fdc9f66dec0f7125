"""Options as fields: what is written is read back, what is changed is marked and put back, what is none is said."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from engine.training.plan import Choosable, Kind
from studio.dialogs._option_fields import OptionField, OptionGroup
from studio.dialogs._option_words import in_words, parsed
from studio.theme import Theme

numbers = st.floats(-1e5, 1e5).map(lambda value: float(f"{value:.6g}"))
values: dict[Kind, st.SearchStrategy[Any]] = {
    "whole": st.integers(-(10**9), 10**9),
    "number": numbers,
    "numbers": st.lists(numbers, max_size=6).map(tuple),
    "pairs": st.lists(st.tuples(numbers, numbers), max_size=6).map(tuple),
    "words": st.text(st.characters(categories=["L", "N"]), min_size=1),
}


@given(st.data())
def test_what_is_written_is_read_back(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(values)))
    value = data.draw(values[kind])
    assert parsed(Choosable("x", kind, "", None), in_words(kind, value)) == value


@pytest.mark.parametrize(
    ("kind", "text"), [("whole", "3.5"), ("number", "a"), ("whole", ""), ("numbers", "1, b"), ("pairs", "3, 4")]
)
def test_what_is_no_value_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(ValueError):  # Python's own words
        parsed(Choosable("x", kind, "", None), text)


def test_nothing_is_a_value_where_there_need_be_none() -> None:
    assert parsed(Choosable("x", "whole", "", None, is_optional=True), " ") is None
    assert in_words("whole", None) == ""


OPTIONS = (
    Choosable("min_side", "whole", "The side.", 480),
    Choosable("is_mild", "switch", "Mild.", True),
    Choosable("backbone", "choice", "Below.", "small", ("small", "large")),
    Choosable("sides", "numbers", "Sides.", (8.0, 16.5)),
)


@pytest.fixture
def group(qtbot: QtBot, qapp: QApplication) -> OptionGroup:
    made = OptionGroup("Network", Theme(qapp, "dark"))
    qtbot.addWidget(made)
    made.show_options(OPTIONS)
    made.resize(480, 400)
    made.show()
    return made


def line(field: OptionField) -> QLineEdit:
    assert isinstance(field.editor, QLineEdit)
    return field.editor


def test_nothing_is_given_until_a_person_chooses(group: OptionGroup, qtbot: QtBot) -> None:
    assert (group.given, group.faults) == ({}, ())
    box, choice = group.fields["is_mild"].editor, group.fields["backbone"].editor
    assert isinstance(box, QCheckBox)
    assert isinstance(choice, QComboBox)
    assert (box.isChecked(), choice.currentText(), line(group.fields["sides"]).text()) == (True, "small", "8, 16.5")
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().center() - box.rect().center() / 2)
    if box.isChecked():  # the click fell beside its words
        qtbot.keyClick(box, Qt.Key.Key_Space)
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    side = line(group.fields["min_side"])
    side.selectAll()
    qtbot.keyClicks(side, "320")
    assert group.given == {"min_side": 320, "is_mild": False, "backbone": "large"}
    assert group.fields["min_side"].title.font().weight() == QFont.Weight.Bold


def test_what_is_chosen_anew_leaves_what_a_person_chose(group: OptionGroup, qtbot: QtBot) -> None:
    side, kept = line(group.fields["min_side"]), group.fields["min_side"]
    side.selectAll()
    qtbot.keyClicks(side, "320")
    group.show_options((Choosable("min_side", "whole", "The side.", 640), *OPTIONS[1:3], OPTIONS[3]))
    assert group.fields["min_side"] is kept
    assert side.text() == "320"
    with qtbot.waitSignal(group.changed):
        qtbot.mouseClick(kept.back, Qt.MouseButton.LeftButton)
    assert side.text() == "640"
    assert (group.given, kept.back.isVisible()) == ({}, False)


def test_what_is_no_value_is_told_and_not_given(group: OptionGroup, qtbot: QtBot) -> None:
    field = group.fields["sides"]
    line(field).selectAll()
    qtbot.keyClicks(line(field), "8, many")
    assert group.given == {}
    assert group.faults == ("Sides cannot be read.",)
    assert field.told.text() == "Sides cannot be read."
    qtbot.mouseClick(field.back, Qt.MouseButton.LeftButton)
    assert (group.faults, field.told.text()) == ((), "Sides.")


def test_other_options_are_other_fields(group: OptionGroup) -> None:
    group.show_options(OPTIONS[:1])
    assert list(group.fields) == ["min_side"]
