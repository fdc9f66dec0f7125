"""YOLO folders as others lay them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import UserError
from engine.formats import FORMATS, Item, Page, PageClass, Pages, Skipped
from engine.geometry.shapes import Box, Keypoints, Polygon
from tests.engine.formats import given as making

YOLO = FORMATS.get("yolo")


def put(folder: Path, files: dict[str, str | None]) -> Path:
    """Text files, and pictures of 20 x 10 where the content is None."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(making.picture(20, 10) if text is None else text.encode())
    return folder


def named(pages: Pages) -> dict[str, tuple[str | None, list[str]]]:
    return {page.name: (page.split, [item.class_name for item in page.items]) for page in pages.pages}


BOX = "0 0.5 0.5 0.2 0.4\n"


def test_twin_folders_with_splits_by_folder(tmp_path: Path) -> None:
    files: dict[str, str | None] = {"data.yaml": "names: [cat, dog]\ntrain: images/train\nval: images/val\n"}
    files |= {"images/train/a.png": None, "labels/train/a.txt": BOX, "images/val/b/c.png": None}
    assert named(YOLO.read(put(tmp_path, files))) == {"a.png": ("train", ["cat"]), "b/c.png": ("val", [])}


def test_a_folder_a_split_with_paths_that_are_off_by_one(tmp_path: Path) -> None:
    folder = put(
        tmp_path,
        {
            "data.yaml": "train: ../train/images\nval: ../valid/images\nnc: 2\nnames: ['cat', 'dog']\n",
            "train/images/a.png": None,
            "train/labels/a.txt": BOX,
            "valid/images/b.png": None,
            "valid/labels/b.txt": "1 0.5 0.5 0.2 0.4",
        },
    )
    assert named(YOLO.read(folder)) == {"a.png": ("train", ["cat"]), "b.png": ("val", ["dog"])}
    assert named(YOLO.read(folder / "data.yaml")) == named(YOLO.read(folder))


def test_splits_by_lists_of_pictures(tmp_path: Path) -> None:
    folder = put(
        tmp_path,
        {
            "my.yml": "path: .\ntrain: train.txt\nval: [lists/val.txt]\nnames:\n  0: cat\n  7: 'no'\n",
            "train.txt": "./images/a.png\n",
            "lists/val.txt": "images/b.png\n",
            "images/a.png": None,
            "images/b.png": None,
            "images/c.png": None,
            "labels/b.txt": "7 .5 .5 .2 .4",
        },
    )
    found = YOLO.read(folder)
    assert named(found) == {"a.png": ("train", []), "b.png": ("val", ["no"]), "c.png": (None, [])}
    assert found.class_names == ("cat", "no")


def test_one_folder_for_train_and_val_is_no_split(tmp_path: Path) -> None:
    folder = put(tmp_path, {"data.yaml": "train: images\nval: images\nnames: [cat]\n", "images/a.png": None})
    assert named(YOLO.read(folder)) == {"a.png": (None, [])}


def test_flat_folders_with_a_list_of_classes(tmp_path: Path) -> None:
    files: dict[str, str | None] = {"classes.txt": "cat\r\ndog\r\n", "a.png": None, "a.txt": "1 .5 .5 .2 .4\r\n"}
    found = YOLO.read(put(tmp_path, {**files, "b.png": None}))
    assert named(found) == {"a.png": (None, ["dog"]), "b.png": (None, [])}
    assert found.class_names == ("cat", "dog")
    assert YOLO.sniff(tmp_path)


def test_classes_that_nobody_names_are_called_by_their_number(tmp_path: Path) -> None:
    found = YOLO.read(put(tmp_path, {"a.png": None, "a.txt": "3 .5 .5 .2 .4\n1 .5 .5 .2 .4\n"}))
    assert found.class_names == ("class 1", "class 3")
    assert any("numbers" in note for note in found.notes)


