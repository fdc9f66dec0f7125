"""YOLO text files: one row an object, `class cx cy w h` or `class x1 y1 x2 y2 x3 y3 ...`, by shares of the picture.

Reading
    A folder or its `data.yaml`. Pictures lie in `images` with `labels` beside it (`images/train` or `train/images`), or
    each beside its own text. Class names come from `data.yaml`, `classes.txt` or `obj.names`; splits from `data.yaml`,
    then from the folders' names. A sixth number is a score; with `kpt_shape` in `data.yaml` rows go on with keypoints.
    Four corners of an upright rectangle are a box. A picture without a text has no objects.
Writing
    `data.yaml`, `images`, `labels`. As soon as one shape is no box all rows are outlines, since trainers want one kind;
    holes and parts are reached by seams without area (`_rings.one_ring`), which reading takes out again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from engine.errors import UserError
from engine.formats import _fields as fields
from engine.formats._fields import Reject
from engine.formats._files import head_of, read_lines
from engine.formats._names import place, to_write
from engine.formats._pages import Item, Page, PageClass, Pages
from engine.formats._reading import Draft, Picture, Reading
from engine.formats._rings import as_box, of_one_ring, ring_of
from engine.formats._sniffing import near
from engine.formats._writing import save, size_of
from engine.formats._yolo_layout import YAMLS, Layout, is_data_yaml, labelled, layout
from engine.geometry.shapes import Box, Keypoints, Polygon, Ring

_ROWS = re.compile(r"(\s*\d+([ \t]+-?[\d.]+([eE][+-]?\d+)?){4,}[ \t]*(\r?\n|$))+")
_BAD_ROWS = 20


class Yolo:
    """The folders that YOLO trainers read, for detection and for segmentation."""

    title = "YOLO"
    suffixes: tuple[str, ...] = (".txt", ".yaml")
    loses: tuple[str, ...] = (
        "keypoints",
        "attributes, crowd marks, scores and tags",
        "rotated boxes become polygons of four corners",
        "polygons that are upright rectangles become boxes",
        "masks become their exact outlines",
        "parents of classes and names of keypoints",
    )
    tolerance = 1e-9
    holds_tags = False

    def sniff(self, path: Path) -> bool:
        if any(is_data_yaml(file) for file, _ in zip(near(path, YAMLS), range(20), strict=False)):
            return True
        texts = near(path, (".txt",)) if path.is_dir() else iter(())
        return any(_is_rows(file) for file, _ in zip(texts, range(50), strict=False))

    def read(self, path: Path) -> Pages:
        if path.is_file() and not is_data_yaml(path):
            raise UserError(f"{path.name} is no data.yaml.", "Give the folder that holds the pictures and their texts.")
        reading = Reading(path if path.is_dir() else path.parent)
        known = layout(reading, path)
        seen: set[int] = set()
        for found, text in labelled(reading, known):
            with reading.skipping(reading.called(found.path)):
                picture = reading.opened(found.path, found.name)
                drafts = list(_drafts(reading, picture, text, known)) if text.is_file() else []
                seen.update(index for index, _ in drafts)
                reading.add(picture, [draft for _, draft in drafts], split=found.split)
        reading.refuse_nothing(path, f"{path.name} holds no pictures.")
        if known.name_by_id is None and seen:
            reading.note(f"{path.name}: no file names the classes; they are called by their numbers.")
        names = {index: f"class {index}" for index in sorted(seen)} if known.name_by_id is None else known.name_by_id
        return reading.pages(PageClass(name) for name in dict.fromkeys(names.values()) if name)

    def hold(self, item: Item) -> tuple[Item, ...]:
        if isinstance(item.shape, Box):
            return () if item.shape.is_empty else (Item(item.class_name, item.shape),)
        points = ring_of(item.shape)
        return () if points is None else (Item(item.class_name, _of_ring(points)),)

    def hold_class(self, page_class: PageClass) -> PageClass:
        return PageClass(page_class.name)

    def picture_path(self, page: Page) -> Path:
        return Path("images", place(page.name, page.split))

    def write(self, pages: Pages, folder: Path) -> tuple[Path, ...]:
        _refuse_twins(pages)
        id_by_name = {name: index for index, name in enumerate(pages.class_names)}
        as_outlines = any(not isinstance(item.shape, Box | Keypoints) for page in pages.pages for item in page.items)
        texts = []
        for page in pages.pages:
            size = size_of(page, folder / self.picture_path(page))
            rows = [(item, _row(item, size, as_outlines)) for item in page.items]
            text = "".join(f"{id_by_name[item.class_name]} {row}\n" for item, row in rows if row)
            texts.append((folder / "labels" / place(page.name, page.split).with_suffix(".txt"), text))
        for path, text in texts:
            save(path, text)
        save(folder / "data.yaml", _data_yaml(pages))
        return (folder,)


FORMAT = Yolo()


def _is_rows(path: Path) -> bool:
    """Whether a text's first lines are rows of numbers."""
    first = "".join(head_of(path).splitlines(keepends=True)[:5])
    return bool(_ROWS.fullmatch(first))


