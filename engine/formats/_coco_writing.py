"""What a COCO JSON holds of pages, and its text.

A holed polygon is cut into rings without holes that meet along the cuts; reading unites them again. Masks are
compressed run lengths. Coordinates are exact but for the last bit of a box. Attributes go under `attributes`, as CVAT
has them; a picture's tags under `tags`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.formats._attributes import attributes_of
from engine.formats._pages import Item, Page, PageClass, Pages, Split
from engine.formats._rings import cut, joined
from engine.formats._writing import as_json, extent
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask, Part, Polygon, RotatedBox, Shape

TOLERANCE = 1e-9
"""COCO gives a box's width, and start + width may miss the end by a bit; all else is exact."""


def held(item: Item) -> tuple[Item, ...]:
    """What is left of an item: () when it has no extent."""
    shape = _held_shape(item.shape)
    points = item.keypoints if item.keypoints and item.keypoints.given else None
    if isinstance(shape, Keypoints):
        points = None
    elif points and isinstance(shape, Box) and is_around(shape, points):
        shape, points = points, None
    if shape.is_empty:
        return ()
    return (replace(item, shape=shape, keypoints=points, attributes=attributes_of(item.attributes)),)


def is_around(box: Box, points: Keypoints) -> bool:
    """Whether a box is just the extent of keypoints, and so says nothing that they do not."""
    return all(abs(a - b) <= TOLERANCE for a, b in zip(box.bounds, points.bounds, strict=True))


def held_class(page_class: PageClass) -> PageClass:
    """What is left of a class: COCO calls no parent `none`, and names a class's own name where there is none."""
    parent = "" if page_class.parent in {page_class.name, "none"} else page_class.parent
    n_names = len(page_class.keypoint_names)
    bones = tuple((a, b) for a, b in page_class.skeleton if 0 <= a < n_names and 0 <= b < n_names)
    return replace(page_class, parent=parent, skeleton=bones)


def _held_shape(shape: Shape) -> Shape:
    match shape:
        case RotatedBox():
            return Polygon.of(shape.corners) if not shape.is_empty else Box(0, 0, 0, 0)
        case Polygon():
            return joined([Part(points) for points in cut(shape)])
        case _:
            return shape


def file_of(split: Split | None, splits: Sequence[Split | None]) -> str:
    """The path of a split's JSON below the exported folder, among these splits."""
    if split is None:
        return "instances.json" if len(splits) < 2 else "annotations/instances_unsplit.json"
    return f"annotations/instances_{split}.json"


def written(pages: Pages, sized: Sequence[tuple[Page, tuple[int, int]]]) -> bytes:
    """The JSON of some of the pages, each with its (width, height), and of all classes."""
    names = pages.class_names
    stated = {page_class.name: page_class for page_class in pages.classes}
    categories = [_category(index, stated.get(name, PageClass(name))) for index, name in enumerate(names, 1)]
    id_by_name = {name: index for index, name in enumerate(names, 1)}
    images = []
    annotations: list[dict[str, object]] = []
    for image_id, (page, size) in enumerate(sized, 1):
        image: dict[str, object] = {"id": image_id, "file_name": page.name, "width": size[0], "height": size[1]}
        images.append(image | ({"tags": list(page.tags)} if page.tags else {}))
        for item in page.items:
            if shape := _annotation(item, size):
                ids = {"id": len(annotations) + 1, "image_id": image_id, "category_id": id_by_name[item.class_name]}
                annotations.append({**ids, **shape})
    return as_json({"images": images, "annotations": annotations, "categories": categories})


def _category(index: int, page_class: PageClass) -> dict[str, object]:
    category: dict[str, object] = {"id": index, "name": page_class.name, "supercategory": page_class.parent}
    if page_class.keypoint_names:
        category["keypoints"] = list(page_class.keypoint_names)
        category["skeleton"] = [[a + 1, b + 1] for a, b in page_class.skeleton]
    return category


def _annotation(item: Item, size: tuple[int, int]) -> dict[str, object] | None:
    """All of an annotation but its ids; None for an item without any extent."""
    if not held(item):
        return None
    shape = Polygon.of(item.shape.corners) if isinstance(item.shape, RotatedBox) else item.shape
    points = shape if isinstance(shape, Keypoints) else item.keypoints
    attributes = attributes_of(item.attributes)
    x0, y0, x1, y1 = shape.bounds
    annotation: dict[str, object] = {
        "iscrowd": int(item.is_crowd),
        "area": shape.area,
        "bbox": [x0, y0, extent(x0, x1), extent(y0, y1)],
        "segmentation": _segmentation(shape, size),
    }
    if points:
        flat = [value for point in points.points for value in point]
        annotation |= {"keypoints": flat, "num_keypoints": len(points.given)}
    if item.score is not None:
        annotation["score"] = item.score
    return annotation | ({"attributes": attributes} if attributes else {})


def _segmentation(shape: Shape, size: tuple[int, int]) -> object:
    match shape:
        case Polygon():
            return [points.ravel().tolist() for points in cut(shape)]
        case Mask():
            return {"size": [size[1], size[0]], "counts": masks.compress(masks.to_coco(shape, size[1], size[0]))}
        case _:
            return []
