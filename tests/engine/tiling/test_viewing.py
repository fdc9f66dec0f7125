"""Large pictures are shrunk for networks, from their file or from their tiles; shapes go with them and come back."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import pictures
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints
from engine.interchange.importing import ImportRequest, import_into
from engine.progress import finish
from engine.project import images
from engine.project.records import Annotation, Detection
from engine.project.store import Project
from engine.tiling import cache, making, viewing


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    y, x = np.mgrid[:900, :1300]
    Image.fromarray(np.stack([x / 1300 * 255, y / 900 * 255, x * 0 + 90], -1).astype(np.uint8)).save(tmp_path / "a.png")
    with Project.create(tmp_path / "p.boxwright") as made:
        finish(import_into(made, ImportRequest(tmp_path / "a.png")))
        yield made


def test_pictures_of_common_size_are_seen_as_they_are(project: Project) -> None:
    image = images.all_images(project)[0]
    found = viewing.seen(project, image)
    assert found.step == 1.0
    assert (found.pixels == pictures.decode(images.read(project, image))).all()


@pytest.mark.parametrize("has_tiles", [True, False])
def test_large_ones_are_shrunk(project: Project, has_tiles: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "LARGE_PIXELS", 1000)
    monkeypatch.setattr(viewing, "SIDE", 650)
    image = images.all_images(project)[0]
    if has_tiles:
        finish(making.make_tiles(project.path, image.id))
    found = viewing.seen(project, image)
    assert found.pixels.shape == (450, 650, 3) and found.step == 2.0
    whole = pictures.decode(images.read(project, image))[::2, ::2]
    assert np.abs(found.pixels.astype(int) - whole).max() < 6


def test_shapes_go_to_the_shrunk_picture_and_come_back() -> None:
    mask = masks.of_box(Box(40, 80, 200, 400))
    for placed in (
        Annotation(3, 1, 2, Box(10, 20, 30, 50), Keypoints(((12.0, 22.0, 2), (0.0, 0.0, 0)))),
        Annotation(3, 1, 2, mask),
        Detection(4, 1, 2, 0.5, Box(8, 16, 32, 64)),
    ):
        small = viewing.scaled(placed, 1 / 8)
        assert small.shape.bounds == tuple(at / 8 for at in placed.shape.bounds)
        assert viewing.scaled(small, 8) == placed
        assert viewing.scaled(placed, 1.0) is placed
