"""The canvas under real pointer and key events."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import XY, Box, Polygon
from engine.project import annotations, contents, images
from engine.project.edits import AddAnnotations
from engine.project.records import Annotation
from engine.project.store import Project
from studio.canvas.comparison import Told
from studio.canvas.view import Canvas
from studio.reference import Reference
from studio.session import Session
from studio.view_state import Selection
from tests.studio import projects

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton


@dataclass
class Desk:
    """A canvas of 800 x 600 on a picture of 160 x 120, and the hand of a person."""

    qtbot: QtBot
    session: Session
    canvas: Canvas
    path: Path

    def at(self, xy_image: XY) -> QPoint:
        return QPointF(*self.canvas.viewport.to_view.apply_one(xy_image)).toPoint()

    def press(self, xy: XY, button: Qt.MouseButton = LEFT) -> None:
        self.qtbot.mousePress(self.canvas, button, pos=self.at(xy))

    def move(self, xy: XY) -> None:
        self.qtbot.mouseMove(self.canvas, self.at(xy))

    def release(self, xy: XY, button: Qt.MouseButton = LEFT) -> None:
        self.qtbot.mouseRelease(self.canvas, button, pos=self.at(xy))

    def drag(self, *way: XY) -> None:
        self.press(way[0])
        for xy in way[1:]:
            self.move(xy)
        self.release(way[-1])

    def click(self, xy: XY) -> None:
        self.qtbot.mouseClick(self.canvas, LEFT, pos=self.at(xy))

    def wait(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=5000)

    def settle(self) -> None:
        self.wait(lambda: self.session.n_settled == self.session.n_asked and self.canvas.is_complete)

    def stored(self) -> list[Annotation]:
        self.settle()
        with Project.open(self.path, read_only=True) as project:
            return annotations.of_image(project, self.session.image_id or 0)


def desk_on(qtbot: QtBot, path: Path, **how: bool) -> Desk:
    session = Session("anna")
    session.open(path, **how)
    qtbot.waitUntil(lambda: session.author_id is not None or bool(how))
    canvas = Canvas(session)
    qtbot.addWidget(canvas)
    canvas.resize(800, 600)
    canvas.show()
    canvas.setFocus()
    desk = Desk(qtbot, session, canvas, path)
    desk.settle()
    return desk


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    made = desk_on(qtbot, projects.make(tmp_path / "p.boxwright"))
    yield made
    made.canvas.finish()
    made.session.close()


@pytest.fixture
def full(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    made = desk_on(qtbot, projects.make_annotated(tmp_path / "p.boxwright"))
    yield made
    made.canvas.finish()
    made.session.close()


def add(desk: Desk, *shapes: Box | Polygon) -> list[int]:
    desk.session.do(AddAnnotations(tuple(Annotation(0, 1, 1, shape) for shape in shapes)))
    desk.settle()
    return sorted(desk.canvas.annotations)


def near(shape: Box, expected: tuple[float, float, float, float], slack: float = 0.3) -> bool:
    return all(abs(a - b) <= slack for a, b in zip(shape.bounds, expected, strict=True))


def test_a_drag_draws_a_box_that_is_stored_and_selected(desk: Desk) -> None:
    desk.session.use_tool("box")
    desk.drag((20, 20), (50, 40), (70, 60))
    (annotation,) = desk.stored()
    assert near(annotation.shape, (20, 20, 70, 60)) and annotation.class_id == 1
    assert annotation.author_id == desk.session.author_id and annotation.seconds is not None
    assert desk.session.selection == Selection(annotations=frozenset({annotation.id}))


def test_a_tool_stays_in_hand_and_never_takes_hold_of_what_is_there(desk: Desk) -> None:
    desk.session.use_tool("box")
    for n in range(4):
        desk.drag((20 + n, 20), (60, 60 + n))
    assert len(desk.stored()) == 4
    assert desk.session.tool == "box"


def test_two_clicks_draw_a_box(desk: Desk) -> None:
    desk.session.use_tool("box")
    desk.click((20, 20))
    desk.move((50, 50))
    desk.click((70, 60))
    assert near(desk.stored()[0].shape, (20, 20, 70, 60))


def test_a_polygon_is_closed_by_enter_and_backspace_takes_back(desk: Desk) -> None:
    desk.session.use_tool("polygon")
    for xy in ((20, 20), (60, 20), (60, 60), (100, 100)):
        desk.click(xy)
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Backspace)
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Return)
    (annotation,) = desk.stored()
    assert isinstance(annotation.shape, Polygon) and annotation.shape.n_vertices == 3


def test_a_double_click_closes_a_polygon(desk: Desk) -> None:
    desk.session.use_tool("polygon")
    for xy in ((20, 20), (60, 20), (60, 60)):
        desk.click(xy)
    desk.qtbot.mouseDClick(desk.canvas, LEFT, pos=desk.at((60, 60)))
    assert len(desk.stored()) == 1


def test_escape_abandons_the_gesture_then_the_tool_then_the_selection(desk: Desk) -> None:
    (id_,) = add(desk, Box(100, 80, 120, 100))
    desk.session.select(Selection(annotations=frozenset({id_})))
    desk.session.use_tool("polygon")
    desk.click((20, 20))
    desk.click((60, 20))
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Escape)
    assert desk.session.tool == "polygon"
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Return)
    assert len(desk.stored()) == 1
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Escape)
    assert desk.session.tool == "select" and desk.session.selection
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Escape)
    assert not desk.session.selection


def test_another_image_or_tool_abandons_what_is_drawn(desk: Desk) -> None:
    desk.session.use_tool("box")
    desk.press((20, 20))
    desk.move((60, 60))
    desk.session.go_to(2)
    desk.settle()
    desk.release((60, 60))
    assert desk.stored() == []
    desk.press((20, 20))
    desk.move((60, 60))
    desk.session.use_tool("select")
    desk.release((60, 60))
    assert desk.stored() == []


def test_click_selects_drag_moves_and_arrows_nudge(desk: Desk) -> None:
    first, second = add(desk, Box(20, 20, 60, 60), Box(100, 20, 140, 60))
    desk.session.select(Selection())
    desk.click((40, 40))
    assert desk.session.selection == Selection(annotations=frozenset({first}))
    desk.drag((120, 40), (125, 45), (130, 60))
    assert desk.session.selection == Selection(annotations=frozenset({second}))
    assert near(desk.stored()[1].shape, (110, 40, 150, 80))
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    desk.qtbot.keyClick(desk.canvas, Qt.Key.Key_Up)
    assert near(desk.stored()[1].shape, (100, 39, 140, 79))


def test_a_gesture_begins_where_the_last_one_ended_though_nothing_is_committed_yet(desk: Desk) -> None:
    add(desk, Box(20, 20, 60, 60))
    for n in range(6):
        desk.drag((40 + 5 * n, 40), (42 + 5 * n, 40), (45 + 5 * n, 40))
    assert near(desk.stored()[0].shape, (50, 20, 90, 60), 1.0)
    assert desk.canvas.annotations == {each.id: each for each in desk.stored()}


def test_undo_and_redo_are_seen(desk: Desk) -> None:
    (id_,) = add(desk, Box(20, 20, 60, 60))
    desk.drag((40, 40), (45, 45), (60, 60))
    desk.settle()
    desk.session.undo()
    desk.settle()
    assert near(desk.canvas.annotations[id_].shape, (20, 20, 60, 60))
    desk.session.redo()
    desk.settle()
    assert near(desk.canvas.annotations[id_].shape, (40, 40, 80, 80))


def test_what_was_drawn_never_flickers(desk: Desk) -> None:
    desk.session.use_tool("box")
    outline = desk.at((70, 40))
    desk.drag((20, 20), (50, 40), (70, 60))
    seen: list[QColor] = []

    def is_settled() -> bool:
        image = desk.canvas.grab().toImage()
        seen.append(max((image.pixelColor(outline + QPoint(d, 0)) for d in (-1, 0, 1)), key=_blueness))
        return desk.session.n_settled == desk.session.n_asked and len(seen) > 5

    desk.wait(is_settled)
    assert all(_blueness(colour) > 60 for colour in seen)


def _blueness(colour: QColor) -> int:
    """The first class is blue; the picture is grey."""
    return colour.blue() - colour.red()


def test_an_edit_that_is_refused_leaves_what_was(qtbot: QtBot, tmp_path: Path) -> None:
    path = projects.make_annotated(tmp_path / "p.boxwright", 1, 1)
    desk = desk_on(qtbot, path, read_only=True)
    before = dict(desk.canvas.annotations)
    middle = next(iter(before.values())).shape.bounds[:2]
    desk.drag((middle[0] + 9, middle[1] + 9), (middle[0] + 30, middle[1] + 30))
    desk.settle()
    assert desk.canvas.annotations == before
    desk.canvas.finish()
    desk.session.close()


def test_live_iou_is_told_while_a_shape_moves_over_a_suggestion(full: Desk) -> None:
    texts: list[str] = []
    full.canvas.overlap_changed.connect(texts.append)
    suggestion = full.canvas._shown.holding.views.detections[min(full.canvas._shown.holding.views.detections)]
    x0, y0, x1, y1 = suggestion.shape.bounds
    full.session.use_tool("box")
    full.press((x0, y0))
    full.move((x1 - 10, y1 - 10))
    full.move((x1, y1))
    wanted = "excellent; counts at 0.5, counts at 0.75"
    full.qtbot.waitUntil(lambda: bool(texts) and texts[-1].endswith(wanted))
    full.canvas.grab()
    full.qtbot.keyClick(full.canvas, Qt.Key.Key_Escape)
    assert texts[-1] == ""


@pytest.mark.parametrize("kind", ["neighbours", "others", "run"])
def test_live_iou_against_other_layers(full: Desk, kind: str) -> None:
    """A new box over an annotation that is there, by someone else; a run's detection, whether it is shown or not."""
    found: list[Told] = []
    full.canvas._layers.compared.connect(found.append)
    full.session.show_run(None)
    full.session.compare_with(Reference(kind, 1))
    full.settle()
    target = next(iter(full.canvas.annotations.values())).shape
    if kind == "run":
        full.qtbot.waitUntil(lambda: bool(full.canvas._layers._comparing._detections))
        target = next(iter(full.canvas._layers._comparing._detections.values())).shape
    x0, y0, x1, y1 = target.bounds
    full.session.use_tool("box")
    full.press((x0, y0))
    full.move((x1, y1))
    full.qtbot.waitUntil(lambda: bool(found) and found[-1].single is not None)
    assert found[-1].single.iou > 0.4 and found[-1].single.partner == Reference(kind, 1).partner
    full.canvas.grab()
    full.qtbot.keyClick(full.canvas, Qt.Key.Key_Escape)
    full.session.compare_with(Reference("off"))
    full.press((x0, y0))
    full.move((x1, y1))
    assert not found[-1]


