"""judge: how much an embedder can make of a crop (blur, size, pose, light), as one score and as flaws in words.

Each aspect is a number from 0 to 1, 0.5 being where it becomes a flaw; a crop is as good as what is worst about it.
The limits were set on faces of two public sets, as they are and blurred step by step (tests/engine/cropping).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.cropping.crop import Crop
from engine.cropping.landmarks import Landmarks

Grey = NDArray[np.float64]

_JUDGED_SIDE = 112
"""Crops are judged with their shorter side at this size, so that sharpness means the same for all of them."""
_BLURRED_AWAY, _SHARP = 0.015, 0.13
"""How much of a face's contrast is fine detail: at a Gaussian blur of 1/25 of the side, and of usual photographs."""
_GOOD_SIDE = 96.0
_GOOD_LIGHT = 70.0
"""Mean grey from which a face is not dark, and as far from white not bright."""
_GOOD_CONTRAST = 24.0
_MOST_CLIPPED = 0.6
_BLACK, _WHITE = 5, 250
_FLAWED = 0.5


class Flaw(StrEnum):
    """What is poor about a crop."""

    SMALL = "small"
    BLURRED = "blurred"
    TURNED = "turned"
    DARK = "dark"
    BRIGHT = "bright"
    FLAT = "flat"

    @property
    def words(self) -> str:
        """In a sentence."""
        return _WORDS[self]


_WORDS = {
    Flaw.SMALL: "The picture holds few pixels of this face.",
    Flaw.BLURRED: "This face is blurred.",
    Flaw.TURNED: "This face is turned to the side.",
    Flaw.DARK: "This face is too dark.",
    Flaw.BRIGHT: "This face is too bright.",
    Flaw.FLAT: "This face has little contrast.",
}


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a crop is."""

    score: float
    """From 0 to 1; below 0.5 there is a flaw."""
    sharpness: float
    """From 0 to 1, whatever the contrast and the size."""
    side: float
    """Pixels of the picture along the crop's side."""
    turn: float | None
    """From -1 to 1: how far the nose is from the middle of the eyes, to the left or right in half their distance; None
    without landmarks, as the pose is then unknown."""
    flaws: tuple[Flaw, ...]


def judge(crop: Crop) -> Quality:
    """What an embedder will make of a crop."""
    grey = _grey(crop)
    sharpness = sharpness_of(grey)
    turn = None if crop.landmarks is None else turn_of(crop.landmarks)
    aspects = {
        Flaw.SMALL: crop.side / _GOOD_SIDE,
        Flaw.BLURRED: sharpness,
        Flaw.TURNED: 1.0 if turn is None else 1 - abs(turn),
    } | _light(grey)
    flaws = tuple(flaw for flaw, value in aspects.items() if value < _FLAWED)
    return Quality(min(1.0, max(0.0, min(aspects.values()))), sharpness, crop.side, turn, flaws)


def sharpness_of(grey: Grey) -> float:
    """From 0 to 1: the share of fine detail in the contrast of a crop's middle, on a scale of ratios.

    The deviation of the second derivative (as of the Laplacian, Pech-Pacheco et al. 2000) over that of the picture,
    after a little smoothing, lest the noise of a sensor or of eight bits pass for detail. The lesser of across and down
    counts: a camera or a head that moves blurs in one direction only.
    """
    middle = _middle(grey)
    smooth = _smoothed(_smoothed(middle).T).T
    detail = min(float(np.diff(smooth, 2, axis).std()) for axis in (0, 1))
    share = detail / max(float(middle.std()), 1.0)
    ratio = math.log(max(share, _BLURRED_AWAY) / _BLURRED_AWAY) / math.log(_SHARP / _BLURRED_AWAY)
    return min(1.0, ratio)


def turn_of(landmarks: Landmarks) -> float | None:
    """Where the nose is between the eyes, from -1 (below the left one) to 1; None where no nose is given."""
    if landmarks.nose is None:
        return None
    (ax, ay), (bx, by), (x, y) = landmarks.left_eye, landmarks.right_eye, landmarks.nose
    across = (bx - ax, by - ay)
    length = across[0] ** 2 + across[1] ** 2
    along = ((x - ax) * across[0] + (y - ay) * across[1]) / length if length else 0.5
    return max(-1.0, min(1.0, 2 * along - 1))


def _light(grey: Grey) -> dict[Flaw, float]:
    middle = _middle(grey)
    mean = float(middle.mean())
    black, white = float((middle <= _BLACK).mean()), float((middle >= _WHITE).mean())
    return {
        Flaw.DARK: min(mean / _GOOD_LIGHT, 1 - black / _MOST_CLIPPED),
        Flaw.BRIGHT: min((255 - mean) / _GOOD_LIGHT, 1 - white / _MOST_CLIPPED),
        Flaw.FLAT: float(middle.std()) / _GOOD_CONTRAST,
    }


def _middle(grey: Grey) -> Grey:
    """Where the face is; what is behind it is often sharper, or brighter."""
    height, width = grey.shape
    return grey[height // 5 : height - height // 5, width // 5 : width - width // 5]


def _grey(crop: Crop) -> Grey:
    """(H, W) with the shorter side at the size that crops are judged at."""
    picture = Image.fromarray(crop.pixels).convert("L")
    scale = _JUDGED_SIDE / min(picture.size)
    size = round(picture.width * scale), round(picture.height * scale)
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC), dtype=np.float64)


def _smoothed(grey: Grey) -> Grey:
    """By a binomial of three, down the columns."""
    smooth: Grey = (grey[:-2] + 2 * grey[1:-1] + grey[2:]) / 4
    return smooth
