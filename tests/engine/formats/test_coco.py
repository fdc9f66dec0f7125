"""COCO files as others write them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from engine.errors import UserError
from engine.formats import FORMATS, Item, Page, PageClass, Pages
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, ring_area
from tests.engine.formats import given as making

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning:pycocotools")

COCO = FORMATS.get("coco")


def folder_with(tmp_path: Path, *annotations: dict[str, object], **more: object) -> Path:
    """A folder with one picture of 20 x 10 and these annotations of it."""
    (tmp_path / "a.png").write_bytes(making.picture(20, 10))
    rows = [{"id": index, "image_id": 7, "category_id": 3, **row} for index, row in enumerate(annotations, 1)]
    content = {
        "images": [{"id": 7, "file_name": "a.png", "width": 20, "height": 10}],
        "categories": [{"id": 3, "name": "cat", "supercategory": "animal"}],
        "annotations": rows,
        **more,
    }
    (tmp_path / "instances.json").write_text(json.dumps(content))
    return tmp_path


def items(path: Path) -> tuple[Item, ...]:
    (page,) = COCO.read(path).pages
    return page.items


def test_what_has_no_segmentation_is_a_box(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [{"bbox": [1, 2, 3, 4]}, {"bbox": [1, 2, 3, 4], "segmentation": []}]
    assert items(folder_with(tmp_path, *rows)) == (Item("cat", Box(1, 2, 4, 6)),) * 2


def test_rings_are_united_and_a_ring_inside_another_is_no_hole(tmp_path: Path) -> None:
    outer, inner, apart = [1, 1, 9, 1, 9, 9, 1, 9], [3, 3, 6, 3, 6, 6, 3, 6], [12, 1, 15, 1, 15, 4]
    nested, separate = items(folder_with(tmp_path, {"segmentation": [outer, inner]}, {"segmentation": [outer, apart]}))
    assert nested.shape.area == 64
    assert isinstance(separate.shape, Polygon)
    assert [part.outer.tolist()[0] for part in separate.shape.parts] == [[1, 1], [12, 1]]


def test_run_lengths_plain_and_compressed(tmp_path: Path) -> None:
    mask = masks.of_box(Box(2, 3, 5, 9))
    counts = masks.to_coco(mask, 10, 20)
    plain = {"segmentation": {"size": [10, 20], "counts": counts}, "iscrowd": 1}
    text = {"segmentation": {"size": [10, 20], "counts": masks.compress(counts)}, "iscrowd": 0}
    assert items(folder_with(tmp_path, plain, text)) == (Item("cat", mask, is_crowd=True), Item("cat", mask))


def test_keypoints_with_and_without_a_shape_of_their_own(tmp_path: Path) -> None:
    points = {"keypoints": [1, 2, 2, 5, 7, 1, 0, 0, 0], "num_keypoints": 2}
    expected = Keypoints(((1, 2, 2), (5, 7, 1), (0, 0, 0)))
    with_box, alone, only, nothing = items(
        folder_with(
            tmp_path,
            {"bbox": [0, 0, 9, 9], **points},
            {"bbox": [1, 2, 4, 5], **points},
            points,
            {"bbox": [0, 0, 9, 9], "keypoints": [0] * 9, "num_keypoints": 0},
        )
    )
    assert (with_box.shape, with_box.keypoints) == (Box(0, 0, 9, 9), expected)
    assert (alone.shape, alone.keypoints) == (only.shape, only.keypoints) == (expected, None)
    assert (nothing.shape, nothing.keypoints) == (Box(0, 0, 9, 9), None)


def test_classes_keep_their_order_parents_and_skeletons(tmp_path: Path) -> None:
    points = {"keypoints": ["nose", "eye"], "skeleton": [[1, 2], [2, 5]]}
    categories = [
        {"id": 9, "name": "person", "supercategory": "person", **points},
        {"id": 3, "name": "cat", "supercategory": "animal"},
        {"id": 1, "name": "thing", "supercategory": "none"},
    ]
    found = COCO.read(folder_with(tmp_path, categories=categories)).classes
    assert found == (
        PageClass("person", "", ("nose", "eye"), ((0, 1),)),
        PageClass("cat", "animal"),
        PageClass("thing"),
    )


def test_attributes_of_any_kind(tmp_path: Path) -> None:
    attributes = {"occluded": True, "age": 3, "note": "x\ny", "none": None, "list": [1, "a"], "nan": "NaN"}
    (item,) = items(folder_with(tmp_path, {"bbox": [1, 2, 3, 4], "attributes": attributes, "score": 0.25}))
    assert item.attributes == {"occluded": True, "age": 3.0, "note": "x\ny", "list": '[1,"a"]', "nan": "NaN"}
    assert item.score == 0.25


def test_splits_and_pictures_as_coco_lays_them_out(tmp_path: Path) -> None:
    for split, name in (("train2017", "a.png"), ("val2017", "b.png")):
        picture = tmp_path / split / name
        picture.parent.mkdir()
        picture.write_bytes(making.picture(20, 10))
        content = {"images": [{"id": 1, "file_name": name}], "annotations": [], "categories": []}
        for kind in ("instances", "person_keypoints"):
            file = tmp_path / "annotations" / f"{kind}_{split}.json"
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps(content))
    found = COCO.read(tmp_path)
    assert [(page.name, page.split) for page in found.pages] == [("a.png", "train"), ("b.png", "val")]
    assert [skipped.what for skipped in found.skipped] == [
        "annotations/person_keypoints_train2017.json",
        "annotations/person_keypoints_val2017.json",
    ]
    (page,) = COCO.read(tmp_path / "annotations" / "person_keypoints_val2017.json").pages
    assert (page.name, page.split) == ("b.png", "val")


def test_two_pictures_of_one_name_are_called_by_their_paths(tmp_path: Path) -> None:
    for split in ("train", "valid"):
        (tmp_path / split).mkdir()
        folder_with(tmp_path / split).joinpath("instances.json").rename(tmp_path / split / "_annotations.coco.json")
    found = COCO.read(tmp_path)
    assert {page.name: page.split for page in found.pages} == {"train/a.png": "train", "valid/a.png": "val"}


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = folder_with(
        tmp_path,
        {"bbox": [1, 2, 0, 4]},
        {"bbox": [1, 2, 3]},
        {"category_id": 99, "bbox": [1, 2, 3, 4]},
        {"image_id": 5, "bbox": [1, 2, 3, 4]},
        {"segmentation": [[1, 2, 3, 4]]},
        {"segmentation": {"size": [20, 10], "counts": [200]}},
        {"segmentation": {"size": [10, 20], "counts": [3, 4]}},
        {"segmentation": {"size": [10, 20], "counts": "~~~"}},
        {},
        {"bbox": [1, 2, 3, 4]},
    )
    found = COCO.read(path)
    assert [len(page.items) for page in found.pages] == [1]
    expected = {f"a.png, annotation {index}" for index in (1, 2, 3, 5, 6, 7, 8, 9)} | {"instances.json, 1 annotations"}
    assert {skipped.what for skipped in found.skipped} == expected
    whys = " | ".join(skipped.why for skipped in found.skipped)
    for words in ("no area", "four numbers", "no class 99", "no image 5", "three points", "another size", "damaged"):
        assert words in whys


def test_a_missing_picture_of_a_stated_size_is_known_by_its_name(tmp_path: Path) -> None:
    path = folder_with(tmp_path, {"bbox": [1, 2, 3, 4]})
    (tmp_path / "a.png").unlink()
    (page,) = COCO.read(path).pages
    assert (page.name, page.path, page.width, page.height, len(page.items)) == ("a.png", None, 20, 10, 1)
    for size in ({}, {"width": 0, "height": 5}, {"width": 1e9, "height": 1e9}, {"width": "x", "height": 5}):
        folder_with(tmp_path, images=[{"id": 7, "file_name": "a.png", **size}])
        (tmp_path / "a.png").unlink()
        found = COCO.read(path)
        assert (found.pages, found.skipped[0].why) == ((), "its picture is missing")


def test_results_alone_are_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps([{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]))
    assert COCO.sniff(file)
    with pytest.raises(UserError, match="list of results"):
        COCO.read(file)


def test_encodings(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, {"bbox": [1, 2, 3, 4]}, categories=[{"id": 3, "name": "Größe"}])
    file = folder / "instances.json"
    text = json.dumps(json.loads(file.read_text()), ensure_ascii=False)
    for encoding in ("utf-8", "utf-8-sig", "latin-1", "utf-16"):
        file.write_bytes(text.encode(encoding))
        assert COCO.sniff(folder)
        assert items(folder)[0].class_name == "Größe"


def test_a_holed_polygon_is_written_as_rings_that_other_tools_count_right(tmp_path: Path) -> None:
    pycocotools = pytest.importorskip("pycocotools.mask")
    outer = [(2, 2), (58, 2), (58, 46), (2, 46)]
    holes = [[(10, 10), (10, 20), (20, 20), (20, 10)], [(30, 8), (30, 40), (50, 40), (50, 8)]]
    polygon = Polygon.of(outer, *holes)
    pages = Pages((Page("a.png", None, 60, 48, (Item("x", polygon),)),))
    making.export(COCO, pages, tmp_path)
    (row,) = json.loads((tmp_path / "instances.json").read_text())["annotations"]
    assert row["area"] == polygon.area
    runs = pycocotools.merge(pycocotools.frPyObjects(row["segmentation"], 48, 60))
    assert np.array_equal(pycocotools.decode(runs).astype(bool), masks.paint(masks.of_polygon(polygon), 48, 60))
    assert sum(abs(ring_area(np.reshape(flat, (-1, 2)))) for flat in row["segmentation"]) == polygon.area


def test_written_masks_are_read_by_other_tools(tmp_path: Path) -> None:
    pycocotools = pytest.importorskip("pycocotools.mask")
    bitmap = np.random.default_rng(1).random((48, 60)) < 0.4
    mask: Mask = masks.from_bitmap(bitmap)
    making.export(COCO, Pages((Page("a.png", None, 60, 48, (Item("x", mask),)),)), tmp_path)
    (row,) = json.loads((tmp_path / "instances.json").read_text())["annotations"]
    assert np.array_equal(pycocotools.decode(row["segmentation"]).astype(bool), bitmap)