def test_a_shape_that_moves_is_not_its_own_neighbour(full: Desk) -> None:
    found: list[Told] = []
    full.canvas._layers.compared.connect(found.append)
    full.session.compare_with(Reference("neighbours"))
    id_, annotation = next(iter(full.canvas.annotations.items()))
    x0, y0, x1, y1 = annotation.shape.bounds
    full.press(((x0 + x1) / 2, (y0 + y1) / 2))
    for step in range(1, 12):
        full.move(((x0 + x1) / 2 + step, (y0 + y1) / 2))
    full.qtbot.wait(100)
    assert all(each.single is None or each.single.overlap.id != id_ for each in found)
    full.qtbot.keyClick(full.canvas, Qt.Key.Key_Escape)


def test_a_suggestion_can_be_selected(full: Desk) -> None:
    held = full.canvas._shown.holding.views.detections
    id_, suggestion = next(iter(held.items()))
    x0, y0, x1, y1 = suggestion.shape.bounds
    full.session.select(Selection())
    for _ in range(6):
        full.click(((x0 + x1) / 2, (y0 + y1) / 2))
        if id_ in full.session.selection.detections:
            return
    raise AssertionError("clicking again and again never came to the suggestion")


@pytest.mark.parametrize("n", [10, 40, 300])
def test_any_number_of_shapes_is_dragged_together(desk: Desk, n: int) -> None:
    add(desk, *(Box(10 + k % 20, 10 + k % 13, 40 + k % 20, 40 + k % 13) for k in range(n)))
    desk.session.select(Selection(annotations=frozenset(desk.canvas.annotations)))
    desk.press((35, 35))
    desk.move((45, 45))
    desk.move((75, 65))
    desk.settle()
    outline = desk.at((50, 55))
    assert _has_outline_near(desk, outline)
    desk.release((75, 65))
    assert _has_outline_near(desk, outline)
    assert all(near(each.shape, (50 + k % 20, 40 + k % 13, 80 + k % 20, 70 + k % 13)) for k, each in
               enumerate(desk.stored()))  # fmt: skip
    assert _has_outline_near(desk, outline)


