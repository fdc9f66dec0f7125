"""Masks that are too ragged for a path look on tiles as their paths would."""

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine.geometry import masks
from engine.project.records import Annotation, ClassRecord
from studio.canvas import mask_image
from studio.canvas.contents import Contents, indexed, item_of
from studio.canvas.holding import Holding
from studio.canvas.looks import Looks
from studio.canvas.tile_painter import Guise, TilePainter
from studio.canvas.tiles import SIDE, TilePlace


@pytest.fixture
def holding() -> Holding:
    """One mask: a disc with holes."""
    y, x = np.ogrid[:500, :500]
    bitmap = np.hypot(x - 250, y - 250) < 230
    for row, column in np.random.default_rng(0).integers(60, 440, (60, 2)):
        bitmap[row - 8 : row + 8, column - 8 : column + 8] = False
    items = {1: item_of(Annotation(1, 1, 1, masks.from_bitmap(bitmap)))}
    found = Holding()
    classes = {1: ClassRecord(1, "cell", "#3d7eff", 0)}
    found.take(Contents(1, items, classes, indexed(items)), 0)
    return found


def painted(holding: Holding, place: TilePlace, guise: Guise) -> np.ndarray:
    work = TilePainter(holding, Looks(holding.classes)).paint(place, guise)
    try:
        while True:
            next(work)
    except StopIteration as stop:
        image = stop.value
    assert isinstance(image, QImage)
    return np.frombuffer(image.constBits(), np.uint8).reshape(SIDE, SIDE, 4).astype(int).copy()


@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("guise", [Guise(), Guise(selected=frozenset({1})), Guise(locked=frozenset({1}))], ids=str)
def test_a_ragged_mask_looks_as_its_path_does(
    qapp: QApplication, holding: Holding, scale: float, guise: Guise, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = TilePlace(scale, int(100 * scale) // SIDE, int(100 * scale) // SIDE)
    monkeypatch.setattr(mask_image, "MANY_RUNS", 10**6)
    as_path = painted(holding, place, guise)
    monkeypatch.setattr(mask_image, "MANY_RUNS", 0)
    as_mask = painted(holding, place, guise)
    assert as_mask[..., 3].any()
    inside = (as_path == as_mask).all(-1)
    assert inside.mean() > 0.5  # outlines are not softened, and lie a fraction of a pixel farther in
    assert np.abs(as_path - as_mask).mean() < 12
