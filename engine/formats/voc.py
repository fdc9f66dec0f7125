"""Pascal VOC: one XML file a picture, boxes with flags.

Reading
    An XML file or a folder: `Annotations` and `JPEGImages`, or XML beside the pictures. `ImageSets/Main/train.txt`,
    `val` and `test` give splits, else folders of these names do. Corners are continuous and counted from 0, as labelImg
    writes and torchvision reads them. `difficult`, `truncated`, `occluded` and `pose` become attributes where they say
    anything (not 0, not Unspecified); a `robndbox` (roLabelImg) is a rotated box. A picture without an XML file has no
    objects.
Writing
    `JPEGImages`, `Annotations`, `ImageSets/Main` where there are splits, and `classes.txt`, labelImg's list, for the
    order of the classes. Numbers are written in full, so corners need not be whole. Further attributes as CVAT writes
    them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from engine.errors import UserError
from engine.formats import _fields as fields
from engine.formats._attributes import as_text, held_as_text
from engine.formats._fields import Reject
from engine.formats._files import head_of, read_lines, read_xml
from engine.formats._names import safe_name, split_named, stems, to_write
from engine.formats._pages import AttributeValue, Item, Page, PageClass, Pages, Split
from engine.formats._reading import Draft, Picture, Reading
from engine.formats._sniffing import near
from engine.formats._writing import save, size_of
from engine.geometry.shapes import Box, Keypoints, RotatedBox
from engine.pictures import SUFFIXES

_FLAGS = ("truncated", "difficult", "occluded")
_NO_POSE = "Unspecified"


class Voc:
    """The format of the Pascal Visual Object Classes challenges."""

    title = "Pascal VOC"
    suffixes: tuple[str, ...] = (".xml",)
    loses: tuple[str, ...] = (
        "polygons, masks and rotated boxes become the boxes around them",
        "keypoints",
        "crowd marks, scores and tags",
        "flags that are false",
        "parents of classes and names of keypoints",
    )
    tolerance = 0.0
    holds_tags = False

    def sniff(self, path: Path) -> bool:
        return any(_is_voc(file) for file, _ in zip(near(path, self.suffixes), range(20), strict=False))

    def read(self, path: Path) -> Pages:
        reading = Reading(_root(path))
        files = [path] if path.is_file() else [file for file in reading.files(self.suffixes) if _is_voc(file)]
        if not files:
            raise UserError(f"{path.name} holds no VOC annotations.", "Give the folder with the XML files.")
        splits = _splits(reading)
        for file in files:
            with reading.skipping(reading.called(file)):
                _read_page(reading, file, splits)
        reading.refuse_nothing(path, f"{path.name} holds no VOC annotations.")
        if path.is_dir():
            reading.add_rest(files)
        return reading.pages(map(PageClass, _class_list(reading)))

    def hold(self, item: Item) -> tuple[Item, ...]:
        if isinstance(item.shape, Keypoints) or item.shape.is_empty:
            return ()
        box = Box(*item.shape.bounds)
        return () if box.is_empty else (Item(item.class_name, box, attributes=_held(item.attributes)),)

    def hold_class(self, page_class: PageClass) -> PageClass:
        return PageClass(page_class.name)

    def picture_path(self, page: Page) -> Path:
        return Path("JPEGImages", to_write(page.name))

    def write(self, pages: Pages, folder: Path) -> tuple[Path, ...]:
        sized = [(page, size_of(page, folder / self.picture_path(page))) for page in pages.pages]
        ids = stems([page.name for page in pages.pages])
        for page, size in sized:
            save(folder / "Annotations" / f"{ids[page.name]}.xml", _xml(page, size))
        for split in ("train", "val", "test"):
            lines = [f"{ids[page.name]}\n" for page in pages.pages if page.split == split]
            if lines:
                save(folder / "ImageSets" / "Main" / f"{split}.txt", "".join(lines))
        save(folder / "classes.txt", "".join(f"{name}\n" for name in pages.class_names))
        return (folder,)


FORMAT = Voc()


def _is_voc(path: Path) -> bool:
    return bool(re.search(r"<annotation[\s>]", head_of(path)))


def _root(path: Path) -> Path:
    if path.is_dir():
        return path
    return path.parent.parent if path.parent.name.lower() == "annotations" else path.parent


def _base(reading: Reading, file: Path) -> tuple[Path, PurePosixPath]:
    """The folder that `Annotations` lies in, and the XML's path below `Annotations`; else root and path below root."""
    parts = PurePosixPath(reading.called(file)).parts
    at = next((index for index, part in enumerate(parts[:-1]) if part.lower() == "annotations"), None)
    if at is None:
        return reading.root, PurePosixPath(*parts)
    return reading.root.joinpath(*parts[:at]), PurePosixPath(*parts[at + 1 :])


def _splits(reading: Reading) -> dict[tuple[Path, str], Split]:
    """The split of each picture by (base folder, path of its XML below `Annotations` without suffix)."""
    splits: dict[tuple[Path, str], Split] = {}
    for file in reading.files((".txt",)):
        split = split_named(file.stem)
        if split and [part.lower() for part in file.parts[-3:-1]] == ["imagesets", "main"]:
            for line in read_lines(file):
                words = line.split()
                known = words[0] if len(words) == 2 and words[1] in {"-1", "0", "1"} else line
                splits.setdefault((file.parent.parent.parent, known), split)
    return splits


def _class_list(reading: Reading) -> list[str]:
    """labelImg's list of classes, which alone knows their order."""
    file = reading.root / "classes.txt"
    if not file.is_file():
        return []
    lines: list[str] = []
    with reading.skipping(file.name):
        reading.refuse_outside(file)
        lines = read_lines(file)
    return list(dict.fromkeys(filter(None, map(fields.one_line, lines))))


