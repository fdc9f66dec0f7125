"""Every view draws its stage, says what is under the pointer, takes clicks, and has something at the side."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QLabel, QWidget

from engine.tracing.stages import KINDS
from engine.tracing.trace import Trace
from studio.canvas.viewport import Viewport
from studio.inspector import VIEWS, Drawing, view_of
from studio.inspector.stage_picture import StagePicture
from studio.inspector.strip import Strip
from tests.engine.tracing.lesson_traces import one_stage_lesson, two_stage_lesson
from tests.engine.tracing.traces import Made, one_stage, two_stages
from tests.studio.windows import Opened

TRACES = {
    "two stages": two_stages(Made(has_masks=True)),
    "one stage": one_stage(),
    "training of two stages": two_stage_lesson(),
    "training of one stage": one_stage_lesson(),
}
STAGES = [(kind, stage.name) for kind, trace in TRACES.items() for stage in trace.stages]


def drawn(trace: Trace, paint: Drawing | None = None) -> QImage:
    """A picture of the trace's size, grey, with what is painted on it."""
    height, width = trace.input.size
    image = QImage(2 * width, 2 * height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.gray)
    painter = QPainter(image)
    if paint is not None:
        paint(painter, Viewport((width, height), (2 * width, 2 * height), 2.0))
    painter.end()
    return image


def test_every_kind_of_stage_has_one_view() -> None:
    shown = [view.shows for _, view in VIEWS]
    assert len(set(shown)) == len(shown)
    assert set(shown) <= set(KINDS)


@pytest.mark.parametrize(("kind", "name"), STAGES)
def test_a_stage_is_drawn_told_and_clicked(at_work: Opened, kind: str, name: str) -> None:
    trace, of = TRACES[kind], at_work.studio.inspection
    stage = trace.named(name)
    view = view_of(stage)
    if view is None:
        pytest.skip(f"no view of {type(stage).__name__}")
    of.take(trace)
    of.show_stage(name)
    layer = view.layer(at_work.studio)
    side = view.side(at_work.studio, layer)
    at_work.qtbot.addWidget(side)
    assert side.findChildren(QLabel)
    still, small = layer.still(), view.picture(trace, stage)
    if still is not None:
        assert drawn(trace, still) != drawn(trace)
    if small is not None:
        assert drawn(trace, small) != drawn(trace)
    height, width = trace.input.size
    told = [layer.told((x, y)) for x in range(1, width, 40) for y in range(1, height, 40)]
    assert any(told)
    for x in range(1, width, 40):
        for y in range(1, height, 40):
            of.point_at((float(x), float(y)))
            layer.press((float(x), float(y)), 3.0)
            drawn(trace, layer.paint_live)
    layer.leave()


def test_the_strip_shows_every_stage_and_goes_there(at_work: Opened) -> None:
    of, trace = at_work.studio.inspection, TRACES["two stages"]
    strip = Strip(at_work.studio)
    at_work.qtbot.addWidget(strip)
    strip.resize(1600, 140)
    strip.show()
    of.take(trace)
    assert list(strip.cards) == [stage.name for stage in trace.stages]
    at_work.qtbot.mouseClick(strip.cards["anchors"], Qt.MouseButton.LeftButton)
    assert of.stage_name == "anchors"
    assert [name for name, card in strip.cards.items() if card.isChecked()] == ["anchors"]
    at_work.qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert of.stage_name == "objectness"
    at_work.qtbot.keyClick(strip, Qt.Key.Key_Left)
    at_work.qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert of.stage_name == "features"


def shown_picture(at_work: Opened) -> StagePicture:
    """The picture of a trace's anchors, drawn."""
    of, trace = at_work.studio.inspection, TRACES["one stage"]
    picture = StagePicture(of, at_work.studio.theme)
    at_work.qtbot.addWidget(picture)
    picture.resize(600, 400)
    picture.show()
    of.take(trace)
    of.show_stage("anchors")
    picture.show_input(trace.input)
    view = view_of(trace.named("anchors"))
    assert view is not None
    picture.show_layer(view.layer(at_work.studio))
    at_work.qtbot.waitUntil(lambda: picture.is_settled)
    return picture


def test_the_picture_is_fitted_zoomed_moved_and_fitted_again(at_work: Opened) -> None:
    picture, qtbot = shown_picture(at_work), at_work.qtbot
    fitted = picture.viewport
    assert fitted is not None
    qtbot.keyClick(picture, Qt.Key.Key_Plus)
    assert picture.viewport.scale > fitted.scale
    before = picture.viewport
    qtbot.mousePress(picture, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    drag(picture, QPoint(340, 230))
    qtbot.mouseRelease(picture, Qt.MouseButton.LeftButton, pos=QPoint(340, 230))
    assert picture.viewport.scale == before.scale
    assert (picture.viewport.x, picture.viewport.y) != (before.x, before.y)
    assert at_work.studio.inspection.picked is None  # a drag is no click
    qtbot.mouseDClick(picture, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert picture.viewport == fitted


def drag(picture: QWidget, to: QPoint) -> None:
    """A move with the button held."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    held, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(to), QPointF(picture.mapToGlobal(to)), held, held, none)
    QApplication.sendEvent(picture, event)


def test_the_pointer_is_the_linked_cursor_and_a_click_picks(at_work: Opened) -> None:
    picture, of = shown_picture(at_work), at_work.studio.inspection
    at_work.qtbot.mouseMove(picture, QPoint(300, 200))
    drag_free(picture, QPoint(301, 200))
    assert of.cursor is not None
    x, y = of.cursor
    assert picture.viewport.to_view.apply_one((x, y)) == pytest.approx((301, 200), abs=1)
    at_work.qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=QPoint(301, 200))
    assert of.picked is not None
    assert of.picked.stage == "anchors"
    first = of.picked
    at_work.qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=QPoint(301, 200))
    assert of.picked != first  # the next one of the cell


def drag_free(picture: QWidget, to: QPoint) -> None:
    """A move without a button."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    no, none = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(to), QPointF(picture.mapToGlobal(to)), no, no, none)
    QApplication.sendEvent(picture, event)
