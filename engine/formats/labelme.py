"""labelme: one JSON file a picture, beside it.

Reading
    A JSON file or a folder. Polygons, rectangles, circles (as polygons), points (as keypoints) and masks; lines are
    left out by name. Polygons of one class and one group are the parts of one object. A picture that is missing is
    taken from `imageData`. Folders named like splits give splits; a picture without a JSON file has no objects.
Writing
    Pictures in a folder a split, each with its JSON file, and `labels.txt` for the order of the classes; see
    `_labelme_shapes` for the shapes.
"""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from engine import pictures
from engine.errors import UserError
from engine.formats import _fields as fields
from engine.formats._fields import Record, Reject
from engine.formats._files import json_outline, read_json, read_lines
from engine.formats._labelme_shapes import held, read_shapes, written
from engine.formats._names import place, placed, safe_name, stems
from engine.formats._pages import Item, Page, PageClass, Pages
from engine.formats._reading import Picture, Reading, missing
from engine.formats._sniffing import near
from engine.formats._writing import as_json, save, size_of

_NO_CLASSES = {"", "__ignore__", "_background_"}


class Labelme:
    """The format of the labelme annotation tool."""

    title = "labelme JSON"
    suffixes: tuple[str, ...] = (".json",)
    loses: tuple[str, ...] = (
        "rotated boxes become polygons of four corners",
        "keypoints beside another shape",
        "parents of classes and names of keypoints",
    )
    tolerance = 0.0
    holds_tags = True

    def sniff(self, path: Path) -> bool:
        return any(_is_labelme(file) for file, _ in zip(near(path, self.suffixes), range(50), strict=False))

    def read(self, path: Path) -> Pages:
        reading = Reading(path if path.is_dir() else path.parent)
        files = [path] if path.is_file() else [file for file in reading.files(self.suffixes) if _is_labelme(file)]
        for file in files:
            with reading.skipping(reading.called(file)):
                _read_page(reading, file)
        reading.refuse_nothing(path, f"{path.name} holds no labelme JSON.")
        if path.is_dir():
            reading.add_rest(files)
        return reading.pages(map(PageClass, _class_list(reading)))

    def hold(self, item: Item) -> tuple[Item, ...]:
        return held(item)

    def hold_class(self, page_class: PageClass) -> PageClass:
        return PageClass(page_class.name)

    def picture_path(self, page: Page) -> Path:
        return place(page.name, page.split)

    def write(self, pages: Pages, folder: Path) -> tuple[Path, ...]:
        stem_by_path = stems([self.picture_path(page).as_posix() for page in pages.pages])
        sized = [(page, size_of(page, folder / self.picture_path(page))) for page in pages.pages]
        for page, size in sized:
            picture = self.picture_path(page)
            save(folder / f"{stem_by_path[picture.as_posix()]}.json", _sheet(page, picture.name, size))
        save(folder / "labels.txt", "".join(f"{name}\n" for name in pages.class_names))
        return (folder,)


FORMAT = Labelme()


@dataclass(frozen=True, slots=True)
class ImageData:
    """The picture inside a labelme file; called, it gives its bytes."""

    file: Path

    def __call__(self) -> bytes:
        try:
            return _decoded(fields.record(read_json(self.file), "the file").get("imageData"))
        except Reject as reason:
            raise UserError(f"{self.file.name}: {reason}.") from reason


def _is_labelme(path: Path) -> bool:
    outline = json_outline(path)
    return outline is not None and not outline.is_list and bool(outline.keys & {"shapes", "imageData"})


def _class_list(reading: Reading) -> list[str]:
    file = reading.root / "labels.txt"
    lines: list[str] = []
    if file.is_file():
        with reading.skipping(file.name):
            reading.refuse_outside(file)
            lines = [fields.one_line(line) for line in read_lines(file)]
    return list(dict.fromkeys(line for line in lines if line not in _NO_CLASSES))


def _read_page(reading: Reading, file: Path) -> None:
    content = fields.record(read_json(file), "the file")
    path = _picture_path(reading, file, content)
    name, split = placed(PurePosixPath(safe_name(reading.called(path))))
    picture = _picture(reading, path, name, (file, content))
    flags = content.get("flags")
    tags = tuple(str(tag) for tag, is_set in flags.items() if is_set is True) if isinstance(flags, dict) else ()
    drafts = read_shapes(reading, reading.called(file), fields.rows(content.get("shapes", []), "its shapes"))
    reading.add(picture, drafts, stated=_stated(content), split=split, tags=tags)


def _picture_path(reading: Reading, file: Path, content: Record) -> Path:
    """Where the picture is or should be: labelme's path is relative to the JSON file and may go up."""
    stated = fields.text(content.get("imagePath") or f"{file.stem}.png", "its imagePath").replace("\\", "/")
    path = Path(os.path.normpath(file.parent / stated))
    if re.match(r"/|[A-Za-z]:", stated) or not path.is_relative_to(reading.root):
        raise Reject(f"its picture {fields.shown(stated)} is outside of the imported folder")
    if path.is_file():
        return path
    same_stem = (file.with_suffix(suffix) for suffix in sorted(pictures.SUFFIXES))
    return next((other for other in same_stem if other.is_file()), path)


def _picture(reading: Reading, path: Path, name: str, source: tuple[Path, Record]) -> Picture:
    file, content = source
    if path.is_file():
        return reading.opened(path, name)
    if not content.get("imageData"):
        return missing(name, _stated(content))
    return Picture(name, None, pictures.head(_decoded(content["imageData"]), name), ImageData(file))


def _decoded(data: object) -> bytes:
    try:
        return base64.b64decode(data) if isinstance(data, str) else b""
    except ValueError as error:
        raise Reject("its imageData is damaged") from error


def _stated(content: Record) -> tuple[int, int] | None:
    try:
        width, height = (fields.whole(content.get(key), key) for key in ("imageWidth", "imageHeight"))
    except Reject:
        return None
    return (width, height)


def _sheet(page: Page, picture: str, size: tuple[int, int]) -> bytes:
    """The JSON of one page whose picture of this file name lies beside it."""
    content = {
        "version": "5.5.0",
        "flags": dict.fromkeys(page.tags, True),
        "shapes": [row for item in page.items if (row := written(item))],
        "imagePath": picture,
        "imageData": None,
        "imageHeight": size[1],
        "imageWidth": size[0],
    }
    return as_json(content, indent=2)