def test_rows_of_every_kind(tmp_path: Path) -> None:
    rows = [
        "0 .5 .5 .2 .4",
        "0 .5 .5 .2 .4 .75",
        "0 .1 .1 .9 .1 .5 .9",
        "0 .1 .1 .9 .1 .5 .9 .25",
        "0 .1 .2 .6 .2 .6 .8 .1 .8",
    ]
    found = YOLO.read(put(tmp_path, {"classes.txt": "cat", "a.png": None, "a.txt": "\n".join(rows)}))
    triangle = Polygon.of([(0.1 * 20, 1), (18, 1), (10, 9)])
    assert found.pages[0].items == (
        Item("cat", Box(8, 3, 12, 7)),
        Item("cat", Box(8, 3, 12, 7), score=0.75),
        Item("cat", triangle),
        Item("cat", triangle, score=0.25),
        Item("cat", Box(2, 2, 12, 8)),
    )


@pytest.mark.parametrize(("shape", "row"), [("[2, 3]", ".1 .2 2 .3 .4 1"), ("[2, 2]", ".1 .2 .3 .4")])
def test_rows_with_keypoints(tmp_path: Path, shape: str, row: str) -> None:
    yaml = f"names: [cat]\nnc: 1\nkpt_shape: {shape}\n"
    found = YOLO.read(put(tmp_path, {"data.yaml": yaml, "a.png": None, "a.txt": f"0 .5 .5 .2 .4 {row}\n"}))
    (item,) = found.pages[0].items
    last = 1 if "3" in shape else 2
    assert (item.shape, item.keypoints) == (Box(8, 3, 12, 7), Keypoints(((2, 2, 2), (6, 4, last))))


def test_bad_rows_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = "0 .5 .5 .2 .4\n9 .5 .5 .2 .4\n0 .5 .5\n-1 .5 .5 .2 .4\n0 .5 .5 0 .4\n0 .5 nan .2 .4\n0.5 .5 .5 .2 .4\n"
    found = YOLO.read(put(tmp_path, {"classes.txt": "cat", "a.png": None, "a.txt": rows}))
    assert len(found.pages[0].items) == 1
    assert sorted(skipped.what for skipped in found.skipped) == [f"a.txt, line {line}" for line in range(2, 8)]


def test_a_text_that_is_something_else_is_left_out_as_a_whole(tmp_path: Path) -> None:
    found = YOLO.read(
        put(tmp_path, {"classes.txt": "cat", "a.png": None, "a.txt": "lorem ipsum\n" * 500, "b.png": None})
    )
    assert [page.name for page in found.pages] == ["b.png"]
    assert Skipped("a.png", "a.txt is no text of rows") in found.skipped
    assert len(found.skipped) < 30


def test_boxes_are_written_as_outlines_beside_other_outlines_only(tmp_path: Path) -> None:
    box, polygon = Item("x", Box(1, 2, 3, 4)), Item("x", Polygon.of([(1, 1), (8, 1), (4, 6)]))
    for name, own, lengths in (("detect", (box,), [5]), ("segment", (box, polygon), [9, 7])):
        pages = Pages((Page("a.png", None, 20, 10, own),))
        making.export(YOLO, pages, tmp_path / name)
        rows = (tmp_path / name / "labels" / "a.txt").read_text().splitlines()
        assert [len(row.split()) for row in rows] == lengths


def test_the_table_of_names_says_what_trainers_need(tmp_path: Path) -> None:
    pages = Pages(
        (Page("a.png", None, 20, 10, (), "train"), Page("b.png", None, 20, 10, (), "val")), (PageClass("no"),)
    )
    making.export(YOLO, pages, tmp_path)
    expected = "train: images/train\nval: images/val\nnc: 1\nnames:\n  0: 'no'\n"
    assert (tmp_path / "data.yaml").read_text() == expected


def test_other_files_are_refused_in_words(tmp_path: Path) -> None:
    put(tmp_path, {"classes.txt": "cat", "data.yaml": "- 1\n"})
    for name in ("classes.txt", "data.yaml"):
        with pytest.raises(UserError, match=r"is no data\.yaml"):
            YOLO.read(tmp_path / name)
