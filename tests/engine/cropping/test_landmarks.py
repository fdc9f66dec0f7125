"""Landmarks among keypoints: by every common spelling, with their sides as they are seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cropping import Landmarks, landmarks_of, names_landmarks
from engine.geometry.shapes import Keypoints
from engine.project.skeletons import KNOWN
from tests.engine.cropping.faces import FACE, landmarks, similarity_of

SPELLINGS = [
    ("left eye", "right eye", "nose", "left mouth", "right mouth"),
    ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right"),
    ("LeftEye", "RightEye", "NoseTip", "LeftMouthCorner", "RightMouthCorner"),
    ("eye-l", "eye-r", "nose tip", "mouth-l", "mouth-r"),
    ("l_eye_center", "r_eye_center", "nose", "lip corner left", "lip corner right"),
    ("left pupil", "right pupil", "tip of the nose", "left corner of the mouth", "right corner of the mouth"),
]


def keypoints(points):
    return Keypoints.of([(*each, 2) for each in points])


@pytest.mark.parametrize("names", SPELLINGS)
def test_every_common_spelling_gives_the_same_landmarks(names):
    assert landmarks_of(keypoints(FACE), names) == landmarks()
    assert names_landmarks(names)


@pytest.mark.parametrize("names", SPELLINGS)
def test_the_persons_own_sides_and_the_viewers_are_told_apart_by_the_face(names):
    swapped = [FACE[at] for at in (1, 0, 2, 4, 3)]
    assert landmarks_of(keypoints(swapped), names) == landmarks()


@given(st.floats(0, 360), st.floats(0.2, 5), st.booleans())
def test_sides_are_those_of_the_upright_face_however_it_lies(degrees, scale, is_swapped):
    turned = landmarks(similarity_of(degrees, scale, 300, 200))
    order = [1, 0, 2, 4, 3] if is_swapped else range(5)
    found = landmarks_of(keypoints([turned.points[at] for at in order]), SPELLINGS[0])
    assert found == turned


def test_eyes_alone_stand_upright():
    found = landmarks_of(keypoints([(60, 10), (20, 12)]), ("left_eye", "right_eye"))
    assert found == Landmarks((20, 12), (60, 10))
    assert found.n_given == 2


def test_a_person_of_coco_has_eyes_and_nose():
    names = next(each.names for each in KNOWN if "COCO" in each.title)
    points = [(5.0, 5.0)] * len(names)
    points[:3] = [FACE[2], FACE[1], FACE[0]]
    found = landmarks_of(keypoints(points), names)
    assert found == Landmarks(*FACE[:3])


@pytest.mark.parametrize("gone", [0, 1])
def test_without_both_eyes_there_are_no_landmarks(gone):
    points = [(*each, 0 if at == gone else 2) for at, each in enumerate(FACE)]
    assert landmarks_of(Keypoints.of(points), SPELLINGS[0]) is None


def test_hidden_points_count_and_others_are_left_out():
    points = [(*each, 1) for each in FACE[:2]] + [(*each, 0) for each in FACE[2:]]
    assert landmarks_of(Keypoints.of(points), SPELLINGS[0]) == Landmarks(*FACE[:2])


@pytest.mark.parametrize(
    "name", ["left_eyebrow", "left ear", "left_eye_outer", "eye", "left nose", "", "left eye right"]
)
def test_other_names_are_other_things(name):
    assert not names_landmarks((name, "right eye"))
    assert landmarks_of(keypoints(FACE[:2]), (name, "right eye")) is None
