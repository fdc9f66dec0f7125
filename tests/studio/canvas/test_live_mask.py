"""The mask in hand: worked out in parts it looks as it does as a whole, and all that differs is told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

from engine.geometry import masks, spans
from engine.geometry.shapes import XY, Mask
from engine.imaging import brush
from studio.canvas import live_mask
from studio.canvas.live_mask import LiveMask
from studio.canvas.mask_image import Painted, paint_mask
from studio.canvas.viewport import Viewport

SIZE = (90, 70)
VIEW = (80, 60)
DRESS = (QColor(200, 40, 40, 90), QColor(200, 40, 40), 1.5)

points = st.tuples(st.floats(-5, 95), st.floats(-5, 75))
strokes = st.lists(st.tuples(points, points, st.floats(0.5, 12), st.booleans()), min_size=1, max_size=6)
views = st.builds(
    lambda scale, x, y: Viewport(SIZE, VIEW, scale, x, y),
    st.sampled_from([0.4, 1.0, 1.7, 5.0]), st.floats(-60, 40), st.floats(-60, 40),
)  # fmt: skip


def image(draw) -> np.ndarray:
    drawn = QImage(*VIEW, QImage.Format.Format_RGB32)
    drawn.fill(0xFFFFFF)
    painter = QPainter(drawn)
    draw(painter)
    painter.end()
    return np.frombuffer(drawn.constBits(), np.uint8).reshape(VIEW[1], VIEW[0], 4)[..., :3].copy()


def whole(mask: Mask, view: Viewport) -> np.ndarray:
    return image(lambda painter: paint_mask(painter, Painted.of(mask), view, DRESS[:2], DRESS[2]))


def covered(region: QRegion) -> np.ndarray:
    found = np.zeros(VIEW[::-1], bool)
    for rect in region:  # type: ignore[attr-defined]
        found[max(rect.top(), 0) : rect.bottom() + 1, max(rect.left(), 0) : rect.right() + 1] = True
    return found


@given(strokes, views)
def test_stroke_by_stroke_it_looks_as_it_does_at_once(drawn: list[tuple[XY, XY, float, bool]], view: Viewport) -> None:
    live, strips, before = LiveMask(), spans.of_mask(masks.empty()), image(lambda _: None)
    for a, b, radius, adds in drawn:
        change = brush.paint if adds else brush.erase
        strips = change(strips, brush.stroke(a, b, radius, SIZE))
        mask = spans.to_mask(strips)
        region = live.take(mask, view, DRESS)
        found = image(live.paint)
        assert (found == whole(mask, view)).all()
        assert covered(region)[(found != before).any(-1)].all()
        assert live.take(mask, view, DRESS).isEmpty()
        before = found
    gone = live.take(None, view, DRESS)
    assert covered(gone)[(before != 255).any(-1)].all()
    assert (image(live.paint) == 255).all()


@given(strokes, strokes, views, st.integers(0, 9), st.integers(1, 4000))
def test_what_is_prepared_or_was_shown_before_looks_no_different(first, second, view: Viewport, n: int, piece: int):
    """Another mask shown before, this one prepared in parts, maybe not to its end, and given up again."""
    one, other = (painted(drawn) for drawn in (first, second))
    live = LiveMask()
    live.take(one, view, DRESS)
    live.take(None, view, DRESS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live_mask, "_PIECE", piece)
        for _ in range(n):
            if not live.prepare(other, view, DRESS):
                break
    for mask in (other, None, one, None, other):
        region = live.take(mask, view, DRESS)
        found = image(live.paint)
        shown = image(lambda _: None) if mask is None else whole(mask, view)
        assert (found == shown).all()
        assert mask is None or covered(region)[(shown != 255).any(-1)].all()


def painted(drawn: list[tuple[XY, XY, float, bool]]) -> Mask:
    strips = spans.of_mask(masks.empty())
    for a, b, radius, _ in drawn:
        strips = brush.paint(strips, brush.stroke(a, b, radius, SIZE))
    return spans.to_mask(strips)


def test_a_mask_that_is_prepared_costs_nothing_when_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    view = Viewport(SIZE, VIEW, 1.0)
    mask, live = spans.to_mask(brush.stroke((20, 20), (60, 40), 9, SIZE)), LiveMask()
    while live.prepare(mask, view, DRESS):
        pass
    sampled = []
    monkeypatch.setattr(live_mask, "mask_pixels", lambda *each: sampled.append(each))
    assert not live.take(mask, view, DRESS).isEmpty()
    assert not sampled


@given(views, views)
def test_another_view_or_colour_shows_all_of_it_anew(first: Viewport, second: Viewport) -> None:
    mask = spans.to_mask(brush.stroke((20, 20), (60, 40), 9, SIZE))
    live = LiveMask()
    live.take(mask, first, DRESS)
    before = image(live.paint)
    region = live.take(mask, second, DRESS)
    found = image(live.paint)
    assert (found == whole(mask, second)).all()
    assert covered(region)[(found != before).any(-1)].all()
    other = (QColor(0, 90, 200, 90), QColor(0, 90, 200), 3.0)
    live.take(mask, second, other)
    expected = image(lambda painter: paint_mask(painter, Painted.of(mask), second, other[:2], other[2]))
    assert (image(live.paint) == expected).all()


def test_a_small_stroke_on_a_large_mask_asks_for_little() -> None:
    view = Viewport((4000, 4000), (800, 800), 0.2)
    large = brush.stroke((2000, 2000), (2000, 2000), 1500, (4000, 4000))
    live = LiveMask()
    live.take(spans.to_mask(large), view, DRESS)
    more = brush.paint(large, brush.stroke((3500, 2000), (3530, 2000), 40, (4000, 4000)))
    changed = live.take(spans.to_mask(more), view, DRESS).boundingRect()
    assert changed.width() < 60 and not changed.isEmpty()
