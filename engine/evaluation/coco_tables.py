"""Pictures, truths and detections as the tables that COCO's evaluator reads: from a project's values, or from files.

Rows are COCO's own JSON objects; they do not leave this package. Truths marked as crowds are handed on as such: the
evaluator neither asks for them nor counts a detection on them as false.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import msgspec
from faster_coco_eval import COCO

from engine.errors import UserError
from engine.geometry import masks
from engine.geometry.shapes import Shape
from engine.project.records import Annotation, Detection

Row: TypeAlias = dict[str, Any]
IouType: TypeAlias = Literal["bbox", "segm"]


class Tables(Protocol):
    """Something that can be evaluated."""

    @property
    def classes(self) -> Sequence[Row]:
        """COCO's categories."""
        ...

    def truth(self) -> Row:
        """COCO's file of truths; the caller may change it."""
        ...

    def detected(self, iou_type: IouType) -> Row:
        """COCO's file of detections, in the same form as the truth; the caller may change it."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """One picture with its annotations (truth) and what was detected on it."""

    image_id: int
    height: int
    width: int
    annotations: Sequence[Annotation]
    detections: Sequence[Detection]


@dataclass(frozen=True, slots=True)
class JudgedTables:
    """Judged pictures as COCO's tables."""

    pictures: Sequence[Judged]
    class_names: Mapping[int, str]
    """By class id."""

    @property
    def classes(self) -> Sequence[Row]:
        return [{"id": class_id, "name": name} for class_id, name in self.class_names.items()]

    def truth(self) -> Row:
        """The annotations."""
        return self._table(
            _row(picture, each.class_id, each.shape) | {"iscrowd": int(each.is_crowd)}
            for picture in self.pictures
            for each in picture.annotations
        )

    def detected(self, iou_type: IouType) -> Row:
        """The detections; their area is that of the box where boxes are compared, as COCO has it."""
        return self._table(
            _row(picture, each.class_id, each.shape, iou_type) | {"iscrowd": 0, "score": each.score}
            for picture in self.pictures
            for each in picture.detections
        )

    def _table(self, rows: Iterable[Row]) -> Row:
        images = [{"id": each.image_id, "height": each.height, "width": each.width} for each in self.pictures]
        numbered = [row | {"id": number} for number, row in enumerate(rows, 1)]
        return {"images": images, "categories": list(self.classes), "annotations": numbered}


def _row(picture: Judged, class_id: int, shape: Shape, iou_type: IouType = "segm") -> Row:
    x0, y0, x1, y1 = shape.bounds
    size = [picture.height, picture.width]
    counts = masks.compress(masks.to_coco(masks.of_shape(shape), *size))
    return {
        "image_id": picture.image_id,
        "category_id": class_id,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": (x1 - x0) * (y1 - y0) if iou_type == "bbox" else shape.area,
        "segmentation": {"size": size, "counts": counts},
    }


@dataclass(frozen=True, slots=True)
class FileTables:
    """A COCO truth file and a COCO result file."""

    truth_row: Row
    detection_rows: Sequence[Row]

    @property
    def classes(self) -> Sequence[Row]:
        return list(self.truth_row["categories"])

    def truth(self) -> Row:
        """The truth file, as it was."""
        return copy.deepcopy(self.truth_row)

    def detected(self, iou_type: IouType) -> Row:
        """The result file with the columns that COCO's own reader adds."""
        table: Row = COCO(self.truth()).loadRes(copy.deepcopy(list(self.detection_rows))).dataset
        return table


def read_files(truth_path: Path, detections_path: Path) -> FileTables:
    """A truth file and a result file in COCO's form; raises UserError naming the file and what is wrong with it."""
    truth = _read(truth_path)
    if not isinstance(truth, dict) or not all(isinstance(truth.get(key), list) for key in _TRUTH_KEYS):
        raise UserError(f"{truth_path} is no COCO truth file: it needs lists of {', '.join(_TRUTH_KEYS)}.")
    rows = _read(detections_path)
    if isinstance(rows, dict):
        rows = rows.get("annotations")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError(f"{detections_path} is no COCO result file: it needs a list of detections.")
    _check(truth_path, truth["annotations"], {"image_id", "category_id", "id"}, truth)
    _check(detections_path, rows, {"image_id", "category_id", "score"}, truth)
    return FileTables(truth, rows)


_TRUTH_KEYS = ("images", "annotations", "categories")


def _read(path: Path) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except msgspec.DecodeError as error:
        raise UserError(f"{path} is no JSON file: {error}.") from error


def _check(path: Path, rows: Sequence[Row], keys: set[str], truth: Row) -> None:
    """Every row has what is asked of it, and is of a picture that the truth knows."""
    known = {image.get("id") for image in truth["images"]}
    faults: tuple[tuple[Callable[[Row], bool], str], ...] = (
        (lambda row: not keys <= row.keys(), f"lacks one of {', '.join(sorted(keys))}"),
        (lambda row: row["image_id"] not in known, "is of a picture that the truth does not list"),
        (lambda row: "bbox" not in row and "segmentation" not in row, "has neither bbox nor segmentation"),
    )
    for number, row in enumerate(rows, 1):
        fault = next((words for is_faulty, words in faults if is_faulty(row)), None)
        if fault is not None:
            raise UserError(f"{path}: entry {number} {fault}.")