def _drafts(reading: Reading, picture: Picture, text: Path, known: Layout) -> Iterator[tuple[int, Draft]]:
    """(class number, draft) for every row of a picture's text."""
    reading.refuse_outside(text)
    called = reading.called(text)
    n_bad = 0
    for number, line in enumerate(read_lines(text), 1):
        if not line.strip():
            continue
        what = f"{called}, line {number}"
        n_bad += 1
        with reading.skipping(what):
            index, item = _parsed(line, known, picture.head.size)
            yield index, Draft(what, item)
            n_bad -= 1
        if n_bad > _BAD_ROWS:
            raise Reject(f"{called} is no text of rows")


def _parsed(line: str, known: Layout, size: tuple[int, int]) -> tuple[int, Item]:
    words = line.split(maxsplit=1_000_000)
    index = fields.whole(words[0], "its class")
    name = f"class {index}" if known.name_by_id is None else known.name_by_id.get(index, "")
    if not name or index < 0:
        raise Reject(f"there is no class {index}")
    values = [fields.number(word, "a number") for word in words[1:]]
    n_points = known.n_keypoints * known.n_keypoint_numbers
    if n_points and len(values) - 4 in {n_points, n_points + 1}:
        points = _keypoints(values[4 : 4 + n_points], known, size)
        score = values[-1] if len(values) - 4 > n_points else None
        return index, Item(name, _box(values, size), points, score=score)
    if len(values) in {4, 5}:
        return index, Item(name, _box(values, size), score=values[4] if len(values) == 5 else None)
    if len(values) < 6:
        raise Reject("it has too few numbers")
    flat = values[: len(values) // 2 * 2]
    outline = [(x * size[0], y * size[1]) for x, y in zip(flat[::2], flat[1::2], strict=True)]
    shape = _of_ring(fields.outline(outline))
    return index, Item(name, shape, score=values[-1] if len(values) % 2 else None)


def _box(values: list[float], size: tuple[int, int]) -> Box:
    cx, cy, width, height = values[:4]
    if width < 0 or height < 0:
        raise Reject("its width or height is negative")
    x0, x1, y0, y1 = cx - width / 2, cx + width / 2, cy - height / 2, cy + height / 2
    return Box(x0 * size[0], y0 * size[1], x1 * size[0], y1 * size[1])


def _keypoints(values: list[float], known: Layout, size: tuple[int, int]) -> Keypoints:
    step = known.n_keypoint_numbers
    rows = [values[start : start + step] for start in range(0, len(values), step)]
    visibilities = [int(row[2]) if step == 3 else 2 if row[0] or row[1] else 0 for row in rows]
    if not set(visibilities) <= {0, 1, 2}:
        raise Reject("a keypoint's visibility is none of 0, 1 and 2")
    return Keypoints(tuple((row[0] * size[0], row[1] * size[1], v) for row, v in zip(rows, visibilities, strict=True)))


def _of_ring(points: Ring) -> Box | Polygon:
    polygon = of_one_ring(points)
    return as_box(polygon) or polygon


def _row(item: Item, size: tuple[int, int], as_outline: bool) -> str:
    """A row without its class, empty for an item that YOLO cannot hold."""
    if isinstance(item.shape, Box) and not as_outline:
        x0, y0, x1, y1 = (value / size[axis % 2] for axis, value in enumerate(item.shape.bounds))
        shares = [] if item.shape.is_empty else [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0]
    else:
        points = ring_of(item.shape)
        shares = [] if points is None else (points / size).ravel().tolist()
    return " ".join(map(repr, shares))


def _data_yaml(pages: Pages) -> str:
    splits = [split for split in ("train", "val", "test") if any(page.split == split for page in pages.pages)]
    folders = {split: f"images/{split}" for split in splits} or {"train": "images", "val": "images"}
    names = list(pages.class_names)
    content = {**folders, "nc": len(names), "names": dict(enumerate(names))}
    text: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    return text


def _refuse_twins(pages: Pages) -> None:
    """Raise UserError for two pictures with one stem: by it alone YOLO finds a picture's text."""
    name_by_stem: dict[str, str] = {}
    for page in pages.pages:
        stem = to_write(page.name).with_suffix("").as_posix().lower()
        other = name_by_stem.setdefault(stem, page.name)
        if other != page.name:
            raise UserError(f"YOLO cannot tell {other} from {page.name}: they share a text.", "Rename one of them.")
