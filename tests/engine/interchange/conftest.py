"""Generated pictures and a project to import them into, with no need of real data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.formats import FORMATS, Item, Page, PageClass, Pages
from engine.geometry.shapes import Box, Polygon
from engine.project.store import Project

WIDTH, HEIGHT = 64, 48
RING = Polygon.of([(4, 4), (30, 4), (30, 30), (4, 30)], [(10, 10), (20, 10), (20, 20), (10, 20)])


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.boxwright") as opened:
        yield opened


def picture(path: Path, seed: int, orientation: int = 1, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    """A picture of noise, different for every seed, at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(path, exif=exif)
    return path


def coco_folder(folder: Path, n_pages: int = 3, nudge: float = 0.0) -> Path:
    """A folder in COCO's format: each page with a box (moved by `nudge`), and a polygon with a hole on the first."""
    pages = []
    for n in range(n_pages):
        items = [Item("cell", Box(2 + nudge, 3, 22 + nudge, 23))]
        items += [Item("ring", RING)] if n == 0 else []
        page = Page(f"{n}.png", None, WIDTH, HEIGHT, tuple(items))
        picture(folder / FORMATS.get("coco").picture_path(page), n)
        pages.append(page)
    FORMATS.get("coco").write(Pages(tuple(pages), (PageClass("ring"), PageClass("cell"))), folder)
    return folder
