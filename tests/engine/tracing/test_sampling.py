"""Where a region's square of features comes from: equal to the pooling that networks use, and to its parts."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.ops import roi_align

from engine.nn.region_pool import pool
from engine.tracing.sampling import level_choice, pooled, sampling
from engine.tracing.stages import FeatureMaps, Floats, Pooling

FRAME = 128
STRIDES = (4.0, 8.0, 16.0)


def _pooling(boxes: Floats, size: int) -> Pooling:
    """Regions of a pyramid of strides 4, 8 and 16, each on the level that its side asks for."""
    side = np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1))
    with np.errstate(divide="ignore"):
        level = np.floor(4 + np.log2(side / 224) + 1e-6)
    return Pooling(
        name="pooling", of="regions", level=np.clip(level - 2, 0, 2).astype(np.int64), strides=STRIDES, size=size,
        n_samples=2, canonical_side=224, canonical_level=4, boxes=boxes,
    )  # fmt: skip


def _features(seed: int) -> FeatureMaps:
    numbers = np.random.default_rng(seed)
    levels = tuple(
        numbers.normal(size=(3, FRAME // int(each), FRAME // int(each))).astype(np.float32) for each in STRIDES
    )
    return FeatureMaps(name="features", levels=levels, strides=STRIDES, level_names=("P2", "P3", "P4"))


_boxes = st.tuples(st.floats(-20, 140), st.floats(-20, 140), st.floats(0, 150), st.floats(0, 150))


@settings(max_examples=60, deadline=None)
@given(st.lists(_boxes, min_size=1, max_size=6), st.integers(0, 9), st.sampled_from((1, 7, 14)))
def test_a_region_is_pooled_as_the_network_does_it(found: list[tuple[float, ...]], seed: int, size: int) -> None:
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in found], dtype=np.float32)
    features, pooling = _features(seed), _pooling(boxes, size)
    tensors = [torch.from_numpy(level)[None] for level in features.levels]
    theirs = pool(tensors, [torch.from_numpy(boxes)], [(FRAME, FRAME)], size).numpy()
    for row in range(len(boxes)):
        level = int(pooling.level[row])
        ours = pooled(sampling(pooling, row, features.levels[level].shape[1:]), features)
        np.testing.assert_allclose(ours, theirs[row], atol=2e-5)


def test_equals_torchvisions_operator_on_a_region_across_the_border() -> None:
    boxes = np.array([[-9, 30, 47, 133]], dtype=np.float32)
    features, pooling = _features(3), _pooling(boxes, 7)
    level = int(pooling.level[0])
    regions = torch.cat([torch.zeros(1, 1), torch.from_numpy(boxes)], dim=1)
    theirs = roi_align(torch.from_numpy(features.levels[level])[None], regions, 7, 1 / STRIDES[level], 2, aligned=False)
    ours = pooled(sampling(pooling, 0, features.levels[level].shape[1:]), features)
    np.testing.assert_allclose(ours, theirs[0].numpy(), atol=2e-5)


def test_a_bins_value_is_the_sum_of_its_cells_shares() -> None:
    pooling, features = _pooling(np.array([[10, 20, 70, 60]], dtype=np.float32), 7), _features(1)
    found = sampling(pooling, 0, features.levels[int(pooling.level[0])].shape[1:])
    values, level = pooled(found, features), features.levels[found.level]
    for column, row in ((0, 0), (3, 5), (6, 6)):
        share = found.share(column, row)
        assert sum(share.values()) == pytest.approx(1, abs=1e-6)
        mixed = sum(weight * level[:, y, x] for (x, y), weight in share.items())
        np.testing.assert_allclose(mixed, values[:, row, column], atol=1e-5)


def test_what_lies_beyond_the_picture_gives_nothing() -> None:
    pooling = _pooling(np.array([[300, 300, 340, 340]], dtype=np.float32), 7)
    found = sampling(pooling, 0, (32, 32))
    assert not found.across.is_inside.any()
    assert found.share(3, 3) == {}
    assert not pooled(found, _features(0)).any()


def test_points_lie_in_their_bins_and_bins_in_the_region() -> None:
    box = (10.0, 20.0, 66.0, 76.0)
    found = sampling(_pooling(np.array([box], dtype=np.float32), 7), 0, (32, 32))
    assert found.x_edges[[0, -1]] * found.stride == pytest.approx((box[0], box[2]))
    assert found.y_edges[[0, -1]] * found.stride == pytest.approx((box[1], box[3]))
    assert found.points_model.shape == (14, 14, 2)
    assert found.points_model[0, :2, 0] == pytest.approx((12, 16))  # bins of 8 with points at a quarter and three


@pytest.mark.parametrize(
    ("side", "level"), [(224, 4), (223, 3), (448, 4), (112, 3), (111, 2), (56, 2), (5, 2), (0, 2), (2000, 4)]
)
def test_the_level_is_the_papers(side: float, level: int) -> None:
    pooling = _pooling(np.array([[0, 0, side, side]], dtype=np.float32), 7)
    assert level_choice(pooling, 0).level == level
    assert pooling.level[0] + 2 == level
