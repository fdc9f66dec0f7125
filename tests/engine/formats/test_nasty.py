"""Bad files in every format: the answer is pages or a UserError, in good time, and nothing outside is opened."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UserError
from engine.formats import FORMATS, Item, Page, PageClass, Pages, sniffed
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Polygon, Shape
from tests.engine.formats import given as making

NAMES = FORMATS.names()
TEXT_SUFFIXES = {".json", ".xml", ".txt", ".yaml", ".csv"}
ENTITIES = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">{}]><annotation>&j;</annotation>'.format(
    "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True))
)
BAD_FILES: dict[str, bytes] = {
    "empty": b"",
    "junk": bytes(range(256)) * 40,
    "nothing but zeros": b"\0" * 5000,
    "list": b"[1, 2, [3]]",
    "number": b"1",
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep inside": b'{"images": [], "shapes": [], "annotations": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep xml": b"<annotation>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</annotation>",
    "entities": ENTITIES.encode(),
    "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><filename>&x;</filename></annotation>',
    "long number": b'{"images": [{"id": ' + b"9" * 10_000 + b"}]}",
    "long row": b"0 " + b"0.5 " * 50_000,
    "yaml aliases": b"names: &a [x, y]\ntrain: *a\nval: [*a, *a]\npath: {*a : 1}\n",
}  # fmt: skip


def sample() -> Pages:
    shapes: list[Shape] = [
        Box(2.125, 3, 10, 12),
        Polygon.of([(1, 1), (20, 2), (10, 18)]),
        masks.of_box(Box(4, 4, 9, 9)),
    ]
    items = [Item("cat", shape, attributes={"truncated": True, "age": 3.0}) for shape in shapes]
    items.append(Item("cat", Keypoints(((5, 5, 2),)), score=0.5))
    pages = [Page(f"{name}.png", None, 24, 20, tuple(items), "train") for name in "ab"]
    return Pages(tuple(pages), (PageClass("cat", keypoint_names=("nose",)), PageClass("dog")))


def exported(name: str, folder: Path) -> list[Path]:
    """The text files of a small good export."""
    making.export(FORMATS.get(name), sample(), folder)
    return sorted(path for path in folder.rglob("*") if path.suffix in TEXT_SUFFIXES)


def outcome(name: str, path: Path) -> Pages | UserError:
    """What reading gives; any exception but UserError is a failure."""
    drop_in = FORMATS.get(name)
    assert drop_in.sniff(path) in {True, False}
    try:
        pages = drop_in.read(path)
    except UserError as error:
        assert str(error).strip()
        return error
    for page in pages.pages:
        assert page.width and page.height
        for item in page.items:
            x0, y0, x1, y1 = item.shape.bounds
            assert not item.shape.is_empty
            assert item.shape.kind == "rotated_box" or (x0 >= 0 and y0 >= 0 and x1 <= page.width and y1 <= page.height)
    assert all(skipped.what and skipped.why for skipped in pages.skipped)
    return pages


@pytest.mark.parametrize("bad", BAD_FILES)
@pytest.mark.parametrize("name", NAMES)
def test_a_bad_file_is_refused_or_left_out_by_name(name: str, bad: str, tmp_path: Path) -> None:
    for index, _ in enumerate(exported(name, tmp_path)):
        folder = tmp_path / str(index)
        file = exported(name, folder)[index]
        file.write_bytes(BAD_FILES[bad])
        for path in (folder, file):
            found = outcome(name, path)
            if bad == "external entity" and isinstance(found, Pages):
                assert "root:" not in repr(found)


def test_entities_are_refused_before_they_grow(tmp_path: Path) -> None:
    for bad in ("entities", "external entity"):
        (tmp_path / "a.xml").write_bytes(BAD_FILES[bad])
        with pytest.raises(UserError, match=r"a\.xml defines entities"):
            FORMATS.get("voc").read(tmp_path / "a.xml")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_off_anywhere_is_refused_or_left_out(name: str, tmp_path: Path) -> None:
    for file in exported(name, tmp_path):
        good = file.read_bytes()
        for length in range(0, len(good), max(1, len(good) // 25)):
            file.write_bytes(good[:length])
            outcome(name, tmp_path)
            outcome(name, file)
        file.write_bytes(good)


BAD_NUMBERS = [
    "NaN",
    "Infinity",
    "-Infinity",
    "1e9",
    "-1e9",
    "1e300",
    "1e999",
    "-5e3",
    "null",
    '"x"',
    "[]",
    "{}",
    "true",
]


@pytest.mark.parametrize("bad", BAD_NUMBERS)
@pytest.mark.parametrize("name", ["coco", "labelme", "via"])
def test_a_bad_number_in_json_costs_no_more_than_its_item(name: str, bad: str, tmp_path: Path) -> None:
    (file,) = [path for path in exported(name, tmp_path) if path.suffix == ".json"][:1]
    good = file.read_text()
    assert "2.125" in good
    file.write_text(good.replace("2.125", bad, 1))
    found = outcome(name, tmp_path)
    assert isinstance(found, Pages)
    assert len(found.pages) == 2
    total = sum(len(page.items) for page in found.pages)
    assert total == sum(len(page.items) for page in outcome_of_good(name).pages) - 1
    assert len(found.skipped) == 1


def outcome_of_good(name: str) -> Pages:
    with tempfile.TemporaryDirectory() as folder:
        exported(name, Path(folder))
        found = outcome(name, Path(folder))
    assert isinstance(found, Pages)
    return found


@pytest.mark.parametrize("bad", ["nan", "inf", "1e9", "-1e9", "1e999", "", "x", "-50"])
@pytest.mark.parametrize("name", ["voc", "yolo"])
def test_a_bad_number_in_text_costs_no_more_than_its_item(name: str, bad: str, tmp_path: Path) -> None:
    file = next(path for path in exported(name, tmp_path) if path.parent.name in {"train", "Annotations"})
    good = file.read_text()
    if name == "voc":
        file.write_text(good.replace("<xmax>10</xmax>", f"<xmax>{bad}</xmax>"))
    else:
        row = good.splitlines()[0].split()
        file.write_text("\n".join([" ".join([row[0], bad, *row[2:]]), *good.splitlines()[1:]]))
    found = outcome(name, tmp_path)
    assert isinstance(found, Pages)
    assert len(found.skipped) == 1
    assert "a." in found.skipped[0].what


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just([]), st.just({}),
    st.sampled_from([10**30, "../a.png", "/etc/passwd", "\ud800", "a\0b", [[1]], {"a": None}, [None] * 3, "NaN", -1]),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, value: object) -> object:
    """The JSON value with one thing in it exchanged, removed or doubled."""
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 12)) == 0:
        return draw(LEAVES)
    if isinstance(value, dict):
        key = draw(st.sampled_from(sorted(value)))
        if draw(st.integers(0, 9)) == 0:
            return {other: inner for other, inner in value.items() if other != key}
        return {**value, key: draw(mutated(value[key]))}
    index = draw(st.integers(0, len(value) - 1))
    if draw(st.integers(0, 9)) == 0:
        return value[:index] + value[index + 1 :] + [value[index]] * draw(st.integers(0, 2))
    return [*value[:index], draw(mutated(value[index])), *value[index + 1 :]]


@pytest.mark.parametrize("name", ["coco", "labelme", "via", "mask_png"])
@settings(max_examples=60)
@given(data=st.data())
def test_any_value_anywhere_in_json_gives_pages_or_a_user_error(name: str, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (file, *_) = [path for path in exported(name, Path(folder)) if path.suffix == ".json"]
        value = json.loads(file.read_text())
        for _ in range(data.draw(st.integers(1, 3))):
            value = data.draw(mutated(value))
        file.write_text(json.dumps(value))
        outcome(name, Path(folder))
        outcome(name, file)


@settings(max_examples=60)
@given(data=st.data())
def test_any_text_anywhere_in_xml_gives_pages_or_a_user_error(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (file, *_) = [path for path in exported("voc", Path(folder)) if path.suffix == ".xml"]
        tree = ElementTree.parse(file)
        elements = list(tree.iter())
        for _ in range(data.draw(st.integers(1, 4))):
            element = data.draw(st.sampled_from(elements))
            if data.draw(st.integers(0, 4)) == 0:
                del element[:]
            bad = st.sampled_from(["", "-1", "nan", "1e9", "../x", "../../a.png", "0", " 7 ", "1e400", "٣", "9" * 5000])
            element.text = data.draw(bad | making.TEXT)
        tree.write(file, encoding="utf-8")
        outcome("voc", Path(folder))
        outcome("voc", file)


WORDS = st.sampled_from(["0", "1", "99", "-1", "nan", "inf", "1e9", "x", "0.5", "1.5", "", "٣", "\0", "0,5", "1_0"])


@settings(max_examples=60)
@given(rows=st.lists(st.lists(WORDS, max_size=14).map(" ".join), max_size=5), in_yaml=st.booleans(), more=making.TEXT)
def test_any_words_in_yolo_give_pages_or_a_user_error(rows: list[str], in_yaml: bool, more: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = exported("yolo", Path(folder))
        file = next(path for path in files if (path.suffix == ".yaml") == in_yaml)
        good = file.read_text(encoding="utf-8")
        mixed = "".join(
            f"{word}: {row} {more}\n" for word, row in zip(("val", "path", "kpt_shape"), rows, strict=False)
        )
        file.write_text(good + mixed if in_yaml else "\n".join(rows), encoding="utf-8")
        outcome("yolo", Path(folder))
        outcome("yolo", file)


def break_out(name: str, folder: Path, to: str) -> None:
    """Make an export name a picture elsewhere in place of `a.png`."""
    for file in exported(name, folder):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace('a.png"', f'{to}"').replace(">a.png<", f">{to}<"), encoding="utf-8")


@pytest.mark.parametrize(
    "to", ["../../secret.png", "../../../secret.png", "{}/secret.png", "sub/../../../secret.png", "C:/secret.png"]
)
@pytest.mark.parametrize("name", ["coco", "labelme", "via", "voc"])
def test_names_that_lead_out_are_left_out_by_name(name: str, to: str, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(making.picture(24, 20))
    folder = tmp_path / "imported"
    break_out(name, folder, to.format(tmp_path))
    found = outcome(name, folder)
    assert isinstance(found, Pages)
    assert all(page.path and page.path.resolve().is_relative_to(folder) for page in found.pages)
    assert [page.name for page in found.pages if page.items] == ["b.png"]
    assert found.skipped


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs symbolic links")
@pytest.mark.parametrize("name", NAMES)
def test_links_that_lead_out_are_left_out_by_name(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(making.picture(24, 20))
    folder = tmp_path / "imported"
    exported(name, folder)
    picture = folder / FORMATS.get(name).picture_path(sample().pages[0])
    picture.unlink()
    picture.symlink_to(secret)
    found = outcome(name, folder)
    assert isinstance(found, Pages)
    assert [page.name for page in found.pages] == ["b.png"]
    assert any("link" in skipped.why or "missing" in skipped.why for skipped in found.skipped)


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs symbolic links")
@pytest.mark.parametrize("name", NAMES)
def test_linked_folders_are_not_entered(name: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    exported(name, outside)
    folder = tmp_path / "imported"
    exported(name, folder)
    (folder / "more").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    found = outcome(name, folder)
    assert isinstance(found, Pages)
    assert len(found.pages) == 2
    assert {skipped.what for skipped in found.skipped} == {"more", "loop"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("name", NAMES)
def test_pipes_are_never_waited_for(name: str, tmp_path: Path) -> None:
    files = exported(name, tmp_path)
    for path in [*files, tmp_path / FORMATS.get(name).picture_path(sample().pages[0])]:
        path.unlink()
        os.mkfifo(path)
    outcome(name, tmp_path)
    outcome(name, files[0])


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off in its header": lambda data: data[:20],
    "empty": lambda data: b"",
    "text": lambda data: b"hello",
}


@pytest.mark.parametrize("damage", [*DAMAGES, "missing"])
@pytest.mark.parametrize("name", NAMES)
def test_bad_and_missing_pictures_are_left_out_by_name(name: str, damage: str, tmp_path: Path) -> None:
    exported(name, tmp_path)
    picture = tmp_path / FORMATS.get(name).picture_path(sample().pages[0])
    data = picture.read_bytes()
    picture.unlink()
    if damage != "missing":
        picture.write_bytes(DAMAGES[damage](data))
    found = outcome(name, tmp_path)
    assert isinstance(found, Pages)
    assert [page.name for page in found.pages if page.path] == ["b.png"]
    if damage == "missing" and name in {"coco", "voc", "labelme"}:  # they state its size: the project may hold it
        assert ("a.png", 24, 20, None) in [(page.name, page.width, page.height, page.path) for page in found.pages]
    elif damage != "missing" or name == "via":  # elsewhere a picture is known by its file alone
        assert any("a.png" in skipped.what or "a." in skipped.what for skipped in found.skipped)


def test_a_folder_of_all_bad_files_is_no_format(tmp_path: Path) -> None:
    for index, data in enumerate(BAD_FILES.values()):
        for suffix in TEXT_SUFFIXES:
            (tmp_path / f"{index}{suffix}").write_bytes(data)
    for name in NAMES:
        outcome(name, tmp_path)
    try:
        sniffed(tmp_path)
    except UserError as error:
        assert str(error)
