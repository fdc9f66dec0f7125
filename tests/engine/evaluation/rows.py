"""Judged pictures as COCO's own JSON objects, for other evaluators to read."""

from __future__ import annotations

from collections.abc import Iterable

from engine.evaluation.coco_tables import IouType, Judged, JudgedTables, Row
from engine.geometry import masks
from engine.project.records import Annotation, Detection


def truth(tables: JudgedTables, iou_type: IouType = "segm") -> Row:
    """The annotations; masks take time and are left out where boxes are compared."""
    return _table(
        tables,
        (
            {**_row(picture, each, iou_type), "iscrowd": int(each.is_crowd), "area": each.shape.area}
            for picture in tables.pictures
            for each in picture.annotations
        ),
    )


def detected(tables: JudgedTables, iou_type: IouType) -> Row:
    """The detections; their area is that of the box where boxes are compared, as COCO has it."""
    return _table(
        tables,
        (
            {**_row(picture, each, iou_type), "iscrowd": 0, "score": each.score}
            for picture in tables.pictures
            for each in picture.detections
        ),
    )


def _table(tables: JudgedTables, rows: Iterable[Row]) -> Row:
    images = [{"id": each.image_id, "height": each.height, "width": each.width} for each in tables.pictures]
    categories = [{"id": class_id, "name": name} for class_id, name in tables.class_names.items()]
    return {
        "images": images,
        "categories": categories,
        "annotations": [row | {"id": n} for n, row in enumerate(rows, 1)],
    }


def _row(picture: Judged, each: Annotation | Detection, iou_type: IouType) -> Row:
    x0, y0, x1, y1 = each.shape.bounds
    row: Row = {
        "image_id": picture.image_id,
        "category_id": each.class_id,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": (x1 - x0) * (y1 - y0) if iou_type == "bbox" else each.shape.area,
    }
    size = (picture.height, picture.width)
    counts = "" if iou_type == "bbox" else masks.compress(masks.to_coco(masks.of_shape(each.shape), *size))
    return row if iou_type == "bbox" else row | {"segmentation": {"size": list(size), "counts": counts}}
