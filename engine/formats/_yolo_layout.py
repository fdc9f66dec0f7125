"""Where a YOLO folder keeps its pictures, texts, class names and splits."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.errors import UserError
from engine.formats import _fields as fields
from engine.formats._fields import Reject
from engine.formats._files import head_of, read_lines, read_yaml
from engine.formats._names import split_named
from engine.formats._pages import Split
from engine.formats._places import Place, places
from engine.formats._reading import Reading

YAMLS = (".yaml", ".yml")
_LISTS = ("classes.txt", "obj.names", "_darknet.labels")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a folder says about itself outside its rows."""

    name_by_id: dict[int, str] | None
    """None where no file names the classes."""
    n_keypoints: int = 0
    n_keypoint_numbers: int = 3
    """Numbers a keypoint: 3, or 2 without visibility."""
    split_by_path: Mapping[Path, Split] = field(default_factory=dict)
    """Splits of folders and of single pictures, by `data.yaml`."""


def is_data_yaml(path: Path) -> bool:
    """Whether a file is a YOLO `data.yaml`, whatever it is called; reads its head, never raises."""
    head = head_of(path) if path.suffix.lower() in YAMLS else ""
    return bool(re.search(r"^names\s*:", head, re.M) and re.search(r"^(train|val|test|nc|path)\s*:", head, re.M))


def layout(reading: Reading, path: Path) -> Layout:
    """The layout of an import of `path`, a folder or its `data.yaml`; UserError where that cannot be read."""
    described = path if path.is_file() else next(filter(is_data_yaml, reading.files(YAMLS)), None)
    if described is not None:
        return _described(reading, described)
    lists = [file for file in reading.files(_LISTS) if file.name.lower() in _LISTS]
    return Layout(dict(enumerate(map(fields.one_line, read_lines(lists[0])))) if lists else None)


def labelled(reading: Reading, known: Layout) -> list[tuple[Place, Path]]:
    """Every picture of the folder and its text, which may be missing; beside `images` folders, others need a text."""
    found = places(reading)
    has_images = any(place.in_images for place in found)
    pairs = [(place, place.twin("labels" if place.in_images else "", ".txt")) for place in found]
    return [
        (_with_split(place, known.split_by_path, reading.root), text)
        for place, text in pairs
        if place.in_images or not has_images or text.is_file()
    ]


def _with_split(place: Place, split_by_path: Mapping[Path, Split], root: Path) -> Place:
    for path in (place.path, *place.path.parents):
        if path in split_by_path:
            return replace(place, split=split_by_path[path])
        if path == root:
            break
    return place


def _described(reading: Reading, file: Path) -> Layout:
    content = read_yaml(file)
    if not isinstance(content, dict):
        raise UserError(f"{file.name} is no data.yaml: it is not a table of names.")
    n_keypoints, n_numbers = 0, 3
    with reading.skipping(f"{file.name}, kpt_shape"):
        shape = content.get("kpt_shape")
        if shape is not None:
            n_keypoints, n_numbers = (fields.whole(each, "it") for each in fields.rows(shape, "it")[:2])
    names = _names(content.get("names"))
    if names is None:
        raise UserError(f"{file.name} is no data.yaml: it does not list its names.")
    if n_numbers not in {2, 3} or not 0 <= n_keypoints <= 10_000:
        raise UserError(f"{file.name}: its kpt_shape makes no sense.")
    return Layout(names, n_keypoints, n_numbers, _splits(reading, file, content))


def _names(value: object) -> dict[int, str] | None:
    if isinstance(value, list):
        return {index: _name(index, each) for index, each in enumerate(value)}
    if not isinstance(value, dict):
        return None
    try:
        return {index: _name(index, value[key]) for index, key in sorted((fields.whole(key, ""), key) for key in value)}
    except Reject:
        return None


def _name(index: int, value: object) -> str:
    return (fields.one_line(value) if isinstance(value, str) else "") or f"class {index}"


def _splits(reading: Reading, file: Path, content: Mapping[str, object]) -> dict[Path, Split]:
    by_path: dict[Path, Split] = {}
    words = {key: value for key, value in content.items() if isinstance(key, str) and split_named(key)}
    stated = [repr(value) for value in words.values()]
    for key, value in words.items():
        if split := split_named(key):
            for entry in value if isinstance(value, list) else [value]:
                # Trainers insist on both: pictures listed under train and val alike are not split at all.
                if isinstance(entry, str) and stated.count(repr(value)) == 1:
                    for path in _listed(reading, file, str(content.get("path", "")), entry):
                        by_path.setdefault(path, split)
    return by_path


def _listed(reading: Reading, file: Path, base: str, entry: str) -> Iterator[Path]:
    """The folder or the pictures that an entry of `data.yaml` names, as far as they are in the imported folder."""
    stripped = re.sub(r"^(\.\./)+", "", entry)  # some tools write paths relative to a folder that is not there
    tops = (file.parent / base, file.parent, reading.root)
    candidates = [Path(os.path.normpath(top / each)) for each in (entry, stripped) for top in tops]
    inside = [path for path in candidates if path.is_relative_to(reading.root)]
    for path in inside:
        if path.is_dir():
            yield path
            return
        if path.is_file():
            for line in read_lines(path):
                yield from (Path(os.path.normpath(top / line)) for top in {path.parent, reading.root})
            return
