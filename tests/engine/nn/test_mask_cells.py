"""Masks as cells in the frame of a box, and back."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.geometry import masks
from engine.geometry.shapes import Box, Mask
from engine.nn import mask_cells

bitmaps = st.tuples(st.integers(1, 12), st.integers(1, 12)).flatmap(lambda size: arrays(np.bool_, size))


def as_tensor(mask: Mask) -> tuple[torch.Tensor, torch.Tensor]:
    """Cells and frame of one mask, as a truth holds them."""
    cells = torch.from_numpy(mask_cells.cells_of(mask))[None]
    return cells, torch.tensor([mask.bounds], dtype=torch.float32)


def disk(side: int, radius: float, x: int = 0, y: int = 0) -> Mask:
    rows, columns = np.mgrid[:side, :side] + 0.5 - side / 2
    return masks.from_bitmap(rows**2 + columns**2 < radius**2, x, y)


@given(bitmaps.filter(lambda bitmap: bool(bitmap.any())))
def test_cells_are_the_share_of_each_that_is_covered(bitmap: np.ndarray) -> None:
    mask = masks.from_bitmap(bitmap)
    window = masks.to_bitmap(mask)
    fine = np.kron(window, np.ones((mask_cells.CELLS, mask_cells.CELLS)))  # every pixel as CELLS x CELLS dots
    blocks = fine.reshape(mask_cells.CELLS, mask.height, mask_cells.CELLS, mask.width)
    assert np.abs(mask_cells.cells_of(mask) - 255 * blocks.mean(axis=(1, 3))).max() <= 0.51


def test_targets_for_the_frame_itself_are_the_means_of_its_cells() -> None:
    cells, frame = as_tensor(disk(20, 9, x=30, y=10))
    half = mask_cells.targets(cells, frame, frame, 28)[0]
    means = cells[0].float().reshape(28, 2, 28, 2).mean(dim=(1, 3)) / 255
    assert torch.allclose(half, means, atol=1e-6)


def test_targets_of_a_shifted_region_are_shifted() -> None:
    cells, frame = as_tensor(masks.of_box(Box(10, 10, 30, 30)))
    region = frame + torch.tensor([10.0, 0.0, 10.0, 0.0])
    target = mask_cells.targets(cells, frame, region, 28)[0]
    assert target[:, :13].min() > 0.99
    assert target[:, 15:].max() < 0.01


def test_regions_far_from_the_object_have_nothing_in_them() -> None:
    cells, frame = as_tensor(disk(20, 9))
    assert mask_cells.targets(cells, frame, frame + 100, 14).max() == 0


def test_no_regions_are_no_targets() -> None:
    nothing = torch.zeros(0, 4)
    assert mask_cells.targets(torch.zeros(0, 56, 56, dtype=torch.uint8), nothing, nothing, 28).shape == (0, 28, 28)


@pytest.mark.parametrize(("side", "least"), [(9, 0.9), (20, 0.95), (60, 0.98), (200, 0.985)])
def test_what_goes_in_as_cells_comes_out_as_the_same_pixels(side: int, least: float) -> None:
    mask = disk(side, side / 2 - 0.5, x=7, y=3)
    cells, frame = as_tensor(mask)
    target = mask_cells.targets(cells, frame, frame, 28)
    (pasted,) = mask_cells.pasted(target, frame, 300, 300)
    assert masks.iou(mask, pasted) >= least


probabilities = arrays(np.float32, (4, 4), elements=st.floats(0, 1, width=32))
corners = st.tuples(st.floats(-9, 20), st.floats(-9, 20), st.floats(0, 12), st.floats(0, 12))


@given(probabilities, corners)
def test_pasting_is_bilinear_at_the_centre_of_every_pixel(cells: np.ndarray, corner: tuple[float, ...]) -> None:
    x0, y0, width, height = (np.float32(value).item() for value in corner)
    box = torch.tensor([[x0, y0, x0 + width, y0 + height]], dtype=torch.float64)
    (mask,) = mask_cells.pasted(torch.from_numpy(cells)[None], box, 16, 18)
    painted = masks.paint(mask, 16, 18)
    for row in range(16):
        for column in range(18):
            value = _sampled(cells, (column + 0.5 - x0, width), (row + 0.5 - y0, height))
            assert value is None or abs(value - 0.5) < 1e-3 or bool(painted[row, column]) == (value >= 0.5)


def _sampled(cells: np.ndarray, across: tuple[float, float], down: tuple[float, float]) -> float | None:
    """The value at a point of the box, 0 outside; None on the very edge, where rounding decides."""
    if min(abs(across[0]), abs(across[0] - across[1]), abs(down[0]), abs(down[0] - down[1])) < 1e-4:
        return None
    if not (0 < across[0] < across[1] and 0 < down[0] < down[1]):
        return 0.0
    x, y = (np.clip(at / extent * 4 - 0.5, 0, 3) for at, extent in (across, down))
    left, top = min(int(x), 2), min(int(y), 2)
    a, b = x - left, y - top
    upper = cells[top, left] * (1 - a) + cells[top, left + 1] * a
    lower = cells[top + 1, left] * (1 - a) + cells[top + 1, left + 1] * a
    return float(upper * (1 - b) + lower * b)
