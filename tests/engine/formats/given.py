"""What the tests of formats share: pages of every kind by Hypothesis, and exporting them with their pictures."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from engine.formats import Format, Item, Page, PageClass, Pages
from engine.formats._pages import AttributeValue, Split
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask, Part, Polygon, Ring, RotatedBox, Shape, ring

ODD_NAMES = (
    "yes",
    "null",
    "007",
    "1.5",
    "a: b",
    "- x",
    "[x]",
    "{y}",
    "#z",
    '"q"',
    "it's",
    "<b>&amp;",
    "Größe",
    "細胞 核",
)
TEXT = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=12)
CLASS_NAMES = st.sampled_from(ODD_NAMES) | TEXT.map(str.strip).filter(bool)
_SPLITS: tuple[Split | None, ...] = (None, "train", "val", "test")
SPLITS = st.sampled_from(_SPLITS)
FOLDERS = st.sampled_from(["", "sub/", "a b/ü/", "train/", "val/deep/", "unsplit/", "labels/", "Annotations/"])
SUFFIXES = st.sampled_from(["png", "jpg", "PNG"])
SIZES = st.tuples(st.integers(8, 64), st.integers(8, 64))


@cache
def picture(width: int, height: int, orientation: int = 1) -> bytes:
    """A PNG whose upright size is this, with an EXIF orientation that says how it is stored."""
    size = (height, width) if orientation >= 5 else (width, height)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.new("RGB", size, (90, 120, 60)).save(file, "PNG", exif=exif)
    return file.getvalue()


def export(drop_in: Format, pages: Pages, folder: Path) -> Path:
    """Write pages and their pictures; returns what to read back."""
    for page in pages.pages:
        assert page.width and page.height
        path = folder / drop_in.picture_path(page)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(page.width, page.height))
    (written,) = drop_in.write(pages, folder)
    return written


def coordinates(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers from whole ones to those with all their bits."""
    grid = st.integers(math.ceil(low * 4), math.floor(high * 4)).map(lambda quarters: quarters / 4)
    return grid | st.floats(low, high).map(lambda value: round(value, 6)) | st.floats(low, high).filter(_is_plain)


def _is_plain(value: float) -> bool:
    """Neighbours of a number by a bit or two are one number for formats that store shares."""
    return value == 0 or abs(value) > 1e-3


@st.composite
def boxes(draw: st.DrawFn, width: int, height: int) -> Box:
    x0, x1 = sorted((draw(coordinates(0, width)), draw(coordinates(0, width))))
    y0, y1 = sorted((draw(coordinates(0, height)), draw(coordinates(0, height))))
    return Box(x0, y0, x1, y1)


@st.composite
def rotated_boxes(draw: st.DrawFn, width: int, height: int) -> RotatedBox:
    reach = min(width, height) / 3
    sides = st.floats(0.5, reach)
    return RotatedBox(width / 2, height / 2, draw(sides), draw(sides), draw(st.floats(-180, 180)))


@st.composite
def stars(draw: st.DrawFn, centre: tuple[float, float], radius: float) -> Ring:
    """A simple ring about its centre, at most `radius` away from it and at least half of that."""
    n = draw(st.integers(3, 9))
    shares = draw(st.lists(st.floats(0.5, 1.0).map(lambda share: round(share, 3)), min_size=n, max_size=n))
    first = draw(st.floats(0, 1))
    angles = 2 * np.pi * (np.arange(n) + first) / n
    reach = radius * np.array(shares)
    return ring(np.stack([centre[0] + reach * np.cos(angles), centre[1] + reach * np.sin(angles)], axis=1))


@st.composite
def polygons(draw: st.DrawFn, width: int, height: int) -> Polygon:
    """One to three parts side by side, each with a hole or none; every ring runs either way."""
    n = draw(st.integers(1, 3))
    step = width / n
    parts = []
    for index in range(n):
        centre, radius = (step * (index + 0.5), height / 2), min(step, height) / 2 * 0.99
        outer = draw(stars(centre, radius))
        holes = [draw(stars(centre, radius * 0.12))] if draw(st.booleans()) else []
        parts.append(Part(_either_way(draw, outer), tuple(_either_way(draw, hole) for hole in holes)))
    return Polygon(tuple(parts))


def _either_way(draw: st.DrawFn, points: Ring) -> Ring:
    return ring(points[::-1]) if draw(st.booleans()) else points


@st.composite
def bitmaps(draw: st.DrawFn, width: int, height: int) -> Mask:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    sides = (draw(st.integers(1, min(16, height))), draw(st.integers(1, min(16, width))))
    bitmap = rng.random(sides) < draw(st.floats(0.05, 1))
    x, y = draw(st.integers(0, width - bitmap.shape[1])), draw(st.integers(0, height - bitmap.shape[0]))
    return masks.from_bitmap(bitmap, x, y)


@st.composite
def keypoints(draw: st.DrawFn, width: int, height: int) -> Keypoints:
    point = st.tuples(coordinates(0, width), coordinates(0, height), st.integers(0, 2))
    return Keypoints(tuple(draw(st.lists(point, min_size=1, max_size=4))))


def shapes(width: int, height: int) -> st.SearchStrategy[Shape]:
    makers = (boxes, rotated_boxes, polygons, bitmaps, keypoints)
    return st.one_of([maker(width, height) for maker in makers])


ATTRIBUTE_NAMES = st.sampled_from(["truncated", "difficult", "pose", "occluded", "class", "iscrowd", "group_id"]) | TEXT
ATTRIBUTES: st.SearchStrategy[dict[str, AttributeValue]] = st.dictionaries(
    ATTRIBUTE_NAMES,
    st.one_of(
        st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["1", "true", ""]), TEXT
    ),
    max_size=3,
)


@st.composite
def items(draw: st.DrawFn, width: int, height: int, names: Sequence[str]) -> Item:
    return Item(
        draw(st.sampled_from(names)),
        draw(shapes(width, height)),
        draw(st.none() | keypoints(width, height)),
        draw(st.booleans()),
        draw(ATTRIBUTES),
        draw(st.none() | st.floats(0, 1)),
    )


@st.composite
def classes(draw: st.DrawFn) -> tuple[PageClass, ...]:
    made = []
    for name in draw(st.lists(CLASS_NAMES, min_size=1, max_size=5, unique=True)):
        points = tuple(draw(st.lists(TEXT.map(str.strip).filter(bool), max_size=3)))
        bone = st.tuples(st.integers(0, len(points) - 1), st.integers(0, len(points) - 1))
        skeleton = draw(st.lists(bone, max_size=2)) if points else []
        made.append(PageClass(name, draw(st.just("") | CLASS_NAMES), points, tuple(skeleton)))
    return tuple(made)


@st.composite
def all_pages(draw: st.DrawFn) -> Pages:
    """Pages as a project exports them: unique stems, several splits, pictures without items, classes without items."""
    known = draw(classes())
    names = [page_class.name for page_class in known]
    made = []
    for index in range(draw(st.integers(1, 3))):
        width, height = draw(SIZES)
        name = f"{draw(FOLDERS)}{draw(st.sampled_from(['p', 'pic ture.v1', 'ß細']))}{index}.{draw(SUFFIXES)}"
        own = tuple(draw(st.lists(items(width, height, names), max_size=4)))
        split = draw(SPLITS)
        tags = tuple(dict.fromkeys(draw(st.lists(TEXT, max_size=2))))
        made.append(Page(name, None, width, height, own, split, tags))
    return Pages(tuple(made), known)
