"""Shapes drawn, picked and mended by pointer and keys alone on the real window, each as it is stored in the end."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from engine.geometry.overlap import iou
from engine.geometry.shapes import XY, Box, Mask, Polygon, Shape
from engine.project import annotations
from engine.project.edits import AddAnnotations
from engine.project.records import Annotation
from engine.project.store import Project
from studio.view_state import Selection
from tests.flows.tools_in_use import ALT, CTRL, NONE, SHIFT, Hands
from tests.studio import projects
from tests.studio.windows import Opened

SQUARE = Polygon.of([(20, 20), (70, 20), (70, 70), (20, 70)])


class Hand(Hands):
    """On the first picture of a project."""

    @property
    def path(self) -> Path:
        assert self.studio.session.project is not None
        return self.studio.session.project.path

    def put(self, *shapes: Shape) -> list[int]:
        """Have these annotated; returns their ids."""
        self.studio.session.do(AddAnnotations(tuple(Annotation(0, 1, 1, shape) for shape in shapes)))
        self.settle()
        self.select()
        return list(self.stored)

    def select(self, *ids: int) -> None:
        self.studio.session.select(Selection(annotations=frozenset(ids)))

    @property
    def selected(self) -> frozenset[int]:
        return self.studio.session.selection.annotations

    @property
    def stored(self) -> dict[int, Shape]:
        self.settle()
        with Project.open(self.path, read_only=True) as project:
            return {each.id: each.shape for each in annotations.of_image(project, 1)}

    def stroke(self, *points: XY, held: Qt.KeyboardModifier = NONE) -> None:
        """Press at the first, go through the others, let go at the last."""
        self.drag(*points, held=held)
        self.let_go(points[-1], held)
        self.settle()

    def take(self, key: Qt.Key) -> None:
        """A tool by its key, with the focus where the pointer draws."""
        self.canvas.setFocus()
        self.key(key)


@pytest.fixture
def hand(seen: Opened, tmp_path: Path) -> Iterator[Hand]:
    seen.open(projects.make(tmp_path / "p.boxwright", 1))
    yield Hand(seen.window, seen.studio, seen.canvas)


def test_click_again_and_again_comes_to_what_lies_under(hand: Hand) -> None:
    large, middle, small = hand.put(Box(10, 10, 110, 100), Box(30, 30, 90, 80), Box(50, 45, 70, 60))
    found = []
    for _ in range(4):
        hand.click((60, 52))
        found.append(set(hand.selected))
    assert found == [{small}, {middle}, {large}, {small}]
    hand.click((130, 110))
    assert not hand.selected


def test_a_rubber_band_selects_what_lies_inside_and_shift_adds(hand: Hand) -> None:
    a, b, c = hand.put(Box(20, 20, 40, 40), Box(60, 20, 80, 40), Box(100, 80, 120, 100))
    hand.stroke((10, 10), (50, 30), (90, 50))
    assert hand.selected == {a, b}
    hand.stroke((95, 75), (110, 90), (130, 110), held=SHIFT)
    assert hand.selected == {a, b, c}


def test_vertices_are_pulled_put_in_at_an_edge_and_taken_out_with_alt(hand: Hand) -> None:
    (id_,) = hand.put(SQUARE)
    hand.select(id_)
    hand.stroke((70, 70), (80, 80), (95, 90))
    corners = points(hand.stored[id_])
    assert len(corners) == 4 and near(corners, (95, 90))
    hand.stroke((45, 20), (45, 12), (45, 6))
    corners = points(hand.stored[id_])
    assert len(corners) == 5 and near(corners, (45, 6))
    hand.click((45, 6), ALT)
    corners = points(hand.stored[id_])
    assert len(corners) == 4 and not near(corners, (45, 6))


def test_a_hole_and_a_second_part_are_drawn_by_hand(hand: Hand) -> None:
    (id_,) = hand.put(SQUARE)
    hand.select(id_)
    hand.take(Qt.Key.Key_P)
    hand.click((30, 30), ALT)
    for corner in ((60, 30), (60, 60), (30, 60)):
        hand.click(corner)
    hand.key(Qt.Key.Key_Return)
    holed = hand.stored[id_]
    assert isinstance(holed, Polygon) and holed.area == pytest.approx(2500 - 900, rel=0.05)
    assert [len(part.holes) for part in holed.parts] == [1]
    hand.click((90, 30), SHIFT)
    for corner in ((120, 30), (120, 60), (90, 60)):
        hand.click(corner)
    hand.key(Qt.Key.Key_Return)
    parted = hand.stored[id_]
    assert isinstance(parted, Polygon) and len(parted.parts) == 2
    assert parted.area == pytest.approx(2500, rel=0.05)
    assert len(hand.stored) == 1


def test_freehand_goes_on_after_clicks_and_is_closed_where_it_began(hand: Hand) -> None:
    hand.take(Qt.Key.Key_P)
    turns = [2 * math.pi * step / 16 for step in range(16)]
    ring = [(70 + 30 * math.cos(turn), 60 + 30 * math.sin(turn)) for turn in turns]
    hand.stroke(*ring, ring[0])
    (lasso,) = hand.stored.values()
    assert isinstance(lasso, Polygon) and iou(lasso, Polygon.of(ring)) > 0.9


def test_a_vertex_snaps_to_a_neighbour_and_the_mark_is_seen(hand: Hand) -> None:
    hand.put(SQUARE)
    hand.take(Qt.Key.Key_P)
    for corner in ((90, 30), (120, 30), (120, 80)):
        hand.click(corner)
    before = hand.canvas.grab().toImage()
    hand.press((71, 69), CTRL)
    mark = hand.canvas._hand.preview.snap
    assert mark is not None and mark == pytest.approx((70, 70), abs=0.01)
    assert hand.canvas.grab().toImage() != before
    hand.let_go((71, 69), CTRL)
    hand.key(Qt.Key.Key_Return)
    drawn = list(hand.stored.values())[-1]
    assert near(points(drawn), (70, 70), slack=0.02)


def test_the_brush_spares_others_and_alt_takes_away(hand: Hand) -> None:
    hand.put(Box(60, 20, 100, 100))
    hand.take(Qt.Key.Key_B)
    hand.key(Qt.Key.Key_O)
    hand.stroke((30, 60), (50, 60), (75, 60), (90, 60))
    spared = list(hand.stored.values())[-1]
    assert isinstance(spared, Mask) and spared.bounds[2] <= 60
    hand.stroke((30, 60), (32, 60), held=ALT)
    assert list(hand.stored.values())[-1].area < spared.area
    hand.key(Qt.Key.Key_O)
    hand.stroke((55, 60), (75, 60))
    assert list(hand.stored.values())[-1].bounds[2] > 60


def test_a_mask_edited_as_a_polygon_and_back_keeps_its_border_to_a_pixel(hand: Hand) -> None:
    hand.take(Qt.Key.Key_B)
    hand.stroke((40, 40), (70, 50), (90, 80))
    (id_,) = hand.stored
    before = hand.stored[id_]
    hand.take(Qt.Key.Key_V)
    hand.select(id_)
    hand.canvas.setFocus()
    for kind in ("polygon", "mask"):
        action = hand.window.findChild(QAction, f"shape.to_{kind}")
        assert isinstance(action, QAction)
        n_asked = hand.studio.session.n_asked
        action.trigger()
        hand.wait(lambda n_asked=n_asked: hand.studio.session.n_asked > n_asked, 5)
        assert hand.stored[id_].kind == kind
    after = hand.stored[id_]
    assert isinstance(after, Mask) and iou(before, after) > 0.9
    assert max(abs(a - b) for a, b in zip(before.bounds, after.bounds, strict=True)) <= 1


def points(shape: Shape) -> list[XY]:
    assert isinstance(shape, Polygon)
    return [(float(x), float(y)) for x, y in shape.parts[0].outer]


def near(corners: list[XY], at: XY, slack: float = 0.5) -> bool:
    return any(abs(x - at[0]) <= slack and abs(y - at[1]) <= slack for x, y in corners)
