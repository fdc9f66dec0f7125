"""VIA 2, the VGG Image Annotator: one project for all pictures.

Reading
    A project or an export, JSON or CSV, or the folder it is in. Rectangles, polygons, circles and ellipses (as
    polygons) and points (as keypoints of one point); lines are left out by name. The class is the region attribute
    called class, label, name, type or category, else the only one there is; with no attributes at all everything is an
    `object`. Folders named like splits give splits.
Writing
    `via_project.json` beside the pictures, which lie in a folder a split. Holes and parts are reached by seams without
    area (`_rings.one_ring`), masks become their outlines; attributes become text, as all of VIA's are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from engine.errors import UserError
from engine.formats import _fields as fields
from engine.formats._attributes import as_text, held_as_text, of_text
from engine.formats._fields import Record, Reject
from engine.formats._files import head_of, json_in, json_outline, read_json, read_text
from engine.formats._names import place, placed
from engine.formats._pages import AttributeValue, Item, Page, PageClass, Pages
from engine.formats._reading import Draft, Reading
from engine.formats._rings import ellipse, of_one_ring, ring_of
from engine.formats._sniffing import near
from engine.formats._via_project import project
from engine.formats._writing import extent, save
from engine.geometry.shapes import Box, Keypoints, Part, Polygon, Shape

_CLASS = "class"
_CLASS_ATTRIBUTES = (_CLASS, "label", "name", "type", "category")
_ONLY_CLASS = "object"


class Via:
    """The format of the VGG Image Annotator, version 2."""

    title = "VIA 2"
    suffixes: tuple[str, ...] = (".json", ".csv")
    loses: tuple[str, ...] = (
        "masks become their exact outlines, rotated boxes polygons of four corners",
        "keypoints, but for single points",
        "crowd marks, scores and tags",
        "attributes become text",
        "parents of classes and names of keypoints",
    )
    tolerance = 1e-9
    """A width added to a start may miss the end by a bit; outlines are exact."""
    holds_tags = False

    def sniff(self, path: Path) -> bool:
        return any(_is_via(file) for file, _ in zip(near(path, self.suffixes), range(50), strict=False))

    def read(self, path: Path) -> Pages:
        reading = Reading(path if path.is_dir() else path.parent)
        files = [path] if path.is_file() else [file for file in reading.files(self.suffixes) if _is_via(file)]
        classes: dict[str, None] = {}
        for file in files:
            with reading.skipping(reading.called(file)):
                sheet = _csv(file) if file.suffix.lower() == ".csv" else _json(file)
                classes |= dict.fromkeys(sheet.class_names)
                _read_sheet(reading, file, sheet)
        reading.refuse_nothing(path, f"{path.name} holds no VIA project.")
        return reading.pages(map(PageClass, classes))

    def hold(self, item: Item) -> tuple[Item, ...]:
        shape = _held_shape(item.shape)
        if shape is None or shape.is_empty:
            return ()
        return (Item(item.class_name, shape, attributes=_held_attributes(item)),)

    def hold_class(self, page_class: PageClass) -> PageClass:
        return PageClass(page_class.name)

    def picture_path(self, page: Page) -> Path:
        return place(page.name, page.split)

    def write(self, pages: Pages, folder: Path) -> tuple[Path, ...]:
        regions = {self.picture_path(page).as_posix(): list(_regions(page)) for page in pages.pages}
        return (save(folder / "via_project.json", project(regions, pages.class_names, folder)),)


FORMAT = Via()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One VIA file: the regions of every picture by its file name, and what it says of classes."""

    regions: Mapping[str, Sequence[object]]
    class_attribute: str | None
    """The region attribute that is the class, None where there are no attributes at all."""
    class_names: tuple[str, ...] = ()


def _is_via(path: Path) -> bool:
    if path.suffix.lower() == ".csv":
        return "region_shape_attributes" in head_of(path).partition("\n")[0]
    outline = json_outline(path)
    if outline is None or outline.is_list:
        return False
    return bool(outline.keys & {"_via_img_metadata", "_via_settings"}) or {"filename", "regions"} <= outline.inner_keys


def _json(file: Path) -> _Sheet:
    content = fields.record(read_json(file), "the file")
    metadata = fields.record(content.get("_via_img_metadata", content), "its list of pictures")
    regions: dict[str, list[object]] = {}
    for value in metadata.values():
        if isinstance(value, dict) and isinstance(value.get("filename"), str):
            regions.setdefault(value["filename"], []).extend(_listed(value.get("regions") or []))
    described = content.get("_via_attributes")
    declared = described.get("region") if isinstance(described, dict) else None
    declared = declared if isinstance(declared, dict) else {}
    attribute = _class_attribute(declared, regions.values())
    options = declared[attribute].get("options") if isinstance(declared.get(attribute), dict) else None
    names = tuple(filter(None, map(fields.one_line, options))) if isinstance(options, dict) else ()
    return _Sheet(regions, attribute, names)


def _listed(regions: object) -> Iterable[object]:
    """The regions of a picture, which versions of VIA write as a list or by number; what is neither is one bad one."""
    if isinstance(regions, dict):
        return regions.values()
    return regions if isinstance(regions, list) else [regions]


def _csv(file: Path) -> _Sheet:
    regions: dict[str, list[object]] = {}
    try:
        rows = list(csv.DictReader(io.StringIO(read_text(file), newline="")))
    except csv.Error as error:
        raise UserError(f"{file.name} is not valid CSV: {error}.") from error
    for row in rows:
        name = row.get("filename") or row.get("#filename")
        if name:
            own = regions.setdefault(name, [])
            shape = _cell(row.get("region_shape_attributes"))
            if shape != {}:
                own.append({"shape_attributes": shape, "region_attributes": _cell(row.get("region_attributes"))})
    return _Sheet(regions, _class_attribute({}, regions.values()))