def _has_outline_near(desk: Desk, at: QPoint) -> bool:
    image = desk.canvas.grab().toImage()
    return max(_blueness(image.pixelColor(at + QPoint(dx, 0))) for dx in range(-8, 9)) > 60


def test_space_and_the_middle_button_pan(desk: Desk) -> None:
    desk.canvas.zoom_by(3)
    before = desk.canvas.viewport
    desk.qtbot.keyPress(desk.canvas, Qt.Key.Key_Space)
    assert desk.canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    start = QPoint(400, 300)
    desk.qtbot.mousePress(desk.canvas, LEFT, pos=start)
    desk.qtbot.mouseMove(desk.canvas, start + QPoint(30, 20))
    desk.qtbot.mouseRelease(desk.canvas, LEFT, pos=start + QPoint(30, 20))
    desk.qtbot.keyRelease(desk.canvas, Qt.Key.Key_Space)
    moved = desk.canvas.viewport
    assert (moved.origin[0] - before.origin[0], moved.origin[1] - before.origin[1]) == (30, 20)
    desk.qtbot.mousePress(desk.canvas, MIDDLE, pos=start)
    desk.qtbot.mouseMove(desk.canvas, start - QPoint(10, 40))
    desk.qtbot.mouseRelease(desk.canvas, MIDDLE, pos=start - QPoint(10, 40))
    back = desk.canvas.viewport
    assert (back.origin[0] - moved.origin[0], back.origin[1] - moved.origin[1]) == (-10, -40)
    assert desk.stored() == []


