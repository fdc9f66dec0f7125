"""labelme's shapes: reading any, and writing what it can hold.

Polygons reach their holes and parts by seams without area (`_rings.one_ring`). A crowd carries the flag `iscrowd`;
attributes and scores lie under `attributes` and `score`, as X-AnyLabeling has them; keypoints' visibility under
`visibility`.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from engine import pictures
from engine.formats import _fields as fields
from engine.formats._attributes import attributes_of
from engine.formats._fields import Record, Reject
from engine.formats._pages import Item
from engine.formats._reading import Draft, Reading
from engine.formats._rings import as_box, ellipse, joined, of_one_ring, ring_of
from engine.geometry import masks
from engine.geometry.shapes import XY, Box, Keypoints, Mask, Part, Polygon, Shape

_CROWD = "iscrowd"


def held(item: Item) -> tuple[Item, ...]:
    """What is left of an item: () when it has no extent."""
    shape = item.shape
    if not isinstance(shape, Box | Mask | Keypoints):
        points = ring_of(shape)
        shape = Polygon(()) if points is None else of_one_ring(points)
    if shape.is_empty:
        return ()
    return (Item(item.class_name, shape, None, item.is_crowd, attributes_of(item.attributes), item.score),)


def written(item: Item) -> dict[str, object] | None:
    """The JSON of one shape, None for an item without extent."""
    geometry = _geometry(item.shape)
    if geometry is None:
        return None
    shape: dict[str, object] = {
        "label": item.class_name,
        "group_id": None,
        "description": "",
        "flags": {_CROWD: True} if item.is_crowd else {},
        **geometry,
    }
    if item.score is not None:
        shape["score"] = item.score
    attributes = attributes_of(item.attributes)
    return shape | ({"attributes": attributes} if attributes else {})


def read_shapes(reading: Reading, called: str, rows: Sequence[object]) -> Iterator[Draft]:
    """Drafts of all shapes in the file that is called so, those of one class and group made one."""
    by_group: dict[tuple[str, str], list[Draft]] = {}
    for index, value in enumerate(rows, 1):
        with reading.skipping(f"{called}, shape {index}"):
            row = fields.record(value, "the shape")
            item = _item(row)
            group = row.get("group_id")
            key = (item.class_name, f"shape {index}" if group is None else f"group {fields.shown(group)}")
            by_group.setdefault(key, []).append(Draft(f"{called}, shape {index}", item))
    for (_, group), drafts in by_group.items():
        yield from _merged(f"{called}, {group}", drafts)


def _merged(what: str, drafts: Sequence[Draft]) -> Sequence[Draft]:
    """Polygons of one class and group are the parts of one object; other groups only belong together."""
    shapes = [draft.item.shape for draft in drafts]
    polygons = [shape for shape in shapes if isinstance(shape, Polygon)]
    if len(drafts) == 1 or len(polygons) < len(drafts):
        return drafts
    first = drafts[0].item
    whole = joined([part for polygon in polygons for part in polygon.parts])
    return [Draft(what, Item(first.class_name, whole, None, first.is_crowd, first.attributes, first.score))]


def _item(row: Record) -> Item:
    flags = row.get("flags") if isinstance(row.get("flags"), dict) else {}
    assert isinstance(flags, dict)
    group = {} if row.get("group_id") is None else {"group_id": row["group_id"]}
    own_flags = {name: value for name, value in flags.items() if name != _CROWD}
    own = row.get("attributes")
    attributes = attributes_of({**group, **own_flags, **(own if isinstance(own, dict) else {})})
    score = row.get("score")
    return Item(
        fields.text(row.get("label"), "its class"),
        _shape(row),
        is_crowd=flags.get(_CROWD) is True,
        attributes=attributes,
        score=None if score is None else fields.number(score, "its score"),
    )


def _shape(row: Record) -> Shape:
    kind = fields.text(row.get("shape_type") or "polygon", "its shape_type")
    points = [_point(point) for point in fields.rows(row.get("points"), "its points")]
    if kind == "rectangle" and len(points) == 2:
        return Box.between(*points)
    if kind in {"polygon", "rectangle", "rotation", "oriented_rectangle"}:
        outline = of_one_ring(fields.outline(points))
        return (as_box(outline) if kind == "rectangle" else None) or outline
    if kind == "circle" and len(points) == 2:
        radius = math.dist(*points)
        return Polygon((Part(ellipse(points[0], (radius, radius))),))
    if kind in {"point", "points"} and points:
        return _keypoints(points, row.get("visibility"))
    if kind == "mask" and len(points) == 2:
        return _mask(points[0], row.get("mask"))
    raise Reject(f"{fields.shown(kind)} of {len(points)} points is no shape with an extent")


def _point(value: object) -> XY:
    numbers = fields.numbers(value, "a point")
    if len(numbers) != 2 or max(map(abs, numbers)) > fields.FARTHEST:
        raise Reject("a point is not two numbers near its picture")
    return (numbers[0], numbers[1])


def _keypoints(points: Sequence[XY], visibility: object) -> Keypoints:
    stated = visibility if isinstance(visibility, list) and len(visibility) == len(points) else [2] * len(points)
    if not all(isinstance(value, int) and 0 <= value <= 2 for value in stated):
        raise Reject("a keypoint's visibility is none of 0, 1 and 2")
    return Keypoints(tuple((x, y, int(value)) for (x, y), value in zip(points, stated, strict=True)))


def _mask(corner: XY, data: object) -> Mask:
    """The mask of a picture in base64 whose top left pixel is at `corner`."""
    try:
        bitmap = pictures.values(base64.b64decode(data) if isinstance(data, str) else b"", "its mask") != 0
    except ValueError as error:
        raise Reject("its mask is damaged") from error
    if not all(value.is_integer() for value in corner):
        raise Reject("its mask does not lie on whole pixels")
    return masks.from_bitmap(bitmap, int(corner[0]), int(corner[1]))


def _geometry(shape: Shape) -> dict[str, object] | None:
    """Kind and points of a shape, None where it has no extent."""
    if shape.is_empty:
        return None
    match shape:
        case Box(x0, y0, x1, y1):
            return {"shape_type": "rectangle", "points": [[x0, y0], [x1, y1]]}
        case Keypoints(points):
            places, seen = [[x, y] for x, y, _ in points], [visibility for _, _, visibility in points]
            return {"shape_type": "point" if len(points) == 1 else "points", "points": places, "visibility": seen}
        case Mask():
            corners = [[shape.x, shape.y], [shape.x + shape.width - 1, shape.y + shape.height - 1]]
            return {"shape_type": "mask", "points": corners, "mask": _png(shape)}
        case _:
            outline = ring_of(shape)
            return None if outline is None else {"shape_type": "polygon", "points": outline.tolist()}


def _png(mask: Mask) -> str:
    file = io.BytesIO()
    Image.fromarray(masks.to_bitmap(mask).astype(np.uint8) * 255).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")
