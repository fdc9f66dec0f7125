"""COCO JSON: instances with polygons or run lengths, crowds and keypoints.

Reading
    A file, or a folder with one a split (`annotations/instances_train2017.json`, `train/_annotations.coco.json`).
    A segmentation's rings are united, as COCO's own tools do: a ring inside another is no hole. What has no
    segmentation is a box. Keypoints whose bounds are the whole `bbox` are a shape of their own.
Writing
    `instances.json`, or `annotations/instances_<split>.json` where pictures have splits, and `images/`; see
    `_coco_writing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import UserError
from engine.formats import _fields as fields
from engine.formats._attributes import attributes_of
from engine.formats._coco_writing import TOLERANCE, file_of, held, held_class, is_around, written
from engine.formats._fields import Record, Reject
from engine.formats._files import json_outline, read_json
from engine.formats._names import safe_name, split_in, split_named, to_write
from engine.formats._pages import Item, Page, PageClass, Pages, Split
from engine.formats._reading import Draft, Picture, Reading
from engine.formats._rings import joined
from engine.formats._sniffing import near
from engine.formats._writing import save, size_of
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask, Part, Shape

_KEYS = {"images", "annotations", "categories"}


class Coco:
    """The format of the COCO challenges, and the one that holds most."""

    title = "COCO JSON"
    suffixes: tuple[str, ...] = (".json",)
    loses: tuple[str, ...] = ("rotated boxes become polygons of four corners", "polygons that touch become one")
    tolerance = TOLERANCE
    holds_tags = True

    def sniff(self, path: Path) -> bool:
        return any(_is_coco(file) for file, _ in zip(near(path, self.suffixes), range(50), strict=False))

    def read(self, path: Path) -> Pages:
        root = path if path.is_dir() else path.parent.parent if path.parent.name == "annotations" else path.parent
        reading = Reading(root)
        files = self._files(reading) if path.is_dir() else [path]
        if not files:
            raise UserError(f"{path.name} holds no COCO JSON.", "Give the JSON file itself.")
        classes: dict[str, PageClass] = {}
        for file in files:
            if len(files) == 1:
                _Sheet(reading, file).read(classes)
            else:
                with reading.skipping(reading.called(file)):
                    _Sheet(reading, file).read(classes)
        return reading.pages(classes.values())

    def hold(self, item: Item) -> tuple[Item, ...]:
        return held(item)

    def hold_class(self, page_class: PageClass) -> PageClass:
        return held_class(page_class)

    def picture_path(self, page: Page) -> Path:
        return Path("images", to_write(page.name))

    def write(self, pages: Pages, folder: Path) -> tuple[Path, ...]:
        splits = sorted({page.split for page in pages.pages}, key=str)
        files = []
        for split in splits or [None]:
            chosen = [(page, folder / self.picture_path(page)) for page in pages.pages if page.split == split]
            sized = [(page, size_of(page, picture)) for page, picture in chosen]
            files.append((folder / file_of(split, splits), written(pages, sized)))
        for path, data in files:
            save(path, data)
        return (folder,)

    @staticmethod
    def _files(reading: Reading) -> list[Path]:
        """The folder's COCO files; beside `instances_*.json`, other views of the same pictures are left alone."""
        found = [file for file in reading.files([".json"]) if _is_coco(file)]
        instances = [file for file in found if file.stem.startswith("instances")]
        for file in found:
            if instances and file not in instances:
                reading.skip(reading.called(file), "instances are read; give this file itself to read it instead")
        return instances or found


FORMAT = Coco()


