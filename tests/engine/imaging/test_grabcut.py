"""Box to mask: on drawn pictures, with points in and out, and on the nuclei."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.geometry import masks
from engine.geometry.shapes import Bounds, Box, Mask
from engine.imaging.grabcut import Wanted, mask_in, surroundings
from engine.imaging.patch import Bitmap, Patch

MEASURED = 0.85
"""The mean IoU on the nuclei below which something broke: 0.858 was measured on all 1,060 of val."""


def drawn(inside: Bitmap, colours: tuple[int, int] = (150, 90), noise: float = 8.0) -> Patch:
    values = np.where(inside, *colours)[..., None] + np.random.default_rng(1).normal(0, noise, (*inside.shape, 3))
    return Patch(np.clip(values, 0, 255).astype(np.uint8))


def ellipse(side: int, centre: tuple[float, float], radii: tuple[float, float]) -> Bitmap:
    y, x = np.mgrid[:side, :side] + 0.5
    found: Bitmap = ((x - centre[0]) / radii[0]) ** 2 + ((y - centre[1]) / radii[1]) ** 2 <= 1
    return found


def test_an_ellipse_is_found() -> None:
    truth = masks.from_bitmap(ellipse(90, (45, 44), (26, 15)))
    found = mask_in(drawn(ellipse(90, (45, 44), (26, 15))), Wanted(Box(*truth.bounds)))
    assert masks.iou(found, truth) > 0.95


def test_a_patch_may_lie_anywhere_and_be_coarse() -> None:
    inside = ellipse(60, (30, 30), (18, 14))
    patch = Patch(drawn(inside).pixels, 1000, 500, 4.0)
    box = Box(1000 + 12 * 4, 500 + 16 * 4, 1000 + 48 * 4, 500 + 44 * 4)
    truth = patch.on_picture(masks.from_bitmap(inside))
    assert masks.iou(mask_in(patch, Wanted(box)), truth) > 0.92


def test_points_are_held_to() -> None:
    two = ellipse(80, (30, 40), (14, 14)) | ellipse(80, (54, 40), (12, 12))
    patch, box = drawn(two), Box(16, 26, 66, 54)
    both = mask_in(patch, Wanted(box))
    assert holds(both, (30, 40)) and holds(both, (54, 40))
    one = mask_in(patch, Wanted(box, outside=((54.5, 40.5), (60.5, 36.5), (60.5, 44.5), (50.5, 40.5))))
    assert holds(one, (30, 40)) and not holds(one, (54.5, 40.5)) and one.area < both.area
    grown = mask_in(patch, Wanted(Box(16, 26, 44, 54), inside=((54.5, 40.5),)))
    assert holds(grown, (54.5, 40.5))


def holds(mask: Mask, xy: tuple[float, float]) -> bool:
    return bool(masks.paint(mask, 100, 100)[int(xy[1]), int(xy[0])])


@settings(max_examples=25)
@example(0, 15.0, 21.0, 21.0, 14.0, [])  # a box of which the picture shows one row
@given(
    st.integers(0, 999), st.floats(-5, 25), st.floats(-5, 25), st.floats(0.5, 30), st.floats(0.5, 30),
    st.lists(st.tuples(st.floats(-5, 25), st.floats(-5, 25)), max_size=2),
)  # fmt: skip
def test_whatever_is_drawn_the_mask_stays_in_its_box(
    seed: int, x: float, y: float, width: float, height: float, outside: list[tuple[float, float]]
) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (22, 22, 3)).astype(np.uint8)
    box = Box(x, y, x + width, y + height)
    found = mask_in(Patch(pixels), Wanted(box, outside=tuple(outside)))
    if not found.is_empty:
        x0, y0, x1, y1 = found.bounds
        assert x0 >= x - 0.5 and y0 >= y - 0.5 and x1 <= x + width + 0.5 and y1 <= y + height + 0.5
    assert not any(holds(found, each) for each in outside if 0 <= each[0] < 22 and 0 <= each[1] < 22)


def test_one_colour_all_over_gives_something_round() -> None:
    found = mask_in(Patch(np.full((50, 50, 3), 99, np.uint8)), Wanted(Box(10, 10, 40, 40)))
    assert 0.5 < found.area / 900 <= 1


def window(pixels: np.ndarray, bounds: Bounds) -> Patch:
    height, width = pixels.shape[:2]
    x0, y0 = max(0, int(bounds[0])), max(0, int(bounds[1]))
    x1, y1 = min(width, int(np.ceil(bounds[2]))), min(height, int(np.ceil(bounds[3])))
    return Patch(pixels[y0:y1, x0:x1], x0, y0)


@pytest.mark.parametrize("every", [16, pytest.param(3, marks=pytest.mark.slow)])  # all of them: tests.bench.tools
def test_boxes_of_real_nuclei_give_their_masks(shared: Path, every: int) -> None:
    folder = shared / "data" / "nuclei" / "val"
    told = json.loads((folder / "instances.json").read_text(encoding="utf-8"))
    names = {image["id"]: image["file_name"] for image in told["images"]}
    pictures: dict[int, np.ndarray] = {}
    ious = []
    for one in told["annotations"][::every]:
        counts, size = one["segmentation"]["counts"], one["segmentation"]["size"]
        truth = masks.from_coco(masks.decompress(counts) if isinstance(counts, str) else counts, *size)
        if one["image_id"] not in pictures:
            with Image.open(folder / "images" / names[one["image_id"]]) as picture:
                pictures[one["image_id"]] = np.asarray(picture.convert("RGB"))
        box = Box(*truth.bounds)
        ious.append(masks.iou(mask_in(window(pictures[one["image_id"]], surroundings(box)), Wanted(box)), truth))
    assert np.mean(ious) > MEASURED