def _read_page(reading: Reading, file: Path, splits: Mapping[tuple[Path, str], Split]) -> None:
    root = read_xml(file)
    if root.tag != "annotation":
        raise Reject("it is no VOC annotation")
    base, below = _base(reading, file)
    picture = _picture(reading, file, root)
    split = splits.get((base, below.with_suffix("").as_posix()))
    if not splits:
        outside = below.parts[:-1] if base / below == file else base.relative_to(reading.root).parts
        split = split_named(outside[-1]) if outside else None
    reading.add(picture, _drafts(reading, picture.name, root), stated=_stated(root), split=split)


def _picture(reading: Reading, file: Path, root: Element) -> Picture:
    """The picture that the XML names, else one of the same stem."""
    base, below = _base(reading, file)
    tops = [base / "JPEGImages", base / "images", base] if base / below != file else [file.parent]
    folders = [*tops, *(top / below.parent for top in tops), file.parent / "images"]
    name = fields.readable(root.findtext("filename") or "").strip("\t\n\r")
    stem = PurePosixPath(safe_name(name)).with_suffix("") if name.strip() else below.with_suffix("")
    by_stem = [stem.with_name(stem.name + suffix).as_posix() for suffix in sorted(SUFFIXES)]
    return reading.picture(name if name.strip() else by_stem[0], folders, by_stem, stated=_stated(root))


def _stated(root: Element) -> tuple[int, int] | None:
    try:
        width, height = (fields.whole(root.findtext(f"size/{side}"), side) for side in ("width", "height"))
    except Reject:
        return None
    return (width, height) if width > 0 and height > 0 else None


def _drafts(reading: Reading, name: str, root: Element) -> Iterator[Draft]:
    for index, element in enumerate(root.findall("object"), 1):
        what = f"{name}, object {index}"
        with reading.skipping(what):
            yield Draft(what, _item(element))
        for part in element.findall("part"):
            reading.skip(f"{what}, part {fields.shown(part.findtext('name'))}", "parts of objects are not read")


def _item(element: Element) -> Item:
    name = fields.text(element.findtext("name"), "its class")
    return Item(name, _shape(element), attributes=_attributes(element))


def _shape(element: Element) -> Box | RotatedBox:
    rotated, box = element.find("robndbox"), element.find("bndbox")
    if rotated is not None:
        cx, cy, width, height, angle = (_number(rotated, key) for key in ("cx", "cy", "w", "h", "angle"))
        return RotatedBox(cx, cy, width, height, math.degrees(angle))
    if box is None:
        raise Reject("it has no box")
    x0, y0, x1, y1 = (_number(box, key) for key in ("xmin", "ymin", "xmax", "ymax"))
    return Box(x0, y0, x1, y1)


def _number(element: Element, key: str) -> float:
    value = fields.number(element.findtext(key), key)
    if abs(value) > fields.FARTHEST:
        raise Reject("it lies far outside its picture")
    return value


def _attributes(element: Element) -> dict[str, AttributeValue]:
    stated: dict[str, AttributeValue] = {}
    for inner in element.findall("attributes/attribute"):
        stated[inner.findtext("name") or ""] = inner.findtext("value") or ""
    pose = element.findtext("pose") or ""
    flags = {flag: True for flag in _FLAGS if (element.findtext(flag) or "").strip().lower() in {"1", "true", "yes"}}
    return _held({"pose": pose.strip(), **stated, **flags})


def _held(attributes: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
    """Attributes as text, without flags that are false and without a pose that says nothing."""
    held = held_as_text(attributes)
    silent: dict[str, set[AttributeValue]] = {"pose": {"", _NO_POSE}, **{flag: {False} for flag in _FLAGS}}
    return {name: value for name, value in held.items() if not (name in silent and value in silent[name])}


def _xml(page: Page, size: tuple[int, int]) -> bytes:
    root = Element("annotation")
    _fill(root, {"folder": "JPEGImages", "filename": page.name})
    _fill(SubElement(root, "size"), {"width": str(size[0]), "height": str(size[1]), "depth": "3"})
    _fill(root, {"segmented": "0"})
    for item in page.items:
        for held in FORMAT.hold(item):
            _add_object(root, held)
    ElementTree.indent(root)
    data: bytes = ElementTree.tostring(root, encoding="utf-8")
    return data


def _add_object(root: Element, item: Item) -> None:
    element = SubElement(root, "object")
    flags = {flag: "1" if item.attributes.get(flag) is True else "0" for flag in _FLAGS}
    pose = item.attributes.get("pose", _NO_POSE)
    _fill(element, {"name": item.class_name, "pose": pose if isinstance(pose, str) else _NO_POSE, **flags})
    corners = zip(("xmin", "ymin", "xmax", "ymax"), item.shape.bounds, strict=True)
    _fill(SubElement(element, "bndbox"), {key: _digits(value) for key, value in corners})
    native = {flag for flag in _FLAGS if flags[flag] == "1"} | ({"pose"} if isinstance(pose, str) else set())
    more = {name: value for name, value in item.attributes.items() if name not in native}
    if more:
        attributes = SubElement(element, "attributes")
        for name, value in more.items():
            _fill(SubElement(attributes, "attribute"), {"name": name, "value": as_text(value)})


def _fill(element: Element, texts: Mapping[str, str]) -> None:
    for key, text in texts.items():
        SubElement(element, key).text = text


def _digits(value: float) -> str:
    """As many digits as the number has; whole numbers without a point, as most readers expect."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))