def _is_coco(path: Path) -> bool:
    """Whether a file is COCO's, results included: `read` says in words why those cannot be imported."""
    outline = json_outline(path)
    if outline is None:
        return False
    return "image_id" in outline.inner_keys if outline.is_list else bool(outline.keys & _KEYS)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One JSON file of an import."""

    reading: Reading
    file: Path

    def read(self, classes: dict[str, PageClass]) -> None:
        """Read all its pages; `classes` by name grows by those it names first."""
        name = self.file.name
        content = read_json(self.file)
        if isinstance(content, list):
            raise UserError(f"{name} is a list of results, which only make sense beside their truths.")
        if not isinstance(content, dict) or not isinstance(content.get("images"), list):
            raise UserError(f"{name} is no COCO JSON: it has no list of images.")
        class_by_id = self._classes(content.get("categories", []))
        for page_class in class_by_id.values():
            classes.setdefault(page_class.name, page_class)
        by_image = self._by_image(content.get("annotations", []))
        for index, row in enumerate(content["images"]):
            with self.reading.skipping(f"{name}, image {index + 1}"):
                self._page(fields.record(row, "the image"), by_image, class_by_id)
        for image, rows in by_image.items():
            self.reading.skip(f"{name}, {len(rows)} annotations", f"there is no image {fields.shown(image)}")

    def _classes(self, rows: object) -> dict[int, PageClass]:
        found: dict[int, PageClass] = {}
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            with self.reading.skipping(f"{self.file.name}, class {index + 1}"):
                category = fields.record(row, "the class")
                found[fields.whole(category.get("id"), "its id")] = _page_class(category)
        return found

    def _by_image(self, rows: object) -> dict[object, list[tuple[str, Record]]]:
        """What to call each annotation and the annotation, by the id of its image."""
        by_image: dict[object, list[tuple[str, Record]]] = {}
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            what = f"annotation {index + 1}"
            with self.reading.skipping(f"{self.file.name}, {what}"):
                annotation = fields.record(row, "the annotation")
                image = annotation.get("image_id")
                if not isinstance(image, int | float | str):
                    raise Reject("it names no image")
                by_image.setdefault(image, []).append(
                    (f"annotation {fields.shown(annotation.get('id', what))}", annotation)
                )
        return by_image

    def _page(
        self, row: Record, by_image: dict[object, list[tuple[str, Record]]], class_by_id: Mapping[int, PageClass]
    ) -> None:
        image = row.get("id")
        annotations = by_image.pop(image, []) if isinstance(image, int | float | str) else []
        name = safe_name(fields.text(row.get("file_name"), "its file name"))
        split = self._split()
        with self.reading.skipping(name):
            stated = _stated(row)
            picture = self.reading.picture(name, self._picture_folders(split), stated=stated)
            drafts = self._drafts(picture, annotations, class_by_id, stated or picture.head.size)
            tags = row.get("tags")
            words = tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
            self.reading.add(picture, drafts, stated=stated, split=split, tags=words)

    def _drafts(
        self,
        picture: Picture,
        annotations: Iterable[tuple[str, Record]],
        class_by_id: Mapping[int, PageClass],
        size: tuple[int, int],
    ) -> Iterator[Draft]:
        for what, annotation in annotations:
            with self.reading.skipping(f"{picture.name}, {what}"):
                yield Draft(f"{picture.name}, {what}", _item(annotation, class_by_id, (size, picture.head.size)))

    def _split(self) -> Split | None:
        inside = self.file.relative_to(self.reading.root).parts[:-1]
        return split_in(self.file.stem) or next(filter(None, map(split_named, inside)), None)

    def _picture_folders(self, split: Split | None) -> list[Path]:
        """Where the pictures of this file may lie, likeliest first."""
        words = [self.file.stem.rpartition("_")[2], *([split] if split else [])]
        tops = list(dict.fromkeys([self.file.parent, self.reading.root]))
        near_by = [folder for top in tops for folder in (top / "images", top)]
        return near_by + [folder / word for folder in near_by for word in words]


def _page_class(category: Record) -> PageClass:
    name = fields.text(category.get("name"), "its name")
    parent = category.get("supercategory")
    names, bones = category.get("keypoints"), category.get("skeleton")
    point_names = tuple(fields.one_line(str(each)) for each in names) if isinstance(names, list) else ()
    pairs = [each for each in bones if isinstance(each, list) and len(each) == 2] if isinstance(bones, list) else []
    skeleton = tuple((fields.whole(a, "a bone") - 1, fields.whole(b, "a bone") - 1) for a, b in pairs)
    parent_name = fields.one_line(parent) if isinstance(parent, str) else ""
    return held_class(PageClass(name, parent_name, point_names, skeleton))


def _stated(row: Record) -> tuple[int, int] | None:
    if "width" not in row or "height" not in row:
        return None
    try:
        return fields.whole(row["width"], "its width"), fields.whole(row["height"], "its height")
    except Reject:
        return None


def _item(annotation: Record, class_by_id: Mapping[int, PageClass], sizes: Sequence[tuple[int, int]]) -> Item:
    category = fields.whole(annotation.get("category_id"), "its class")
    if category not in class_by_id:
        raise Reject(f"there is no class {category}")
    points = _keypoints(annotation.get("keypoints"))
    shape = _shape(annotation, sizes)
    if shape is None and points is None:
        raise Reject("it has neither segmentation nor box nor keypoints")
    if shape is None or (points and isinstance(shape, Box) and is_around(shape, points)):
        shape, points = points, None
    assert shape is not None
    score = annotation.get("score")
    return Item(
        class_by_id[category].name,
        shape,
        points,
        is_crowd=annotation.get("iscrowd") == 1,
        attributes=attributes_of(annotation.get("attributes")),
        score=None if score is None else fields.number(score, "its score"),
    )


def _shape(annotation: Record, sizes: Sequence[tuple[int, int]]) -> Shape | None:
    """The shape of an annotation, None where it has only keypoints; masks must be of one of the sizes."""
    segmentation = annotation.get("segmentation")
    if isinstance(segmentation, dict):
        return _mask(segmentation, sizes)
    if isinstance(segmentation, list) and segmentation:
        rings = segmentation if isinstance(segmentation[0], list) else [segmentation]
        return joined([Part(fields.outline(_points(each))) for each in rings])
    if annotation.get("bbox") is None:
        return None
    box = fields.numbers(annotation["bbox"], "its box")
    if len(box) != 4:
        raise Reject("its box has not four numbers")
    x, y, width, height = box
    return Box(x, y, x + max(width, 0.0), y + max(height, 0.0))


def _points(flat: object) -> list[tuple[float, float]]:
    values = fields.numbers(flat, "its outline")
    if len(values) % 2 or len(values) < 6:
        raise Reject("its outline is not at least three points of two numbers")
    return list(zip(values[::2], values[1::2], strict=True))


def _mask(run_lengths: Record, sizes: Sequence[tuple[int, int]]) -> Mask:
    size = fields.numbers(run_lengths.get("size"), "its mask's size")
    if (*reversed(size),) not in sizes:
        raise Reject("its mask is of another size than its picture")
    width, height = (int(side) for side in reversed(size))
    counts = run_lengths.get("counts")
    try:
        runs = masks.decompress(counts) if isinstance(counts, str) else fields.rows(counts, "its mask")
        return masks.from_coco(runs, height, width)  # type: ignore[arg-type]
    except (ValueError, OverflowError, TypeError) as error:
        raise Reject(f"its mask is damaged: {error}") from error


def _keypoints(flat: object) -> Keypoints | None:
    if not flat:
        return None
    values = fields.numbers(flat, "its keypoints")
    if len(values) % 3:
        raise Reject("its keypoints are not three numbers each")
    rows = list(zip(values[::3], values[1::3], values[2::3], strict=True))
    if not all(visibility in {0, 1, 2} for _, _, visibility in rows):
        raise Reject("a keypoint's visibility is none of 0, 1 and 2")
    points = Keypoints.of(rows)
    return points if points.given else None
