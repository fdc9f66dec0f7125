"""Pictures, truths and detections as the tables that COCO's evaluator reads, from a project's values.

Rows are COCO's own JSON objects; they do not leave this package. Truths marked as crowds are handed on as such: the
evaluator neither asks for them nor counts a detection on them as false.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

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
