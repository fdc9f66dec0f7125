"""labelme files as others write them."""

from __future__ import annotations

import base64
import io
import json
import pickle
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import UserError
from engine.formats import FORMATS, Item, Page, Pages
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Polygon
from tests.engine.formats import given as making

LABELME = FORMATS.get("labelme")
TRIANGLE = [[1, 1], [8, 1], [4, 6]]
FAR_TRIANGLE = [[11, 1], [18, 1], [14, 6]]


def put(folder: Path, *shapes: Mapping[str, object], picture: bool = True, name: str = "a", **more: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    if picture:
        (folder / f"{name}.png").write_bytes(making.picture(20, 10))
    rows = [{"label": "cat", "group_id": None, "flags": {}, "shape_type": "polygon", **shape} for shape in shapes]
    content: dict[str, object] = {
        "version": "5.5.0",
        "flags": {},
        "shapes": rows,
        "imagePath": f"{name}.png",
        "imageData": None,
    }
    (folder / f"{name}.json").write_text(json.dumps({**content, "imageWidth": 20, "imageHeight": 10, **more}))
    return folder


def items(folder: Path) -> tuple[Item, ...]:
    (page,) = LABELME.read(folder).pages
    return page.items


def test_shapes_of_every_kind(tmp_path: Path) -> None:
    found = items(
        put(
            tmp_path,
            {"points": TRIANGLE},
            {"points": [[5, 6], [1, 2]], "shape_type": "rectangle"},
            {"points": [[1, 2], [5, 2], [5, 6], [1, 6]], "shape_type": "rectangle"},
            {"points": [[1, 2], [4, 1], [5, 4], [2, 5]], "shape_type": "rotation"},
            {"points": [[3, 4]], "shape_type": "point"},
            {"points": [[3, 4], [5, 6]], "shape_type": "points"},
            {"points": [[10, 5], [10, 8]], "shape_type": "circle"},
        )
    )
    assert [item.shape for item in found[:6]] == [
        Polygon.of(TRIANGLE),
        Box(1, 2, 5, 6),
        Box(1, 2, 5, 6),
        Polygon.of([(1, 2), (4, 1), (5, 4), (2, 5)]),
        Keypoints(((3, 4, 2),)),
        Keypoints(((3, 4, 2), (5, 6, 2))),
    ]
    assert found[6].shape.area == pytest.approx(np.pi * 9, rel=0.03)
    assert found[6].shape.bounds == pytest.approx((7, 2, 13, 8), abs=0.1)


def test_masks_lie_where_their_corner_is(tmp_path: Path) -> None:
    bitmap = np.array([[0, 1, 1], [1, 0, 1]], dtype=bool)
    for picture in (Image.fromarray(bitmap), Image.fromarray(bitmap.astype(np.uint8) * 255)):
        file = io.BytesIO()
        picture.save(file, "PNG")
        data = base64.b64encode(file.getvalue()).decode()
        (item,) = items(put(tmp_path, {"shape_type": "mask", "points": [[4, 5], [6, 6]], "mask": data}))
        assert item.shape == masks.from_bitmap(bitmap, 4, 5)


def test_polygons_of_a_class_and_group_are_the_parts_of_one_object(tmp_path: Path) -> None:
    found = items(
        put(
            tmp_path,
            {"points": TRIANGLE, "group_id": 1},
            {"points": FAR_TRIANGLE, "group_id": 1},
            {"points": TRIANGLE, "group_id": 1, "label": "dog"},
            {"points": TRIANGLE, "group_id": 2},
            {"points": TRIANGLE},
        )
    )
    assert [(item.class_name, len(shape.parts)) for item in found if isinstance(shape := item.shape, Polygon)] == [
        ("cat", 2),
        ("dog", 1),
        ("cat", 1),
        ("cat", 1),
    ]
    assert [item.attributes for item in found] == [{"group_id": 1.0}, {"group_id": 1.0}, {"group_id": 2.0}, {}]


def test_lines_are_left_out_by_name(tmp_path: Path) -> None:
    shapes = [{"points": TRIANGLE, "shape_type": kind} for kind in ("line", "linestrip", "nonsense")]
    found = LABELME.read(put(tmp_path, *shapes))
    assert found.pages[0].items == ()
    assert [skipped.what for skipped in found.skipped] == [f"a.json, shape {index}" for index in (1, 2, 3)]
    assert "linestrip" in found.skipped[1].why


def test_flags_are_attributes_of_shapes_and_tags_of_pages(tmp_path: Path) -> None:
    shape = {"points": TRIANGLE, "flags": {"wild": True, "iscrowd": True, "tame": False}}
    (page,) = LABELME.read(put(tmp_path, shape, flags={"night": True, "day": False})).pages
    assert page.tags == ("night",)
    assert page.items[0].attributes == {"wild": True, "tame": False}
    assert page.items[0].is_crowd


def test_a_missing_picture_is_taken_from_inside(tmp_path: Path) -> None:
    data = base64.b64encode(making.picture(20, 10)).decode()
    (page,) = LABELME.read(put(tmp_path, {"points": TRIANGLE}, picture=False, imageData=data)).pages
    assert (page.name, page.path, page.width, page.height) == ("a.png", None, 20, 10)
    assert page.embedded is not None
    assert page.embedded() == making.picture(20, 10)
    assert pickle.loads(pickle.dumps(page)) == page
    (tmp_path / "a.json").unlink()
    with pytest.raises(UserError, match=r"a\.json"):
        page.embedded()


@pytest.mark.parametrize("data", [None, "", "!!!!", "aGVsbG8="])
def test_no_picture_inside_or_outside_leaves_the_page_out(data: str | None, tmp_path: Path) -> None:
    found = LABELME.read(put(tmp_path, {"points": TRIANGLE}, picture=False, imageData=data, imageWidth=None))
    assert found.pages == ()
    assert [skipped.what for skipped in found.skipped] == ["a.json"]


def test_pictures_may_lie_in_a_folder_beside(tmp_path: Path) -> None:
    put(tmp_path / "annotations", {"points": TRIANGLE}, picture=False, imagePath="..\\images\\a.png")
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(making.picture(20, 10))
    (page,) = LABELME.read(tmp_path).pages
    assert (page.name, len(page.items)) == ("images/a.png", 1)
    with pytest.raises(UserError, match="outside of the imported folder"):
        LABELME.read(tmp_path / "annotations" / "a.json")


def test_splits_by_folder_classes_by_list_and_pictures_without_json(tmp_path: Path) -> None:
    put(tmp_path / "train", {"points": TRIANGLE})
    put(tmp_path / "val", {"points": TRIANGLE, "label": "dog"}, name="b")
    (tmp_path / "val" / "c.png").write_bytes(making.picture(20, 10))
    (tmp_path / "labels.txt").write_text("__ignore__\n_background_\ndog\ncat\n")
    found = LABELME.read(tmp_path)
    assert [(page.name, page.split) for page in found.pages] == [("a.png", "train"), ("b.png", "val"), ("c.png", "val")]
    assert found.class_names == ("dog", "cat")


def test_labelme_finds_what_we_write(tmp_path: Path) -> None:
    mask = masks.from_bitmap(np.array([[0, 1, 1], [1, 0, 1]], dtype=bool), 4, 5)
    making.export(LABELME, Pages((Page("sub/a.png", None, 20, 10, (Item("x", mask),)),)), tmp_path)
    content = json.loads((tmp_path / "sub" / "a.json").read_text())
    (shape,) = content["shapes"]
    assert content["imagePath"] == "a.png"
    assert shape["points"] == [[4, 5], [6, 6]]
    inner = np.asarray(Image.open(io.BytesIO(base64.b64decode(shape["mask"]))))
    assert inner.shape == (2, 3)  # labelme pastes it over its corners, both included
