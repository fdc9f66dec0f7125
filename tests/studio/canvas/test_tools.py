"""Every drawing tool on the real canvas: pointer and key events in, what is stored out; heavy work on its thread."""

import hashlib
import io
import math
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import XY, Box, Keypoints, Mask, Polygon, RotatedBox, Shape
from engine.project import classes, contents, images
from engine.project.edits import AddAnnotations
from engine.project.images import NewImage
from engine.project.records import Annotation
from engine.project.store import Project
from studio.view_state import Selection
from tests.studio.canvas.test_view import Desk, desk_on
from tests.studio.projects import thumbnail
from tests.studio.tools.events import PICTURE

RIGHT = Qt.MouseButton.RightButton
ALT, CTRL, SHIFT = (
    Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier,
)  # fmt: skip
DISC = math.pi * 900


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    """On the picture of a disc and a square; class 2 is a fish with a nose, a fin and a tail."""
    path = tmp_path / "p.boxwright"
    out = io.BytesIO()
    Image.fromarray(PICTURE).save(out, "PNG")
    data = out.getvalue()
    with Project.create(path) as project, project.atomic():
        classes.add(project, "cell")
        classes.add(project, "fish", keypoint_names=("nose", "fin", "tail"), skeleton=((0, 1), (1, 2)))
        new = NewImage(
            "disc.png", hashlib.sha256(data).hexdigest(), 200, 150, 1, contents.put(project, data), thumbnail(data)
        )
        images.add(project, new)
    made = desk_on(qtbot, path)
    made.wait(lambda: made.canvas._shown.pixels((0, 0, 9, 9), 9) is not None)
    yield made
    made.canvas.finish()
    made.session.close()


def send(desk: Desk, kind: QMouseEvent.Type, xy: XY, button: Qt.MouseButton, held: Qt.KeyboardModifier) -> None:
    """A mouse event with keys held, which qtbot's moves cannot have."""
    at = QPointF(desk.at(xy))
    buttons = Qt.MouseButton.NoButton if kind == QMouseEvent.Type.MouseButtonRelease else button
    changed = Qt.MouseButton.NoButton if kind == QMouseEvent.Type.MouseMove else button
    QApplication.sendEvent(desk.canvas, QMouseEvent(kind, at, at, changed, buttons, held))


def drag(
    desk: Desk,
    *way: XY,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
) -> None:
    send(desk, QMouseEvent.Type.MouseButtonPress, way[0], button, held)
    for xy in way[1:]:
        send(desk, QMouseEvent.Type.MouseMove, xy, button, held)
    send(desk, QMouseEvent.Type.MouseButtonRelease, way[-1], button, held)


def one(desk: Desk) -> Shape:
    (annotation,) = desk.stored()
    return annotation.shape


def computed(desk: Desk, after: int = 0) -> None:
    """Wait until the preview shows something that was worked out."""
    desk.wait(lambda: bool(desk.canvas._hand.preview.shapes) and isinstance(desk.canvas._hand.preview.shapes[0], Mask))


def test_the_brush_paints_one_mask_stroke_by_stroke(desk: Desk) -> None:
    desk.session.use_tool("brush")
    drag(desk, (40, 40), (60, 40), (80, 50))
    first = one(desk)
    assert isinstance(first, Mask) and desk.session.selection.annotations
    drag(desk, (40, 60), (80, 60))
    assert one(desk).area > first.area
    drag(desk, (40, 40), (80, 40), held=ALT)
    assert isinstance(one(desk), Mask)
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Return)
    drag(desk, (150, 100), (160, 100))
    assert len(desk.stored()) == 2


def test_brackets_change_the_size_of_the_brush(desk: Desk) -> None:
    desk.session.use_tool("brush")
    drag(desk, (50, 50), (51, 50))
    small = one(desk).area
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Return)
    for _ in range(3):
        desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_BracketRight)
    drag(desk, (150, 50), (151, 50))
    assert desk.stored()[1].shape.area > 2.5 * small


def test_the_eraser_takes_from_the_selected_mask(desk: Desk) -> None:
    desk.session.use_tool("brush")
    drag(desk, (40, 60), (120, 60))
    before = one(desk).area
    desk.session.use_tool("eraser")
    drag(desk, (80, 40), (80, 80))
    assert 0 < one(desk).area < before


def test_the_wand_takes_the_disc_on_its_thread(desk: Desk) -> None:
    desk.session.use_tool("wand")
    drag(desk, (60, 60), (61, 60))
    desk.wait(lambda: len(desk.stored()) == 1)
    assert one(desk).area == pytest.approx(DISC, rel=0.02)


