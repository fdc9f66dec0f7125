"""Both themes can be read, every icon can be drawn, and words on a class's colour stand out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication

from engine.project.classes import distinct_colour
from studio.theme import DARK, LIGHT, RESOURCES, Theme, Tones, contrast, readable_on, svg_renderer

ICONS = sorted(path.stem for path in (RESOURCES / "icons").glob("*.svg"))


@pytest.mark.parametrize("tones", [DARK, LIGHT], ids=lambda tones: tones.tone)
def test_words_can_be_read(tones: Tones) -> None:
    for ground in (tones.window, tones.surface, tones.raised, tones.sunken, tones.accent_soft):
        assert contrast(QColor(tones.text), QColor(ground)) >= 7
    for ground in (tones.window, tones.surface):
        for words in (tones.faint, tones.good, tones.bad, tones.accent_text):
            assert contrast(QColor(words), QColor(ground)) >= 4.4, (words, ground)
    assert contrast(QColor(tones.on_accent), QColor(tones.accent)) >= 3.5
    assert contrast(QColor(tones.text), QColor(tones.warn_soft)) >= 7


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_a_drawing_in_one_colour_on_a_field_of_24(qapp: QApplication, name: str) -> None:
    text = (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', text)) <= {"none", "currentColor"}
    renderer = svg_renderer(name, "#ff0000")
    assert renderer.isValid()
    assert renderer.viewBox().width() == renderer.viewBox().height() == 24


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_words_on_any_colour_stand_out(red: int, green: int, blue: int) -> None:
    ground = QColor(red, green, blue)
    assert contrast(readable_on(ground), ground) >= 4.5


@given(st.integers(0, 500))
def test_every_class_colour_is_seen_on_dark_and_light(n: int) -> None:
    for tones in (DARK, LIGHT):
        assert contrast(QColor(distinct_colour(n)), QColor(tones.surface)) >= 1.3


def test_icons_follow_the_theme(qapp: QApplication) -> None:
    theme = Theme(qapp, "dark")
    icon = theme.icon("undo")

    def brightest() -> int:
        image = icon.pixmap(48, 48, QIcon.Mode.Normal).toImage()
        shown = [image.pixelColor(x, y) for x in range(48) for y in range(48)]
        return max(colour.lightness() for colour in shown if colour.alpha() > 200)

    dark = brightest()
    theme.choose("light")
    assert dark > 200
    assert brightest() < 100