def wheel(desk: Desk, at: QPoint, *, angle: int = 0, pixels: QPoint | None = None, ctrl: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ControlModifier if ctrl else Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.ScrollUpdate if pixels else Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(QPointF(at), QPointF(at), pixels or QPoint(), QPoint(0, angle), Qt.MouseButton.NoButton,
                        modifier, phase, False)  # fmt: skip
    QApplication.sendEvent(desk.canvas, event)


def test_the_wheel_zooms_at_the_pointer_and_a_trackpad_pans(desk: Desk) -> None:
    zooms: list[float] = []
    desk.canvas.zoom_changed.connect(zooms.append)
    at = desk.at((40, 90))
    before = desk.canvas.viewport
    wheel(desk, at, angle=120)
    assert math.isclose(desk.canvas.viewport.scale, before.scale * 1.2)
    assert math.isclose(zooms[-1], desk.canvas.viewport.scale * 100)
    assert (desk.at((40, 90)) - at).manhattanLength() <= 3
    wheel(desk, at, angle=600)
    zoomed = desk.canvas.viewport
    wheel(desk, at, pixels=QPoint(7, -9))
    assert desk.canvas.viewport.scale == zoomed.scale
    assert desk.canvas.viewport.origin == (zoomed.origin[0] + 7, zoomed.origin[1] - 9)
    wheel(desk, at, pixels=QPoint(0, 40), ctrl=True)
    assert desk.canvas.viewport.scale > zoomed.scale


def test_fit_and_pixels(desk: Desk) -> None:
    desk.canvas.zoom_to_pixels()
    assert desk.canvas.viewport.scale == 1.0
    desk.canvas.zoom_to_fit()
    assert desk.canvas.viewport.fits
    desk.canvas.resize(500, 500)
    assert desk.canvas.viewport.fits


def test_the_position_is_told_in_image_pixels(desk: Desk) -> None:
    where: list[XY | None] = []
    desk.canvas.cursor_moved.connect(where.append)
    desk.move((40.4, 20.2))
    assert math.dist(where[-1] or (0, 0), (40.4, 20.2)) < 0.3
    desk.qtbot.mouseMove(desk.canvas, QPoint(2, 2))
    assert where[-1] is None


def test_hints_say_what_comes_next(desk: Desk) -> None:
    hints: list[str] = []
    desk.canvas.hint_changed.connect(hints.append)
    desk.session.use_tool("polygon")
    desk.click((20, 20))
    assert "freehand" in hints[0] and "1 vertices" in hints[-1]


def test_a_broken_picture_says_so_and_the_next_one_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    path = projects.make(tmp_path / "p.boxwright", 2)
    with Project.open(path) as project, project.atomic():
        source = contents.put(project, projects.picture(1)[:200])
        project.execute("UPDATE images SET content_id = ? WHERE id = 1", (source,))
    desk = desk_on(qtbot, path)
    desk.wait(lambda: isinstance(desk.canvas._shown.picture, Exception))
    assert "cut off or damaged" in str(desk.canvas._shown.picture)
    desk.canvas.grab()
    desk.session.go_to(2)
    desk.wait(lambda: desk.canvas.is_complete and not isinstance(desk.canvas._shown.picture, Exception))
    desk.canvas.finish()
    desk.session.close()


def test_hidden_shapes_are_not_painted(full: Desk) -> None:
    shown = full.canvas.grab().toImage()
    full.session.hide_shapes(True)
    hidden = full.canvas.grab().toImage()
    assert shown != hidden
    full.session.hide_shapes(False)
    assert full.canvas.grab().toImage() == shown


def test_closing_the_project_empties_the_canvas(full: Desk) -> None:
    full.session.close()
    assert full.canvas._shown.head is None and not full.canvas.annotations
    full.canvas.grab()
    full.session.open(full.path, anyway=True)
    full.settle()
    assert full.canvas.annotations


def test_what_comes_too_late_is_dropped(full: Desk) -> None:
    full.session.go_to(2)
    full.settle()
    seen: list[set[int]] = []
    shown = full.canvas._shown
    shown.differs.connect(lambda _: seen.append({each.image_id for each in full.canvas.annotations.values()}))
    full.session.go_to(3)
    time.sleep(0.3)  # head and contents of 3 are answered, and nobody has heard of it yet
    full.session.go_to(2)
    full.settle()
    assert seen and all(image_ids == {2} for image_ids in seen)


def test_stepping_quickly_ends_at_the_last(full: Desk) -> None:
    for image_id in (2, 3, 1, 3, 2):
        full.session.go_to(image_id)
    full.settle()
    with Project.open(full.path, read_only=True) as project:
        assert full.canvas.annotations == {each.id: each for each in annotations.of_image(project, 2)}
        assert full.canvas._shown.head is not None
        assert full.canvas._shown.head.image == images.get(project, 2)
