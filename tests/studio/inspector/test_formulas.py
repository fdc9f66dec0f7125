"""Formulas: what is a fraction, a script or a bracket; that all of it is painted, in the width there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QFont, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.tracing.explaining import explained
from studio.inspector.explained import Explained, in_plain_words
from studio.inspector.formula_layout import Glyphs, Stroke, lines
from studio.inspector.formula_text import Fraction, Group, Line, Script, Word, parsed
from studio.inspector.formula_view import FormulaView
from studio.theme import Theme
from tests.engine.tracing import traces


def plain(line: Line) -> str:
    """Every character that is shown, fractions as strokes."""
    return " ".join("".join(_part(part) for part in item) for item in line)


def _part(part: Word | Script | Group | Fraction) -> str:
    match part:
        case Word(text):
            return text
        case Script(inside, _) | Group(_, inside):
            return f"[{plain(inside)}]"
        case Fraction(above, below):
            return f"<{plain(above)}|{plain(below)}>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x_{a} + 1", "x[a] + 1"),
        ("a / b", "<a|b>"),
        ("(a − b) / (c + d) = 2", "<a − b|c + d> = 2"),
        ("1/N Σ", "1/N Σ"),
        ("⌊x / s⌋", "[<x|s>]"),
        ("max(w / s, 1) / n", "<max[<w|s>, 1]|n>"),
        ("1,094 / 2, b", "<1,094|2>, b"),
        ("e^{t_{w} / 10}", "e[<t[w]|10>]"),
        ("p / ", "<p|>"),
        ("(((", "[[[]]]"),
    ],
)
def test_what_is_read(text: str, expected: str) -> None:
    assert plain(parsed(text)) == expected


@given(st.text(alphabet="ab12 /(){}_^⌊⌋,.×−=", max_size=40))
def test_nothing_is_too_odd_to_be_read(text: str) -> None:
    shown = plain(parsed(text))
    for letter in "ab12×−=":
        assert shown.count(letter) == text.count(letter)


def test_lines_are_as_wide_as_there_is_room_for(qapp: QApplication) -> None:
    line = parsed("12 × 16 × 3 + 6 × 8 × 3 + (1 + e^{−2}) / 100 = 720")
    wide, narrow = (lines(line, qapp.font(), width) for width in (2000.0, 90.0))
    assert narrow.size[0] <= 110
    assert narrow.size[1] > 2 * wide.size[1]
    for made in (wide, narrow):
        words = [mark.text for mark in made.marks if isinstance(mark, Glyphs)]
        assert "".join(words).count("=") == 1
        assert sum(isinstance(mark, Stroke) for mark in made.marks) == 1
        assert all(0 <= mark.y <= made.size[1] for mark in made.marks)
    ends = [mark for mark in narrow.marks if isinstance(mark, Glyphs) and mark.text in ("=", "720")]
    assert len({mark.y for mark in ends}) == 1, "a sign stands with what comes after it"


def test_lone_letters_are_slanted(qapp: QApplication) -> None:
    made = lines(parsed("IoU = x"), QFont(qapp.font()), 500.0)
    slanted = {mark.text: mark.font.italic() for mark in made.marks if isinstance(mark, Glyphs)}
    assert slanted == {"IoU": False, "=": False, "x": True}


def test_a_formula_is_painted_in_the_colour_of_text(qtbot: QtBot, qapp: QApplication) -> None:
    theme = Theme(qapp, "light")
    view = FormulaView("a / b", theme)
    qtbot.addWidget(view)
    view.resize(200, view.heightForWidth(200))
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert QColor(theme.tones.text).name() in colours


def test_an_explanation_is_shown_and_copied(qtbot: QtBot, qapp: QApplication) -> None:
    pane = Explained(Theme(qapp, "dark"))
    qtbot.addWidget(pane)
    pane.resize(320, 300)
    pane.show()
    told = explained(traces.two_stages(), "regions")
    pane.show_explanation(told)
    shown = {view.text for view in pane.findChildren(FormulaView)}
    assert shown == {text for each in told.formulas for text in (each.letters, each.numbers) if text}
    qtbot.waitUntil(lambda: pane.verticalScrollBar().maximum() > 100, timeout=2_000)
    pane.verticalScrollBar().setValue(100)
    pane.show_explanation(told)
    assert pane.verticalScrollBar().value() == 100, "another row of the same stage stays in sight"
    pane.show_explanation(explained(traces.two_stages(), "anchors"))
    assert pane.verticalScrollBar().value() == 0
    pane.show_explanation(told)
    pane.copy()
    assert qapp.clipboard().text() == in_plain_words(told)
    assert told.text in in_plain_words(told)
