"""crop_of: an upright crop of a face, of one size for every embedder; as a PNG and back.

A crop is `SIDE` = 224 pixels square. Published face networks take 112 x 112, which is exactly half of it, with the
landmarks where those networks want them; classifiers take 224; our own networks take less. So none has to make up
pixels that the picture had, and a card on a screen of twice the usual density is sharp. A crop that was cut by
somebody else, with no place in it, is kept as it is, at most as large.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine import pictures
from engine.cropping.aligning import Place, to_crop
from engine.cropping.landmarks import Landmarks
from engine.errors import UserError
from engine.geometry.shapes import Box
from engine.geometry.spaces import Affine

Pixels = NDArray[np.uint8]

SIDE = 224
_REACH = 3
"""Pixels beyond the crop that resampling looks at."""


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A face cut out of a picture."""

    pixels: Pixels
    """(H, W, 3) RGB."""
    to_crop: Affine
    """Image pixels to those of the crop."""
    side: float
    """Image pixels along the crop's shorter side: how much the picture holds of the face."""
    landmarks: Landmarks | None = None
    """Where they were in the picture; None where the crop is not aligned."""

    def png(self) -> bytes:
        """The same bytes for the same pixels."""
        file = io.BytesIO()
        Image.fromarray(self.pixels).save(file, "PNG")
        return file.getvalue()


def decoded(png: bytes, name: str = "The crop") -> Pixels:
    """The pixels of a crop that was stored; raises UserError where the bytes are no picture."""
    return pictures.decode(png, name)


def crop_of(picture: Pixels, place: Place | None) -> Crop:
    """The crop of the face at `place` in a picture (H, W, 3); of all of the picture where there is no place.

    What of the crop lies beyond the picture repeats the picture's edge. Raises UserError for a place that is no face's,
    or beside the picture.
    """
    if place is None:
        return _whole(picture)
    affine = to_crop(place, SIDE)
    pixels = _sampled(picture, affine)
    landmarks = place if isinstance(place, Landmarks) else None
    return Crop(pixels, affine, SIDE / math.sqrt(affine.determinant), landmarks)


def window(place: Place) -> Box:
    """Which part of a picture the crop of a place looks at, also beyond the picture's edges."""
    return _seen_by(to_crop(place, SIDE))


def _whole(picture: Pixels) -> Crop:
    height, width = picture.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    if scale == 1.0:
        return Crop(np.array(picture), Affine.identity(), float(min(height, width)))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    pixels = np.array(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC))
    return Crop(pixels, Affine.resize((width, height), size), float(min(height, width)))


def _seen_by(affine: Affine) -> Box:
    """The image pixels that a crop is resampled from."""
    corners = affine.inverse().apply([(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)])
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    reach = _REACH * max(1.0, 1 / math.sqrt(affine.determinant))
    return Box(float(x0) - reach, float(y0) - reach, float(x1) + reach, float(y1) + reach)


def _sampled(picture: Pixels, affine: Affine) -> Pixels:
    """Resampled in two steps, neither of which aliases: shrunk to the crop's scale, then turned and shifted."""
    piece, to_piece = _piece(picture, _seen_by(affine), min(1.0, math.sqrt(affine.determinant)))
    back = to_piece @ affine.inverse()
    padded, to_padded = _padded(piece, back)
    back = to_padded @ back
    numbers = (back.xx, back.xy, back.dx, back.yx, back.yy, back.dy)
    source = Image.fromarray(padded)
    return np.array(source.transform((SIDE, SIDE), Image.Transform.AFFINE, numbers, Image.Resampling.BICUBIC))


def _piece(picture: Pixels, seen: Box, scale: float) -> tuple[Pixels, Affine]:
    """The part of a picture that is seen, shrunk, and how the picture's pixels became its own."""
    height, width = picture.shape[:2]
    if scale * min(height, width) < 1:  # repeating the edges of so little would take any amount of memory
        raise UserError("This face is larger than its picture by far.", "Set its place anew.")
    x0, y0 = max(0, math.floor(seen.x0)), max(0, math.floor(seen.y0))
    x1, y1 = min(width, math.ceil(seen.x1)), min(height, math.ceil(seen.y1))
    if x1 <= x0 or y1 <= y0:
        raise UserError("This face lies beside its picture.", "Set its place anew.")
    part = picture[y0:y1, x0:x1]
    size = max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale))
    moved = Affine.translate(-x0, -y0)
    if size == (x1 - x0, y1 - y0):
        return part, moved
    shrunk = Image.fromarray(part).resize(size, Image.Resampling.BICUBIC)
    return np.array(shrunk), Affine.resize((x1 - x0, y1 - y0), size) @ moved


def _padded(piece: Pixels, back: Affine) -> tuple[Pixels, Affine]:
    """A piece with its edges repeated as far as the crop reaches; `back` leads from the crop to the piece."""
    corners = back.apply([(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)])
    height, width = piece.shape[:2]
    before = [max(0, math.ceil(_REACH - float(each))) for each in corners.min(axis=0)]
    after = [
        max(0, math.ceil(float(each) + _REACH - size))
        for each, size in zip(corners.max(axis=0), (width, height), strict=True)
    ]
    padded = np.pad(piece, ((before[1], after[1]), (before[0], after[0]), (0, 0)), mode="edge")
    return padded, Affine.translate(before[0], before[1])