def test_box_to_mask_with_a_point_out(desk: Desk) -> None:
    desk.session.use_tool("grabcut")
    desk.drag((29, 29), (60, 60), (91, 91))
    computed(desk)
    before = desk.canvas._hand.preview.shapes[0].area
    assert before == pytest.approx(DISC, rel=0.03)
    desk.qtbot.mouseClick(desk.canvas, RIGHT, pos=desk.at((34, 60)))
    desk.wait(lambda: desk.canvas._hand.preview.shapes[0].area < before)
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Return)
    shape = one(desk)
    assert isinstance(shape, Mask) and shape.area < before


def test_scissors_go_round_the_disc_however_quick_the_clicks(desk: Desk) -> None:
    desk.session.use_tool("scissors")
    for degrees in (0, 120, 240):
        turn = math.radians(degrees)
        desk.click((60 + 30 * math.cos(turn), 60 + 30 * math.sin(turn)))
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Return)
    desk.wait(lambda: len(desk.stored()) == 1)
    shape = one(desk)
    assert isinstance(shape, Polygon) and shape.area == pytest.approx(DISC, rel=0.05)


def test_a_rotated_box_by_three_clicks(desk: Desk) -> None:
    desk.session.use_tool("rotated_box")
    for xy in ((50, 50), (80, 80), (60, 90)):
        desk.click(xy)
    shape = one(desk)
    assert isinstance(shape, RotatedBox) and shape.angle == pytest.approx(45, abs=1)


def test_extreme_points(desk: Desk) -> None:
    desk.session.use_tool("extreme_points")
    for xy in ((60, 30), (90, 60), (60, 90), (30, 60)):
        desk.move(xy)
        desk.click(xy)
    assert one(desk).bounds == pytest.approx((30, 30, 90, 90), abs=0.3)


def test_keypoints_and_v_for_hidden_though_it_is_the_select_tool_s_key(desk: Desk) -> None:
    desk.session.use_class(2)
    desk.session.use_tool("keypoints")
    desk.click((30, 30))
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_V)
    desk.click((60, 40))
    desk.qtbot.mouseClick(desk.canvas, RIGHT, pos=desk.at((90, 30)))
    shape = one(desk)
    assert desk.session.tool == "keypoints"
    assert isinstance(shape, Keypoints) and [v for *_, v in shape.points] == [2, 1, 0]


def test_the_knife_cuts_and_undo_joins(desk: Desk) -> None:
    desk.session.do(AddAnnotations((Annotation(0, 1, 1, Box(20, 20, 100, 100)),)))
    desk.settle()
    desk.session.use_tool("knife")
    desk.drag((10, 40), (60, 40), (110, 40))
    assert sorted(round(each.shape.area) for each in desk.stored()) == pytest.approx([1600, 4800], rel=0.02)
    desk.session.undo()
    desk.settle()
    assert one(desk) == Box(20, 20, 100, 100)


def test_a_hole_is_cut_with_alt_and_a_vertex_snaps_with_ctrl(desk: Desk) -> None:
    desk.session.do(AddAnnotations((Annotation(0, 1, 1, Polygon.of([(20, 20), (120, 20), (120, 120), (20, 120)])),)))
    desk.settle()
    desk.session.use_tool("polygon")
    drag(desk, (40, 40), held=ALT)
    for xy in ((80, 40), (80, 80)):
        drag(desk, xy)
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Return)
    shape = one(desk)
    assert isinstance(shape, Polygon) and len(shape.parts[0].holes) == 1
    desk.session.select(Selection())
    drag(desk, (121.5, 21), held=CTRL)
    for xy in ((160, 20), (160, 60)):
        drag(desk, xy)
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Return)
    drawn = desk.stored()[-1].shape
    assert isinstance(drawn, Polygon) and [120, 20] in drawn.parts[0].outer.tolist()


def test_escape_drops_what_is_being_worked_out(desk: Desk) -> None:
    desk.session.use_tool("grabcut")
    desk.drag((29, 29), (60, 60), (91, 91))
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Escape)
    desk.qtbot.wait(300)
    assert desk.stored() == [] and not desk.canvas._hand.preview.shapes


def test_what_fails_on_the_thread_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Exception] = []
    desk.session.failed.connect(told.append)
    monkeypatch.setattr("engine.imaging.grabcut.to_lab", lambda _: 1 / 0)
    desk.session.use_tool("grabcut")
    desk.drag((29, 29), (60, 60), (91, 91))
    desk.wait(lambda: bool(told))
    assert isinstance(told[0], ZeroDivisionError)


def test_no_thread_is_left_running(desk: Desk) -> None:
    desk.session.use_tool("wand")
    drag(desk, (60, 60), (61, 60))
    desk.wait(lambda: len(desk.stored()) == 1)
    desk.canvas.finish()
    assert not [each for each in threading.enumerate() if each.name == "computing"]