def _cell(text: str | None) -> object:
    """The JSON in a cell, None where it is damaged."""
    try:
        return json_in(text or "{}")
    except ValueError:
        return None


def _class_attribute(declared: Mapping[str, object], regions: Iterable[Sequence[object]]) -> str | None:
    names = dict.fromkeys(declared)
    for region in (region for own in regions for region in own):
        attributes = region.get("region_attributes") if isinstance(region, dict) else None
        if isinstance(attributes, dict):
            names |= dict.fromkeys(attributes)
    for wanted in _CLASS_ATTRIBUTES:
        for name in sorted(names, key=lambda name: name != wanted):
            if name.lower() == wanted:
                return name
    if len(names) > 1:
        raise Reject("several region attributes, none of them called class or label, could be the class")
    return next(iter(names), None)


def _read_sheet(reading: Reading, file: Path, sheet: _Sheet) -> None:
    folders = list(dict.fromkeys([file.parent, file.parent / "images", reading.root, reading.root / "images"]))
    for name, regions in sheet.regions.items():
        with reading.skipping(name):
            picture = reading.picture(name, folders)
            own_name, split = placed(PurePosixPath(picture.name))
            drafts = _drafts(reading, picture.name, regions, sheet)
            reading.add(replace(picture, name=own_name), drafts, split=split)


def _drafts(reading: Reading, name: str, regions: Sequence[object], sheet: _Sheet) -> Iterator[Draft]:
    for index, region in enumerate(regions, 1):
        what = f"{name}, region {index}"
        with reading.skipping(what):
            yield Draft(what, _item(fields.record(region, "the region"), sheet.class_attribute))


def _item(region: Record, class_attribute: str | None) -> Item:
    attributes = region.get("region_attributes")
    stated = attributes if isinstance(attributes, dict) else {}
    name = _ONLY_CLASS if class_attribute is None else fields.text(_chosen(stated.get(class_attribute)), "its class")
    others = {key: of_text(_chosen(value)) for key, value in stated.items() if key != class_attribute}
    return Item(
        name, _shape(fields.record(region.get("shape_attributes"), "its shape")), attributes=held_as_text(others)
    )


def _chosen(value: object) -> str:
    """The text of a region attribute; of a checkbox, what is ticked."""
    if isinstance(value, dict):
        return ", ".join(str(option) for option, is_ticked in value.items() if is_ticked)
    if isinstance(value, bool | float):
        return as_text(value)
    return "" if value is None else str(value)


def _shape(row: Record) -> Shape:
    match row.get("name"):
        case "rect":
            x, y, width, height = (_number(row, key) for key in ("x", "y", "width", "height"))
            return Box(x, y, x + width, y + height)
        case "polygon":
            xs, ys = (fields.numbers(row.get(key), key) for key in ("all_points_x", "all_points_y"))
            if len(xs) != len(ys):
                raise Reject("its outline has not as many x as y")
            return of_one_ring(fields.outline(list(zip(xs, ys, strict=True))))
        case "circle":
            cx, cy, radius = (_number(row, key) for key in ("cx", "cy", "r"))
            return Polygon((Part(ellipse((cx, cy), (radius, radius))),))
        case "ellipse":
            cx, cy, rx, ry = (_number(row, key) for key in ("cx", "cy", "rx", "ry"))
            turned = fields.number(row.get("theta", 0.0), "theta")
            return Polygon((Part(ellipse((cx, cy), (rx, ry), turned)),))
        case "point":
            return Keypoints(((_number(row, "cx"), _number(row, "cy"), 2),))
        case other:
            raise Reject(f"{fields.shown(other)} is no shape with an extent")


def _number(row: Record, key: str) -> float:
    value = fields.number(row.get(key), key)
    if abs(value) > fields.FARTHEST:
        raise Reject("it lies far outside its picture")
    return value


def _held_shape(shape: Shape) -> Shape | None:
    if isinstance(shape, Box):
        return shape
    if isinstance(shape, Keypoints):
        return Keypoints(((*shape.given[0], 2),)) if len(shape.given) == 1 else None
    points = ring_of(shape)
    return None if points is None else of_one_ring(points)


def _held_attributes(item: Item) -> dict[str, AttributeValue]:
    return {name: value for name, value in held_as_text(item.attributes).items() if name != _CLASS}


def _regions(page: Page) -> Iterator[dict[str, object]]:
    for item in page.items:
        if shape := _written(item.shape):
            texts = {name: as_text(value) for name, value in _held_attributes(item).items()}
            yield {"shape_attributes": shape, "region_attributes": {_CLASS: item.class_name, **texts}}


def _written(shape: Shape) -> dict[str, object] | None:
    """The JSON of a shape, None for one that VIA cannot hold."""
    match shape:
        case Box(x0, y0, x1, y1):
            rectangle = {"name": "rect", "x": x0, "y": y0, "width": extent(x0, x1), "height": extent(y0, y1)}
            return None if shape.is_empty else rectangle
        case Keypoints():
            return (
                {"name": "point", "cx": shape.given[0][0], "cy": shape.given[0][1]} if len(shape.given) == 1 else None
            )
        case _:
            points = ring_of(shape)
            if points is None:
                return None
            return {"name": "polygon", "all_points_x": points[:, 0].tolist(), "all_points_y": points[:, 1].tolist()}
