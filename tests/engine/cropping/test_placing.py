"""Where the face of an annotation is, and which classes are those of faces."""

import numpy as np
import pytest

from engine.cropping import crop_of
from engine.cropping.placing import is_of_faces, place_of, shifted
from engine.geometry.shapes import Box, Keypoints, Mask, Polygon, RotatedBox
from engine.project.records import ClassRecord
from tests.engine.cropping.faces import FACE, drawn, landmarks, similarity_of

NAMES = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
POINTS = Keypoints.of([(*each, 2) for each in FACE])


def test_landmarks_go_before_the_box():
    assert place_of(Box(0, 0, 100, 100), POINTS, NAMES) == landmarks()
    assert place_of(POINTS, None, NAMES) == landmarks()


def test_without_eyes_there_is_the_box_of_any_shape():
    box = Box(1, 2, 11, 22)
    assert place_of(box, POINTS, ("a", "b", "c", "d", "e")) == box
    assert place_of(Polygon.of([(1, 2), (11, 2), (5, 22)]), None, ()) == box
    assert place_of(Mask(1, 2, 10, 20, np.array([0, 200], np.uint32)), None, ()) == box
    assert place_of(Keypoints.of([(1, 2, 2), (11, 22, 2)]), None, ("a", "b")) == box
    turned = RotatedBox(5, 5, 10, 20, 30)
    assert place_of(turned, None, ()) == turned


@pytest.mark.parametrize(
    "place", [landmarks(similarity_of(20, 2, 120, 60)), Box(90, 80, 200, 220), RotatedBox(150, 150, 90, 120, 15)]
)
def test_the_same_place_in_a_piece_gives_the_same_crop(place):
    picture = drawn(similarity_of(20, 2, 120, 60), 400, 400)
    there = crop_of(picture[10:, 7:], shifted(place, -7, -10))
    assert np.abs(there.pixels.astype(int) - crop_of(picture, place).pixels).max() <= 1


@pytest.mark.parametrize(
    ("name", "keypoints", "wanted"),
    [
        ("face", (), True),
        ("Human_Face", (), True),
        ("heads", (), True),
        ("person", (), False),
        ("person", ("nose", "left eye", "right eye"), True),
        ("surface", (), False),
    ],
)
def test_classes_of_faces_are_known_by_name_or_landmarks(name, keypoints, wanted):
    assert is_of_faces(ClassRecord(1, name, "#000000", 0, keypoint_names=keypoints)) == wanted
