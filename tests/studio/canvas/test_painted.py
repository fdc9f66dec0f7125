"""Tiles that look as before are not painted again; those that do not, are."""

from PySide6.QtGui import QImage

from engine.geometry.shapes import Box, Shape
from engine.project.records import Annotation, ClassRecord
from studio.canvas.contents import Contents, Item, Key, indexed, item_of
from studio.canvas.holding import Holding
from studio.canvas.looks import Looks
from studio.canvas.painted import Likeness, Painted
from studio.canvas.tile_painter import Guise, TilePainter
from studio.canvas.tiles import TilePlace
from studio.theme import DARK

PLACE = TilePlace(1.0, 0, 0)
CLASSES = {1: ClassRecord(1, "cell", "#ff0000", 0)}


def painter_of(shapes: dict[int, Shape]) -> tuple[TilePainter, Holding]:
    items: dict[Key, Item] = {n: item_of(Annotation(n, 1, 1, shape)) for n, shape in shapes.items()}
    holding = Holding()
    holding.take(Contents(1, items, CLASSES, indexed(items)), 0)
    return TilePainter(holding, Looks(CLASSES, DARK, 1.0)), holding


def painted(painter: TilePainter, guise: Guise) -> tuple[QImage | None, int]:
    """The tile, and how many items were painted for it."""
    work, n = painter.paint(PLACE, guise), 0
    try:
        while True:
            next(work)
            n += 1
    except StopIteration as stop:
        return stop.value, n


def test_what_comes_back_is_there_at_once(qapp: object) -> None:
    painter, holding = painter_of({1: Box(5, 5, 50, 50), 2: Box(60, 60, 90, 90)})
    first, n = painted(painter, Guise())
    assert n == 2
    item = holding.items.pop(2)
    holding.bounds.drop(2)
    assert painted(painter, Guise())[1] == 1
    holding.items[2] = item
    holding.bounds.put(2, item.bounds)
    again, n = painted(painter, Guise())
    assert n == 0 and again is first


def test_another_look_is_painted(qapp: object) -> None:
    painter, _ = painter_of({1: Box(5, 5, 50, 50)})
    plain, _ = painted(painter, Guise())
    chosen, n = painted(painter, Guise(selected=frozenset({1})))
    assert n and chosen != plain
    locked, n = painted(painter, Guise(locked=frozenset({1})))
    assert n and locked != plain
    assert painted(painter, Guise(selected=frozenset({1, 9}))) == (chosen, 0)
    painter.looks = Looks(CLASSES, DARK, 2.0)
    assert painted(painter, Guise())[1]


def test_only_the_last_are_kept(qapp: object) -> None:
    kept, image = Painted(), QImage(1, 1, QImage.Format.Format_ARGB32)
    likes = [Likeness(TilePlace(1.0, n, 0), (), frozenset(), frozenset(), ()) for n in range(200)]
    for like in likes:
        kept.put(like, image, [])
    assert kept.get(likes[0]) is None and kept.get(likes[-1]) is image
