"""Keypoints as a truth: that they stay on what they mark, in a mirror too."""

from __future__ import annotations

import torch

from engine.detectors import Truth
from engine.feeding.augment import cropped, mirrored, resized
from engine.feeding.data import truth_of
from engine.geometry.shapes import Box, Keypoints
from engine.project.records import Annotation

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
