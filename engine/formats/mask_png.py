"""Instance masks as PNG files.

Reading
    A folder of pictures with `masks` beside them (`images/a.jpg`, `masks/a.png`): every value but 0 is one object.
    Depths of 8 and 16 bits, palettes (255 is the void border of VOC) and colours. The class is that of `classes.json`,
    which we write, else the name of a folder below `masks`, else `object`. Or as in the Data Science Bowl 2018: a
    folder for each picture, with one binary PNG an object in its `masks`. A picture without masks has no objects.
Writing
    `images`, `masks` and `classes.json`. Where objects overlap, those that find no room go to `masks_2` and on. Values
    follow the order of the items; 16 bits where there are more than 255 of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine import pictures
from engine.errors import UserError
from engine.formats import _fields as fields
from engine.formats._fields import Reject
from engine.formats._files import json_outline, read_json
from engine.formats._instances import layers, objects, to_png
from engine.formats._names import place as place_at
from engine.formats._names import stems
from engine.formats._pages import Item, Page, PageClass, Pages
from engine.formats._places import Place, places
from engine.formats._reading import Draft, Reading
from engine.formats._sniffing import folders_named, near
from engine.formats._writing import as_json, save, size_of
from engine.geometry import masks
from engine.pictures import Numbers

_LEGEND = "classes.json"
_MASKS = "masks"
_SUFFIXES = (".png", ".tif", ".tiff", ".bmp")
_ONLY_CLASS = "object"
_VOID = 255


class MaskPng:
    """Folders of instance masks."""

    title = "Instance masks (PNG)"
    suffixes: tuple[str, ...] = (".png",)
    loses: tuple[str, ...] = (
        "every shape becomes the pixels it covers",
        "keypoints",
        "attributes, crowd marks, scores and tags",
        "parents of classes and names of keypoints",
    )
    tolerance = 0.0
    holds_tags = False

    def sniff(self, path: Path) -> bool:
        if any(_is_legend(file) for file in near(path, (_LEGEND,))):
            return True
        return any(next(near(folder, _SUFFIXES), None) for folder in folders_named(path, _MASKS))

    def read(self, path: Path) -> Pages:
        if path.is_file() and not _is_legend(path):
            raise UserError(f"{path.name} is no {_LEGEND}.", "Give the folder that holds pictures and masks.")
        reading = Reading(path if path.is_dir() else path.parent)
        if not _is_legend(reading.root / _LEGEND) and not folders_named(reading.root, _MASKS):
            raise UserError(f"{path.name} holds no folder of masks.")
        legend = _legend(reading)
        found = [place for place in places(reading) if not _is_among_masks(reading, place)]
        n_pictures = Counter(place.top for place in found)
        for place in found:
            with reading.skipping(reading.called(place.path)):
                _read_page(reading, place, legend, alone=place.in_images and n_pictures[place.top] == 1)
        reading.refuse_nothing(path, f"{path.name} holds no pictures.")
        return reading.pages(map(PageClass, legend.class_names))

    def hold(self, item: Item) -> tuple[Item, ...]:
        mask = masks.of_shape(item.shape)
        return () if mask.is_empty else (Item(item.class_name, mask),)

    def hold_class(self, page_class: PageClass) -> PageClass:
        return PageClass(page_class.name)

    def picture_path(self, page: Page) -> Path:
        return Path("images", place_at(page.name, page.split))

    def write(self, pages: Pages, folder: Path) -> tuple[Path, ...]:
        sized = [(page, size_of(page, folder / self.picture_path(page))) for page in pages.pages]
        stem_by_name = stems([page.name for page in pages.pages])
        classes: dict[str, dict[str, str]] = {}
        for page, size in sized:
            for number, layer in enumerate(layers(page.items, size), 1):
                top = _MASKS if number == 1 else f"{_MASKS}_{number}"
                path = Path(top, place_at(stem_by_name[page.name], page.split))
                file = save(folder / path.with_name(f"{path.name}.png"), to_png(layer.values))
                named = {str(value): name for value, name in layer.class_by_value.items()}
                classes[file.relative_to(folder).as_posix()] = named
        save(folder / _LEGEND, as_json({"classes": list(pages.class_names), "instances": classes}, indent=1))
        return (folder,)


FORMAT = MaskPng()


@dataclass(frozen=True, slots=True)
class _Legend:
    """What our `classes.json` says: the classes in order, and that of every value of every mask file by its path."""

    class_names: tuple[str, ...] = ()
    class_by_value: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _MaskFile:
    """One PNG of masks: a map of values, or one binary object."""

    path: Path
    class_name: str | None
    is_binary: bool = False


def _is_legend(path: Path) -> bool:
    outline = json_outline(path) if path.name.lower() == _LEGEND else None
    return outline is not None and {"classes", "instances"} <= outline.keys


def _legend(reading: Reading) -> _Legend:
    path = reading.root / _LEGEND
    if not _is_legend(path):
        return _Legend()
    content = fields.record(read_json(path), "the file")
    names, instances = content.get("classes"), content.get("instances")
    classes = [fields.one_line(name) for name in names if isinstance(name, str)] if isinstance(names, list) else []
    files = instances if isinstance(instances, dict) else {}
    by_file = {file: values for file, values in files.items() if isinstance(values, dict)}
    return _Legend(tuple(dict.fromkeys(filter(None, classes))), by_file)


def _is_among_masks(reading: Reading, place: Place) -> bool:
    parts = place.top.relative_to(reading.root).parts
    return any(re.fullmatch(rf"{_MASKS}(_\d+)?", part.lower()) for part in parts)


def _read_page(reading: Reading, place: Place, legend: _Legend, alone: bool) -> None:
    """`alone` where the picture is the only one beside its masks, as in the Data Science Bowl."""
    picture = reading.opened(place.path, place.name)
    files = list(_maps(place)) or (list(_binaries(place)) if alone else [])
    drafts: list[tuple[int, Draft]] = []
    size: tuple[int, int] | None = None
    for file in files:
        called = reading.called(file.path)
        with reading.skipping(called):
            reading.refuse_outside(file.path)
            values = pictures.values(file.path, called)
            if values.shape[::-1] not in ({picture.head.size, picture.head.raw_size} if size is None else {size}):
                raise Reject("it is of another size than its picture")
            size = (values.shape[1], values.shape[0])
            drafts += _drafts(reading, file, values, legend)
    ordered = [draft for _, draft in sorted(drafts, key=lambda numbered: numbered[0])]
    reading.add(picture, ordered, stated=size, split=place.split)


def _maps(place: Place) -> Iterator[_MaskFile]:
    """The files of instance values for a picture: those of all layers, or one in the folder of each class."""
    tops = [place.top / _MASKS]
    while (more := place.top / f"{_MASKS}_{len(tops) + 1}").is_dir():
        tops.append(more)
    found = [_MaskFile(path, None) for top in tops if (path := _of_stem(top, place))]
    yield from found
    if not found and tops[0].is_dir():
        for folder in sorted(path for path in tops[0].iterdir() if path.is_dir()):
            if path := _of_stem(folder, place):
                yield _MaskFile(path, fields.one_line(folder.name) or None)


def _of_stem(top: Path, place: Place) -> Path | None:
    below = top / place.below
    candidates = [below.with_suffix(suffix) for suffix in _SUFFIXES] + [below.with_name(f"{below.name}.png")]
    return next((path for path in candidates if path.is_file()), None)


def _binaries(place: Place) -> Iterator[_MaskFile]:
    top = place.top / _MASKS
    for path in near(top, _SUFFIXES):
        yield _MaskFile(path, None if path.parent == top else fields.one_line(path.parent.name), is_binary=True)


def _drafts(reading: Reading, file: _MaskFile, values: Numbers, legend: _Legend) -> Iterator[tuple[int, Draft]]:
    """(value, draft) of every object in a file."""
    called = reading.called(file.path)
    class_by_value = legend.class_by_value.get(called)
    if file.is_binary:
        yield 0, Draft(called, Item(file.class_name or _ONLY_CLASS, masks.from_bitmap(values != 0)))
        return
    has_void = pictures.is_palette(file.path)
    for value, mask in objects(values):
        what = f"{called}, value {value}"
        with reading.skipping(what):
            if has_void and value == _VOID:
                raise Reject("it is the void border of a palette picture")
            name = file.class_name or _ONLY_CLASS
            if class_by_value is not None:
                name = fields.text(class_by_value.get(str(value)), f"its class in {_LEGEND}")
            yield value, Draft(what, Item(name, mask))
