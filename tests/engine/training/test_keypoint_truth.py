"""Keypoints as a truth: which becomes which in a mirror, and that they stay on what they mark."""

from __future__ import annotations

import pytest
import torch

from engine.detectors import Truth
from engine.geometry.shapes import Box, Keypoints
from engine.project.records import Annotation
from engine.training.augment import cropped, mirrored, resized
from engine.training.data import truth_of
from engine.training.keypoint_truth import mirror
from engine.training.predicting import keypoints as shown

PICTURE = torch.zeros(3, 60, 80, dtype=torch.uint8)
MIRRORS = ((), (0, 2, 1))
"""Of a class without keypoints, and of one with a nose and two eyes."""


def truth() -> Truth:
    points = Keypoints.of([(30, 20, 2), (25, 15, 2), (36, 14, 1)])
    return truth_of(
        [Annotation(1, 1, 4, Box(20, 10, 40, 30), keypoints=points), Annotation(2, 1, 9, Box(0, 0, 9, 9))],
        (9, 4),
        MIRRORS,
    )


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("nose", "left_eye", "right_eye"), (0, 2, 1)),
        (("Left Ear", "tail", "right_ear"), (2, 1, 0)),
        (("leftHand", "rightHand"), (1, 0)),
        (("l_hip", "r_hip", "l_knee"), (1, 0, 2)),
        (("leftover", "bright"), (0, 1)),
        ((), ()),
    ],
)
def test_left_and_right_change_places_in_a_mirror(names: tuple[str, ...], wanted: tuple[int, ...]) -> None:
    assert mirror(names) == wanted


def test_every_object_has_as_many_rows_and_those_it_lacks_are_not_given() -> None:
    found = truth()
    assert found.keypoints.shape == (2, 3, 3)
    assert found.keypoints[0].tolist() == [[30, 20, 2], [25, 15, 2], [36, 14, 1]]
    assert not found.keypoints[1].any()
    assert found.mirrors.tolist() == [[0, 2, 1], [0, 1, 2]]
    assert truth_of([], (9, 4), MIRRORS).keypoints.shape == (0, 3, 3)
    assert truth_of([Annotation(2, 1, 9, Box(0, 0, 9, 9))], (9,)).keypoints.shape == (1, 0, 3)


def test_in_a_mirror_the_left_eye_is_the_right_one() -> None:
    _, once = mirrored(PICTURE, truth(), -1)
    assert once.keypoints[0].tolist() == [[50, 20, 2], [44, 14, 1], [55, 15, 2]]
    assert not once.keypoints[1].any()
    _, turned = mirrored(PICTURE, truth(), -2)
    assert turned.keypoints[0].tolist() == [[30, 40, 2], [36, 46, 1], [25, 45, 2]]
    assert torch.equal(mirrored(PICTURE, once, -1)[1].keypoints, truth().keypoints)


def test_points_follow_a_crop_and_what_lies_outside_is_not_given() -> None:
    _, found = cropped(PICTURE, truth(), (26, 12, 40, 40))
    assert found.keypoints[0].tolist() == [[4, 8, 2], [0, 0, 0], [10, 2, 1]]


def test_points_are_scaled_by_axis() -> None:
    _, found = resized(PICTURE, truth(), (30, 160))
    assert found.keypoints[0].tolist() == [[60, 10, 2], [50, 7.5, 2], [72, 7, 1]]


def test_a_detection_shows_the_points_that_its_class_has() -> None:
    from engine.detectors import Detected

    rows = torch.tensor([[[1.0, 2, 2], [3, 4, 2]], [[5, 6, 2], [0, 0, 0]], [[0, 0, 0], [0, 0, 0]]])
    found = Detected(torch.zeros(3, 4), torch.zeros(3), torch.zeros(3, dtype=torch.int64), keypoints=rows)
    assert shown(found) == [Keypoints.of([(1, 2, 2), (3, 4, 2)]), Keypoints.of([(5, 6, 2)]), None]
