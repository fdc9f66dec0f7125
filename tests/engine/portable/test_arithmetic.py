"""numpy against torch and torchvision."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import interpolate
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.roi_heads import heatmaps_to_keypoints
from torchvision.ops import batched_nms

from engine.geometry import masks
from engine.nn import mask_cells, region_pool
from engine.portable import arithmetic, regions

seeds = st.integers(0, 10**6)


def boxes_of(random: np.random.Generator, n: int, limit: float) -> np.ndarray:
    corners = random.uniform(0, limit, (n, 2))
    return np.concatenate([corners, corners + random.uniform(0.01, limit / 2, (n, 2))], axis=1).astype(np.float32)


@settings(max_examples=30)
@given(seeds, st.integers(1, 40), st.integers(1, 40), st.integers(1, 60), st.integers(1, 60))
def test_pictures_are_scaled_as_torch_does(seed: int, height: int, width: int, high: int, wide: int) -> None:
    picture = np.random.default_rng(seed).uniform(0, 255, (3, height, width)).astype(np.float32)
    wanted = interpolate(torch.from_numpy(picture)[None], (high, wide), mode="bilinear", align_corners=False)[0]
    assert np.allclose(arithmetic.resized(picture, high, wide), wanted.numpy(), atol=1e-3)


@settings(max_examples=30)
@given(seeds, st.integers(0, 60), st.floats(0.1, 0.9))
def test_boxes_are_thinned_out_as_torchvision_does(seed: int, n: int, iou: float) -> None:
    random = np.random.default_rng(seed)
    boxes, scores, classes = boxes_of(random, n, 60), random.permutation(n).astype(np.float32), random.integers(0, 3, n)
    wanted = batched_nms(torch.from_numpy(boxes), torch.from_numpy(scores), torch.from_numpy(classes), iou)
    assert arithmetic.distinct(boxes, scores, classes, iou).tolist() == wanted.tolist()


@given(seeds)
def test_boxes_are_decoded_as_torchvision_does(seed: int) -> None:
    random = np.random.default_rng(seed)
    terms, guesses = random.normal(0, 3, (9, 4)).astype(np.float32), boxes_of(random, 9, 100)
    weights = [10.0, 10.0, 5.0, 5.0]
    wanted = BoxCoder(tuple(weights)).decode_single(torch.from_numpy(terms), torch.from_numpy(guesses))
    assert np.allclose(arithmetic.decoded(terms, guesses, weights), wanted.numpy(), rtol=1e-5, atol=1e-3)


@settings(max_examples=20)
@given(seeds, st.sampled_from([1, 7, 14]))
def test_regions_are_pooled_as_the_network_does(seed: int, size: int) -> None:
    random = np.random.default_rng(seed)
    levels = [random.normal(0, 1, (4, 64 // 2**at, 96 // 2**at)).astype(np.float32) for at in range(4)]
    boxes = np.concatenate([boxes_of(random, 12, 250), [[-5, -9, 3, 4], [300, 200, 384, 256], [0, 0, 384, 256]]])
    boxes = boxes.astype(np.float32)
    tensors = [torch.from_numpy(each)[None] for each in levels]
    wanted = region_pool.pool(tensors, [torch.from_numpy(boxes)], [(250, 380)], size)
    assert np.allclose(regions.pooled(levels, boxes, 250, size), wanted.numpy(), atol=1e-4)


@settings(max_examples=20)
@given(seeds)
def test_masks_are_painted_as_the_program_does(seed: int) -> None:
    random = np.random.default_rng(seed)
    cells, boxes = random.uniform(0, 1, (5, 28, 28)).astype(np.float32), boxes_of(random, 5, 50)
    wanted = mask_cells.pasted(torch.from_numpy(cells), torch.from_numpy(boxes), 60, 55)
    for own, box, mask in zip(cells, boxes, wanted, strict=True):
        assert (regions.pasted(own, box, 60, 55) == masks.paint(mask, 60, 55)).all()


@settings(max_examples=20)
@given(seeds)
def test_keypoints_are_found_as_torchvision_does(seed: int) -> None:
    random = np.random.default_rng(seed)
    maps, boxes = random.normal(0, 1, (4, 3, 14, 14)).astype(np.float32), boxes_of(random, 4, 40)
    wanted, _ = heatmaps_to_keypoints(torch.from_numpy(maps), torch.from_numpy(boxes))
    assert np.allclose(regions.keypoints(maps, boxes), wanted[..., :2].numpy(), atol=1e-3)


def test_sigmoid_and_softmax_bear_large_values() -> None:
    values = np.array([[-500.0, 0.0, 500.0]], np.float32)
    assert np.allclose(arithmetic.sigmoid(values), [[0, 0.5, 1]])
    assert np.allclose(arithmetic.softmax(values), [[0, 0, 1]])
