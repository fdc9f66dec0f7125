"""Shapes put upright and inside their picture, in every format alike; and sizes that files get wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import pictures
from engine.formats import FORMATS, Item, Pages
from engine.formats._fields import Reject
from engine.formats._settling import settled
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox, Shape
from tests.engine.formats import given as making

RAW = (20, 10)
UPRIGHT_BOX = {
    1: Box(1, 2, 5, 9), 2: Box(15, 2, 19, 9), 3: Box(15, 1, 19, 8), 4: Box(1, 1, 5, 8),
    5: Box(2, 1, 9, 5), 6: Box(1, 1, 8, 5), 7: Box(1, 15, 8, 19), 8: Box(2, 15, 9, 19),
}  # fmt: skip
"""Where the box (1, 2, 5, 9) of the stored 20 x 10 picture is seen."""


def coco_folder(folder: Path, orientation: int, stated: tuple[int, int], annotation: dict[str, object]) -> Pages:
    upright = RAW if orientation < 5 else RAW[::-1]
    (folder / "a.png").write_bytes(making.picture(*upright, orientation))
    assert pictures.head(folder / "a.png").raw_size == RAW
    row = {"id": 1, "image_id": 1, "category_id": 1, **annotation}
    image = {"id": 1, "file_name": "a.png", "width": stated[0], "height": stated[1]}
    content = {"images": [image], "annotations": [row], "categories": [{"id": 1, "name": "x"}]}
    (folder / "instances.json").write_text(json.dumps(content))
    return FORMATS.get("coco").read(folder)


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_shapes_drawn_on_the_stored_pixels_are_turned_upright(orientation: int, tmp_path: Path) -> None:
    box = Box(1, 2, 5, 9)
    counts = masks.to_coco(masks.of_box(box), 10, 20)
    annotations: list[dict[str, object]] = [
        {"bbox": [1, 2, 4, 7]},
        {"segmentation": [[1, 2, 5, 2, 5, 9, 1, 9]]},
        {"segmentation": {"size": [10, 20], "counts": counts}},
        {"keypoints": [1, 2, 2, 5, 9, 1], "bbox": [0, 0, 6, 10]},
    ]
    for annotation in annotations:
        found = coco_folder(tmp_path, orientation, RAW, annotation)
        (page,) = found.pages
        assert (page.width, page.height) == RAW[::-1]
        assert (found.notes, found.skipped) == ((), ())
        (item,) = page.items
        assert (item.keypoints or item.shape).bounds == UPRIGHT_BOX[orientation].bounds


@pytest.mark.parametrize("orientation", range(1, 9))
def test_shapes_drawn_on_the_upright_pixels_stay(orientation: int, tmp_path: Path) -> None:
    upright = RAW if orientation < 5 else RAW[::-1]
    found = coco_folder(tmp_path, orientation, upright, {"bbox": [1, 2, 4, 7]})
    (page,) = found.pages
    assert (page.width, page.height) == upright
    assert page.items[0].shape == Box(1, 2, 5, 9)


def test_a_wrong_size_gives_way_to_the_pictures_own_and_is_told(tmp_path: Path) -> None:
    found = coco_folder(tmp_path, 1, (300, 200), {"bbox": [1, 2, 4, 7]})
    assert (found.pages[0].width, found.pages[0].height) == RAW
    assert found.notes == ("a.png: its stated size was wrong, it has 20 x 10 pixels.",)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (Box(-3, 2, 25, 8), Box(0, 2, 20, 8)),
        (Polygon.of([(-5, 5), (5, -5), (5, 5)]), Polygon.of([(5, 5), (0, 5), (0, 0), (5, 0)])),
        (masks.from_bitmap(np.ones((3, 6), dtype=bool), 17, 8), masks.of_box(Box(17, 8, 20, 10))),
        (Keypoints(((-1, 5, 2), (3, 12, 1), (-999, 0, 0))), Keypoints(((0, 5, 2), (3, 10, 1), (0, 0, 0)))),
        (RotatedBox(19, 5, 6, 2, 45), RotatedBox(19, 5, 6, 2, 45)),
    ],
)
def test_what_reaches_outside_by_a_little_is_clipped(shape: Shape, expected: Shape) -> None:
    item, was_clipped = settled(Item("x", shape), None, RAW)
    assert item.shape.bounds == expected.bounds
    assert item.shape.area == pytest.approx(expected.area)
    assert was_clipped is (shape != expected)


def test_clipping_is_told_once_a_picture(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(making.picture(*RAW))
    (tmp_path / "classes.txt").write_text("x")
    (tmp_path / "a.txt").write_text("0 .1 .5 .4 .4\n0 .9 .5 .4 .4\n0 .5 .5 .4 .4\n")
    found = FORMATS.get("yolo").read(tmp_path)
    assert len(found.pages[0].items) == 3
    assert found.notes == ("a.png: 2 shapes were clipped at the picture's border.",)


@pytest.mark.parametrize(
    "shape",
    [
        Box(-11, 2, 5, 8),
        Box(1, 2, 31, 8),
        Box(1, 2, 5, 1e9),
        Box(-9, 1, -2, 5),
        Box(5, 5, 5, 9),
        Polygon.of([(1, 1), (5, 5), (9, 9)]),
        Polygon.of([(1, 1), (1e9, 5), (9, 9)]),
        RotatedBox(-2, 5, 6, 2, 45),
        RotatedBox(5, 5, 0, 2, 45),
        Keypoints(((5, 5, 0),)),
        Keypoints(((500, 5, 2),)),
        masks.empty(),
    ],
)
def test_what_lies_outside_or_has_no_extent_is_refused(shape: Shape) -> None:
    with pytest.raises(Reject):
        settled(Item("x", shape), None, RAW)


@given(st.data())
def test_whatever_is_settled_lies_inside_and_settles_no_further(data: st.DataObject) -> None:
    shape = data.draw(making.shapes(40, 30))
    try:
        item, was_clipped = settled(Item("x", shape), None, (30, 20))
    except Reject:
        return
    again, again_clipped = settled(item, None, (30, 20))
    assert (again, again_clipped) == (item, False)
    x0, y0, x1, y1 = item.shape.bounds
    assert isinstance(shape, RotatedBox) or (0 <= x0 <= x1 <= 30 and 0 <= y0 <= y1 <= 20)
    if isinstance(shape, Box | Polygon | Mask):
        assert item.shape.area <= shape.area * (1 + 1e-9)
    if not was_clipped:
        assert item.shape == shape
