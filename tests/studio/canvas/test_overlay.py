"""Tiles show what painting everything at once shows, and only what has changed is painted anew."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.geometry.shapes import Box, Keypoints, Polygon
from engine.project.records import Annotation, ClassRecord, Detection
from studio.canvas import paint
from studio.canvas.contents import Contents, indexed, item_of
from studio.canvas.holding import Difference, Holding
from studio.canvas.looks import Looks
from studio.canvas.overlay import Overlay
from studio.canvas.tile_painter import Guise
from studio.canvas.tiles import TilePlace
from studio.canvas.viewport import Viewport

CLASSES = {
    1: ClassRecord(1, "cell", "#3d7eff", 0),
    2: ClassRecord(2, "nucleus", "#e0a030", 1, None, ("a", "b"), ((0, 1),)),
}
VIEW = Viewport((1000, 800), (700, 500), 1.0, -37, -21)


@pytest.fixture(autouse=True)
def _application(qtbot: QtBot) -> None:
    """Fonts need an application."""


def holding() -> Holding:
    rng = np.random.default_rng(3)
    sources: list[Annotation | Detection] = []
    for id_ in range(1, 120):
        x, y = rng.uniform(0, 900), rng.uniform(0, 700)
        ring = [(x, y), (x + 70, y + 9), (x + 60, y + 55), (x + 5, y + 50)]
        points = Keypoints.of([(x + 9, y + 9, 2), (x + 40, y + 30, 1)]) if id_ % 7 == 0 else None
        sources.append(Annotation(id_, 1, 1 + id_ % 2, Polygon.of(ring), points, is_crowd=id_ % 11 == 0))
    sources += [Detection(id_, 1, 1, id_ / 50, Box(id_ * 15, 90, id_ * 15 + 60, 140)) for id_ in range(1, 40)]
    items = {item.key: item for item in map(item_of, sources)}
    held = Holding()
    held.take(Contents(1, items, CLASSES, indexed(items)), 0)
    return held


def painted(overlay: Overlay, view: Viewport = VIEW) -> np.ndarray:
    image = QImage(*view.view, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    overlay.paint(painter, view)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(view.view[1], view.view[0], 4).copy()


def finished(overlay: Overlay, view: Viewport = VIEW) -> np.ndarray:
    overlay.show(view)
    assert not overlay.work(60)
    return painted(overlay, view)


def directly(held: Holding, looks: Looks) -> np.ndarray:
    """Every item painted on one large picture, in paint order, without tags."""
    image = QImage(*VIEW.view, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint.scaled(painter, VIEW.to_view)
    overlay = Overlay()
    for item in held.items.values():
        paint.item(painter, item, overlay.path(item), looks, is_selected=False)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(VIEW.view[1], VIEW.view[0], 4).copy()


def test_tiles_together_look_like_one_picture() -> None:
    held = holding()
    for key in [key for key in held.items if key < 0]:  # their tags are painted over the tiles
        held._drop([key])
    looks = Looks(CLASSES)
    overlay = Overlay()
    overlay.begin(held, looks)
    ours, whole = finished(overlay).astype(int), directly(held, looks).astype(int)
    # Tiles are blended once more, and hatching is anchored to the tile: a few units on most pixels, none astray.
    plain = np.abs(ours - whole).max(axis=2)
    assert (plain > 6).mean() < 0.02
    assert np.abs(ours - whole).mean() < 0.7


def test_work_stops_at_its_budget_and_goes_on_where_it_stopped() -> None:
    overlay = Overlay()
    overlay.begin(holding(), Looks(CLASSES))
    overlay.show(VIEW)
    n_rounds = 0
    while overlay.work(0.0):
        n_rounds += 1
    assert n_rounds > 100 and overlay.is_complete
    whole = Overlay()
    whole.begin(holding(), Looks(CLASSES))
    assert np.array_equal(painted(overlay), finished(whole))


def images_of(overlay: Overlay) -> dict[TilePlace, QImage]:
    return {place: tile.image for place, tile in overlay._tiles.items()}


def test_one_edit_paints_only_its_tiles_anew() -> None:
    held = holding()
    overlay = Overlay()
    overlay.begin(held, Looks(CLASSES))
    finished(overlay)
    before = images_of(overlay)
    item = held.items[5]
    held._drop([5])
    overlay.invalidate(Difference((item.bounds,)))
    assert not overlay.is_complete
    assert not overlay.work(60)
    changed = [place for place, image in images_of(overlay).items() if image is not before[place]]
    assert 0 < len([place for place in changed if place.scale == 1.0]) <= 6 < len(before)
    fresh = Overlay()
    fresh.begin(held, Looks(CLASSES))
    assert np.array_equal(painted(overlay), finished(fresh))


def test_hiding_and_selecting_touch_only_those_concerned_and_can_be_taken_back() -> None:
    overlay = Overlay()
    overlay.begin(holding(), Looks(CLASSES))
    first = finished(overlay)
    for guise in (Guise(hidden=frozenset({9})), Guise(selected=frozenset({9, -4})), Guise(with_names=True)):
        overlay.wear(guise)
        assert not np.array_equal(finished(overlay), first)
        overlay.wear(Guise())
        assert np.array_equal(finished(overlay), first)


def test_where_tiles_are_missing_those_of_another_zoom_are_stretched() -> None:
    overlay = Overlay()
    overlay.begin(holding(), Looks(CLASSES))
    finished(overlay)
    near = VIEW.zoomed(1.5, (350, 250))
    overlay.show(near)
    assert not overlay.is_complete
    stretched = painted(overlay, near)
    exact = finished(overlay, near)
    assert stretched.any()
    a, b = stretched.astype(int), exact.astype(int)
    assert np.abs(a - b).mean() < 10 < np.abs(a[::-1] - b).mean()


def test_the_memory_of_tiles_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.canvas.overlay.BUDGET_TILES", 50)
    overlay = Overlay()
    overlay.begin(holding(), Looks(CLASSES))
    for n in range(8):
        finished(overlay, VIEW.zoomed(1 + 0.1 * n))
        assert len(overlay._tiles) <= 50


def test_a_tile_without_items_takes_no_memory() -> None:
    overlay = Overlay()
    overlay.begin(Holding(), Looks(CLASSES))
    assert not finished(overlay)[..., :3].any()
    assert all(tile.image is None for tile in overlay._tiles.values())
