"""VIA projects and exports as others write them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from engine.formats import FORMATS, Item
from engine.geometry.shapes import Box, Keypoints, Polygon
from tests.engine.formats import given as making

VIA = FORMATS.get("via")
RECT = {"name": "rect", "x": 1, "y": 2, "width": 4, "height": 5}
REGIONS: list[dict[str, object]] = [
    RECT,
    {"name": "polygon", "all_points_x": [1, 8, 4], "all_points_y": [1, 1, 6]},
    {"name": "circle", "cx": 10, "cy": 5, "r": 3},
    {"name": "ellipse", "cx": 10, "cy": 5, "rx": 2, "ry": 4, "theta": np.pi / 2},
    {"name": "point", "cx": 3, "cy": 4},
    {"name": "polyline", "all_points_x": [1, 8, 4], "all_points_y": [1, 1, 6]},
]


def export(folder: Path, regions: object, **more: object) -> Path:
    """An export of one picture of 20 x 10, or a project where there is more to it."""
    (folder / "a.png").write_bytes(making.picture(20, 10))
    metadata = {"a.png123": {"filename": "a.png", "size": 123, "regions": regions, "file_attributes": {}}}
    content = {"_via_settings": {}, "_via_img_metadata": metadata, **more} if more else metadata
    (folder / "via.json").write_text(json.dumps(content))
    return folder


def items(folder: Path) -> tuple[Item, ...]:
    (page,) = VIA.read(folder).pages
    return page.items


def region(shape: object, **attributes: object) -> dict[str, object]:
    return {"shape_attributes": shape, "region_attributes": attributes}


def assert_all_shapes(found: tuple[Item, ...]) -> None:
    box, polygon, circle, ellipse, point = (item.shape for item in found)
    assert (box, point) == (Box(1, 2, 5, 7), Keypoints(((3, 4, 2),)))
    assert polygon == Polygon.of([(1, 1), (8, 1), (4, 6)])
    assert circle.bounds == pytest.approx((7, 2, 13, 8), abs=0.1)
    assert ellipse.bounds == pytest.approx((6, 3, 14, 7), abs=0.1)
    assert {item.class_name for item in found} == {"cat"}


@pytest.mark.parametrize("keyed", [False, True])
def test_shapes_of_every_kind_in_json(keyed: bool, tmp_path: Path) -> None:
    own = [region(shape, type="cat") for shape in REGIONS]
    found = VIA.read(export(tmp_path, {str(index): each for index, each in enumerate(own)} if keyed else own))
    assert_all_shapes(found.pages[0].items)
    assert [(skipped.what, "polyline" in skipped.why) for skipped in found.skipped] == [("a.png, region 6", True)]


@pytest.mark.parametrize("first", ["filename", "#filename"])
def test_shapes_of_every_kind_in_csv(first: str, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(making.picture(20, 10))
    with (tmp_path / "via.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        columns = "file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes"
        rows.writerow([first, *columns.split(",")])
        for index, shape in enumerate(REGIONS):
            rows.writerow(["a.png", 1, "{}", 6, index, json.dumps(shape), '{"name":"cat"}'])
        rows.writerow(["b.png", 1, "{}", 0, 0, "{}", "{}"])
    assert VIA.sniff(tmp_path)
    found = VIA.read(tmp_path)
    assert [page.name for page in found.pages] == ["a.png", "b.png"]
    assert_all_shapes(found.pages[0].items)
    assert found.pages[1].items == ()


def test_the_class_is_found_by_its_name_or_by_being_alone(tmp_path: Path) -> None:
    assert items(export(tmp_path, [region(RECT, species="cat")]))[0].class_name == "cat"
    (item,) = items(
        export(tmp_path, [region(RECT, species="felis", Label="cat", age="3", wild={"yes": True, "no": False})])
    )
    assert (item.class_name, item.attributes) == ("cat", {"species": "felis", "age": 3.0, "wild": "yes"})
    assert items(export(tmp_path, [region(RECT)]))[0].class_name == "object"
    found = VIA.read(export(tmp_path, [region(RECT, species="felis", age="3")]))
    assert "several region attributes" in found.skipped[0].why


def test_classes_keep_the_order_of_the_project(tmp_path: Path) -> None:
    described = {"region": {"kind": {"type": "radio", "options": {"dog": "", "cat": ""}}}, "file": {}}
    found = VIA.read(export(tmp_path, [region(RECT, kind="cat")], _via_attributes=described))
    assert found.class_names == ("dog", "cat")


def test_a_region_without_a_class_is_named(tmp_path: Path) -> None:
    found = VIA.read(export(tmp_path, [region(RECT, label="cat"), region(RECT, label="")]))
    assert len(found.pages[0].items) == 1
    assert found.skipped[0].why == "its class is missing"


def test_a_project_that_via_opens_names_every_picture_by_its_key(tmp_path: Path) -> None:
    from engine.formats import Page, Pages

    making.export(VIA, Pages((Page("a.png", None, 20, 10, (Item("x", Box(1, 2, 3, 4)),)),)), tmp_path)
    project = json.loads((tmp_path / "via_project.json").read_text())
    size = (tmp_path / "a.png").stat().st_size
    assert list(project["_via_img_metadata"]) == project["_via_image_id_list"] == [f"a.png{size}"]
    assert project["_via_settings"]["ui"]["image_grid"]["show_region_shape"] is True


@pytest.mark.parametrize("regions", [True, 3, "rect"])
def test_regions_that_are_no_list_are_one_that_is_skipped(tmp_path: Path, regions: object) -> None:
    pages = VIA.read(export(tmp_path, regions))
    assert pages.pages[0].items == ()
    assert [each.what for each in pages.skipped] == ["a.png, region 1"]
