"""The real data: read by the format it is in and by no other, and every format gives it back as it says."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.formats import FORMATS, Pages, sniffed
from engine.geometry import masks

FOLDERS = {"coco_mini": ("coco", 60, 418), "nuclei": ("coco", 110, 3469), "bccd": ("voc", 292, 3941)}
SPLIT_FOLDERS = {
    "nuclei/train": ("coco", 80, 2409),
    "nuclei/val": ("coco", 30, 1060),
    "bccd/train": ("voc", 205, 2804),
    "bccd/val": ("voc", 87, 1137),
}


@pytest.mark.parametrize("folder", [*FOLDERS, *SPLIT_FOLDERS])
def test_the_real_data_is_read_whole(folder: str, shared: Path) -> None:
    name, n_pages, n_items = {**FOLDERS, **SPLIT_FOLDERS}[folder]
    path = shared / "data" / folder
    assert sniffed(path) == name
    found = FORMATS.get(name).read(path)
    assert (len(found.pages), sum(len(page.items) for page in found.pages)) == (n_pages, n_items)
    assert all("no area" in skipped.why for skipped in found.skipped)
    assert {page.split for page in found.pages} == ({"train", "val"} if folder in {"nuclei", "bccd"} else {None})


def test_what_is_known_of_the_real_data(shared: Path) -> None:
    coco = FORMATS.get("coco").read(shared / "data" / "coco_mini")
    assert len(coco.classes) == 80
    assert coco.class_names[:3] == ("person", "bicycle", "car")
    assert any(item.is_crowd for page in coco.pages for item in page.items)
    voc = FORMATS.get("voc").read(shared / "data" / "bccd" / "train")
    assert [(skipped.what, skipped.why) for skipped in voc.skipped] == [
        ("BloodImage_00343.jpg, object 4", "it has no area")
    ]
    assert set(voc.class_names) == {"RBC", "WBC", "Platelets"}


def test_annotations_without_their_pictures_are_read_by_name(shared: Path) -> None:
    found = FORMATS.get("coco").read(shared / "data" / "coco_eval" / "instances_val2014_100.json")
    assert (len(found.pages), sum(len(page.items) for page in found.pages)) == (100, 839)
    assert {page.path for page in found.pages} == {None}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS.names())
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_format_gives_the_real_data_back(folder: str, name: str, shared: Path, tmp_path: Path) -> None:
    pages = FORMATS.get(FOLDERS[folder][0]).read(shared / "data" / folder)
    drop_in = FORMATS.get(name)
    for page in pages.pages:
        picture = tmp_path / drop_in.picture_path(page)
        picture.parent.mkdir(parents=True, exist_ok=True)
        assert page.path
        shutil.copy(page.path, picture)
    drop_in.write(pages, tmp_path)
    assert sniffed(tmp_path) == name
    back = drop_in.read(tmp_path)
    assert (back.skipped, back.notes) == ((), ())
    assert back.class_names == pages.class_names
    assert_back(pages, back, drop_in.tolerance, name)


def assert_back(pages: Pages, back: Pages, tolerance: float, name: str) -> None:
    by_name = {page.name: page for page in back.pages}
    for page in pages.pages:
        got = by_name[page.name]
        expected = [left for item in page.items for left in FORMATS.get(name).hold(item)]
        assert (got.split, len(got.items)) == (page.split, len(expected))
        for one, other in zip(got.items, expected, strict=True):
            assert one.class_name == other.class_name
            assert np.allclose(one.shape.bounds, other.shape.bounds, rtol=0, atol=tolerance)
            before, after = masks.of_shape(other.shape), masks.of_shape(one.shape)
            assert before == after or masks.iou(before, after) == 1
