"""What holds for every detector that can be asked for the mask in a box."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.detectors import DETECTORS, Detected, Network, Promptable, Seen
from engine.nn import mask_cells
from tests.engine.detectors.scenes import SIDE, Scenes
from tests.engine.detectors.test_contract import build

PICTURE = torch.from_numpy(Scenes().train[0].picture).permute(2, 0, 1)
NAMES = [name for name in DETECTORS.names() if isinstance(build(name), Promptable)]
EDGE = st.floats(-30, SIDE + 30, width=32)
BOX = st.tuples(EDGE, EDGE, EDGE, EDGE).map(lambda e: [*map(min, e[:2], e[2:]), *map(max, e[:2], e[2:])])


@pytest.fixture(params=NAMES, scope="module")
def network(request: pytest.FixtureRequest) -> Network:
    return build(request.param).eval()


@pytest.fixture(scope="module")
def seen(network: Network) -> Seen:
    with torch.inference_mode():
        return promptable(network).look(PICTURE)


def promptable(network: Network) -> Promptable:
    assert isinstance(network, Promptable)
    return network


def asked(network: Network, seen: Seen, boxes: list[list[float]] | Tensor, *classes: int) -> Detected:
    boxes = torch.as_tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    indices = torch.tensor(classes or [-1] * len(boxes), dtype=torch.int64)
    with torch.inference_mode():
        return promptable(network).masks_in(seen, boxes, indices)


def test_mask_rcnn_is_one_and_detectors_without_masks_are_none() -> None:
    assert "mask_rcnn" in NAMES
    assert all(DETECTORS.get(name).has_masks for name in NAMES)


@pytest.mark.parametrize("picture", [PICTURE, PICTURE[:, :50, :80], PICTURE.repeat(1, 2, 3)], ids=["", "part", "large"])
def test_its_own_boxes_get_the_masks_that_it_gives_them_itself(network: Network, picture: Tensor) -> None:
    with torch.inference_mode():
        own, seen = network.detect([picture])[0], promptable(network).look(picture)
    assert own.masks is not None and len(own.boxes) > 5
    again = asked(network, seen, own.boxes, *own.class_indices.tolist())
    assert again.masks is not None
    assert torch.allclose(again.boxes, own.boxes)
    assert torch.equal(again.class_indices, own.class_indices)
    assert torch.allclose(again.masks, own.masks, atol=1e-5)
    pixels = [mask_cells.pasted(each.masks, own.boxes, *seen.size) for each in (own, again)]
    assert pixels[0] == pixels[1]


def test_a_picture_asked_about_is_as_large_as_it_is(seen: Seen) -> None:
    assert seen.size == (SIDE, SIDE)
    assert seen.n_bytes == sum(4 * each.numel() for each in seen.features.values())


def test_without_a_class_the_most_probable_one_is_taken(network: Network, seen: Seen) -> None:
    box = [10.0, 10, 60, 50]
    each = [asked(network, seen, [box], index) for index in (0, 1)]
    best = asked(network, seen, [box])
    scores = [float(one.scores[0]) for one in each]
    assert int(best.class_indices[0]) == int(np.argmax(scores))
    assert float(best.scores[0]) == pytest.approx(max(scores))
    assert sum(scores) < 1  # the rest is the background
    assert best.masks is not None and each[0].masks is not None and each[1].masks is not None
    assert torch.equal(best.masks, (each[0].masks, each[1].masks)[int(np.argmax(scores))])


@settings(max_examples=25)
@given(st.lists(st.tuples(BOX, st.sampled_from([-1, 0, 1])), max_size=6))
def test_boxes_are_answered_in_order_and_alone_as_together(
    network: Network, seen: Seen, rows: list[tuple[list[float], int]]
) -> None:
    together = asked(network, seen, [box for box, _ in rows], *[index for _, index in rows])
    assert together.masks is not None and len(together.boxes) == len(together.masks) == len(rows)
    for at, (box, index) in enumerate(rows):
        alone = asked(network, seen, [box], index)
        assert alone.masks is not None
        assert torch.allclose(alone.masks[0], together.masks[at], atol=1e-5)
        assert alone.class_indices[0] == together.class_indices[at]
        assert index in (-1, int(alone.class_indices[0]))


@settings(max_examples=25)
@given(BOX)
def test_masks_lie_in_their_box_and_on_the_picture(network: Network, seen: Seen, box: list[float]) -> None:
    found = asked(network, seen, [box])
    assert found.masks is not None
    assert ((found.masks >= 0) & (found.masks <= 1)).all()
    mask = mask_cells.pasted(found.masks, found.boxes, SIDE, SIDE)[0]
    if not mask.is_empty:
        x0, y0, x1, y1 = mask.bounds
        assert max(box[0] - 0.5, 0) <= x0 < x1 <= min(box[2] + 0.5, SIDE)
        assert max(box[1] - 0.5, 0) <= y0 < y1 <= min(box[3] + 0.5, SIDE)


@pytest.mark.parametrize("box", [[-50.0, -50, -10, -10], [500, 20, 600, 90], [30, 30, 30, 30], [30, 30, 30.2, 30.2]])
def test_boxes_beside_the_picture_or_of_no_size_have_no_pixel(network: Network, seen: Seen, box: list[float]) -> None:
    found = asked(network, seen, [box])
    assert found.masks is not None
    assert mask_cells.pasted(found.masks, found.boxes, SIDE, SIDE)[0].is_empty


@pytest.mark.parametrize("size", [(1, 1), (3, 700), (700, 3)])
def test_the_strangest_pictures_are_asked_about(network: Network, size: tuple[int, int]) -> None:
    with torch.inference_mode():
        seen = promptable(network).look(torch.full((3, *size), 90, dtype=torch.uint8))
    assert asked(network, seen, [[0.0, 0, size[1], size[0]]]).masks is not None
