"""COCO truth and result files as tables for the evaluator, every row checked first.

The evaluator trusts what it is given (a run-length text that stops short ends the process), so nothing reaches it here
that is not what COCO says it should be.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

import msgspec
import numpy as np
from faster_coco_eval import COCO

from engine.errors import UserError
from engine.evaluation.coco_tables import Columns, IouType, Row, Sides
from engine.geometry import masks

_COMPRESSED = re.compile("[0-o]*[0-O]")
"""COCO's run lengths as text: six bits a character; the last one of a number lacks the bit that says there are more."""
_MOST_PIXELS = 1 << 31


class _Image(msgspec.Struct):
    id: int
    height: int = 0
    width: int = 0


class _Class(msgspec.Struct):
    id: int
    name: str = ""


class _RunLengths(msgspec.Struct):
    size: tuple[int, int]
    """Height, width."""
    counts: str | list[int]


_Segmentation: TypeAlias = _RunLengths | list[list[float]]
_Box: TypeAlias = tuple[float, float, float, float]


class _Truth(msgspec.Struct, omit_defaults=True):
    id: int
    image_id: int
    category_id: int
    bbox: _Box
    area: float
    iscrowd: int = 0
    segmentation: _Segmentation | None = None


class _TruthFile(msgspec.Struct):
    images: list[_Image]
    annotations: list[_Truth]
    categories: list[_Class]


class _Found(msgspec.Struct, omit_defaults=True):
    image_id: int
    category_id: int
    score: float
    bbox: _Box | None = None
    segmentation: _Segmentation | None = None


class _FoundFile(msgspec.Struct):
    annotations: list[_Found]


_RowT = TypeVar("_RowT", _Truth, _Found)
_Check: TypeAlias = Callable[[Any, Mapping[int, _Image]], str | None]
"""What is wrong with a row, or None."""


@dataclass(frozen=True, slots=True)
class FileTables:
    """A COCO truth file and a COCO result file."""

    truth_row: Row
    detection_rows: Sequence[Row]

    @property
    def class_names(self) -> Mapping[int, str]:
        return {row["id"]: row["name"] for row in self.truth_row["categories"]}

    def sides(self, iou_type: IouType) -> Sides:
        """The rows of both files."""
        truth, coco = self.truth_row, COCO(copy.deepcopy(self.truth_row))
        images = np.array([row["id"] for row in truth["images"]], dtype=np.int64)
        # COCO's own reader adds area, box and number to what it is given.
        found = coco.loadRes(copy.deepcopy(list(self.detection_rows))).dataset["annotations"]
        return Sides(images, _columns(truth["annotations"], iou_type, coco), _columns(found, iou_type, coco))


def _columns(rows: Sequence[Row], iou_type: IouType, coco: COCO) -> Columns:
    is_boxes = iou_type == "bbox"
    return Columns(
        ids=np.array([row["id"] for row in rows], dtype=np.int64),
        image_ids=np.array([row["image_id"] for row in rows], dtype=np.int64),
        class_ids=np.array([row["category_id"] for row in rows], dtype=np.int64),
        scores=np.array([row.get("score", 0.0) for row in rows], dtype=np.float64),
        areas=np.array([row["area"] for row in rows], dtype=np.float64),
        is_crowd=np.array([bool(row.get("iscrowd", 0)) for row in rows], dtype=np.bool_),
        boxes=np.array([row["bbox"] for row in rows] if is_boxes else [], dtype=np.float64).reshape(-1, 4),
        masks=[] if is_boxes else [coco.annToRLE(row) for row in rows],
    )


def read_files(truth_path: Path, detections_path: Path, iou_type: IouType) -> FileTables:
    """A truth file and a result file in COCO's form, to be compared by boxes or by masks.

    Raises UserError naming the file, the entry and what is wrong with it.
    """
    truth = _decoded(truth_path, "COCO truth file", _TruthFile)
    found = _decoded(detections_path, "COCO result file", list[_Found] | _FoundFile)
    rows = found.annotations if isinstance(found, _FoundFile) else found
    images = {image.id: image for image in truth.images}
    lacking = _without_box if iou_type == "bbox" else _without_mask
    _check(truth_path, truth.annotations, images, (_of_no_image, _bad_mask, lacking))
    _check(detections_path, rows, images, (_of_no_image, _bad_mask, lacking, _polygons_only))
    return FileTables(_plain(truth), [_plain(row) for row in rows])


def _decoded(path: Path, what: str, kind: Any) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except msgspec.ValidationError as error:
        raise UserError(f"{path} is no {what}: {error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is no JSON file: {error}.") from error


def _check(path: Path, rows: Sequence[_RowT], images: Mapping[int, _Image], checks: Sequence[_Check]) -> None:
    for number, row in enumerate(rows, 1):
        for check in checks:
            fault = check(row, images)
            if fault is not None:
                raise UserError(f"{path}: entry {number} {fault}.")


def _of_no_image(row: _RowT, images: Mapping[int, _Image]) -> str | None:
    return None if row.image_id in images else "is of a picture that the truth does not list"


def _without_box(row: _RowT, _: Mapping[int, _Image]) -> str | None:
    has_one = row.bbox is not None or row.segmentation is not None
    return None if has_one else "has neither bbox nor segmentation"


def _without_mask(row: _RowT, _: Mapping[int, _Image]) -> str | None:
    has_one = row.segmentation is not None or (isinstance(row, _Found) and row.bbox is not None)
    return None if has_one else "has no segmentation"


def _polygons_only(row: _Found, _: Mapping[int, _Image]) -> str | None:
    """COCO's own reader wants run lengths where a detection has no box."""
    is_bare = row.bbox is None and isinstance(row.segmentation, list)
    return "has a segmentation of polygons: a detection's has to be run lengths" if is_bare else None


def _bad_mask(row: _RowT, images: Mapping[int, _Image]) -> str | None:
    match row.segmentation:
        case None:
            return None
        case _RunLengths(size=size, counts=counts):
            return _bad_size(size, images[row.image_id]) or _bad_counts(counts, size)
        case polygons:
            is_whole = all(len(ring) >= 6 and len(ring) % 2 == 0 for ring in polygons) and len(polygons) > 0
            return None if is_whole else "has a polygon that is not three points or more"


def _bad_size(size: tuple[int, int], image: _Image) -> str | None:
    height, width = size
    if height < 1 or width < 1 or height * width > _MOST_PIXELS:
        return f"has a mask of {width} x {height} pixels"
    is_of_image = (image.height, image.width) in ((height, width), (0, 0))
    return None if is_of_image else f"has a mask of {width} x {height} pixels, unlike its picture"


def _bad_counts(counts: str | list[int], size: tuple[int, int]) -> str | None:
    if isinstance(counts, str):
        return None if _COMPRESSED.fullmatch(counts) else "has run lengths that are cut off or damaged"
    is_whole = all(count >= 0 for count in counts) and sum(counts) == size[0] * size[1]
    return None if is_whole else "has run lengths that do not fill its mask"


def _plain(value: _TruthFile | _Found) -> Row:
    """COCO's own JSON objects, run lengths compressed."""
    return cast(Row, _compressed(msgspec.to_builtins(value)))


def _compressed(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_compressed(each) for each in value]
    if isinstance(value, dict):
        changed = {name: _compressed(each) for name, each in value.items()}
        if isinstance(changed.get("counts"), list):
            changed["counts"] = masks.compress(changed["counts"])
        return changed
    return value
