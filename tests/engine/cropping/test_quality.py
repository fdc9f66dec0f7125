"""How good a crop is: blur, size, pose and light, each told alone; on real faces, too."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from engine import pictures
from engine.cropping import Crop, Flaw, Landmarks, crop_of, judge
from engine.geometry.spaces import Affine
from tests.engine.cropping.faces import landmarks, similarity_of

BLURS = (0.0, 0.005, 0.01, 0.015, 0.02, 0.03)
"""Gaussian blurs, as shares of the shorter side."""


def faces(shared: Path, name: str) -> list[Image.Image]:
    files = sorted(each for each in (shared / "data" / name).rglob("*") if each.suffix in {".pgm", ".jpg"})
    return [Image.fromarray(pictures.decode(each)) for each in files[:: len(files) // 20]]


def blurred(face: Image.Image, share: float) -> Crop:
    radius = share * min(face.size)
    return crop_of(np.array(face.filter(ImageFilter.GaussianBlur(radius)) if radius else face), None)


def crop(pixels, side=200.0, place: Landmarks | None = None):
    return Crop(np.asarray(pixels, dtype=np.uint8), Affine.identity(), side, place)


def textured(mean=128.0, contrast=50.0, side=200.0, place=None):
    noise = np.random.default_rng(0).normal(0, 1, (116, 116))
    smooth = np.lib.stride_tricks.sliding_window_view(noise, (5, 5)).mean(axis=(2, 3))
    grey = mean + contrast * smooth / smooth.std()
    return crop(np.repeat(grey.clip(0, 255)[..., None], 3, axis=2), side, place)


@pytest.mark.parametrize("name", ["orl_faces", "lfw_subset"])
def test_the_more_a_real_face_is_blurred_the_less_sharp_it_is(shared, name):
    for face in faces(shared, name):
        scores = [judge(blurred(face, share)).sharpness for share in BLURS]
        assert all(a > b or a == b == 1.0 for a, b in pairwise(scores)), scores


@pytest.mark.parametrize("name", ["orl_faces", "lfw_subset"])
def test_real_faces_are_not_called_blurred_and_clearly_blurred_ones_are(shared, name):
    found = faces(shared, name)
    sharp = [Flaw.BLURRED in judge(blurred(face, 0)).flaws for face in found]
    soft = [Flaw.BLURRED in judge(blurred(face, 0.03)).flaws for face in found]
    assert sum(sharp) == 0
    assert sum(soft) == len(found)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("name", ["orl_faces", "lfw_subset"])
def test_real_faces_that_moved_are_called_blurred_whichever_way_they_went(shared, name, axis):
    flagged = []
    for face in faces(shared, name):
        still = np.asarray(face, dtype=np.float64)
        n = round(0.12 * min(face.size))
        moved = sum(np.roll(still, step, axis=axis) for step in range(n)) / n
        quality = judge(crop_of(moved.astype(np.uint8), None))
        assert quality.sharpness < judge(crop_of(np.array(face), None)).sharpness - 0.15
        flagged.append(Flaw.BLURRED in quality.flaws)
    assert sum(flagged) >= 0.8 * len(flagged)


def test_what_is_behind_a_face_does_not_make_it_sharp():
    noise = np.random.default_rng(1).integers(0, 256, (112, 112, 3), dtype=np.uint8)
    middle = np.asarray(Image.fromarray(noise).filter(ImageFilter.GaussianBlur(5)))[20:92, 20:92]
    noise[20:92, 20:92] = np.clip((middle.astype(float) - 128) * 8 + 128, 0, 255)
    assert Flaw.BLURRED in judge(crop(noise)).flaws


def test_sharpness_is_the_same_at_less_contrast_and_other_light():
    usual = judge(textured()).sharpness
    assert judge(textured(mean=90, contrast=25)).sharpness == pytest.approx(usual, abs=0.03)


@pytest.mark.parametrize(
    ("found", "flaw"),
    [
        (textured(side=40), Flaw.SMALL),
        (textured(mean=20, contrast=14), Flaw.DARK),
        (textured(mean=235, contrast=14), Flaw.BRIGHT),
        (textured(contrast=6), Flaw.FLAT),
    ],
)
def test_each_flaw_is_told_alone(found, flaw):
    assert judge(textured()).flaws == ()
    quality = judge(found)
    assert quality.flaws == (flaw,)
    assert quality.score < 0.5
    assert flaw.words.endswith(".")


def test_every_flaw_has_its_own_words():
    assert len({each.words for each in Flaw}) == len(Flaw)


def test_a_crop_is_as_good_as_what_is_worst_about_it():
    assert judge(textured(side=72)).score == pytest.approx(0.75)
    assert judge(textured(side=9)).score < 0.1
    assert 0 <= judge(crop(np.zeros((5, 300, 3)))).score <= judge(textured()).score <= 1


@pytest.mark.parametrize("degrees", [0, 35, 180])
def test_the_nose_tells_how_far_a_face_is_turned(degrees):
    affine = similarity_of(degrees, 2, 300, 300)
    face = landmarks(affine)
    assert judge(textured(place=face)).turn == pytest.approx(0, abs=1e-9)
    toward_right_eye = Landmarks(face.left_eye, face.right_eye, affine.apply_one((62, 64)))
    quality = judge(textured(place=toward_right_eye))
    assert quality.turn == pytest.approx(12 / 15.73, abs=0.01)
    assert quality.flaws == (Flaw.TURNED,)


def test_without_landmarks_the_pose_is_unknown_and_no_flaw():
    assert judge(textured()).turn is None
    assert judge(textured(place=Landmarks((10, 10), (60, 10)))).turn is None
