"""The picture as it is painted: by tiles and adjusted it looks as it would in one piece; tools read what is stored."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from engine import pictures
from engine.imaging.levels import CHANNELS, Levels
from engine.progress import finish
from engine.tiling import writing
from engine.tiling.reading import TileFile
from studio.canvas import paint, picture_tiles
from studio.canvas.picture_layer import PictureLayer
from studio.canvas.picture_tiles import PictureTiles, adjusted
from studio.canvas.pictures import Tiled
from studio.canvas.pyramid import Pyramid
from studio.canvas.tile_source import HeldSource, Spot
from studio.canvas.viewport import Viewport

SIZE = (1800, 1300)
VIEW = (400, 300)


def rgb() -> np.ndarray:
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    return np.stack([x / SIZE[0] * 255, y / SIZE[1] * 255, 127 + 90 * np.sin(x / 30) * np.cos(y / 50)], -1).astype(
        np.uint8
    )


PYRAMID = Pyramid.of(rgb(), SIZE[0])
THUMBNAIL = Pyramid.flat(rgb()[::16, ::16].copy(), SIZE[0])


@pytest.fixture(scope="module")
def tiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiled]:
    folder = tmp_path_factory.mktemp("tiles")
    Image.fromarray(rgb()).save(folder / "a.png")
    finish(writing.write(folder / "a.png", pictures.head(folder / "a.png"), folder / "a.tiles.zip"))
    file = TileFile(folder / "a.tiles.zip")
    yield Tiled(file)
    file.close()


@pytest.fixture
def layer(qtbot: QtBot) -> Iterator[PictureLayer]:
    found = PictureLayer()
    yield found
    found.finish()


def painted(layer: PictureLayer, view: Viewport) -> np.ndarray:
    return drawn(lambda painter: layer.paint(painter, view))


def drawn(draw) -> np.ndarray:
    image = QImage(*VIEW, QImage.Format.Format_RGB32)
    image.fill(0xFF00FF)
    painter = QPainter(image)
    draw(painter)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(VIEW[1], VIEW[0], 4)[..., 2::-1].astype(int).copy()


def views() -> list[Viewport]:
    fitted = Viewport(SIZE, VIEW).fitted()
    return [
        fitted,
        fitted.zoomed(2.3, (0, 0)),
        fitted.at_pixels(),
        fitted.at_pixels((390, 290)),
        fitted.zoomed(64 / fitted.scale),
    ]


@pytest.mark.parametrize("view", views(), ids=lambda view: f"{view.scale:.2f}")
def test_tiles_look_like_the_picture_in_one_piece(
    qtbot: QtBot, layer: PictureLayer, tiled: Tiled, view: Viewport
) -> None:
    layer.show(tiled, THUMBNAIL)
    layer.look(view)
    assert layer.is_covered
    rough = painted(layer, view)  # nothing is read yet: the thumbnail stands for it
    qtbot.waitUntil(lambda: layer.is_complete)
    expected = drawn(lambda painter: paint.picture(painter, PYRAMID, view))
    found = painted(layer, view)
    assert (found == (0xFF, 0, 0xFF)).all(-1).sum() == (expected == (0xFF, 0, 0xFF)).all(-1).sum()
    assert np.abs(found - expected).mean() < 2.5
    assert np.abs(rough - expected).mean() < 30


@pytest.mark.parametrize("view", views(), ids=lambda view: f"{view.scale:.2f}")
def test_an_adjusted_picture_is_the_picture_adjusted(qtbot: QtBot, layer: PictureLayer, view: Viewport) -> None:
    levels = Levels(0.1, 0.3, 1.4, "green")
    layer.show(PYRAMID, THUMBNAIL)
    layer.look(view)
    plain = painted(layer, view)
    layer.adjust(levels, THUMBNAIL)
    qtbot.waitUntil(lambda: layer.is_complete)
    other = Pyramid.of(levels.apply(rgb()), SIZE[0])
    expected = drawn(lambda painter: paint.picture(painter, other, view))
    assert np.abs(painted(layer, view) - expected).mean() < 2.5
    layer.adjust(Levels(), THUMBNAIL)
    assert layer.is_complete and (painted(layer, view) == plain).all()


def test_what_is_shown_stays_in_sight_until_it_is_adjusted_anew(
    qtbot: QtBot, layer: PictureLayer, tiled: Tiled
) -> None:
    view = views()[2]
    layer.show(tiled, THUMBNAIL)
    layer.look(view)
    qtbot.waitUntil(lambda: layer.is_complete)
    before = painted(layer, view)
    layer.adjust(Levels(brightness=0.5), THUMBNAIL)
    assert not layer.is_complete
    assert (painted(layer, view) == before).all()
    qtbot.waitUntil(lambda: layer.is_complete)
    assert (painted(layer, view) >= before).all() and painted(layer, view).mean() > before.mean() + 20


def test_tools_read_what_is_stored_whatever_is_shown(qtbot: QtBot, layer: PictureLayer, tiled: Tiled) -> None:
    assert layer.patch((0, 0, 10, 10), 64) is None
    layer.show(tiled, THUMBNAIL)
    layer.adjust(Levels(gamma=2.0), THUMBNAIL)
    layer.look(views()[2])
    for window, most, step in (
        ((500.5, 400, 760, 640), 512, 1),
        ((0, 0, 1800, 1300), 950, 2),
        ((1500, 1200, 3000, 2000), 1600, 1),
    ):
        qtbot.waitUntil(lambda window=window, most=most: layer.patch(window, most) is not None)
        patch = layer.patch(window, most)
        assert patch is not None and patch.step == step
        assert (patch.x, patch.y) == (window[0] // step * step, window[1] // step * step)
        assert patch.bounds[2] <= SIZE[0] + step and max(patch.width, patch.height) <= most + 1
        x, y = int(patch.x), int(patch.y)
        expected = rgb()[y:, x:][: patch.height * step : step, : patch.width * step : step].astype(int)
        assert np.abs(patch.pixels[: len(expected), : expected.shape[1]] - expected).mean() < 6
    assert layer.patch((5000, 5000, 5100, 5100), 64) is None


def test_a_window_is_put_together_from_what_is_in_sight_at_twice_the_size(
    qtbot: QtBot, layer: PictureLayer, tiled: Tiled
) -> None:
    view = views()[2]
    layer.show(tiled, THUMBNAIL)
    layer.look(view)
    qtbot.waitUntil(lambda: layer.is_complete)
    patch = layer.patch(view.visible, 220)
    assert patch is not None and patch.step == 2


def test_memory_stays_within_the_budget(qtbot: QtBot) -> None:
    tiles = PictureTiles(budget_bytes=3 << 20)
    tiles.begin(HeldSource(PYRAMID), Levels(brightness=0.2))
    spots = [Spot(0, column, row) for row in range(3) for column in range(4)]
    for spot in spots:
        tiles.want([spot])
        qtbot.waitUntil(lambda spot=spot: tiles.is_good(spot))
        assert tiles.held_bytes <= 3 << 20
    assert tiles.get(spots[0]) is None and tiles.get(spots[-1]) is not None
    tiles.finish()


def test_what_cannot_be_read_is_not_waited_for(qtbot: QtBot, layer: PictureLayer, tmp_path: Path) -> None:
    Image.fromarray(rgb()).save(tmp_path / "a.png")
    finish(writing.write(tmp_path / "a.png", pictures.head(tmp_path / "a.png"), tmp_path / "a.tiles.zip"))
    file = TileFile(tmp_path / "a.tiles.zip")
    file.close()
    layer.show(Tiled(file), THUMBNAIL)
    layer.look(views()[2])
    qtbot.waitUntil(lambda: layer.is_complete)
    assert (painted(layer, views()[2]) != (0xFF, 0, 0xFF)).any(-1).all()


@given(
    st.floats(-1, 1), st.floats(-1, 1), st.floats(0.2, 5), st.sampled_from(CHANNELS), st.integers(0, 2**32 - 1)
)  # fmt: skip
def test_tiles_are_adjusted_as_levels_say(brightness: float, contrast: float, gamma: float, channel, seed: int) -> None:
    levels = Levels(brightness, contrast, gamma, channel)
    bgrx = np.random.default_rng(seed).integers(0, 256, (5, 7, 4), dtype=np.uint8)
    found = adjusted(bgrx, levels)
    assert (found[..., 2::-1] == levels.apply(bgrx[..., 2::-1])).all()
    assert picture_tiles.image_of(found).width() == 7
