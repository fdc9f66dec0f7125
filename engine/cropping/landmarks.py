"""Landmarks: five points of a face in image pixels, and how keypoints of a class are read as them.

Left and right are those of somebody who looks at the face upright: the person's right eye is the left one. Skeletons
name them either way, so the names say only which points are a pair; where the mouth and the nose lie tells the sides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.geometry.shapes import XY, Keypoints
from engine.geometry.spaces import Affine

_NAME = re.compile(
    r"(?P<before>left|right|l|r)?"
    r"(?P<part>eye|pupil|nose|nosetip|tipofnose|tipofthenose|mouth|lip|mouthcorner|lipcorner|cornerofmouth|cornerofthemouth)"
    r"(?:centre|center)?"
    r"(?P<after>left|right|l|r)?"
)
_PARTS = {"eye": "eye", "pupil": "eye", "nose": "nose", "nosetip": "nose", "tipofnose": "nose", "tipofthenose": "nose"}
"""What each spelling is; all others are corners of the mouth."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Points of one face; a skeleton may lack the nose or the mouth, as that of a whole person does."""

    left_eye: XY
    right_eye: XY
    nose: XY | None = None
    left_mouth: XY | None = None
    right_mouth: XY | None = None

    @property
    def points(self) -> tuple[XY | None, ...]:
        """Left eye, right eye, nose, left and right corner of the mouth."""
        return (self.left_eye, self.right_eye, self.nose, self.left_mouth, self.right_mouth)

    def moved(self, affine: Affine) -> Landmarks:
        """The same points in the other space of a similarity."""
        nose, *mouth = (None if each is None else affine.apply_one(each) for each in self.points[2:])
        return Landmarks(affine.apply_one(self.left_eye), affine.apply_one(self.right_eye), nose, *mouth)

    @property
    def n_given(self) -> int:
        return sum(each is not None for each in self.points)


def names_landmarks(names: Sequence[str]) -> bool:
    """Whether keypoints of these names hold the eyes of a face, which is the least that a face is aligned by."""
    parts = [_part(name) for name in names]
    return all((part, side) in parts for part, side in (("eye", "left"), ("eye", "right")))


def landmarks_of(keypoints: Keypoints, names: Sequence[str]) -> Landmarks | None:
    """The landmarks among keypoints of these names; None where an eye is not given.

    'left_eye', 'eye-l', 'LeftEye', 'l eye centre' and 'left pupil' are the same; 'left_eyebrow' is another thing.
    """
    found: dict[tuple[str, str], XY] = {}
    for name, (x, y, visibility) in zip(names, keypoints.points, strict=False):
        part = _part(name)
        if part is not None and visibility > 0:
            found.setdefault(part, (x, y))
    eyes = found.get(("eye", "left")), found.get(("eye", "right"))
    mouth = found.get(("mouth", "left")), found.get(("mouth", "right"))
    if eyes[0] is None or eyes[1] is None:
        return None
    return sided((eyes[0], eyes[1]), found.get(("nose", "")), mouth)


def sided(eyes: tuple[XY, XY], nose: XY | None, mouth: tuple[XY | None, XY | None]) -> Landmarks:
    """Landmarks with the sides as they are seen when the face is upright, whichever way they were named.

    Without nose and mouth nothing says which way is down: then the face is taken to stand upright.
    """
    below = [each for each in (nose, *mouth) if each is not None]
    (ax, ay), (bx, by) = eyes
    if below:
        down_x = sum(x for x, _ in below) / len(below) - (ax + bx) / 2
        down_y = sum(y for _, y in below) / len(below) - (ay + by) / 2
        is_swapped = (bx - ax) * down_y - (by - ay) * down_x < 0
    else:
        is_swapped = bx < ax
    return Landmarks(*eyes[::-1], nose, *mouth[::-1]) if is_swapped else Landmarks(*eyes, nose, *mouth)


def _part(name: str) -> tuple[str, str] | None:
    """Which point a name means: 'eye', 'nose' or 'mouth', and its side as it is named; None for any other."""
    found = _NAME.fullmatch(re.sub(r"[^a-z]", "", name.lower()))
    if found is None:
        return None
    part = _PARTS.get(found["part"], "mouth")
    sides = {each[0] for each in (found["before"], found["after"]) if each}
    if part == "nose":
        return None if sides else (part, "")
    return (part, "left" if sides == {"l"} else "right") if len(sides) == 1 else None
