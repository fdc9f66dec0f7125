"""What every format promises: what it wrote it reads, less exactly what it says it loses; and it knows its own."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from engine.errors import UserError
from engine.formats import FORMATS, Item, Page, PageClass, Pages, sniffed
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox, Shape
from tests.engine.formats import given as making

NAMES = FORMATS.names()


def numbers(shape: Shape) -> list[float]:
    """All coordinates of a shape, in order."""
    match shape:
        case Box():
            return list(shape.bounds)
        case RotatedBox():
            return [shape.cx, shape.cy, shape.width, shape.height, shape.angle]
        case Polygon():
            return [float(len(points)) for points in shape.rings] + np.concatenate(list(shape.rings)).ravel().tolist()
        case Mask():
            return [shape.x, shape.y, shape.width, shape.height, *shape.counts.tolist()]
        case Keypoints():
            return [value for point in shape.points for value in point]


def assert_same(got: Item, expected: Item, tolerance: float) -> None:
    if tolerance == 0:
        assert got == expected
        return
    assert (got.class_name, got.shape.kind) == (expected.class_name, expected.shape.kind)
    assert np.allclose(numbers(got.shape), numbers(expected.shape), rtol=0, atol=tolerance)
    assert got.keypoints == expected.keypoints
    assert (got.is_crowd, got.score, got.attributes) == (expected.is_crowd, expected.score, expected.attributes)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30)
@given(pages=making.all_pages())
def test_reading_gives_back_what_hold_says(name: str, pages: Pages) -> None:
    drop_in = FORMATS.get(name)
    with tempfile.TemporaryDirectory() as folder:
        written = making.export(drop_in, pages, Path(folder))
        assert sniffed(Path(folder)) == sniffed(written) == name
        back = drop_in.read(written)
    assert back.skipped == ()
    assert back.notes == ()
    by_name = {page.name: page for page in back.pages}
    assert sorted(by_name) == sorted(page.name for page in pages.pages)
    for page in pages.pages:
        got = by_name[page.name]
        assert (got.split, got.width, got.height) == (page.split, page.width, page.height)
        assert got.tags == (page.tags if drop_in.holds_tags else ())
        expected = [left for item in page.items for left in drop_in.hold(item)]
        assert len(got.items) == len(expected)
        for one, other in zip(got.items, expected, strict=True):
            assert_same(one, other, drop_in.tolerance)
    assert back.classes == tuple(map(drop_in.hold_class, pages.classes))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15)
@given(pages=making.all_pages())
def test_what_is_left_covers_the_same_pixels(name: str, pages: Pages) -> None:
    drop_in = FORMATS.get(name)
    for item in (item for page in pages.pages for item in page.items):
        for left in drop_in.hold(item):
            if name != "voc" and not isinstance(item.shape, Keypoints):
                before, after = masks.of_shape(item.shape), masks.of_shape(left.shape)
                assert masks.iou(before, after) == 1 or before == after
            elif name == "voc":
                assert left.shape.bounds == item.shape.bounds
            if name not in {"voc", "mask_png"} and isinstance(item.shape, Polygon | RotatedBox | Mask):
                assert left.shape.area == pytest.approx(item.shape.area, rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15)
@given(pages=making.all_pages())
def test_what_was_held_once_is_held_again(name: str, pages: Pages) -> None:
    drop_in = FORMATS.get(name)
    for item in (item for page in pages.pages for item in page.items):
        for left in drop_in.hold(item):
            (again,) = drop_in.hold(left)
            assert again.shape.kind == left.shape.kind
            assert again.shape.area == pytest.approx(left.shape.area)


@pytest.mark.parametrize("name", NAMES)
def test_classes_that_only_items_name_come_last(name: str, tmp_path: Path) -> None:
    item = Item("late", Box(1, 1, 6, 6))
    pages = Pages((Page("a.png", None, 9, 9, (item,)),), (PageClass("z"), PageClass("a")))
    back = FORMATS.get(name).read(making.export(FORMATS.get(name), pages, tmp_path))
    assert back.class_names == ("z", "a", "late")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "yolo"])
def test_pictures_that_differ_in_their_suffix_keep_their_own_items(name: str, tmp_path: Path) -> None:
    names = ["a.png", "a.jpg", "b.png"]
    made = [Page(each, None, 9, 9, (Item(each, Box(1, 1, 6, 6)),)) for each in names]
    back = FORMATS.get(name).read(making.export(FORMATS.get(name), Pages(tuple(made)), tmp_path))
    assert {page.name: [item.class_name for item in page.items] for page in back.pages} == {n: [n] for n in names}


def test_yolo_refuses_pictures_that_differ_in_their_suffix_before_it_writes(tmp_path: Path) -> None:
    pages = Pages((Page("a.png", None, 9, 9), Page("a.jpg", None, 9, 9)))
    with pytest.raises(UserError, match=r"a\.png from a\.jpg"):
        FORMATS.get("yolo").write(pages, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bad", ["../a.png", "/a.png", "C:\\a.png", "x/../../a.png", ""])
def test_no_name_leads_out_of_the_exported_folder(name: str, bad: str, tmp_path: Path) -> None:
    drop_in = FORMATS.get(name)
    with pytest.raises(UserError, match="cannot be written"):
        drop_in.picture_path(Page(bad, None, 9, 9))
    with pytest.raises(UserError):
        drop_in.write(Pages((Page(bad, None, 9, 9),)), tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_without_a_size_takes_it_from_its_picture(name: str, tmp_path: Path) -> None:
    drop_in = FORMATS.get(name)
    sized = Pages((Page("a.png", None, 20, 10, (Item("x", Box(2, 2, 8, 6)),)),))
    making.export(drop_in, sized, tmp_path)
    unsized = Pages((Page("a.png", None, None, None, (Item("x", Box(2, 2, 8, 6)),)),))
    (written,) = drop_in.write(unsized, tmp_path)
    (page,) = drop_in.read(written).pages
    assert (page.width, page.height) == (20, 10)
    assert page.items[0].shape.bounds == pytest.approx((2, 2, 8, 6))


@pytest.mark.parametrize("name", NAMES)
def test_a_format_says_what_it_is(name: str) -> None:
    drop_in = FORMATS.get(name)
    assert drop_in.title
    assert drop_in.loses
    assert all(suffix.startswith(".") for suffix in drop_in.suffixes)


@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_leaves_the_last_good_file(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop_in = FORMATS.get(name)
    pages = Pages((Page("a.png", None, 20, 10, (Item("x", Box(2, 2, 8, 6)),)),))
    making.export(drop_in, pages, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def fail(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(UserError, match="No space left"):
        drop_in.write(Pages((Page("a.png", None, 20, 10, (Item("y", Box(1, 1, 3, 3)),)),)), tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_plain_folders_and_missing_ones_are_no_format(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(making.picture(9, 9))
    (tmp_path / "notes.txt").write_text("1 2 three\n")
    (tmp_path / "settings.json").write_text('{"a": {"b": 1}}')
    assert sniffed(tmp_path) is None
    with pytest.raises(UserError, match="nothing at"):
        sniffed(tmp_path / "gone")
    for name in NAMES:
        assert not FORMATS.get(name).sniff(tmp_path / "gone")
        assert not FORMATS.get(name).sniff(tmp_path / "a.png")


def test_two_formats_in_one_folder_are_named(tmp_path: Path) -> None:
    pages = Pages((Page("a.png", None, 20, 10, (Item("x", Box(2, 2, 8, 6)),)),))
    for name in ("coco", "voc"):
        making.export(FORMATS.get(name), pages, tmp_path)
    with pytest.raises(UserError, match="COCO JSON, Pascal VOC"):
        sniffed(tmp_path)
