"""Pictures in tiles, in mirrors and by several networks. The network here sees perfectly: it shows what gets lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.detecting.joining import joined
from engine.detecting.looking import Looker
from engine.detecting.manner import Flips, Manner
from engine.detecting.predicting import Predictor
from engine.detecting.tiles import tiles
from engine.geometry import masks
from engine.geometry.shapes import Box, Keypoints, Mask
from engine.progress import finish
from engine.project.records import Detection
from engine.tiling.windows import InMemory
from tests.engine.detecting.painted import Painted, grid_of_boxes, painted

TILED = Manner(tiling="always", tile_side=64)


def looker(manner: Manner = TILED, *networks: Painted, **options: Any) -> Looker:
    return Looker(cast("tuple[Predictor, ...]", networks or (Painted(),)), manner, **options)


def in_tiles(picture: np.ndarray, eyes: Looker) -> list[Detection]:
    plan = eyes.tiles_of(picture.shape[1], picture.shape[0])
    assert plan is not None
    return finish(eyes.on_tiles(InMemory(picture), plan))


def rows(found: Sequence[Detection]) -> list[tuple[Any, ...]]:
    return sorted((each.score, each.class_id, *each.shape.bounds) for each in found)


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(8, 90), st.booleans(), st.booleans(), st.floats(0.2, 0.5))
def test_tiles_give_what_the_whole_picture_gives_also_where_borders_cut(
    seed: int, cell: int, has_masks: bool, is_round: bool, overlap: float
) -> None:
    """Objects up to a tile and a half wide: many are larger than what tiles share."""
    random = np.random.default_rng(seed)
    picture = painted((150, 210), grid_of_boxes(random, (150, 210), cell), round_=is_round)
    network = Painted(has_masks=has_masks)
    found = in_tiles(picture, looker(Manner(tiling="always", tile_side=64, overlap=overlap), network))
    whole = network.detections(picture)
    assert rows(found) == rows(whole)
    if has_masks:
        assert {each.shape for each in found} == {each.shape for each in whole}


def test_hundreds_of_objects_on_a_large_picture_are_counted_once_each() -> None:
    random = np.random.default_rng(3)
    boxes = grid_of_boxes(random, (350, 500), 20)
    picture = painted((350, 500), boxes, round_=True)
    found = in_tiles(picture, looker(Manner(tiling="always", tile_side=128)))
    assert len(boxes) > 300
    assert len(found) == len(boxes)


def test_a_large_object_over_many_tiles_is_one() -> None:
    picture = painted((300, 300), [(10, 20, 290, 280)], round_=True)
    (one,) = in_tiles(picture, looker())
    assert one.shape == masks.from_bitmap(picture[..., 1] > 0)


def test_looks_that_differ_a_little_are_still_one_object() -> None:
    """What two tiles say of an object is off by a pixel here and there."""
    plan = tiles(112, 64, 64, 0.25)
    left = Detection(0, 0, 1, 0.7, Box(40, 10, 63.5, 30))
    right = Detection(0, 0, 1, 0.9, Box(49, 11, 90, 31))
    (one,) = joined(plan, [[left], [right]])
    assert (one.shape, one.score) == (Box(40, 10, 90, 31), 0.9)
    twice = [Detection(0, 0, 1, score, Box(50 + score, 10, 59 + score, 20)) for score in (0.5, 0.8)]
    assert joined(plan, [[twice[0]], [twice[1]]]) == [twice[1]]


def test_neighbours_of_different_classes_and_far_pieces_stay_apart() -> None:
    plan = tiles(112, 64, 64, 0.25)
    left = Detection(0, 0, 1, 0.7, Box(40, 10, 64, 30))
    right = Detection(0, 0, 2, 0.9, Box(48, 10, 90, 30))
    below = Detection(0, 0, 1, 0.9, Box(48, 40, 90, 60))
    assert len(joined(plan, [[left], [right, below]])) == 3


def test_a_piece_that_another_tile_would_have_seen_whole_is_left_to_it() -> None:
    plan = tiles(112, 64, 64, 0.25)
    sliver = Detection(0, 0, 1, 0.9, Box(48, 10, 52, 30))
    assert joined(plan, [[], [sliver]]) == []


@pytest.mark.parametrize("flips", ["horizontal", "both"])
@pytest.mark.parametrize("has_masks", [True, False])
def test_mirrors_of_a_perfect_network_change_nothing(flips: Flips, has_masks: bool) -> None:
    picture = painted((60, 80), [(3, 5, 20, 30), (40, 10, 70, 55)], round_=True)
    network = Painted(has_masks=has_masks)
    found = looker(Manner(flips=flips), network).at([picture])[0]
    assert np.allclose(rows(found), rows(network.detections(picture)))
    if has_masks:
        assert {each.shape for each in found} == {each.shape for each in network.detections(picture)}


def test_in_a_mirror_the_left_eye_is_the_right_one() -> None:
    """The network calls what lies at the top left its first point; seen in a mirror that is the second's place."""
    picture = painted((60, 80), [(3, 5, 20, 30)], round_=False)
    network = Painted(has_points=True)
    eyes = looker(Manner(flips="horizontal"), network, mirrors={1: (1, 0)})
    points = eyes.at([picture])[0][0].keypoints
    assert isinstance(points, Keypoints)
    assert np.allclose([point[0] for point in points.points], [3, 20])
    kept = looker(Manner(flips="horizontal"), network).at([picture])[0][0].keypoints
    assert kept is not None
    assert np.allclose([point[0] for point in kept.points], [11.5, 11.5])


def test_several_networks_are_fused() -> None:
    picture = painted((60, 80), [(10, 5, 40, 30)], round_=False)
    first, second = Painted(has_masks=False), Painted(has_masks=False, shift=2.0)
    (one,) = looker(Manner(), first, second).at([picture])[0]
    assert np.allclose(one.shape.bounds, (11, 5, 41, 30))


def test_masks_of_several_networks_stay_masks() -> None:
    picture = painted((60, 80), [(10, 5, 40, 30)], round_=True)
    (one,) = looker(Manner(), Painted(), Painted()).at([picture])[0]
    assert isinstance(one.shape, Mask)


@pytest.mark.parametrize(
    ("size", "usual", "is_cut"),
    [((400, 300), 100, True), ((180, 160), 100, False), ((800, 120), 100, False), ((400, 300), None, False),
     ((900, 800), None, True), ((400, 300), 400, False)],
)  # fmt: skip
def test_pictures_are_cut_where_they_would_be_shrunk_far_more_than_what_was_learned(
    size: tuple[int, int], usual: int | None, is_cut: bool
) -> None:
    assert (looker(Manner(), usual_side=usual).tiles_of(*size) is not None) == is_cut
    assert looker(Manner(tiling="never"), usual_side=usual).tiles_of(*size) is None
    plan = looker(Manner(tiling="always"), usual_side=usual).tiles_of(*size)
    assert plan is None or plan.side == (usual or 64)
