"""Folders of masks as others lay them out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.errors import UserError
from engine.formats import FORMATS, Item, Page, Pages
from engine.formats._fields import Reject
from engine.formats._instances import MOST, layers, objects
from engine.geometry import masks
from engine.geometry.shapes import Box, Mask
from tests.engine.formats import given as making

MASK_PNG = FORMATS.get("mask_png")
MAP = np.zeros((10, 20), dtype=np.uint16)
MAP[1:4, 2:6] = 1
MAP[5:9, 10:12] = 300
MAP[5, 2] = 2


def save(path: Path, values: np.ndarray | Image.Image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    (Image.fromarray(values) if isinstance(values, np.ndarray) else values).save(path)


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(making.picture(20, 10))


def items(folder: Path) -> tuple[Item, ...]:
    (page,) = MASK_PNG.read(folder).pages
    return page.items


EXPECTED = tuple(masks.from_bitmap(np.equal(MAP, value)) for value in (1, 2, 300))


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_maps_of_sixteen_bits(suffix: str, tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg")
    save(tmp_path / "masks" / f"a.{suffix}", MAP)
    assert items(tmp_path) == tuple(Item("object", mask) for mask in EXPECTED)


def test_maps_of_colours(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg")
    colours = np.zeros((10, 20, 3), dtype=np.uint8)
    for index, value in enumerate((1, 2, 300)):
        colours[value == MAP] = [(10, 0, 0), (20, 3, 0), (20, 4, 9)][index]
    save(tmp_path / "masks" / "a.png", colours)
    assert [item.shape for item in items(tmp_path)] == list(EXPECTED)


def test_the_void_border_of_a_palette_is_no_object(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg")
    values = np.where(MAP == 300, 255, MAP).astype(np.uint8)
    palette = Image.fromarray(values, "L").convert("P")
    palette.putdata(values.ravel().tolist())
    save(tmp_path / "masks" / "a.png", palette)
    found = MASK_PNG.read(tmp_path)
    assert [item.shape for item in found.pages[0].items] == list(EXPECTED[:2])
    assert "void" in found.skipped[0].why


def test_classes_by_folder(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "train" / "a.jpg")
    save(tmp_path / "masks" / "cat" / "train" / "a.png", (MAP == 1).astype(np.uint8))
    save(tmp_path / "masks" / "dog" / "train" / "a.png", (MAP == 300).astype(np.uint8) * 7)
    (page,) = MASK_PNG.read(tmp_path).pages
    assert (page.name, page.split) == ("a.jpg", "train")
    assert page.items == (Item("cat", EXPECTED[0]), Item("dog", EXPECTED[2]))


def test_one_binary_picture_an_object_as_in_the_data_science_bowl(tmp_path: Path) -> None:
    for name in ("aa", "bb"):
        picture(tmp_path / name / "images" / f"{name}.png")
        for index, value in enumerate((1, 2, 300)):
            save(tmp_path / name / "masks" / f"{index}.png", np.equal(MAP, value).astype(np.uint8) * 255)
    assert MASK_PNG.sniff(tmp_path)
    found = MASK_PNG.read(tmp_path)
    assert [page.name for page in found.pages] == ["aa/aa.png", "bb/bb.png"]
    assert [item.shape for item in found.pages[1].items] == list(EXPECTED)


def test_pictures_without_masks_and_masks_beside_pictures(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    picture(tmp_path / "b.jpg")
    save(tmp_path / "masks" / "a.png", MAP)
    assert [(page.name, len(page.items)) for page in MASK_PNG.read(tmp_path).pages] == [("a.jpg", 3), ("b.jpg", 0)]


def test_masks_of_another_size_and_photographs_are_refused_by_name(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.jpg")
    save(tmp_path / "masks" / "a.png", MAP[:5])
    found = MASK_PNG.read(tmp_path)
    assert [skipped.what for skipped in found.skipped] == ["masks/a.png"]
    noise = np.random.default_rng(0).integers(0, 2**24, (1000, 1000), dtype=np.uint32)
    with pytest.raises(Reject, match="rather a picture"):
        list(objects(noise))


def test_no_folder_of_masks_is_said_so(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg")
    assert not MASK_PNG.sniff(tmp_path)
    with pytest.raises(UserError, match="no folder of masks"):
        MASK_PNG.read(tmp_path)


def test_overlapping_objects_find_room_in_further_folders(tmp_path: Path) -> None:
    shapes = [Box(1, 1, 8, 8), Box(5, 5, 12, 9), Box(13, 1, 19, 9), Box(2, 2, 18, 6)]
    own = tuple(Item(f"c{index}", shape) for index, shape in enumerate(shapes))
    making.export(MASK_PNG, Pages((Page("a.png", None, 20, 10, own),)), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["classes.json", "images", "masks", "masks_2", "masks_3"]
    assert items(tmp_path) == tuple(Item(item.class_name, masks.of_shape(item.shape)) for item in own)


@given(st.lists(making.bitmaps(16, 12), max_size=6))
def test_layers_hold_every_pixel_of_every_object(found: list[Mask]) -> None:
    made = layers([Item(str(index), mask) for index, mask in enumerate(found)], (16, 12))
    back = {layer.class_by_value[value]: mask for layer in made for value, mask in objects(layer.values)}
    assert back == {str(index): mask for index, mask in enumerate(found) if not mask.is_empty}


@given(st.lists(st.integers(0, 5), min_size=12, max_size=12))
def test_objects_are_what_a_loop_finds(values: list[int]) -> None:
    array = np.array(values, dtype=np.uint8).reshape(3, 4)
    expected = [(value, masks.from_bitmap(array == value)) for value in range(1, 6) if (array == value).any()]
    assert list(objects(array)) == expected


def test_more_objects_than_sixteen_bits_count_take_another_layer() -> None:
    pixel = [Item("x", masks.of_box(Box(x, y, x + 1, y + 1))) for x in range(260) for y in range(253)]
    made = layers(pixel, (260, 253))
    assert [len(layer.class_by_value) for layer in made] == [MOST, 260 * 253 - MOST]
