"""Pascal VOC files as others write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import UserError
from engine.formats import FORMATS, Item, Page, Pages
from engine.geometry.shapes import Box, RotatedBox
from tests.engine.formats import given as making

VOC = FORMATS.get("voc")
BOX = "<object><name>cat</name>{}<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>5</xmax><ymax>6.5</ymax></bndbox></object>"


def put(folder: Path, xml: str = "Annotations/a.xml", picture: str = "JPEGImages/a.png", body: str = BOX) -> Path:
    """One picture of 20 x 10 with its XML, which names it `a.png` unless the body does."""
    (folder / xml).parent.mkdir(parents=True, exist_ok=True)
    (folder / picture).parent.mkdir(parents=True, exist_ok=True)
    (folder / picture).write_bytes(making.picture(20, 10))
    named = "" if "<filename>" in body else f"<filename>{Path(picture).name}</filename>"
    (folder / xml).write_text(f"<annotation>{named}{body.replace('{}', '')}</annotation>")
    return folder


def item_of(folder: Path) -> Item:
    (page,) = VOC.read(folder).pages
    (item,) = page.items
    return item


def test_flags_and_pose_are_attributes_where_they_say_something(tmp_path: Path) -> None:
    flags = "<truncated>1</truncated><difficult>0</difficult><occluded> 1 </occluded><pose>Left</pose>"
    put(tmp_path, body=BOX.format(flags))
    assert item_of(tmp_path) == Item(
        "cat", Box(1, 2, 5, 6.5), attributes={"truncated": True, "occluded": True, "pose": "Left"}
    )
    put(tmp_path, body=BOX.format("<difficult>0</difficult><pose>Unspecified</pose>"))
    assert item_of(tmp_path).attributes == {}


def test_further_attributes_as_cvat_writes_them(tmp_path: Path) -> None:
    pairs = "".join(
        f"<attribute><name>{name}</name><value>{value}</value></attribute>"
        for name, value in {"age": "3", "wild": "true", "note": "007x", "rotation": "1e3"}.items()
    )
    put(tmp_path, body=BOX.format(f"<attributes>{pairs}</attributes>"))
    assert item_of(tmp_path).attributes == {"age": 3.0, "wild": True, "note": "007x", "rotation": 1000.0}


def test_rotated_boxes_of_rolabelimg(tmp_path: Path) -> None:
    box = "<robndbox><cx>8</cx><cy>5</cy><w>4</w><h>2</h><angle>1.5707963267948966</angle></robndbox>"
    put(tmp_path, body=f"<object><name>cat</name>{box}</object>")
    assert item_of(tmp_path).shape == RotatedBox(8, 5, 4, 2, 90)


@pytest.mark.parametrize(
    ("xml", "picture"),
    [
        ("Annotations/a.xml", "JPEGImages/a.png"),
        ("annotations/a.xml", "images/a.png"),
        ("a.xml", "a.png"),
        ("labels/a.xml", "labels/images/a.png"),
    ],
)
def test_pictures_are_found_where_tools_put_them(xml: str, picture: str, tmp_path: Path) -> None:
    put(tmp_path, xml, picture)
    for path in (tmp_path, tmp_path / xml):
        (page,) = VOC.read(path).pages
        assert (page.name, page.split, len(page.items)) == ("a.png", None, 1)


@pytest.mark.parametrize("named", ["<filename></filename>", "<filename>a</filename>", "<filename>a.jpg</filename>"])
def test_a_picture_of_another_suffix_is_found_by_its_stem(named: str, tmp_path: Path) -> None:
    put(tmp_path, body=named + BOX)
    assert VOC.read(tmp_path).pages[0].name == "a.png"


def test_splits_from_the_lists_or_else_from_folders(tmp_path: Path) -> None:
    for stem in ("a", "my pic", "c"):
        put(tmp_path / "VOC2012", f"Annotations/{stem}.xml", f"JPEGImages/{stem}.png")
    lists = tmp_path / "VOC2012" / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    (lists / "train.txt").write_text("a  1\n")
    (lists / "val.txt").write_text("my pic\n")
    (lists / "trainval.txt").write_text("a\nmy pic\n")
    expected = {"a.png": "train", "my pic.png": "val", "c.png": None}
    assert {page.name: page.split for page in VOC.read(tmp_path).pages} == expected
    for split in ("train", "valid"):
        put(tmp_path / "other" / split, f"{split}.xml", f"{split}.png")
    assert {page.name: page.split for page in VOC.read(tmp_path / "other").pages} == {
        "train.png": "train",
        "valid.png": "val",
    }


def test_pictures_without_xml_come_in_without_items(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "JPEGImages" / "b.png").write_bytes(making.picture(20, 10))
    (tmp_path / "SegmentationClass").mkdir()
    (tmp_path / "SegmentationClass" / "a.png").write_bytes(making.picture(20, 10))
    assert [(page.name, len(page.items)) for page in VOC.read(tmp_path).pages] == [("a.png", 1), ("b.png", 0)]


def test_a_damaged_xml_does_not_make_its_picture_one_without_items(tmp_path: Path) -> None:
    put(tmp_path)
    put(tmp_path, "Annotations/b.xml", "JPEGImages/b.png")
    (tmp_path / "Annotations" / "b.xml").write_text("<annotation><object>")
    found = VOC.read(tmp_path)
    assert [page.name for page in found.pages] == ["a.png"]
    assert found.skipped[0].what == "Annotations/b.xml"
    with pytest.raises(UserError, match=r"b\.xml is not valid XML"):
        VOC.read(tmp_path / "Annotations" / "b.xml")


def test_what_is_not_read_is_named(tmp_path: Path) -> None:
    flat = BOX.replace("<xmax>5", "<xmax>1")
    part = BOX.format("<part><name>head</name></part>")
    put(tmp_path, body=flat + part + "<object><name>cat</name></object><object><bndbox/></object>")
    found = VOC.read(tmp_path)
    assert len(found.pages[0].items) == 1
    assert {skipped.what: skipped.why for skipped in found.skipped} == {
        "a.png, object 1": "it has no area",
        "a.png, object 2, part head": "parts of objects are not read",
        "a.png, object 3": "it has no box",
        "a.png, object 4": "its class is missing",
    }


def test_encodings_declared_or_not(tmp_path: Path) -> None:
    put(tmp_path)
    body = BOX.replace("cat", "Größe").format("")
    for encoding in ("utf-8", "latin-1", "utf-16"):
        xml = f'<?xml version="1.0" encoding="{encoding}"?><annotation><filename>a.png</filename>{body}</annotation>'
        (tmp_path / "Annotations" / "a.xml").write_bytes(xml.encode(encoding))
        assert VOC.sniff(tmp_path)
        assert item_of(tmp_path).class_name == "Größe"


def test_whole_corners_are_written_without_a_point(tmp_path: Path) -> None:
    pages = Pages((Page("a.png", None, 20, 10, (Item("x", Box(1.0, 2.0, 3.5, 4.0)),)),))
    making.export(VOC, pages, tmp_path)
    text = (tmp_path / "Annotations" / "a.xml").read_text()
    assert "<xmin>1</xmin>" in text
    assert "<xmax>3.5</xmax>" in text
    assert "<difficult>0</difficult>" in text


def test_folders_below_annotations_are_parts_of_names_and_no_splits(tmp_path: Path) -> None:
    pages = Pages((Page("train/a.png", None, 20, 10),))
    found = VOC.read(making.export(VOC, pages, tmp_path))
    assert [(page.name, page.split) for page in found.pages] == [("train/a.png", None)]
