"""Where the badge of the live IoU lies: in the view, off the pointer, clear of the minimap, in legible colours."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.geometry.masks import from_bitmap
from engine.geometry.overlap import Overlap
from engine.geometry.shapes import Box, Mask
from engine.project.records import Detection
from studio.canvas import badge
from studio.canvas.badge import Around, badge_rect, paint_badge
from studio.canvas.comparison import Comparison, Layer, Together, Told
from studio.canvas.looks import Looks
from studio.canvas.partner import PartnerPainter
from studio.canvas.viewport import Viewport
from studio.theme import DARK, LIGHT

COMPARISON = Comparison(Overlap(1, 0.82, 0.79, 3.2), Box(0, 0, 9, 9), "neighbour")
ALL = Together(12, 0.61, 0.2, (8, 3))
TOLD = {
    "one": Told(COMPARISON),
    "many": Told(COMPARISON, ALL),
    "sum": Told(None, ALL),
    "later": Told(None, Together(9)),
}
every = pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
SPOT = st.tuples(st.floats(0, 800), st.floats(0, 560))


@every
@given(SPOT, SPOT, st.tuples(st.floats(0, 1000), st.floats(0, 700)), st.sampled_from([1.0, 2.0]), st.booleans())
def test_it_is_in_the_view_and_never_on_the_pointer(qapp, told, a, b, pointer, ratio, is_part):
    view = Viewport((1000, 700), (1000, 700), 1.0)
    view = view.zoomed(3.0, (500, 350)) if is_part else view.fitted()
    around = Around(view, Box.between(a, b).bounds, pointer)
    place = badge_rect(told, around, Looks({}, DARK, ratio))
    assert QRectF(0, 0, 1000, 700).contains(place)
    assert not place.contains(QPointF(*pointer))
    assert not is_part or not place.intersects(badge._minimap(view, ratio))


@every
def test_it_keeps_clear_of_the_minimap(qapp, told: Told) -> None:
    view = Viewport((4000, 2800), (1000, 700), 1.0)
    x, y = view.to_image.apply_one((640, 600))  # right of this the minimap is
    around, looks = Around(view, (x, y, x + 60, y + 60), None), Looks({}, DARK, 1.0)
    place = badge_rect(told, around, looks)
    assert not place.intersects(badge._minimap(view, 1.0))
    assert place.right() < 700


@every
@pytest.mark.parametrize("tones", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("ground", ["#000000", "#ffffff", "#e8c0d0"])
def test_its_words_are_legible_on_every_picture_in_every_theme(qtbot: QtBot, told: Told, tones, ground: str):
    view = Viewport((400, 300), (400, 300), 1.0).fitted()
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(QColor(ground))
    around, looks = Around(view, (20, 20, 90, 90), (60, 60)), Looks({}, tones, 1.0)
    painter = QPainter(image)
    paint_badge(painter, told, around, looks)
    painter.end()
    place = badge_rect(told, around, looks).toRect().adjusted(4, 4, -4, -4)
    part = image.copy(place)
    greys = [part.pixelColor(x, y).lightnessF() for x in range(part.width()) for y in range(part.height())]
    assert max(greys) > 0.9 and sum(grey < 0.25 for grey in greys) > 0.6 * len(greys)


def test_a_ragged_partner_is_dashed_along_its_border(qapp) -> None:
    """And nowhere else, also where it is seen in part."""
    view, looks, kept = (
        Viewport((400, 300), (400, 300), 1.0).zoomed(2.0, (0, 0)),
        Looks({}, DARK, 1.0),
        PartnerPainter(),
    )
    bitmap = np.random.default_rng(0).random((140, 120)) < 0.7
    bitmap[60:120, 30:90] = True
    mask = from_bitmap(bitmap, 10, 10)
    (comparison,) = {each.strips: each for each in layer_of(mask).compared(mask) if each}.values()
    assert comparison.strips is not None and not comparison.outline
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(QColor("#406080"))
    painter = QPainter(image)
    kept.paint(painter, comparison, view, looks)
    painter.end()
    x, y = (round(each) for each in view.to_view.apply_one((70, 100)))
    assert image.pixelColor(x, y) == QColor("#406080")
    shades = {image.pixelColor(x, y).lightness() for x in range(400) for y in range(300)}
    assert max(shades) == 255 and min(shades) < 60


def layer_of(mask: Mask) -> Layer:
    made = Layer()
    made.take({1: Detection(1, 1, 1, 0.5, mask)}, lambda _: True, None)
    return made


def test_the_partner_is_painted_where_it_changes_and_drawn_once(qapp) -> None:
    view, looks, kept = Viewport((400, 300), (400, 300), 1.0).fitted(), Looks({}, DARK, 1.0), PartnerPainter()
    ring = np.array([(40, 40), (90, 40), (90, 90), (40, 90), (40, 40)], float)
    comparison = replace(COMPARISON, shape=Box(40, 40, 90, 90), outline=(ring,))
    assert kept.take(comparison, view, looks).contains(QRect(40, 40, 50, 50))
    assert kept.take(replace(comparison, partner="moved on"), view, looks).isEmpty()
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(QColor("#406080"))
    painter = QPainter(image)
    kept.paint(painter, comparison, view, looks)
    drawn = kept._drawn
    kept.paint(painter, comparison, view, looks)
    painter.end()
    assert kept._drawn is drawn
    x0, y0 = (round(each) for each in view.to_view.apply_one((40, 40)))
    around = [image.pixelColor(x, y0 + dy).lightnessF() for x in range(x0, x0 + 40) for dy in (-1, 0, 1)]
    assert max(around) > 0.9 and min(around) < 0.3
    assert image.pixelColor(x0 + 20, y0 + 20) == QColor("#406080")
    assert kept.take(None, view, looks).contains(QRect(40, 40, 50, 50))
    assert kept.take(None, view, looks).isEmpty()
